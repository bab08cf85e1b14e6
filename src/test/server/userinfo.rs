//! The userinfo endpoint (OpenID Connect Core section 5.3).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::client::Form;
use crate::test::{claims::PROTOCOL_CLAIMS, shared::Shared, store::Kind};

pub(super) async fn userinfo(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let form = Form::of(&headers, &body);
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let token = bearer.or_else(|| form.get("access_token")).or_else(|| query.get("access_token"));
    let row = token.and_then(|token| shared.store.find(token, shared.now()));
    let Some(row) = row.filter(|row| row.kind == Kind::Access && !row.revoked) else {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_token");
    };
    if !row.has_scope("openid") {
        return refuse(StatusCode::FORBIDDEN, "insufficient_scope");
    }
    let mut claims = row.claims;
    claims.retain(|name, _| {
        matches!(name.as_str(), "sub" | "nonce") || !PROTOCOL_CLAIMS.contains(&name.as_str())
    });
    Json(claims).into_response()
}

/// No body, and a challenge without the word `Bearer`: so Authentik writes it.
fn refuse(status: StatusCode, error: &str) -> Response {
    let challenge = format!("error=\"{error}\", error_description=\"refused by the stand-in\"");
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}

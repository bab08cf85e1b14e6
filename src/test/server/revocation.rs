//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::client::{Credentials, Form};
use crate::test::shared::Shared;

/// Forgets a token. One that is not known is no error (section 2.2). A public client needs no secret.
pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::of(&headers, &body);
    let client = Credentials::of(&headers, &form).and_then(|credentials| {
        let public = shared.of_client(&credentials.id).filter(|client| client.application.public);
        public.or_else(|| credentials.check(&shared))
    });
    let Some(client) = client else {
        let body =
            json!({ "error": "invalid_client", "error_description": "refused by the stand-in" });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    };
    shared.store.delete(form.get("token").unwrap_or_default(), client.audience());
    Json(json!({})).into_response()
}

//! The end of a session that a client asks for (OpenID Connect RP-Initiated Logout 1.0), without the flow around it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
};
use http::{HeaderMap, StatusCode};

use super::client::Form;
use crate::test::shared::Shared;

pub(super) async fn by_query(
    State(shared): State<Arc<Shared>>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> StatusCode {
    end(&shared, &slug, &Form::parse(query.unwrap_or_default().as_bytes()))
}

pub(super) async fn by_form(
    State(shared): State<Arc<Shared>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    end(&shared, &slug, &Form::of(&headers, &body))
}

/// Forgets the access tokens that this application has of the session. The hint may have expired.
fn end(shared: &Arc<Shared>, slug: &str, form: &Form) -> StatusCode {
    let Some(application) = shared.of_slug(slug) else { return StatusCode::NOT_FOUND };
    let Some(hint) = form.get("id_token_hint") else { return StatusCode::OK };
    let client_id = application.audience();
    let row = shared.store.find_id_token(hint).filter(|row| row.client_id == client_id);
    let Some(row) = row else { return StatusCode::BAD_REQUEST };
    if let Some(sid) = row.sid() {
        shared.store.end_session(sid, Some(client_id));
    }
    StatusCode::OK
}

//! The introspection endpoint (RFC 7662), as Authentik has it: every refusal is a 200.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State};
use http::HeaderMap;
use serde_json::{Value, json};

use super::client::{Credentials, Form};
use crate::test::{shared::Shared, store::Row};

pub(super) async fn introspect(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Json<Value> {
    let form = Form::of(&headers, &body);
    Json(match find(&shared, &headers, &form) {
        Some(row) => describe(row),
        None => json!({ "active": false }),
    })
}

fn find(shared: &Arc<Shared>, headers: &HeaderMap, form: &Form) -> Option<Row> {
    let caller = Credentials::of(headers, form)?.check(shared)?;
    if caller.application.public {
        return None;
    }
    let row = shared.store.find(form.get("token")?, shared.now())?;
    let issuing = shared.of_client(&row.client_id)?;
    let is_own = row.client_id == caller.audience();
    let is_federated = issuing.application.federated.contains(&caller.application.slug);
    (is_own || is_federated).then_some(row)
}

/// The claims of the ID token, and three members more. A revoked token keeps its claims.
fn describe(row: Row) -> Value {
    let mut body = row.claims;
    body.insert("active".to_owned(), (!row.revoked).into());
    body.insert("scope".to_owned(), row.scope.into());
    body.insert("client_id".to_owned(), row.client_id.into());
    body.into()
}

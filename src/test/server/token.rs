//! The token endpoint: grant `client_credentials`, and `password`, which Authentik treats alike.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::client::{Credentials, Form};
use crate::test::{TestPerson, TestToken, application::TestApplication, shared::Shared};

/// The scopes without which Authentik's own property mappings add nothing.
const CLAIMS_OF_SCOPES: [(&str, &[&str]); 3] = [
    ("email", &["email", "email_verified"]),
    ("profile", &["name", "given_name", "preferred_username", "nickname", "groups"]),
    ("entitlements", &["entitlements", "roles"]),
];

pub(super) async fn grant(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::of(&headers, &body);
    let Some(kind) = form.get("grant_type") else { return refuse("invalid_request") };
    if !matches!(kind, "client_credentials" | "password") {
        return refuse("unsupported_grant_type");
    }
    let credentials = Credentials::of(&headers, &form);
    let client = credentials.as_ref().and_then(|client| shared.of_client(&client.id));
    let (Some(credentials), Some(application)) = (credentials, client) else {
        return refuse("invalid_client");
    };
    let Some(person) = person(&shared, &application, &credentials, &form) else {
        return refuse("invalid_grant");
    };
    // What was not configured is left out without a word.
    let scopes: Vec<&str> = form.get("scope").unwrap_or_default().split_whitespace().collect();
    let granted = |scope: &str| application.application.scopes.iter().any(|known| known == scope);
    let scopes: Vec<&str> = scopes.into_iter().filter(|scope| granted(scope)).collect();

    // There is no login session behind such a token.
    let mut token = TestToken::access(&application, &person).without_session();
    for (scope, claims) in CLAIMS_OF_SCOPES {
        if !scopes.contains(&scope) {
            token = claims.iter().fold(token, |token, claim| token.without_claim(claim));
        }
    }
    let scope = scopes.join(" ");
    let token = token.scope(&scope);
    let id_token = token.clone().id_token().sign();
    let body = json!({ "access_token": token.sign(), "token_type": "Bearer", "scope": scope,
                       "expires_in": 3600, "id_token": id_token });
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body))
        .into_response()
}

/// Three ways in: a user name with an app password, for which no client secret is looked at; the client's own
/// secret; the user name and app password in place of the secret, in base64.
fn person(
    shared: &Shared,
    application: &TestApplication,
    credentials: &Credentials,
    form: &Form,
) -> Option<TestPerson> {
    let known = |username: &str, password: &str| {
        let mut people = shared.people.iter();
        people.find(|who| who.username == username && who.password == password).cloned()
    };
    if let Some(username) = form.get("username") {
        return known(username, form.get("password").unwrap_or_default());
    }
    if credentials.secret == application.client_secret() {
        return Some(TestPerson::new(&application.application.service_account()));
    }
    let pair = String::from_utf8(STANDARD.decode(&credentials.secret).ok()?).ok()?;
    let (username, password) = pair.split_once(':')?;
    known(username, password)
}

/// The status is 400 in all cases, `invalid_client` too.
fn refuse(error: &str) -> Response {
    let body = json!({ "error": error, "error_description": "refused by the stand-in",
                       "request_id": "0".repeat(32) });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

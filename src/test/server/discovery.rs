//! Discovery document and key set.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::test::{application::TestApplication, shared::Shared};

/// The provider's root leads to the discovery document.
pub(super) async fn provider_root(
    State(shared): State<Arc<Shared>>,
    Path(slug): Path<String>,
) -> Response {
    if shared.of_slug(&slug).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let location = format!("/application/o/{slug}/.well-known/openid-configuration");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

pub(super) async fn document(
    State(shared): State<Arc<Shared>>,
    Path(slug): Path<String>,
) -> Response {
    match shared.of_slug(&slug) {
        Some(application) => for_everybody(describe(&application)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn key_set(
    State(shared): State<Arc<Shared>>,
    Path(slug): Path<String>,
) -> Response {
    match shared.of_slug(&slug) {
        Some(application) => for_everybody(application.application.keys.document()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers of any origin may read both documents.
fn for_everybody(body: Value) -> Response {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(body)).into_response()
}

fn describe(application: &TestApplication) -> Value {
    let provider = &application.application;
    let origin = &application.shared.origin;
    let global = |name: &str| format!("{origin}/application/o/{name}/");
    // HS256 is how Authentik says that no signing key was chosen.
    let algorithm = if provider.keys.publishes_signing_key() {
        provider.keys.algorithm().name()
    } else {
        "HS256"
    };
    let mut document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": global("authorize"),
        "token_endpoint": global("token"),
        "userinfo_endpoint": global("userinfo"),
        "end_session_endpoint": application.end_session_url(),
        "introspection_endpoint": global("introspect"),
        "revocation_endpoint": global("revoke"),
        "device_authorization_endpoint": global("device"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "response_types_supported":
            ["code", "id_token", "id_token token", "code token", "code id_token", "code id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "jwks_uri": application.jwks_url(),
        "grant_types_supported":
            ["authorization_code", "refresh_token", "implicit", "client_credentials", "password",
             "urn:ietf:params:oauth:grant-type:device_code"],
        "id_token_signing_alg_values_supported": [algorithm],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "acr_values_supported": ["goauthentik.io/providers/oauth2/default"],
        "scopes_supported": provider.scopes,
        "request_parameter_supported": false,
        "claims_supported":
            ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "email",
             "email_verified", "name", "given_name", "preferred_username", "nickname", "groups"],
        "claims_parameter_supported": false,
        "code_challenge_methods_supported": ["plain", "S256"],
        "dpop_signing_alg_values_supported": ["RS256", "ES256"],
    });
    if let Some(members) =
        document.as_object_mut().filter(|_| provider.keys.publishes_encryption_key())
    {
        let mut add = |name: &str, value: &str| members.insert(name.to_owned(), json!([value]));
        add("id_token_encryption_alg_values_supported", "RSA-OAEP-256");
        add("id_token_encryption_enc_values_supported", "A256CBC-HS512");
    }
    document
}

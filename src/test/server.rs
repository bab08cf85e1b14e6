//! The stand-in's HTTP side.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    TestToken,
    issuer::{IssuerMode, Shared},
};

/// A listening server, until it is dropped: then listener and connections are closed.
///
/// It has a thread and a runtime of its own, so that stopping it closes every connection at once, and that
/// a test which stops its runtime's clock does not stop the server.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("test-issuer".to_owned()).spawn(move || {
            // Dropping the runtime afterwards drops the tasks of all connections.
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, routes(shared)) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// Listens at `address`, which a server that has just stopped may have used.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// Authentik's paths. Every one but discovery ends in a slash.
fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/application/o/{slug}/", get(provider_root))
        .route("/application/o/{slug}/.well-known/openid-configuration", get(discovery))
        .route("/application/o/{slug}/jwks/", get(key_set))
        .route("/application/o/token/", post(token))
        .layer(from_fn_with_state(Arc::clone(&shared), delay))
        .with_state(shared)
}

async fn delay(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let delay = shared.delay();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    next.run(request).await
}

async fn provider_root(State(shared): State<Arc<Shared>>, Path(slug): Path<String>) -> Response {
    if slug != shared.slug {
        return StatusCode::NOT_FOUND.into_response();
    }
    let location = format!("/application/o/{slug}/.well-known/openid-configuration");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

async fn discovery(State(shared): State<Arc<Shared>>, Path(slug): Path<String>) -> Response {
    shared.discovery_hits.fetch_add(1, Ordering::Relaxed);
    if slug != shared.slug {
        return StatusCode::NOT_FOUND.into_response();
    }
    let global = |name: &str| format!("{}/application/o/{name}/", shared.origin);
    let own = |name: &str| format!("{}/application/o/{slug}/{name}/", shared.origin);
    let algorithms = shared.published_keys().first().map_or("HS256", |key| key.algorithm.name());
    Json(json!({
        "issuer": shared.issuer,
        "authorization_endpoint": global("authorize"),
        "token_endpoint": global("token"),
        "userinfo_endpoint": global("userinfo"),
        "end_session_endpoint": own("end-session"),
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
        "jwks_uri": own("jwks"),
        "grant_types_supported":
            ["authorization_code", "refresh_token", "implicit", "client_credentials", "password",
             "urn:ietf:params:oauth:grant-type:device_code"],
        "id_token_signing_alg_values_supported": [algorithms],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "acr_values_supported": ["goauthentik.io/providers/oauth2/default"],
        "scopes_supported": ["openid", "email", "profile", "entitlements"],
        "request_parameter_supported": false,
        "claims_supported":
            ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "email",
             "email_verified", "name", "given_name", "preferred_username", "nickname", "groups"],
        "claims_parameter_supported": false,
        "code_challenge_methods_supported": ["plain", "S256"],
    }))
    .into_response()
}

async fn key_set(State(shared): State<Arc<Shared>>, Path(slug): Path<String>) -> Response {
    shared.jwks_hits.fetch_add(1, Ordering::Relaxed);
    if slug != shared.slug {
        return StatusCode::NOT_FOUND.into_response();
    }
    let keys = shared.published_keys();
    // Without any key, Authentik leaves the member out.
    let body = if keys.is_empty() {
        json!({})
    } else {
        json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
    };
    Json(body).into_response()
}

/// Grant `client_credentials` (and `password`, which Authentik treats alike) for the people it knows.
async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if !is_form {
        return refuse("invalid_request");
    }
    let form: Vec<_> = url::form_urlencoded::parse(&body).collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    if !matches!(field("grant_type"), Some("client_credentials" | "password")) {
        return refuse("unsupported_grant_type");
    }
    if field("client_id") != Some(shared.audience.as_str()) {
        return refuse("invalid_client");
    }
    let person = shared.people.iter().find(|person| {
        field("username") == Some(&person.username) && field("password") == Some(&person.password)
    });
    let Some(person) = person else { return refuse("invalid_grant") };
    let scope = field("scope").unwrap_or_default();
    // There is no login session behind such a token.
    let token = TestToken::new(&shared, person).without_claim("sid").scope(scope);
    let id_token = token.clone().id_token().sign();
    let body = json!({ "access_token": token.sign(), "token_type": "Bearer", "scope": scope,
                       "expires_in": 3600, "id_token": id_token });
    ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(body))
        .into_response()
}

/// The status is 400 in all cases, `invalid_client` too.
fn refuse(error: &str) -> Response {
    let body = json!({ "error": error, "error_description": "refused by the stand-in" });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The issuer of this mode.
pub(super) fn issuer(mode: IssuerMode, origin: &str, slug: &str) -> String {
    match mode {
        IssuerMode::PerProvider => format!("{origin}/application/o/{slug}/"),
        IssuerMode::Global => format!("{origin}/"),
    }
}

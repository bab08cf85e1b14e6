//! The cases of Authentik's tokens, numbered as in the project's list: `case_01` to `case_25`.
//!
//! Each is one test, complete in itself and exact about the refusal. Variants and details are in the test files
//! of their areas.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod claims;
mod forward_auth;
mod introspection;
mod keys;
mod logout;
mod signatures;
#[path = "../support/mod.rs"]
mod support;

#[path = "../support/tokens.rs"]
mod tokens;

use std::time::Duration;

use axum::{Router, body::Body, routing::get};
use axum_authz::{
    authorize,
    layer::{AuthzLayer, Refusal},
    policies::{Policies, Source},
    test::TestIssuer,
    token::{Authentik, Introspection, Invalid, Undecided},
};
use http::{Request, header::WWW_AUTHENTICATE};
use tokens::{invalid, refusal, undecided, verify};
use tower::ServiceExt;

const SECOND: Duration = Duration::from_secs(1);

/// What a client is told of a bad token, whatever is wrong with it.
const INVALID_TOKEN: &str = "Bearer realm=\"api\", error=\"invalid_token\", \
     error_description=\"the access token is malformed, expired or not meant for this service\"";

const PHOTO: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: photo
  version: default
  rules:
    - actions: ["view"]
      effect: EFFECT_ALLOW
      roles: ["user"]
    - actions: ["print"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition: { match: { expr: has(request.auxData.jwt.sid) } }
"#;

#[authorize(action = "view", resource = "photo")]
async fn view() {}

#[authorize(action = "print", resource = "photo")]
async fn print() {}

#[authorize(action = "view", resource = "photo", scope = "photos.write")]
async fn write() {}

/// A service behind the layer.
struct Service(Router);

/// What its clients are answered, and why.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    reason: Option<&'static str>,
}

impl Service {
    fn new(authentik: &Authentik) -> Self {
        let policies = Policies::from_sources([Source::new("photo.yaml", PHOTO)]).unwrap();
        let routes = Router::new()
            .route("/view", get(view))
            .route("/print", get(print))
            .route("/write", get(write));
        Self(routes.layer(AuthzLayer::new(authentik.clone(), policies)))
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        let request = Request::builder().uri(path);
        let request = request.header("authorization", format!("Bearer {token}"));
        let response = self.0.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        Answer {
            status: response.status().as_u16(),
            challenge: response
                .headers()
                .get(WWW_AUTHENTICATE)
                .map(|challenge| challenge.to_str().unwrap().to_owned()),
            reason: response.extensions().get::<Refusal>().map(Refusal::reason),
        }
    }
}

impl Answer {
    fn granted() -> Self {
        Self { status: 200, challenge: None, reason: None }
    }

    fn unauthorized(invalid: Invalid) -> Self {
        let reason = Some(invalid.reason());
        Self { status: 401, challenge: Some(INVALID_TOKEN.to_owned()), reason }
    }

    /// Without a challenge: other credentials would not help.
    fn unavailable(undecided: Undecided) -> Self {
        Self { status: 503, challenge: None, reason: Some(undecided.reason()) }
    }
}

/// How often keys were looked for.
fn fetches(issuer: &TestIssuer) -> (usize, usize) {
    (issuer.discovery_hits(), issuer.jwks_hits())
}

/// Asked about each presentation anew.
fn asking(issuer: &TestIssuer) -> Introspection {
    let client = Introspection::by_client(issuer.audience(), issuer.client_secret());
    client.cache_for(Duration::ZERO)
}

//! What handlers and policies are told about a caller beyond roles: scopes, typed claims, delegation, sessions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, header::WWW_AUTHENTICATE},
    routing::get,
};
use axum_authz::{
    Principal, authenticated, authorize,
    extract::{Authorized, PrincipalOf},
    guard::{Access, Check, DeclaresAccess, Source},
    layer::{AuthzLayer, Refusal},
    policies::{Policies, Source as Text},
    public,
    test::{TestIssuer, TestToken},
};
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;

mod support;

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
    - actions: ["lend"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition: { match: { expr: "!has(request.auxData.jwt.act)" } }
    - actions: ["date"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          all:
            of:
              - expr: timestamp(request.auxData.jwt.exp) > now()
              - expr: timestamp(request.auxData.jwt.exp) - timestamp(request.auxData.jwt.iat) == duration("1h")
              - expr: request.auxData.jwt.aud == ["photos"]
              - expr: request.auxData.jwt.iss.startsWith("http://127.0.0.1:")
              - expr: request.auxData.jwt.level == 3.0
"#;

#[authorize(action = "view", resource = "photo", id = path("id"), scope = "photos.read photos.write")]
async fn scoped() {}

#[authorize(action = "view", resource = "photo", id = path("absent"), scope = "photos.read")]
async fn misnamed() {}

#[authenticated(scope = "photos.read")]
async fn scoped_whoami() {}

struct NoScopes;

impl DeclaresAccess for NoScopes {
    const ACCESS: Access = Access::Check(Check::new("view", "photo").scope(""));
}

async fn empty_scope(_: Authorized<NoScopes>) {}

#[authorize(action = "print", resource = "photo")]
async fn print() {}

#[authorize(action = "lend", resource = "photo")]
async fn lend(me: Principal) -> String {
    format!("{:?} {:?}", me.actor(), me.session_id().is_some())
}

#[authorize(action = "view", resource = "photo")]
async fn actor(me: Principal) -> String {
    me.actor().unwrap_or("nobody").to_owned()
}

#[authorize(action = "date", resource = "photo")]
async fn date() {}

#[derive(Deserialize)]
struct Employee {
    department: String,
    level: u64,
}

#[authenticated]
async fn typed(me: PrincipalOf<Employee>) -> String {
    format!("{} {} {}", me.id(), me.typed().department, me.typed().level)
}

#[public(reason = "a desk for everybody")]
async fn optional(me: Option<PrincipalOf<Employee>>) -> String {
    me.map_or_else(|| "anonymous".to_owned(), |me| me.typed().department.clone())
}

fn routes() -> Router {
    Router::new()
        .route("/scoped/{id}", get(scoped))
        .route("/misnamed/{id}", get(misnamed))
        .route("/scoped", get(scoped_whoami))
        .route("/empty-scope", get(empty_scope))
        .route("/print", get(print))
        .route("/lend", get(lend))
        .route("/actor", get(actor))
        .route("/date", get(date))
        .route("/typed", get(typed))
        .route("/optional", get(optional))
}

struct App {
    issuer: TestIssuer,
    router: Router,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    refusal: Option<Refusal>,
    body: String,
}

impl App {
    async fn new() -> Self {
        let issuer = TestIssuer::start().await;
        let policies = Policies::from_sources([Text::new("photo.yaml", PHOTO)]).unwrap();
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), policies);
        Self { issuer, router: routes().layer(layer) }
    }

    fn token(&self) -> TestToken {
        self.issuer.token("alice").groups(["user"])
    }

    async fn get(&self, path: &str, token: Option<TestToken>) -> Answer {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.sign()));
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await;
        let (parts, body) = response.unwrap().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            refusal: parts.extensions.get().cloned(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn status(&self, path: &str, token: TestToken) -> u16 {
        self.get(path, Some(token)).await.status
    }
}

#[tokio::test]
async fn every_declared_scope_is_needed() {
    let app = App::new().await;
    for (scope, status) in [
        (json!("photos.read photos.write"), 200),
        (json!("openid photos.write email photos.read"), 200),
        (json!(["photos.read", "photos.write"]), 200),
        (json!("photos.read"), 403),
        (json!("photos.write"), 403),
        (json!("photos.readphotos.write"), 403),
        (json!("photos.read PHOTOS.WRITE"), 403),
        (json!("photos.read,photos.write"), 403),
        (json!("photos.read\tphotos.write"), 403),
        (json!(["photos.read photos.write"]), 403),
        (json!(["photos.read", ["photos.write"]]), 403),
        (json!({ "photos.read": true, "photos.write": true }), 403),
        (json!(null), 403),
        (json!(true), 403),
        (json!(""), 403),
    ] {
        let token = app.token().claim("scope", &scope);
        assert_eq!(app.status("/scoped/1", token).await, status, "{scope}");
    }
    assert_eq!(app.status("/scoped/1", app.token().without_claim("scope")).await, 403);
}

#[tokio::test]
async fn a_missing_scope_is_named_in_the_challenge() {
    let app = App::new().await;
    let answer = app.get("/scoped/1", Some(app.token().scope("photos.read"))).await;
    assert_eq!(
        answer.headers[WWW_AUTHENTICATE],
        "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"photos.read photos.write\""
    );
    let refusal = Refusal::InsufficientScope("photos.read photos.write".into());
    assert_eq!(answer.refusal, Some(refusal));

    let anonymous = app.get("/scoped/1", None).await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(anonymous.headers[WWW_AUTHENTICATE], "Bearer realm=\"api\"");
}

#[tokio::test]
async fn a_missing_scope_is_logged_without_anything_of_the_token() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    let token = app.token().scope("secret.scope").claim("salary", "4711");
    let answer = app.get("/scoped/1", Some(token)).await;
    assert_eq!(answer.status, 403);
    let line = log.line("lacks a scope");
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(line.contains(body["call_id"].as_str().unwrap()), "{line}");
    assert!(line.contains("required=\"photos.read photos.write\""), "{line}");
    assert!(line.contains("reason=\"scope\""), "{line}");
    assert!(!log.text().contains("secret.scope") && !log.text().contains("4711"));
}

#[tokio::test]
async fn the_scope_is_looked_at_before_the_path_and_the_policies() {
    let app = App::new().await;
    let without = || app.token().scope("openid");
    let with = || app.token().scope("photos.read photos.write");
    // The route does not have the path parameter: that is found out afterwards.
    assert_eq!(app.status("/misnamed/1", without()).await, 403);
    assert_eq!(app.status("/misnamed/1", with()).await, 500);

    // A scope does not replace what the policies say, and nothing is recorded of a decision that was not made.
    let stranger = || app.issuer.token("bob").groups(["guest"]);
    let (log, _guard) = support::Log::start();
    let refused = app.get("/scoped/1", Some(stranger().scope("openid"))).await;
    assert!(matches!(refused.refusal, Some(Refusal::InsufficientScope(_))));
    assert!(!log.text().contains("effect="));
    let denied = app.get("/scoped/1", Some(stranger().scope("photos.read photos.write"))).await;
    assert_eq!(denied.refusal, Some(Refusal::Denied));
}

#[tokio::test]
async fn scopes_can_be_asked_for_without_a_policy() {
    let app = App::new().await;
    assert_eq!(app.get("/scoped", None).await.status, 401);
    assert_eq!(app.status("/scoped", app.token()).await, 403);
    assert_eq!(app.status("/scoped", app.token().scope("photos.read")).await, 200);
}

#[tokio::test]
async fn a_declared_scope_that_is_none_is_never_there() {
    let app = App::new().await;
    for scope in ["", " ", "photos.read"] {
        assert_eq!(app.status("/empty-scope", app.token().scope(scope)).await, 403, "{scope:?}");
    }
}

#[tokio::test]
async fn a_principal_of_the_test_kit_has_scopes() {
    let app = App::new().await;
    let bob = Principal::test("bob").role("user").scope("photos.read");
    for (bob, status) in [(bob.clone(), 403), (bob.scope("photos.write"), 200)] {
        let mut request = Request::get("/scoped/1").body(Body::empty()).unwrap();
        request.extensions_mut().insert(bob);
        let response = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
}

/// Authentik: a token by client credentials has no login session, and otherwise looks like any other.
#[tokio::test]
async fn a_policy_that_wants_humans_refuses_client_credentials() {
    let app = App::new().await;
    assert_eq!(app.status("/print", app.token()).await, 200);
    let machine = app.issuer.token("printer").groups(["user"]).service_account();
    assert_eq!(app.status("/print", machine).await, 403);
    assert_eq!(app.status("/print", app.token().without_session()).await, 403);
    // As in tokens of proxy providers.
    assert_eq!(app.status("/print", app.token().claim("sid", json!(null))).await, 403);
    assert_eq!(app.status("/print", app.token().claim("sid", 7)).await, 401);
}

#[tokio::test]
async fn the_actor_of_a_delegation_is_known_to_handlers_and_policies() {
    let app = App::new().await;
    let acted = || app.token().act("printer");
    assert_eq!(app.get("/actor", Some(acted())).await.body, "printer");
    assert_eq!(app.get("/actor", Some(app.token())).await.body, "nobody");
    assert_eq!(app.get("/lend", Some(app.token())).await.body, "None true");
    assert_eq!(app.status("/lend", acted()).await, 403);
}

#[tokio::test]
async fn policies_see_claims_as_cerbos_gives_them() {
    let app = App::new().await;
    assert_eq!(app.status("/date", app.token().claim("level", 3)).await, 200);
    assert_eq!(app.status("/date", app.token().claim("level", "3")).await, 403);
    let list = app.token().claim("level", 3).claim("aud", ["photos"]);
    assert_eq!(app.status("/date", list).await, 200);
}

#[tokio::test]
async fn typed_claims_are_read_or_refused() {
    let app = App::new().await;
    let fitting = || app.token().claim("department", "media").claim("level", 3);
    let answer = app.get("/typed", Some(fitting())).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "alice media 3"));
    assert_eq!(app.get("/typed", None).await.status, 401);

    for token in [
        app.token(),
        fitting().claim("level", 3.5),
        fitting().claim("level", -1),
        fitting().claim("level", "3"),
        fitting().claim("department", json!(null)),
        fitting().claim("department", ["media"]),
    ] {
        for path in ["/typed", "/optional"] {
            let answer = app.get(path, Some(token.clone())).await;
            assert_eq!((answer.status, answer.refusal), (403, Some(Refusal::Denied)), "{path}");
        }
    }
    assert_eq!(app.get("/optional", None).await.body, "anonymous");
    assert_eq!(app.get("/optional", Some(fitting())).await.body, "media");
}

#[tokio::test]
async fn the_log_names_the_type_that_claims_do_not_fit_into_and_quotes_nothing() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    let token = app.token().claim("department", "media").claim("level", "sesame");
    let answer = app.get("/typed", Some(token)).await;
    assert!(!answer.body.contains("sesame") && !answer.body.contains("Employee"));
    let line = log.line("claims_unfit");
    assert!(line.contains("INFO") && line.contains("people::Employee"), "{line}");
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(line.contains(body["call_id"].as_str().unwrap()), "{line}");
    assert!(!log.text().contains("sesame"));
}

#[test]
fn declarations_by_hand_can_name_scopes() {
    let check = Check::new("view", "photo").id(Source::Path("id")).scope("photos.read");
    assert_eq!(Access::Check(check).required_scope(), Some("photos.read"));
    assert_eq!(NoScopes::ACCESS.required_scope(), Some(""));
    assert_eq!(Access::Public { reason: "open" }.required_scope(), None);
}

//! Extractors and attributes on axum handlers: what comes first, and what the caller is told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use axum::{
    Json, Router,
    body::Body,
    http::{Request, StatusCode},
    routing::{get, post},
};
use axum_authz::{
    Principal, authenticated, authorize,
    extract::Authorized,
    guard::{Access, Check, DeclaresAccess, Source},
    layer::{AuthzLayer, Refusal},
    policies::Effect,
    public,
    test::TestIssuer,
};
use http_body_util::BodyExt;
use serde::Deserialize;
use tower::ServiceExt;

mod support;

#[derive(Deserialize)]
struct NewAlbum {
    title: String,
}

#[authorize(action = "view", resource = "album", id = path("id"))]
async fn show(me: Principal) -> String {
    me.id().to_owned()
}

#[authorize(action = "create", resource = "album")]
async fn create(Json(album): Json<NewAlbum>) -> String {
    album.title
}

#[authorize(action = "delete", resource = "album", id = path("id"))]
async fn delete() {}

#[authorize(action = "view", resource = "album", id = path("album"))]
async fn misnamed() {}

#[authorize(action = "view", resource = "album", id = query("id"), attr(tag = header("x-tag")))]
async fn by_query() {}

#[authorize(action = "edit", resource = "album", id = path("id"), attr(owner = path("owner"), frozen = header("x-frozen")))]
async fn edit() {}

#[authorize(action = "export", resource = "album", id = path("id"))]
async fn export() {}

#[authenticated]
async fn whoami(me: Principal) -> String {
    me.id().to_owned()
}

#[public(reason = "liveness probe")]
async fn healthz() -> &'static str {
    "well"
}

async fn undeclared(me: Option<Principal>) -> String {
    me.map_or_else(|| "anonymous".into(), |me| me.id().to_owned())
}

struct View;

impl DeclaresAccess for View {
    const ACCESS: Access = Access::Check(Check::new("view", "album").id(Source::Path("id")));
}

async fn explicit(by: Authorized<View>) -> String {
    let decision = by.decision().unwrap();
    assert_eq!(decision.effect(), Effect::Allow);
    format!("{} {}", by.principal().unwrap().id(), decision.epoch())
}

fn routes() -> Router {
    Router::new()
        .route("/albums", post(create))
        .route("/albums/{id}", get(show).delete(delete))
        .route("/explicit/{id}", get(explicit))
        .route("/misnamed/{id}", get(misnamed))
        .route("/query", get(by_query))
        .route("/{owner}/albums/{id}", get(edit))
        .route("/export/{id}", get(export))
        .route("/whoami", get(whoami))
        .route("/healthz", get(healthz))
        .route("/undeclared", get(undeclared))
        .nest("/twice/{id}", Router::new().route("/{id}", get(show)))
}

struct App {
    issuer: TestIssuer,
    router: Router,
}

impl App {
    async fn new() -> Self {
        let issuer = TestIssuer::start().await;
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        Self { issuer, router: routes().layer(layer) }
    }

    fn token(&self, person: &str) -> Option<String> {
        match person {
            "" => None,
            "user" => Some(self.issuer.token("alice").groups(["user"]).sign()),
            other => Some(self.issuer.token(other).groups(["guest"]).sign()),
        }
    }

    async fn send(&self, person: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = self.token(person) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request =
            request.header("content-type", "application/json").body(Body::from(body.to_owned()));
        send(&self.router, request.unwrap()).await
    }
}

async fn send(router: &Router, request: Request<Body>) -> (u16, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_decision_comes_before_the_body_is_read() {
    let app = App::new().await;
    let (malformed, good) = ("{", r#"{"title":"Alps"}"#);
    for (person, body, status) in [
        ("", malformed, 401),
        ("guest", malformed, 403),
        ("user", malformed, 400),
        ("", good, 401),
        ("guest", good, 403),
        ("user", good, 200),
    ] {
        let (got, text) = app.send(person, "POST", "/albums", body).await;
        assert_eq!(got, status, "`{person}` with {body}: {text}");
    }
}

#[tokio::test]
async fn each_declaration_answers_as_its_table_says() {
    let app = App::new().await;
    for (method, path, anonymous, guest, user) in [
        ("GET", "/albums/1", 401, 403, 200),
        ("DELETE", "/albums/1", 401, 403, 403),
        ("GET", "/explicit/1", 401, 403, 200),
        ("GET", "/whoami", 401, 200, 200),
        ("GET", "/healthz", 200, 200, 200),
        ("GET", "/undeclared", 200, 200, 200),
        ("GET", "/query?id=1", 401, 403, 200),
        // Conditions see identifier and attributes.
        ("GET", "/alice/albums/1", 401, 403, 200),
        ("GET", "/%61lice/albums/1", 401, 403, 200),
        ("GET", "/alice/albums/2", 401, 403, 403),
        ("GET", "/bob/albums/1", 401, 403, 403),
        // Neither yes nor no.
        ("GET", "/export/1", 401, 403, 503),
        // What is asked about is not clear.
        ("GET", "/query", 401, 400, 400),
        ("GET", "/query?id=1&id=2", 401, 400, 400),
        ("GET", "/albums/%ff", 401, 400, 400),
        // Declarations that do not fit their routes.
        ("GET", "/misnamed/1", 401, 500, 500),
        ("GET", "/twice/1/2", 401, 500, 500),
        // Not there at all.
        ("GET", "/nothing", 404, 404, 404),
        ("PUT", "/albums/1", 405, 405, 405),
    ] {
        for (person, status) in [("", anonymous), ("guest", guest), ("user", user)] {
            let (got, text) = app.send(person, method, path, "").await;
            assert_eq!(got, status, "{method} {path} by `{person}`: {text}");
        }
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let app = App::new().await;
    for path in ["/healthz", "/undeclared", "/nothing"] {
        let request = Request::get(path).header("authorization", "Bearer x").body(Body::empty());
        assert_eq!(send(&app.router, request.unwrap()).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn optional_principals_are_absent_only_without_credentials() {
    let app = App::new().await;
    assert_eq!(app.send("", "GET", "/undeclared", "").await.1, "anonymous");
    assert_eq!(app.send("user", "GET", "/undeclared", "").await.1, "alice");
}

#[tokio::test]
async fn the_extractor_gives_the_principal_and_the_decision() {
    let app = App::new().await;
    assert_eq!(app.send("user", "GET", "/explicit/1", "").await.1, "alice 1");
}

#[tokio::test]
async fn a_principal_set_by_an_outer_layer_is_decided_on_without_a_token() {
    let app = App::new().await;
    let router = app.router.clone();
    let mut request = Request::get("/albums/1").body(Body::empty()).unwrap();
    request.extensions_mut().insert(Principal::test("bob").role("user"));
    assert_eq!(send(&router, request).await, (200, "bob".into()));
}

#[tokio::test]
async fn without_the_layer_handlers_answer_500_and_the_log_names_the_fix() {
    let (log, _guard) = support::Log::start();
    for path in ["/albums/1", "/whoami", "/undeclared"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, text) = send(&routes(), request).await;
        assert_eq!(status, 500, "{path}");
        assert!(!text.contains("layer"), "{text}");
    }
    let text = log.text();
    assert_eq!(text.matches(".layer(AuthzLayer::new(authentik, policies))").count(), 3, "{text}");
    assert!(text.contains("ERROR") && text.contains("route=\"/albums/{id}\""), "{text}");
}

#[tokio::test]
async fn a_missing_path_parameter_is_logged_with_its_route() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    assert_eq!(app.send("user", "GET", "/misnamed/1", "").await.0, 500);
    let line = log.line("ERROR");
    assert!(
        line.contains("route=\"/misnamed/{id}\"") && line.contains("parameter=\"album\""),
        "{line}"
    );
}

#[tokio::test]
async fn a_denial_is_recorded_with_what_was_asked_under_the_clients_call_id() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    let (status, body) = app.send("guest", "DELETE", "/albums/a%2Fb", "").await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let line = log.line("axum_authz::decision");
    let call_id = format!("call_id={}", body["call_id"].as_str().unwrap());
    for words in [
        "INFO",
        &call_id,
        "subject=\"guest\"",
        "action=\"delete\"",
        "kind=\"album\"",
        "id=\"a/b\"",
        "effect=\"deny\"",
        "epoch=1",
    ] {
        assert!(line.contains(words), "`{words}` is not in {line}");
    }
}

#[tokio::test]
async fn an_attribute_whose_header_is_absent_is_absent() {
    let app = App::new().await;
    let token = app.token("user").unwrap();
    let request =
        || Request::get("/alice/albums/1").header("authorization", format!("Bearer {token}"));
    assert_eq!(send(&app.router, request().body(Body::empty()).unwrap()).await.0, 200);
    let frozen = request().header("x-frozen", "").body(Body::empty());
    assert_eq!(send(&app.router, frozen.unwrap()).await.0, 403);
}

#[tokio::test]
async fn what_could_not_be_decided_is_logged_as_such() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    let (status, body) = app.send("user", "GET", "/export/1", "").await;
    assert_eq!(status, 503);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let line = log.line("no decision");
    assert!(line.contains("WARN") && line.contains(body["call_id"].as_str().unwrap()), "{line}");
    assert!(!log.text().contains("effect="));
}

#[tokio::test]
async fn a_grant_is_recorded_at_debug_level() {
    let app = App::new().await;
    let (log, _guard) = support::Log::start();
    assert_eq!(app.send("user", "GET", "/albums/7", "").await.0, 200);
    let line = log.line("axum_authz::decision");
    assert!(line.contains("DEBUG") && line.contains("effect=\"allow\""), "{line}");
}

#[tokio::test]
async fn grpc_handlers_refuse_with_a_grpc_status() {
    let app = App::new().await;
    let request =
        Request::post("/albums").header("content-type", "application/grpc").body(Body::empty());
    let response = app.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], "16");
    assert_eq!(response.extensions().get(), Some(&Refusal::Anonymous));
}

#[tokio::test]
async fn rejections_are_worded_by_the_service_too() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies())
        .respond_with(|refusal, _, headers| {
            let accepted = headers.get("accept")?.clone();
            Some((accepted, format!("own: {}", refusal.reason())))
        });
    let router = routes().layer(layer);
    let token = issuer.token("bob").groups(["guest"]).sign();
    for (token, status, body) in [(None, 401, "own: anonymous"), (Some(token), 403, "own: denied")]
    {
        let mut request = Request::builder().uri("/albums/1").header("accept", "text/plain");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer, (status, body.to_owned()));
    }
}

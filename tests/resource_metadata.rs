//! The description of the protected resource: served by the layer, named in challenges (RFC 9728).

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use axum::{Router, body::Body, routing::get};
use axum_authz::{
    Principal, authenticated,
    layer::{AuthzLayer, ResourceMetadata},
    test::TestIssuer,
};
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

mod support;

const PATH: &str = "/.well-known/oauth-protected-resource";

#[authenticated]
async fn whoami(me: Principal) -> String {
    me.id().to_owned()
}

struct App {
    issuer: TestIssuer,
    router: Router,
}

impl App {
    async fn new(metadata: ResourceMetadata) -> Self {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let layer = AuthzLayer::new(authentik, support::policies()).resource_metadata(metadata);
        let router = Router::new()
            .route("/whoami", get(whoami))
            .fallback(async || "the service's own")
            .layer(layer.realm("photos"));
        Self { issuer, router }
    }

    async fn of(resource: &str) -> Self {
        Self::new(ResourceMetadata::new(resource).unwrap()).await
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<String> {
        send(&self.router, method, path, headers).await
    }
}

async fn send(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Response<String> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(head, String::from_utf8(body.to_vec()).unwrap())
}

fn header<'a>(response: &'a Response<String>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_document_names_resource_and_issuer_byte_for_byte() {
    let app = App::of("https://api.example.org").await;
    let response = app.send("GET", PATH, &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&response, "cache-control"), Some("public, max-age=3600"));
    let document: Value = serde_json::from_str(response.body()).unwrap();
    let expected = json!({
        "resource": "https://api.example.org",
        "authorization_servers": [app.issuer.issuer()],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(document, expected);
    assert!(app.issuer.issuer().ends_with('/'));
    assert_eq!((app.issuer.discovery_hits(), app.issuer.jwks_hits()), (0, 0));
}

#[tokio::test]
async fn optional_members_are_there_when_set() {
    let metadata = ResourceMetadata::new("https://api.example.org/")
        .unwrap()
        .scopes_supported(["photos.read", "photos.write"])
        .resource_name("Photos \"of\" \u{e9}")
        .documentation("https://example.org/docs")
        .unwrap();
    let app = App::new(metadata).await;
    let document: Value = serde_json::from_str(app.send("GET", PATH, &[]).await.body()).unwrap();
    assert_eq!(document["resource"], "https://api.example.org/");
    assert_eq!(document["scopes_supported"], json!(["photos.read", "photos.write"]));
    assert_eq!(document["resource_name"], "Photos \"of\" \u{e9}");
    assert_eq!(document["resource_documentation"], "https://example.org/docs");
}

#[tokio::test]
async fn head_and_preflight_are_answered_too() {
    let app = App::of("https://api.example.org").await;
    let get = app.send("GET", PATH, &[]).await;
    let head = app.send("HEAD", PATH, &[]).await;
    assert_eq!((head.status(), &**head.body()), (get.status(), ""));
    assert_eq!(head.headers(), get.headers());
    assert_eq!(header(&head, "content-length"), Some(&*get.body().len().to_string()));

    let preflight = [
        ("origin", "https://client.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "mcp-protocol-version"),
    ];
    let options = app.send("OPTIONS", PATH, &preflight).await;
    assert_eq!((options.status().as_u16(), &**options.body()), (204, ""));
    assert_eq!(header(&options, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&options, "access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(header(&options, "access-control-allow-headers"), Some("*"));
}

#[tokio::test]
async fn credentials_are_neither_needed_nor_looked_at() {
    let app = App::of("https://api.example.org").await;
    for value in ["Bearer rubbish", "Basic dTpw", ""] {
        assert_eq!(app.send("GET", PATH, &[("authorization", value)]).await.status(), 200);
    }
    assert_eq!(app.send("GET", &format!("{PATH}?x=1"), &[]).await.status(), 200);
}

#[tokio::test]
async fn nothing_else_is_answered() {
    let app = App::of("https://api.example.org/v1").await;
    assert!(app.send("GET", &format!("{PATH}/v1"), &[]).await.body().contains("\"resource\""));
    for path in [
        PATH,
        "/v1/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/v1/",
        "/.well-known/oauth-protected-resource/v2",
        "/.well-known/oauth-protected-resource/V1",
        "/.well-known/oauth-protected-resource//v1",
        "//.well-known/oauth-protected-resource/v1",
        "/.well-known/oauth%2Dprotected-resource/v1",
        "/.well-known/oauth-authorization-server",
        "/",
    ] {
        assert_eq!(app.send("GET", path, &[]).await.body(), "the service's own", "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let response = app.send(method, &format!("{PATH}/v1"), &[]).await;
        assert_eq!(response.body(), "the service's own", "{method}");
    }
    // Not set, not served.
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
    let router = Router::new().route("/whoami", get(whoami)).layer(layer);
    assert_eq!(send(&router, "GET", PATH, &[]).await.status(), 404);
}

/// `Router::layer` covers what has no route, with and without a fallback of the service's own.
#[tokio::test]
async fn a_router_without_a_fallback_serves_it_too() {
    let issuer = TestIssuer::start().await;
    let metadata = ResourceMetadata::new("https://api.example.org").unwrap();
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies())
        .resource_metadata(metadata);
    let router = Router::new().route("/whoami", get(whoami)).layer(layer.clone());
    assert_eq!(send(&router, "GET", PATH, &[]).await.status(), 200);
    assert_eq!(send(&router, "GET", "/elsewhere", &[]).await.status(), 404);

    // Behind a prefix this path is another one.
    let inner = Router::new().route("/whoami", get(whoami)).fallback(async || "inner").layer(layer);
    let nested = Router::new().nest("/api", inner);
    assert_eq!(send(&nested, "GET", &format!("/api{PATH}"), &[]).await.body(), "inner");
}

#[tokio::test]
async fn every_challenge_says_where_it_is() {
    let app = App::of("https://api.example.org/v1").await;
    let start = "Bearer realm=\"photos\", \
        resource_metadata=\"https://api.example.org/.well-known/oauth-protected-resource/v1\"";
    for (authorization, status, end) in [
        (None, 401, ""),
        (Some("Basic dTpw"), 401, ""),
        (Some("Bearer rubbish"), 401, ", error=\"invalid_token\""),
        (Some("Bearer"), 400, ", error=\"invalid_request\""),
    ] {
        let headers: Vec<_> =
            authorization.map(|value| ("authorization", value)).into_iter().collect();
        let response = app.send("GET", "/whoami", &headers).await;
        assert_eq!(response.status(), status, "{authorization:?}");
        let challenge = header(&response, "www-authenticate").unwrap();
        assert!(challenge.starts_with(&format!("{start}{end}")), "{challenge}");
    }
    let token = format!("Bearer {}", app.issuer.token("alice").sign());
    let response = app.send("GET", "/whoami", &[("authorization", &token)]).await;
    assert_eq!((response.status().as_u16(), &**response.body()), (200, "alice"));
}

//! Sixty routes and more, nested, merged and with fallbacks: each of them is guarded, and there is nothing beside
//! them.

use std::collections::{BTreeMap, BTreeSet};

use axum_authz::{
    guard::{Methods, Router, Unguarded, any, delete, get, patch, post, put},
    public,
};
use http::{Method, StatusCode, header};
use tower::util::MapRequestLayer;

use super::{Service, Who, reached};

/// Six routes of one kind: what most services have.
fn kind<const K: usize>() -> Router {
    let many: Methods = get(reached::<K, 0, false>).post(reached::<K, 1, false>);
    let one = get(reached::<K, 2, true>).put(reached::<K, 3, true>).patch(reached::<K, 4, true>);
    Router::new().route("/", many).route("/{id}", one.delete(reached::<K, 5, true>))
}

#[public(reason = "liveness probe")]
async fn healthz() -> &'static str {
    "public"
}

/// Ten kinds, put together in all the ways there are.
fn router() -> Router {
    let deep = Router::new().nest("/photos", kind::<1>()).nest("/albums", kind::<0>());
    let merged = Router::new()
        .nest("/comments", kind::<2>())
        .merge(Router::new().nest("/tags", kind::<3>()));
    let layered = kind::<4>().layer(MapRequestLayer::new(|request| request));
    let in_pieces = Router::new()
        .route("/groups", get(reached::<5, 0, false>))
        .route("/groups", post(reached::<5, 1, false>))
        .route("/groups/{id}", get(reached::<5, 2, true>))
        .route("/groups/{id}", put(reached::<5, 3, true>))
        .route("/groups/{id}", patch(reached::<5, 4, true>))
        .route("/groups/{id}", delete(reached::<5, 5, true>));
    Router::new()
        .nest("/v1", deep)
        .merge(merged)
        .nest("/people/", layered)
        .merge(in_pieces)
        .nest(
            "/tenants/{tenant}/invoices",
            kind::<6>().route_layer(MapRequestLayer::new(|request| request)),
        )
        .nest("/orders", kind::<7>())
        .nest("/a/b/c/d", Router::new().nest("/reports", kind::<8>()))
        .nest("/notes", kind::<9>().fallback(reached::<9, 0, false>))
        .route("/healthz", get(healthz))
        .route("/everything/{*rest}", any(reached::<0, 0, false>))
}

/// The methods of each path.
fn methods(service: &Service) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in service.app.manifest().routes().iter().filter(|route| !route.is_fallback()) {
        let method = route.method().map_or("any", Method::as_str);
        found.entry(route.path().to_owned()).or_default().insert(method.to_owned());
    }
    found
}

fn concrete(path: &str) -> String {
    path.replace("{tenant}", "acme").replace("{id}", "7").replace("{*rest}", "x/y")
}

const ALL: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
];

#[tokio::test]
async fn every_route_of_a_large_table_is_guarded_and_nothing_else_is_there() {
    let service = Service::of(router()).await;
    let table = methods(&service);
    assert_eq!(service.app.manifest().routes().len(), 60 + 3, "{:#?}", table.keys());
    for (path, known) in &table {
        let uri = concrete(path);
        for method in &ALL {
            let here = (method.as_str(), path.as_str());
            let is_known = known.contains(method.as_str())
                || known.contains("any")
                || (method == Method::HEAD && known.contains("GET"));
            let expected = match (is_known, path.as_str()) {
                (false, _) => [StatusCode::METHOD_NOT_ALLOWED; 3],
                (true, "/healthz") => [StatusCode::OK; 3],
                (true, _) => [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::OK],
            };
            for (who, status) in [Who::Nobody, Who::Stranger, Who::User].into_iter().zip(expected) {
                assert_eq!(service.status(method, &uri, who).await, status, "{here:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_is_told_which_are() {
    let service = Service::of(router()).await;
    for (path, allow) in [
        ("/orders", "GET, HEAD, POST"),
        ("/orders/7", "DELETE, GET, HEAD, PATCH, PUT"),
        ("/groups/7", "DELETE, GET, HEAD, PATCH, PUT"),
        ("/healthz", "GET, HEAD"),
    ] {
        let response = service.call(&Method::OPTIONS, path, Who::Nobody).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(response.headers()[header::ALLOW], allow, "{path}");
    }
}

#[tokio::test]
async fn variants_of_a_path_lead_nowhere_or_to_the_guarded_handler() {
    let service = Service::of(router()).await;
    let nowhere = [
        "/",
        "/orders/",
        "/orders//7",
        "//orders",
        "/Orders",
        "/orders/7/",
        "/orders/7/x",
        "/v1",
        "/v1/",
        "/people",
        "/v1/albums/../photos",
        "/orders/./7",
        "/%6frders",
        "/everything",
        "/a/b/c/d",
        "/orders%2f7",
        "/orders;x=1",
        "/healthz/",
    ];
    for path in nowhere {
        assert_eq!(
            service.status(&Method::GET, path, Who::User).await,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    // A value that is encoded is a value.
    for path in [
        "/orders/7%2f..%2f8",
        "/orders/%2e%2e",
        "/orders/7?id=8",
        "/people/",
        "/tenants//invoices",
        "http://example.org/orders/7",
    ] {
        assert_eq!(
            service.status(&Method::GET, path, Who::Stranger).await,
            StatusCode::FORBIDDEN,
            "{path}"
        );
        assert_eq!(service.status(&Method::GET, path, Who::User).await, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn strange_methods_and_targets_are_refused() {
    let service = Service::of(router()).await;
    let purge = Method::from_bytes(b"PURGE").unwrap();
    for method in [&purge, &Method::CONNECT] {
        let status = service.status(method, "/orders", Who::User).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert_eq!(service.status(&Method::OPTIONS, "*", Who::User).await, StatusCode::NOT_FOUND);
    // As the target of CONNECT is, without a path.
    assert_eq!(
        service.status(&Method::CONNECT, "example.org:443", Who::User).await,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_fallback_is_guarded_below_its_own_prefix_only() {
    let service = Service::of(router()).await;
    for (who, status) in [
        (Who::Nobody, StatusCode::UNAUTHORIZED),
        (Who::Stranger, StatusCode::FORBIDDEN),
        (Who::User, StatusCode::OK),
    ] {
        for method in [Method::GET, Method::POST, Method::TRACE] {
            assert_eq!(service.status(&method, "/notes/7/unknown", who).await, status);
        }
    }
    assert_eq!(service.status(&Method::GET, "/unknown", Who::User).await, StatusCode::NOT_FOUND);
    assert_eq!(service.status(&Method::GET, "/notesx/7", Who::User).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_fallback_takes_the_place_of_the_one_before() {
    let why = Unguarded::because("the page of the application");
    let router = Router::new()
        .fallback(reached::<0, 0, false>)
        .nest("/api", kind::<0>())
        .fallback_public(healthz_page, why);
    let service = Service::of(router).await;
    let fallbacks: Vec<String> = service
        .app
        .manifest()
        .routes()
        .iter()
        .filter(|r| r.is_fallback())
        .map(ToString::to_string)
        .collect();
    assert_eq!(fallbacks, ["any / (fallback)"]);
    assert_eq!(service.status(&Method::GET, "/anything", Who::Nobody).await, StatusCode::OK);
    assert_eq!(service.status(&Method::GET, "/api", Who::Nobody).await, StatusCode::UNAUTHORIZED);
}

async fn healthz_page() -> &'static str {
    "page"
}

#[tokio::test]
async fn the_same_table_works_inside_of_another_router() {
    let service = Service::of(router()).await;
    let outer = axum::Router::new().nest_service("/outer/{of}", service.app.clone());
    let outer = Service { app: service.app, issuer: service.issuer }.within(outer);
    for (path, status) in [
        ("/outer/x/orders/7", StatusCode::OK),
        ("/outer/x/v1/albums/7", StatusCode::OK),
        ("/outer/x/notes/1/2/3", StatusCode::OK),
        ("/outer/x/unknown", StatusCode::NOT_FOUND),
        ("/orders/7", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(outer.status(path, Who::User).await, status, "{path}");
    }
    assert_eq!(outer.status("/outer/x/orders/7", Who::Stranger).await, StatusCode::FORBIDDEN);
    assert_eq!(outer.status("/outer/x/notes/1/2", Who::Nobody).await, StatusCode::UNAUTHORIZED);
}

/// A service within a router that is not guarded.
struct Within {
    outer: axum::Router,
    service: Service,
}

impl Service {
    fn within(self, outer: axum::Router) -> Within {
        Within { outer, service: self }
    }
}

impl Within {
    async fn status(&self, path: &str, who: Who) -> StatusCode {
        let request = self.service.request(&Method::GET, path, who);
        tower::ServiceExt::oneshot(self.outer.clone(), request).await.unwrap().status()
    }
}

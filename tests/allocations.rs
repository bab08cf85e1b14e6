//! How often a request with a token that was verified before allocates on its way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::convert::Infallible;

use allocation_counter::measure;
use axum::{
    body::Body,
    extract::Request,
    response::Response,
    routing::{self, MethodRouter},
};
use axum_authz::{
    Principal, authenticated, authorize, guard, layer::AuthzLayer, test::TestIssuer,
    token::Authentik,
};
use http::{StatusCode, header::AUTHORIZATION};
use tower::{Layer, Service, service_fn};

mod support;

/// A provider that remembers this token.
async fn remembering() -> (TestIssuer, Authentik, String) {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    let token = issuer.token("alice").groups(["user"]).sign();
    authentik.verify(&token).await.unwrap();
    (issuer, authentik, token)
}

fn request(token: &str) -> Request {
    let builder =
        Request::builder().uri("/albums/1").header(AUTHORIZATION, format!("Bearer {token}"));
    builder.body(Body::empty()).unwrap()
}

/// How often the second of two calls allocates: the first prepares what all have in common.
fn allocations<S>(service: &S, token: &str) -> u64
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    let call = |request| {
        let mut service = service.clone();
        let response = support::poll_once(&mut Box::pin(service.call(request))).unwrap().unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    };
    call(request(token));
    let mut request = Some(request(token));
    measure(|| call(request.take().unwrap())).count_total
}

#[tokio::test]
async fn a_repeated_token_does_not_allocate() {
    let (_issuer, authentik, token) = remembering().await;
    let counted = measure(|| {
        let verified = support::poll_once(&mut authentik.verify(&token)).unwrap();
        assert!(verified.unwrap().principal().has_role("user"));
    });
    assert_eq!(counted.count_total, 0);
}

/// The map of extensions, its table, and what is put into it: the principal and who decides.
#[tokio::test]
async fn the_layer_allocates_what_it_leaves_in_the_request() {
    let (_issuer, authentik, token) = remembering().await;
    let service = service_fn(async |request: http::Request<()>| {
        assert!(request.extensions().get::<Principal>().is_some());
        Ok::<_, Infallible>(Response::new(()))
    });
    let mut service = AuthzLayer::new(authentik, support::policies()).layer(service);
    let mut request = Some(request(&token).map(|_| ()));
    let counted = measure(|| {
        let mut answer = Box::pin(service.call(request.take().unwrap()));
        assert!(support::poll_once(&mut answer).unwrap().is_ok());
    });
    // One is the test's own.
    assert!(counted.count_total <= 1 + 4, "{}", counted.count_total);
}

#[authenticated]
async fn known() {}

#[authorize(action = "view", resource = "album", id = path("id"))]
async fn decided() {}

/// Beyond what axum does for the same handler without anything around it.
#[tokio::test]
async fn the_layer_and_a_decision_allocate_little() {
    let (_issuer, authentik, token) = remembering().await;
    let layer = || AuthzLayer::new(authentik.clone(), support::policies());
    let axum = |method: MethodRouter| axum::Router::new().route("/albums/{id}", method);
    let bare = allocations(&axum(routing::get(async || ())), &token);
    let known = allocations(&axum(routing::get(known)).layer(layer()), &token) - bare;
    let decision = allocations(&axum(routing::get(decided)).layer(layer()), &token) - bare;
    let guarded = guard::Router::new().route("/albums/{id}", guard::get(decided));
    let guarded = allocations(&guarded.finish(layer()).unwrap(), &token) - bare;
    // Four of the layer, as above, less the map that axum has made already; the rest is what axum takes for any layer.
    assert!(known <= 8, "{known}");
    // The resource that is asked about.
    assert!(decision <= 11, "{decision}");
    // The note that something has to be enforced.
    assert!(guarded <= 13, "{guarded}");
}

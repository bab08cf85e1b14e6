//! Services that insist on being polled ready, in all places of the guarded router where there can be one.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::Body,
    http::{Method, Request},
    response::Response,
};
use axum_authz::{
    authenticated,
    guard::{Router, Unguarded, get},
    public,
};
use tower::{Layer, Service, ServiceExt};

use crate::{
    service::{Answer, Setup, bearer, boxed},
    trail::note,
    world::policies,
};

/// Panics when it is called before it was polled ready, as services with a place in a queue may. Counts its calls.
struct Strict<S> {
    inner: S,
    calls: Arc<AtomicUsize>,
    ready: bool,
}

/// A clone has to be polled ready anew.
impl<S: Clone> Clone for Strict<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), calls: Arc::clone(&self.calls), ready: false }
    }
}

impl<S, B> Service<Request<B>> for Strict<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let poll = self.inner.poll_ready(cx);
        self.ready = matches!(poll, Poll::Ready(Ok(())));
        poll
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        assert!(std::mem::take(&mut self.ready), "called without having been polled ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.call(request)
    }
}

/// Puts a [`Strict`] around what it is given.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl<S> Layer<S> for Count {
    type Service = Strict<S>;

    fn layer(&self, inner: S) -> Strict<S> {
        Strict { inner, calls: Arc::clone(&self.0), ready: false }
    }
}

#[authenticated]
async fn known() {
    note("handler");
}

#[public(reason = "a test")]
async fn anybody() {
    note("handler");
}

#[tokio::test]
async fn every_layer_is_polled_ready_and_sees_what_it_is_there_for() {
    let setup = Setup::new(policies()).await;
    let counts: [Count; 5] = Default::default();
    let [around_all, of_router, of_routes, of_methods, service] = &counts;
    let unguarded = service.layer(tower::service_fn(async |_: Request<Body>| {
        note("service");
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let router: Router = Router::new()
        .route("/known", get(known).layer(of_methods.clone()))
        .route("/anybody", get(anybody))
        .route_unguarded("/unguarded", unguarded, Unguarded::because("a test"))
        .route_layer(of_routes.clone())
        .fallback(known)
        .layer(of_router.clone());
    let service = boxed(around_all.layer(setup.finish(router)));
    let alice = bearer(setup.user("alice"));
    for (method, path, credentials, status, steps, expected) in [
        (Method::GET, "/known", Some(&*alice), 200, "handler", [1, 1, 1, 1, 0]),
        (Method::HEAD, "/known", Some(&*alice), 200, "handler", [1, 1, 1, 1, 0]),
        // Layers of the router come before the declaration, and after the token.
        (Method::GET, "/known", None, 401, "", [1, 1, 1, 1, 0]),
        (Method::GET, "/known", Some("Bearer x"), 401, "", [1, 0, 0, 0, 0]),
        (Method::GET, "/anybody", None, 200, "handler", [1, 1, 1, 0, 0]),
        (Method::GET, "/anybody", Some("Bearer x"), 401, "", [1, 0, 0, 0, 0]),
        (Method::GET, "/unguarded", None, 200, "service", [1, 1, 1, 0, 1]),
        (Method::GET, "/unguarded", Some("Bearer x"), 401, "", [1, 0, 0, 0, 0]),
        (Method::GET, "/nothing", Some(&*alice), 200, "handler", [1, 1, 0, 0, 0]),
        (Method::GET, "/nothing", None, 401, "", [1, 1, 0, 0, 0]),
        // No route has it.
        (Method::POST, "/known", Some(&*alice), 405, "", [1, 0, 0, 0, 0]),
        (Method::POST, "/anybody", None, 405, "", [1, 0, 0, 0, 0]),
    ] {
        let mut request = Request::builder().method(&method).uri(path);
        if let Some(credentials) = credentials {
            request = request.header("authorization", credentials);
        }
        let answer = Answer::to(&service, request.body(Body::empty()).unwrap()).await;
        let context = format!("{method} {path} {credentials:?}");
        assert_eq!((answer.status, &*answer.steps), (status, steps), "{context}");
        assert_eq!(counts.each_ref().map(Count::take), expected, "{context}");
    }
}

#[tokio::test]
async fn one_service_can_be_called_again_and_again() {
    let setup = Setup::new(policies()).await;
    let count = Count::default();
    let router: Router = Router::new().route("/", get(known)).layer(count.clone());
    let mut service = setup.finish(router);
    let alice = bearer(setup.user("alice"));
    let request = || Request::get("/").header("authorization", &alice).body(Body::empty()).unwrap();
    for _ in 0..3 {
        let response = service.ready().await.unwrap().call(request()).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    // Several at once.
    let calls = [request(), request()].map(|request| service.clone().oneshot(request));
    for call in calls {
        assert_eq!(call.await.unwrap().status(), 200);
    }
    assert_eq!(count.take(), 5);
}

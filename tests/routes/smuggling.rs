//! Ways in which something might be reached that nobody has declared, each of them tried.
//!
//! What does not compile is in `tests/ui_guard/fail`.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::Request,
    handler::Handler,
    middleware,
    response::{IntoResponse, Response},
};
use axum_authz::{
    extract::Authorized,
    guard::{Authenticated, Declared, Methods, Router, Unguarded, get},
};
use http::{Method, StatusCode};
use tower::{layer::layer_fn, service_fn, util::BoxCloneSyncService};

use super::{Act, Service, Who, reached, support::Log, text};

type View = Authorized<Act<0, 2, true>>;

/// Another router, whose handlers declare nothing and are open to all.
fn open() -> axum::Router {
    axum::Router::new()
        .fallback(async || "open")
        .route("/albums/{id}", axum::routing::any(async || "open"))
}

fn opened() -> BoxCloneSyncService<Request, Response, Infallible> {
    BoxCloneSyncService::new(open().into_service())
}

#[tokio::test]
async fn a_layer_that_answers_in_the_place_of_the_routes_answers_nobody() {
    let (log, _guard) = Log::start();
    let routes = || Router::new().route("/albums/{id}", get(reached::<0, 2, true>));
    let replaced = routes().layer(layer_fn(|_| opened()));
    let replaced_route = routes().route_layer(layer_fn(|_| opened()));
    let by_method: Methods = get(reached::<0, 2, true>).layer(layer_fn(|_| opened()));
    let middleware = routes()
        .layer(middleware::from_fn(async |_: Request, _: middleware::Next| "open".into_response()));
    for router in
        [replaced, replaced_route, Router::new().route("/albums/{id}", by_method), middleware]
    {
        let service = Service::of(router).await;
        for who in [Who::Nobody, Who::Stranger, Who::User] {
            let response = service.call(&Method::GET, "/albums/7", who).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(!text(response).await.contains("open"));
        }
        for path in ["/", "/other", "/albums"] {
            assert_eq!(
                service.status(&Method::GET, path, Who::User).await,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let status = service.status(&Method::POST, "/albums/7", Who::User).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert!(
        log.text().contains("declaration_not_enforced") || log.text().contains("is withheld"),
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn a_layer_that_remembers_answers_for_others_is_found_out() {
    // The first answer is kept, and given to everybody.
    let kept = Arc::new(std::sync::Mutex::new(None::<String>));
    let cache = middleware::from_fn(move |request: Request, next: middleware::Next| {
        let kept = Arc::clone(&kept);
        async move {
            let known = kept.lock().unwrap().clone();
            if let Some(known) = known {
                return known.into_response();
            }
            let response = next.run(request).await;
            if response.status() == StatusCode::OK {
                *kept.lock().unwrap() = Some(text(response).await);
                return StatusCode::OK.into_response();
            }
            response
        }
    });
    let router = Router::new().route("/albums/{id}", get(reached::<0, 2, true>)).layer(cache);
    let service = Service::of(router).await;
    assert_eq!(
        service.status(&Method::GET, "/albums/7", Who::Stranger).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(service.status(&Method::GET, "/albums/7", Who::User).await, StatusCode::OK);
    let stolen = service.call(&Method::GET, "/albums/7", Who::Stranger).await;
    assert_eq!(stolen.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!text(stolen).await.contains("reached"));
}

#[tokio::test]
async fn a_layer_that_asks_for_less_than_the_route_answers_nobody() {
    // As one writes it to tell callers apart, and then keeps answers.
    let instead = || {
        middleware::from_fn(
            async |_: Authorized<Authenticated>, _: Request, _: middleware::Next| {
                "stolen".into_response()
            },
        )
    };
    let other = || {
        middleware::from_fn(
            async |_: Authorized<Act<1, 0, false>>, _: Request, _: middleware::Next| {
                "stolen".into_response()
            },
        )
    };
    let routes = || Router::new().route("/albums/{id}", get(reached::<0, 2, true>));
    let fallback = || Router::new().fallback(reached::<0, 0, false>);
    for router in [
        routes().layer(instead()),
        routes().layer(other()),
        fallback().layer(instead()),
        fallback().layer(other()),
    ] {
        let service = Service::of(router).await;
        let response = service.call(&Method::GET, "/albums/7", Who::User).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!text(response).await.contains("stolen"));
    }
    // It may ask, and leave the answer to the handler.
    let asks = middleware::from_fn(
        async |_: Authorized<Authenticated>, request: Request, next: middleware::Next| {
            next.run(request).await
        },
    );
    let service = Service::of(routes().layer(asks)).await;
    assert_eq!(service.status(&Method::GET, "/albums/7", Who::User).await, StatusCode::OK);
    let stranger = service.status(&Method::GET, "/albums/7", Who::Stranger).await;
    assert_eq!(stranger, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_layer_may_refuse_on_its_own() {
    for status in
        [StatusCode::TOO_MANY_REQUESTS, StatusCode::SEE_OTHER, StatusCode::SERVICE_UNAVAILABLE]
    {
        let refuse =
            middleware::from_fn(move |_: Request, _: middleware::Next| async move { status });
        let router = Router::new().route("/albums/{id}", get(reached::<0, 2, true>)).layer(refuse);
        let service = Service::of(router).await;
        assert_eq!(service.status(&Method::GET, "/albums/7", Who::User).await, status);
    }
}

/// A handler that claims the arguments of another one and asks nobody.
#[derive(Clone)]
struct Liar;

impl<M, S> Handler<(M, View), S> for Liar {
    type Future = std::future::Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        std::future::ready("open".into_response())
    }
}

/// Takes the marker of axum from an honest handler.
fn lie<M: 'static, H: Handler<(M, View), ()>>(_: H) -> Methods
where
    (M, View): Declared,
{
    get::<Liar, (M, View), ()>(Liar)
}

#[tokio::test]
async fn a_handler_that_only_claims_to_ask_answers_nobody() {
    let service =
        Service::of(Router::new().route("/albums/{id}", lie(reached::<0, 2, true>))).await;
    for who in [Who::Nobody, Who::Stranger, Who::User] {
        let status = service.status(&Method::GET, "/albums/7", who).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[tokio::test]
async fn what_is_unguarded_is_open_on_its_own_path_only_and_listed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let metrics = service_fn(move |_: Request| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>("metrics") }
    });
    let router = Router::new()
        .nest("/albums", Router::new().route("/{id}", get(reached::<0, 2, true>)))
        .nest(
            "/ops",
            Router::new().route_unguarded(
                "/metrics",
                metrics,
                Unguarded::because("a private port"),
            ),
        )
        .route_unguarded(
            "/legacy/{*rest}",
            open().into_service::<axum::body::Body>(),
            Unguarded::because("moves next year"),
        );
    let service = Service::of(router).await;
    let listed: Vec<String> = service
        .app
        .manifest()
        .routes()
        .iter()
        .filter(|route| route.access().is_none())
        .map(ToString::to_string)
        .collect();
    assert_eq!(listed, ["any /legacy/{*rest}", "any /ops/metrics"]);
    for method in [Method::GET, Method::POST] {
        assert_eq!(service.status(&method, "/ops/metrics", Who::Nobody).await, StatusCode::OK);
        assert_eq!(service.status(&method, "/legacy/albums/7", Who::Nobody).await, StatusCode::OK);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    for path in ["/metrics", "/ops", "/ops/metrics/x", "/legacy", "/other"] {
        assert_eq!(
            service.status(&Method::GET, path, Who::Nobody).await,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        service.status(&Method::GET, "/albums/7", Who::Nobody).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_invalid_token_is_refused_where_none_is_needed() {
    let router = Router::new()
        .route_unguarded(
            "/metrics",
            service_fn(async |_: Request| Ok::<_, Infallible>("metrics")),
            Unguarded::because("a private port"),
        )
        .fallback_public(async || "page", Unguarded::because("the page of the application"));
    let service = Service::of(router).await;
    for path in ["/metrics", "/anything"] {
        let mut request = service.request(&Method::GET, path, Who::Nobody);
        request.headers_mut().insert("authorization", "Bearer no.such.token".parse().unwrap());
        let response = tower::ServiceExt::oneshot(service.app.clone(), request).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

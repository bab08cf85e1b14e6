//! Fallbacks beside each other: whichever the router calls, what it declares counts, and no other.

use axum::{middleware, response::IntoResponse};
use axum_authz::{
    extract::Authorized,
    guard::{Router, Unguarded, get},
};
use http::{Method, StatusCode};

use super::{Act, Service, Who, reached, text};

const OPEN: Unguarded = Unguarded::because("a page for everybody");

const PREFIXES: [&str; 6] = ["/api", "/api/", "/v{n}", "/a/{b}/c", "/{{x}}", "/%61"];

const PATHS: [&str; 25] = [
    "/",
    "/api",
    "/api/",
    "/api/x",
    "/api//x",
    "//api/x",
    "//x",
    "/apix",
    "/api/known/",
    "/v",
    "/v1",
    "/v1/",
    "/v1/x",
    "/a/b/c",
    "/a/b/c/",
    "/a/b/c/d",
    "/a//c/d",
    "/a",
    "/{x}",
    "/{x}/y",
    "/{{x}}/y",
    "/%7Bx%7D/y",
    "/%61/y",
    "/%61pi/x",
    "/a/y",
];

async fn guarded(_: Authorized<Act<0, 0, false>>) -> &'static str {
    "guarded"
}

async fn open() -> &'static str {
    "open"
}

fn known() -> Router {
    Router::new().route("/known", get(reached::<0, 0, false>))
}

#[tokio::test]
async fn of_several_fallbacks_the_one_that_is_called_is_enforced() {
    let mut seen = [0; 2];
    for prefix in PREFIXES {
        let inside = Router::new().nest(prefix, known().fallback(guarded));
        let outside = Router::new().nest(prefix, known().fallback_public(open, OPEN));
        for router in [inside.fallback_public(open, OPEN), outside.fallback(guarded)] {
            let service = Service::of(router).await;
            for path in PATHS {
                let user = service.call(&Method::GET, path, Who::User).await;
                let nobody = service.status(&Method::GET, path, Who::Nobody).await;
                assert_eq!(user.status(), StatusCode::OK, "{prefix} {path}");
                let is_open = text(user).await == "open";
                let expected = if is_open { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
                assert_eq!(nobody, expected, "{prefix} {path}");
                seen[usize::from(is_open)] += 1;
            }
        }
    }
    assert!(seen.into_iter().all(|count| count > 20), "{seen:?}");
}

#[tokio::test]
async fn a_layer_in_the_place_of_a_guarded_fallback_answers_nobody() {
    let instead = middleware::from_fn(async |_: axum::extract::Request, _: middleware::Next| {
        "stolen".into_response()
    });
    for (prefix, path) in [("/api", "/api/x"), ("/v{n}", "/v1/x"), ("/{{x}}", "/{x}/y")] {
        let nested = known().fallback(guarded).layer(instead.clone());
        let service =
            Service::of(Router::new().nest(prefix, nested).fallback_public(open, OPEN)).await;
        let response = service.call(&Method::GET, path, Who::User).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!text(response).await.contains("stolen"));
        assert_eq!(service.status(&Method::GET, "/other", Who::Nobody).await, StatusCode::OK);
    }
}

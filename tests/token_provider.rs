//! Providers that misbehave: their answers are bounded, and keys come from where they should.

#![expect(clippy::unwrap_used, reason = "tests")]

use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::get,
};
use axum_authz::{
    test::TestIssuer,
    token::{Authentik, AuthentikBuilder, TokenError, Undecided},
};
use serde_json::json;
use tokio::net::TcpListener;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A provider with these routes; its origin. The issuer is the origin with a slash.
async fn provider(routes: impl FnOnce(&str) -> Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let routes = routes(&origin);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    origin
}

fn document(origin: &str, jwks_uri: &str) -> Json<serde_json::Value> {
    Json(json!({ "issuer": format!("{origin}/"), "jwks_uri": jwks_uri }))
}

fn builder(origin: &str) -> AuthentikBuilder {
    Authentik::issuer(&format!("{origin}/")).audience("photos")
}

/// Why a token that is good in itself is refused; `None` when it is accepted.
async fn refusal(
    origin: &str,
    authentik: AuthentikBuilder,
    issuer: &TestIssuer,
) -> Option<TokenError> {
    let token = issuer.token("alice").issuer(&format!("{origin}/")).sign();
    authentik.build().unwrap().verify(&token).await.err()
}

#[tokio::test]
async fn keys_of_another_origin_are_fetched_only_when_configured() {
    let issuer = TestIssuer::start().await;
    let elsewhere = issuer.jwks_url();
    let keys = elsewhere.clone();
    let origin = provider(|origin| {
        let document = document(origin, &keys);
        Router::new().route(DISCOVERY, get(async move || document))
    })
    .await;
    let refused = refusal(&origin, builder(&origin), &issuer).await;
    assert_eq!(refused, Some(TokenError::Undecided(Undecided::Unusable)));
    assert_eq!(issuer.jwks_hits(), 0);
    assert_eq!(refusal(&origin, builder(&origin).jwks_url(&elsewhere), &issuer).await, None);
}

#[tokio::test]
async fn redirects_stay_on_their_origin() {
    let issuer = TestIssuer::start().await;
    let elsewhere = issuer.jwks_url();
    let origin = provider(|origin| {
        let document = document(origin, &format!("{origin}/jwks/"));
        Router::new()
            .route(DISCOVERY, get(async || Redirect::temporary("/moved")))
            .route("/moved", get(async move || document))
            .route("/jwks/", get(async move || Redirect::temporary(&elsewhere)))
            .route("/loop", get(async || Redirect::temporary("/loop")))
    })
    .await;
    let refused = refusal(&origin, builder(&origin), &issuer).await;
    assert_eq!(refused, Some(TokenError::Undecided(Undecided::Unavailable)));
    assert_eq!(issuer.jwks_hits(), 0);
    let endless = builder(&origin).jwks_url(&format!("{origin}/loop"));
    let refused = refusal(&origin, endless, &issuer).await;
    assert_eq!(refused, Some(TokenError::Undecided(Undecided::Unavailable)));
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_no_keys() {
    let issuer = TestIssuer::start().await;
    let origin = provider(|_| {
        let large = format!("{{\"keys\":[\"{}\"]}}", "x".repeat(300 * 1024));
        Router::new()
            .route("/html", get(async || "<html>"))
            .route("/array", get(async || Json(json!([]))))
            .route(
                "/large",
                get(async move || ([(header::CONTENT_TYPE, "application/json")], large)),
            )
            .route(
                "/error",
                get(async || (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response()),
            )
    })
    .await;
    for (path, expected) in [
        ("html", Undecided::Unusable),
        ("array", Undecided::Unusable),
        ("large", Undecided::Unusable),
        ("error", Undecided::Unavailable),
        ("absent", Undecided::Unavailable),
    ] {
        let url = format!("{origin}/{path}");
        let refused = refusal(&origin, builder(&origin).jwks_url(&url), &issuer).await;
        assert_eq!(refused, Some(TokenError::Undecided(expected)), "key set: {path}");
        let refused = refusal(&origin, builder(&origin).discovery_url(&url), &issuer).await;
        assert_eq!(refused, Some(TokenError::Undecided(expected)), "discovery: {path}");
    }
}

#[tokio::test]
async fn a_bad_answer_does_not_replace_good_keys() {
    let issuer = TestIssuer::start().await;
    let keys: serde_json::Value =
        reqwest::get(issuer.jwks_url()).await.unwrap().json().await.unwrap();
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let origin = provider(|_| {
        let answer = async move || match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Json(keys.clone()).into_response(),
            _ => "<html>".into_response(),
        };
        Router::new().route("/jwks/", get(answer))
    })
    .await;
    let authentik = builder(&origin).jwks_url(&format!("{origin}/jwks/")).build().unwrap();
    let token = issuer.token("alice").issuer(&format!("{origin}/"));
    assert!(authentik.verify(&token.clone().sign()).await.is_ok());
    let unknown = authentik.verify(&token.clone().kid("unknown").sign()).await;
    assert_eq!(unknown.err(), Some(TokenError::Undecided(Undecided::Unusable)));
    assert!(authentik.verify(&token.sign()).await.is_ok());
}

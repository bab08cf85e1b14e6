//! What a service can say of its issuers' keys, before, during and after an outage.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use axum::{Router, body::Body, routing::get};
use axum_authz::{
    authenticated,
    layer::{AuthzLayer, Refusal},
    test::{Endpoint, Fault, TestClock, TestIssuer},
    token::{Authentik, Introspection, Invalid, IssuerHealth, SharedSecret, TokenError, Undecided},
};
use http::Request;
use support::poll_once;
use tower::ServiceExt;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

const fn undecided(undecided: Undecided) -> Option<TokenError> {
    Some(TokenError::Undecided(undecided))
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

/// Of the only issuer.
fn health(authentik: &Authentik) -> IssuerHealth {
    let mut health = authentik.health();
    let is_ready = health.is_ready();
    let only = health.issuers.remove(0);
    assert_eq!((health.issuers.len(), only.is_ready()), (0, is_ready));
    only
}

async fn on_clock() -> (TestClock, TestIssuer) {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    (clock, issuer)
}

#[authenticated]
async fn hello() {}

/// Status, challenge and reason through the layer.
async fn through(authentik: &Authentik, token: &str) -> (u16, bool, Option<&'static str>) {
    let layer = AuthzLayer::new(authentik.clone(), support::policies());
    let app = Router::new().route("/", get(hello)).layer(layer);
    let request = Request::builder().header("authorization", format!("Bearer {token}"));
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let is_challenged = response.headers().contains_key("www-authenticate");
    let reason = response.extensions().get::<Refusal>().map(Refusal::reason);
    (response.status().as_u16(), is_challenged, reason)
}

#[tokio::test]
async fn nothing_is_known_before_the_first_token() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    let state = health(&authentik);
    assert_eq!(&*state.issuer, issuer.issuer());
    assert_eq!((state.keys, state.key_age, state.last_error), (None, None, None));
    // Otherwise no first token would ever come.
    assert!(authentik.health().is_ready());
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (0, 0));

    assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    clock.advance(90 * SECOND);
    let state = health(&authentik);
    assert_eq!((state.keys, state.key_age), (Some(1), Some(90 * SECOND)));
    assert!(state.believed && state.is_ready());
    assert_eq!(authentik.health().remembered_tokens, 1);
}

#[tokio::test]
async fn an_outage_from_its_beginning_to_its_end() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    let token = |name: &str| issuer.token(name).expires_in(3 * DAY).sign();
    let (known, unknown) = (token("alice"), issuer.token("mallory").kid("unknown").sign());
    assert_eq!(refusal(&authentik, &known).await, None);
    issuer.go_down();

    // Nobody has noticed yet.
    assert_eq!(health(&authentik).last_error, None);
    clock.advance(SECOND);
    assert_eq!(refusal(&authentik, &unknown).await, undecided(Undecided::Unavailable));
    let noticed = Some((clock.now(), Undecided::Unavailable));
    let state = health(&authentik);
    assert_eq!((state.last_error, state.key_age), (noticed, Some(SECOND)));
    // All but new keys can still be judged.
    assert!(state.is_ready());
    assert_eq!(refusal(&authentik, &token("bob")).await, None);
    assert_eq!(through(&authentik, &known).await, (200, false, None));

    // A refresh that fails in the background is told too, and the keys grow older.
    clock.advance(600 * SECOND);
    assert!(poll_once(&mut authentik.verify(&known)).is_some_and(|answer| answer.is_ok()));
    while health(&authentik).last_error == noticed {
        tokio::task::yield_now().await;
    }
    let state = health(&authentik);
    assert_eq!(state.last_error, Some((clock.now(), Undecided::Unavailable)));
    assert_eq!((state.key_age, state.is_ready()), (Some(601 * SECOND), true));

    // Up to the bound, and not at it.
    clock.advance(DAY - 601 * SECOND - Duration::from_nanos(1));
    assert!(health(&authentik).is_ready());
    // Nobody came for long: the provider is asked before its old keys are used.
    let fresh = token("carol");
    assert!(poll_once(&mut authentik.verify(&fresh)).is_none());
    assert_eq!(refusal(&authentik, &fresh).await, None);
    assert!(poll_once(&mut authentik.verify(&fresh)).is_some_and(|answer| answer.is_ok()));
    clock.advance(Duration::from_nanos(1));
    let state = health(&authentik);
    assert_eq!((state.keys, state.key_age), (Some(1), Some(DAY)));
    assert!(!state.believed && !state.is_ready());
    // Also what was remembered: not bad, but undecided.
    for token in [&known, &fresh, &token("dave")] {
        assert_eq!(refusal(&authentik, token).await, undecided(Undecided::Unavailable));
        let reason = Undecided::Unavailable.reason();
        assert_eq!(through(&authentik, token).await, (503, false, Some(reason)));
    }
    // What is bad without any key still is.
    let unsigned = issuer.token("alice").unsigned().sign();
    assert_eq!(refusal(&authentik, &unsigned).await, Some(Invalid::Algorithm.into()));

    issuer.come_up();
    clock.advance(SECOND);
    assert_eq!(through(&authentik, &known).await, (200, false, None));
    let state = health(&authentik);
    assert_eq!((state.keys, state.key_age), (Some(1), Some(Duration::ZERO)));
    assert_eq!((state.believed, state.last_error), (true, None));
    assert!(state.is_ready());
}

#[tokio::test]
async fn the_bound_can_be_set() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().max_key_age(60 * SECOND).build().unwrap();
    let token = issuer.token("alice").sign();
    assert_eq!(refusal(&authentik, &token).await, None);
    clock.advance(60 * SECOND);
    assert!(!health(&authentik).is_ready());
    // The provider answers: the keys are as good as new.
    assert_eq!(refusal(&authentik, &token).await, None);
    assert_eq!(issuer.jwks_hits(), 2);
    assert!(health(&authentik).is_ready());
    issuer.go_down();
    clock.advance(60 * SECOND);
    assert_eq!(refusal(&authentik, &token).await, undecided(Undecided::Unavailable));
}

#[tokio::test]
async fn why_keys_cannot_be_had() {
    let (clock, issuer) = on_clock().await;
    let body = |text: &str| Fault::Body(text.to_owned());
    let member = |name: &str, value: &str| Fault::Member(name.to_owned(), value.into());
    for (endpoint, fault, reason) in [
        (Endpoint::Discovery, Fault::Status(404), Undecided::Unavailable),
        (Endpoint::Discovery, body("<html>"), Undecided::Unusable),
        (Endpoint::Discovery, Fault::WithoutMember("jwks_uri".to_owned()), Undecided::Unusable),
        (Endpoint::Discovery, member("jwks_uri", "http://127.0.0.1:1/"), Undecided::Unusable),
        (Endpoint::Discovery, member("issuer", "http://127.0.0.1:1/"), Undecided::IssuerMismatch),
        (Endpoint::KeySet, Fault::Status(500), Undecided::Unavailable),
        (
            Endpoint::KeySet,
            Fault::Redirect("http://127.0.0.1:1/".to_owned()),
            Undecided::Unavailable,
        ),
        (Endpoint::KeySet, Fault::Padding(1024 * 1024), Undecided::Unusable),
        (Endpoint::KeySet, body("[]"), Undecided::Unusable),
    ] {
        let authentik = issuer.authentik().build().unwrap();
        issuer.fail(endpoint, fault.clone());
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, undecided(reason), "{fault:?}");
        let state = health(&authentik);
        assert_eq!((state.keys, state.key_age), (None, None), "{fault:?}");
        assert_eq!(state.last_error, Some((clock.now(), reason)), "{fault:?}");
        assert!(!state.is_ready(), "{fault:?}");
        assert_eq!(through(&authentik, &token).await, (503, false, Some(reason.reason())));

        issuer.recover(endpoint);
        clock.advance(SECOND);
        assert_eq!(refusal(&authentik, &token).await, None, "{fault:?}");
        assert_eq!(health(&authentik).last_error, None);
    }
}

#[tokio::test]
async fn keys_can_be_fetched_before_the_first_token() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.go_down();
    assert_eq!(authentik.prepare().await, Err(Undecided::Unavailable));
    assert!(!health(&authentik).is_ready());
    issuer.come_up();
    for _ in 0..2 {
        assert_eq!(authentik.prepare().await, Ok(()));
    }
    assert!(health(&authentik).is_ready());
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
    let token = issuer.token("alice").sign();
    assert!(poll_once(&mut authentik.verify(&token)).is_some_and(|answer| answer.is_ok()));

    let without = TestIssuer::builder().without_key().clock(&clock).start().await;
    let authentik = without.authentik().build().unwrap();
    assert_eq!(authentik.prepare().await, Err(Undecided::NoSigningKey));
    let state = health(&authentik);
    assert_eq!((state.keys, state.last_error, state.is_ready()), (Some(0), None, false));
}

/// Where no key is used, there is nothing to be had and nothing to grow old.
#[tokio::test]
async fn issuers_without_published_keys_are_always_ready() {
    let issuer = TestIssuer::builder().client_secret_signing().start().await;
    issuer.go_down();
    let secret = SharedSecret::new(issuer.client_secret()).unwrap();
    let by_secret = issuer.authentik().client_secret_signing(secret);
    let client = Introspection::by_client("photos", issuer.client_secret());
    let by_introspection = issuer.authentik().verify_by_introspection(client);
    for builder in [by_secret, by_introspection] {
        let authentik = builder.build().unwrap();
        assert_eq!(authentik.prepare().await, Ok(()));
        let state = health(&authentik);
        assert_eq!((state.keys, state.key_age, state.last_error), (None, None, None));
        assert!(state.is_ready());
    }
}

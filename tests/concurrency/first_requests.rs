//! The first requests of all, at once.

use axum_authz::{
    test::{Endpoint, Fault, TestIssuer},
    token::{TokenError, Undecided},
};

use crate::{
    CROWD, SECOND, at_first_poll, at_once, on_clock, refusal, seen, support::poll_once, waiting,
};

#[tokio::test]
async fn a_crowd_of_them_is_one_discovery_and_one_key_fetch() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.hold(Endpoint::Discovery);
    issuer.hold(Endpoint::KeySet);
    let tokens: Vec<_> = (0..CROWD).map(|n| issuer.token(&format!("user {n}")).sign()).collect();
    let crowd = waiting(&authentik, &tokens);
    seen(&issuer, Endpoint::Discovery, 1).await;
    issuer.release(Endpoint::Discovery);
    seen(&issuer, Endpoint::KeySet, 1).await;
    issuer.release(Endpoint::KeySet);
    for (number, one) in crowd.into_iter().enumerate() {
        assert_eq!(one.await.unwrap().principal().id(), format!("user {number}"));
    }
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
    assert_eq!(authentik.health().remembered_tokens, CROWD);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn from_several_threads_too() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.hold(Endpoint::KeySet);
    let token = issuer.token("alice").sign();
    let crowd: Vec<_> = (0..CROWD)
        .map(|_| {
            let (authentik, token) = (authentik.clone(), token.clone());
            tokio::spawn(async move { authentik.verify(&token).await })
        })
        .collect();
    seen(&issuer, Endpoint::KeySet, 1).await;
    issuer.release(Endpoint::KeySet);
    for one in crowd {
        assert!(one.await.unwrap().is_ok());
    }
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
}

#[tokio::test]
async fn those_who_stop_waiting_stop_nobody() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.hold(Endpoint::KeySet);
    let token = issuer.token("alice").sign();
    let tokens = vec![token.clone(); CROWD];
    let mut crowd = waiting(&authentik, &tokens);
    seen(&issuer, Endpoint::KeySet, 1).await;
    // The one that started the fetch, and all but one of the others.
    let last = crowd.pop().unwrap();
    drop(crowd);
    issuer.release(Endpoint::KeySet);
    assert!(last.await.is_ok());
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));

    // When all are gone the fetch ends all the same.
    let authentik = issuer.authentik().build().unwrap();
    issuer.hold(Endpoint::KeySet);
    drop(waiting(&authentik, [&token]));
    seen(&issuer, Endpoint::KeySet, 2).await;
    issuer.release(Endpoint::KeySet);
    while authentik.health().issuers[0].keys.is_none() {
        tokio::task::yield_now().await;
    }
    assert!(at_once(&authentik, &token).is_ok());
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (2, 2));
}

/// A future may be left lying about, polled once and never again: in a `select!`, behind a slow writer.
#[tokio::test]
async fn those_who_are_not_polled_any_more_are_in_nobodys_way() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.hold(Endpoint::KeySet);
    let token = issuer.token("alice").sign();
    let mut crowd = waiting(&authentik, &vec![token.clone(); 3]);
    let mut last = crowd.pop().unwrap();
    seen(&issuer, Endpoint::KeySet, 1).await;
    issuer.release(Endpoint::KeySet);
    // Keys are there soon, and nobody among those who wait is asked to take part in that.
    while at_first_poll(&authentik, &token).is_none() {
        tokio::task::yield_now().await;
    }
    for _ in 0..CROWD {
        tokio::task::yield_now().await;
    }
    assert!(poll_once(&mut last).is_some_and(|answer| answer.is_ok()));
    assert_eq!(issuer.jwks_hits(), 1);
    drop(crowd);
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_once_a_second() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    issuer.fail(Endpoint::Discovery, Fault::Status(503));
    let token = issuer.token("alice").sign();
    for second in 1..=3 {
        issuer.hold(Endpoint::Discovery);
        let crowd = waiting(&authentik, &vec![token.clone(); CROWD]);
        seen(&issuer, Endpoint::Discovery, second).await;
        issuer.release(Endpoint::Discovery);
        for one in crowd {
            let refused = one.await.err();
            assert_eq!(refused, Some(TokenError::Undecided(Undecided::Unavailable)));
        }
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (second, 0));
        clock.advance(SECOND);
    }
    issuer.recover(Endpoint::Discovery);
    assert_eq!(refusal(&authentik, &token).await, None);
}

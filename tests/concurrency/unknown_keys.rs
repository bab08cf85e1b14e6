//! Tokens whose keys nobody has heard of.

use std::time::Duration;

use axum_authz::{test::Endpoint, token::Invalid};

use crate::{CROWD, SECOND, at_once, invalid, on_clock, refusal, seen, unknown, waiting};

#[tokio::test]
async fn a_flood_of_different_ones_stays_under_the_floor() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().refetch_interval(10 * SECOND).build().unwrap();
    assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    for round in 1..=3 {
        let tokens: Vec<_> =
            (0..CROWD).map(|n| unknown(&issuer, &format!("{round} {n}"))).collect();
        issuer.hold(Endpoint::KeySet);
        let crowd = waiting(&authentik, &tokens);
        seen(&issuer, Endpoint::KeySet, 1 + round).await;
        issuer.release(Endpoint::KeySet);
        for one in crowd {
            assert_eq!(one.await.err(), invalid(Invalid::KeyUnknown));
        }
        assert_eq!(issuer.jwks_hits(), 1 + round);
        // Just before the floor there is no other.
        clock.advance(10 * SECOND - Duration::from_nanos(1));
        let early = unknown(&issuer, &format!("{round} early"));
        assert_eq!(refusal(&authentik, &early).await, invalid(Invalid::KeyUnknown));
        assert_eq!(issuer.jwks_hits(), 1 + round);
        clock.advance(Duration::from_nanos(1));
    }
    assert_eq!(issuer.discovery_hits(), issuer.jwks_hits());
}

#[tokio::test]
async fn the_same_one_is_asked_for_every_thirty_seconds() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    let (same, other) = (unknown(&issuer, "same"), unknown(&issuer, "other"));
    let refused = invalid(Invalid::KeyUnknown);
    let mut fetched = 1;
    for second in 0..=30 {
        for _ in 0..10 {
            assert_eq!(refusal(&authentik, &same).await, refused);
        }
        fetched += usize::from(second == 0 || second == 30);
        // The floor is over, and this one has not been asked for.
        if second == 5 {
            assert_eq!(refusal(&authentik, &other).await, refused);
            fetched += 1;
        }
        assert_eq!(issuer.jwks_hits(), fetched, "after {second} seconds");
        clock.advance(SECOND);
    }
}

#[tokio::test]
async fn a_key_that_was_missed_is_known_with_the_next_fetch() {
    let (clock, issuer) = on_clock().await;
    let authentik = issuer.authentik().build().unwrap();
    assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    // The new key signs before it is published.
    let old = issuer.kid();
    issuer.rotate_with_overlap();
    let new = issuer.jwk();
    issuer.withdraw(&issuer.kid());
    let early = issuer.token("alice").sign();
    assert_eq!(refusal(&authentik, &early).await, invalid(Invalid::KeyUnknown));
    issuer.publish(new);
    assert_ne!(issuer.kid(), old);
    // Another unknown name brings it, long before its own thirty seconds are over.
    clock.advance(5 * SECOND);
    let other = unknown(&issuer, "other");
    assert_eq!(refusal(&authentik, &other).await, invalid(Invalid::KeyUnknown));
    assert!(at_once(&authentik, &early).is_ok());
    assert_eq!(issuer.jwks_hits(), 3);
}

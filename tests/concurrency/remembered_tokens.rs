//! Verified tokens that are presented again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum_authz::{
    test::{TestClock, TestIssuer, TestToken},
    token::{
        Authentik, Invalid, PrincipalParts, Revocation, RevocationList, Revocations, TokenError,
        Undecided,
    },
};

use crate::{CROWD, SECOND, at_once, invalid, on_clock, refusal, unknown};

/// A mapping of the service's own is called for each token that is verified: behind the signature check, and
/// not without it.
fn counting(issuer: &TestIssuer, remembered: usize) -> (Authentik, impl Fn() -> usize) {
    let verified = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&verified);
    let authentik = issuer.authentik().remembered_tokens(remembered).principal(move |claims| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(PrincipalParts::new().id(claims.subject()))
    });
    (authentik.build().unwrap(), move || verified.load(Ordering::Relaxed))
}

/// Has keys fetched anew, by a token whose key is not known.
async fn refetch(clock: &TestClock, issuer: &TestIssuer, authentik: &Authentik, name: &str) {
    clock.advance(5 * SECOND);
    let refused = refusal(authentik, &unknown(issuer, name)).await;
    assert_eq!(refused, invalid(Invalid::KeyUnknown));
}

#[tokio::test]
async fn a_hit_costs_no_verification() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    for (remembered, verified) in [(4096, 1), (0, CROWD)] {
        let (authentik, count) = counting(&issuer, remembered);
        for _ in 0..CROWD {
            assert_eq!(authentik.verify(&token).await.unwrap().principal().id(), "alice");
        }
        assert_eq!(count(), verified, "{remembered}");
        assert_eq!(authentik.health().remembered_tokens, usize::from(remembered > 0));
    }
}

/// What is remembered goes by the whole text: another signature under the same claims is another token.
#[tokio::test]
async fn a_tampered_token_is_none_that_is_remembered() {
    let issuer = TestIssuer::start().await;
    let (authentik, _) = counting(&issuer, 4096);
    let token = issuer.token("alice");
    let good = token.clone().sign();
    assert_eq!(refusal(&authentik, &good).await, None);
    for (segment, expected) in
        [(0, Invalid::Malformed), (1, Invalid::Signature), (2, Invalid::Signature)]
    {
        let tampered: TestToken = token.clone().tampered(segment);
        assert_eq!(refusal(&authentik, &tampered.sign()).await, invalid(expected), "{segment}");
    }
    let respelled = format!("{good}=");
    assert_eq!(refusal(&authentik, &respelled).await, invalid(Invalid::Malformed));
    assert_eq!(authentik.health().remembered_tokens, 1);
}

#[tokio::test]
async fn their_number_is_bounded() {
    let issuer = TestIssuer::start().await;
    let (authentik, _) = counting(&issuer, 16);
    for number in 0..CROWD {
        let token = issuer.token(&format!("user {number}")).sign();
        assert_eq!(refusal(&authentik, &token).await, None);
    }
    let remembered = authentik.health().remembered_tokens;
    assert!((1..=16).contains(&remembered), "{remembered}");
}

#[tokio::test]
async fn those_of_a_removed_key_are_refused() {
    let (clock, issuer) = on_clock().await;
    let (authentik, count) = counting(&issuer, 4096);
    let (kid, old) = (issuer.kid(), issuer.token("alice").sign());
    issuer.rotate_with_overlap();
    let new = issuer.token("bob").sign();
    for token in [&old, &new, &old, &new] {
        assert_eq!(refusal(&authentik, token).await, None);
    }
    assert_eq!((count(), authentik.health().remembered_tokens), (2, 2));

    // A fetch that brings the same keys changes nothing.
    refetch(&clock, &issuer, &authentik, "one").await;
    assert_eq!((at_once(&authentik, &old).err(), count()), (None, 2));

    issuer.withdraw(&kid);
    refetch(&clock, &issuer, &authentik, "two").await;
    assert_eq!(refusal(&authentik, &old).await, invalid(Invalid::KeyUnknown));
    // All are verified anew, once.
    for _ in 0..CROWD {
        assert_eq!(at_once(&authentik, &new).err(), None);
    }
    assert_eq!((count(), authentik.health().remembered_tokens), (3, 1));
}

#[tokio::test]
async fn those_of_before_a_rotation_are_refused() {
    let (_clock, issuer) = on_clock().await;
    let (authentik, count) = counting(&issuer, 4096);
    let old = issuer.token("alice").sign();
    assert_eq!(refusal(&authentik, &old).await, None);
    issuer.rotate();
    // Nobody has heard of it yet.
    assert_eq!(at_once(&authentik, &old).err(), None);
    assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    assert_eq!(refusal(&authentik, &old).await, invalid(Invalid::KeyUnknown));
    assert_eq!((count(), authentik.health().remembered_tokens), (2, 1));
}

#[tokio::test]
async fn a_key_that_comes_back_makes_no_token_good_unseen() {
    let (clock, issuer) = on_clock().await;
    let (authentik, count) = counting(&issuer, 4096);
    let (kid, jwk, token) = (issuer.kid(), issuer.jwk(), issuer.token("alice").sign());
    assert_eq!(refusal(&authentik, &token).await, None);
    issuer.withdraw(&kid);
    let none_left = Some(TokenError::Undecided(Undecided::NoSigningKey));
    assert_eq!(refusal(&authentik, &unknown(&issuer, "unknown")).await, none_left);
    // The very document from before: what was remembered with it is not taken up again.
    issuer.publish(jwk);
    refetch(&clock, &issuer, &authentik, "another").await;
    assert_eq!((at_once(&authentik, &token).err(), count()), (None, 2));
}

#[tokio::test]
async fn each_ends_with_its_exp() {
    let (clock, issuer) = on_clock().await;
    let (authentik, count) = counting(&issuer, 4096);
    let token = issuer.token("alice").expires_in(60 * SECOND).sign();
    assert_eq!(refusal(&authentik, &token).await, None);
    clock.advance(88 * SECOND);
    assert_eq!((at_once(&authentik, &token).err(), count()), (None, 1));
    // The leeway is over too.
    clock.advance(2 * SECOND);
    assert_eq!(at_once(&authentik, &token).err(), invalid(Invalid::Expired));
    assert_eq!(authentik.health().remembered_tokens, 0);
}

#[tokio::test]
async fn a_revocation_reaches_them() {
    let (clock, issuer) = on_clock().await;
    let list = RevocationList::on_clock(7200 * SECOND, &clock);
    let authentik = issuer.authentik().revocations(list.clone()).build().unwrap();
    let token = |name: &str| issuer.token(name).jti(name).sign();
    let people = ["alice", "bob", "carol", "dave"];
    let tokens = people.map(token);
    for token in &tokens {
        assert_eq!(refusal(&authentik, token).await, None);
    }
    let of = issuer.issuer();
    for (number, revocation) in [
        Revocation::session(of, &issuer.sid("alice")),
        Revocation::subject(of, "bob", clock.now()),
        Revocation::token(of, "carol"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(at_once(&authentik, &tokens[number]).err(), None);
        list.revoke(revocation).await.unwrap();
        assert_eq!(at_once(&authentik, &tokens[number]).err(), invalid(Invalid::Revoked));
    }
    assert_eq!(at_once(&authentik, &tokens[3]).err(), None);
    assert_eq!(authentik.health().remembered_tokens, 1);
}

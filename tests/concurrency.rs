//! Many at once: how often the provider is asked, and who waits for it.
//!
//! Nothing here goes by the clock on the wall. The stand-in keeps requests waiting until it is told to answer, time is what the test makes it,
//! and whoever must not wait has its answer at the first poll.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum_authz::{
    test::{Endpoint, Fault, TestClock, TestIssuer, TestToken},
    token::{
        Authentik, Introspection, Invalid, PrincipalParts, Revocation, RevocationList, Revocations,
        TokenError, Undecided, VerifiedToken, Verifying,
    },
};
use support::poll_once;

const SECOND: Duration = Duration::from_secs(1);
const CROWD: usize = 200;

type Outcome = Result<VerifiedToken, TokenError>;

const fn invalid(invalid: Invalid) -> Option<TokenError> {
    Some(TokenError::Invalid(invalid))
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

/// One presentation of each token, all of which wait.
fn waiting<'t>(
    authentik: &Authentik,
    tokens: impl IntoIterator<Item = &'t String>,
) -> Vec<Verifying> {
    let mut all: Vec<_> = tokens.into_iter().map(|token| authentik.verify(token)).collect();
    assert!(all.iter_mut().all(|one| poll_once(one).is_none()));
    all
}

/// The answer to a token for which nobody is asked.
fn at_once(authentik: &Authentik, token: &str) -> Outcome {
    at_first_poll(authentik, token).unwrap()
}

fn at_first_poll(authentik: &Authentik, token: &str) -> Option<Outcome> {
    poll_once(&mut authentik.verify(token))
}

/// Waits until the stand-in has seen so many requests. It ends, or the test hangs.
async fn seen(issuer: &TestIssuer, endpoint: Endpoint, requests: usize) {
    while issuer.hits(endpoint) < requests {
        tokio::task::yield_now().await;
    }
}

async fn on_clock() -> (TestClock, TestIssuer) {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    (clock, issuer)
}

fn unknown(issuer: &TestIssuer, name: &str) -> String {
    issuer.token("mallory").kid(name).sign_with_other_key().sign()
}

mod first_requests {
    use super::*;

    #[tokio::test]
    async fn a_crowd_of_them_is_one_discovery_and_one_key_fetch() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        issuer.hold(Endpoint::Discovery);
        issuer.hold(Endpoint::KeySet);
        let tokens: Vec<_> =
            (0..CROWD).map(|n| issuer.token(&format!("user {n}")).sign()).collect();
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
}

mod unknown_keys {
    use super::*;

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
}

mod a_slow_provider {
    use super::*;

    #[tokio::test]
    async fn delays_nobody_whose_key_is_known() {
        let (clock, issuer) = on_clock().await;
        let authentik = issuer.authentik().build().unwrap();
        let remembered = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &remembered).await, None);
        issuer.hold(Endpoint::Discovery);
        issuer.hold(Endpoint::KeySet);

        // While keys are fetched that a token has asked for..
        let mut stuck = waiting(&authentik, [&unknown(&issuer, "unknown")]);
        seen(&issuer, Endpoint::Discovery, 2).await;
        let fresh = |n: usize| issuer.token(&format!("user {n}")).sign();
        for number in 0..CROWD {
            assert!(at_once(&authentik, &remembered).is_ok());
            assert!(at_once(&authentik, &fresh(number)).is_ok());
            let forged = issuer.token("alice").sign_with_other_key().sign();
            assert_eq!(at_once(&authentik, &forged).err(), invalid(Invalid::Signature));
        }
        assert!(poll_once(&mut stuck[0]).is_none());
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (2, 1));

        // .. and while they are fetched because of their age.
        issuer.release(Endpoint::Discovery);
        issuer.release(Endpoint::KeySet);
        assert_eq!(stuck.remove(0).await.err(), invalid(Invalid::KeyUnknown));
        issuer.hold(Endpoint::Discovery);
        clock.advance(600 * SECOND);
        assert!(at_once(&authentik, &remembered).is_ok());
        seen(&issuer, Endpoint::Discovery, 3).await;
        for number in 0..CROWD {
            assert!(at_once(&authentik, &fresh(number)).is_ok());
        }
        assert_eq!(issuer.discovery_hits(), 3);
        issuer.release(Endpoint::Discovery);
    }

    #[tokio::test]
    async fn that_is_asked_about_one_token_delays_no_other() {
        let issuer = TestIssuer::start().await;
        let client = Introspection::by_client("photos", issuer.client_secret());
        let authentik = issuer.authentik().introspect(client).build().unwrap();
        let known = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &known).await, None);
        issuer.hold(Endpoint::Introspection);
        let stuck =
            waiting(&authentik, &[issuer.token("bob").sign(), issuer.token("carol").sign()]);
        seen(&issuer, Endpoint::Introspection, 3).await;
        for _ in 0..CROWD {
            assert!(at_once(&authentik, &known).is_ok());
        }
        issuer.release(Endpoint::Introspection);
        for one in stuck {
            assert!(one.await.is_ok());
        }
        assert_eq!(issuer.introspection_hits(), 3);
    }
}

mod introspection {
    use super::*;

    async fn setup(
        clock: &TestClock,
        describe: impl Fn(Introspection) -> Introspection,
    ) -> (TestIssuer, Authentik) {
        let issuer = TestIssuer::builder().clock(clock).start().await;
        let client = Introspection::by_client("photos", issuer.client_secret());
        let authentik = issuer.authentik().introspect(describe(client)).build().unwrap();
        // From here on, keys are known.
        assert_eq!(refusal(&authentik, &issuer.token("nobody").sign()).await, None);
        assert_eq!(issuer.introspection_hits(), 1);
        (issuer, authentik)
    }

    #[tokio::test]
    async fn a_crowd_with_one_token_is_one_question() {
        let clock = TestClock::new();
        let (issuer, authentik) = setup(&clock, |client| client).await;
        let good = issuer.token("alice").sign();
        let revoked = issuer.token("alice").sign();
        issuer.revoke(&revoked);
        for (number, (token, expected)) in
            [(&good, None), (&revoked, invalid(Invalid::Inactive))].into_iter().enumerate()
        {
            issuer.hold(Endpoint::Introspection);
            let crowd = waiting(&authentik, &vec![token.clone(); CROWD]);
            seen(&issuer, Endpoint::Introspection, 2 + number).await;
            issuer.release(Endpoint::Introspection);
            for one in crowd {
                assert_eq!(one.await.err(), expected);
            }
            assert_eq!(issuer.introspection_hits(), 2 + number);
            // The answer is believed for thirty seconds, whatever it was.
            for _ in 0..CROWD {
                assert_eq!(at_once(&authentik, token).err(), expected);
            }
            assert_eq!(issuer.introspection_hits(), 2 + number);
        }
        clock.advance(30 * SECOND);
        assert_eq!(refusal(&authentik, &good).await, None);
        assert_eq!(issuer.introspection_hits(), 4);
    }

    #[tokio::test]
    async fn a_failure_is_shared_by_those_who_waited_and_not_remembered() {
        let clock = TestClock::new();
        let (issuer, authentik) = setup(&clock, |client| client).await;
        let token = issuer.token("alice").sign();
        issuer.fail(Endpoint::Introspection, Fault::Status(500));
        issuer.hold(Endpoint::Introspection);
        let crowd = waiting(&authentik, &vec![token.clone(); CROWD]);
        seen(&issuer, Endpoint::Introspection, 2).await;
        issuer.release(Endpoint::Introspection);
        for one in crowd {
            let refused = one.await.err();
            assert_eq!(refused, Some(TokenError::Undecided(Undecided::Introspection)));
        }
        assert_eq!(issuer.introspection_hits(), 2);
        issuer.recover(Endpoint::Introspection);
        assert_eq!(refusal(&authentik, &token).await, None);
    }

    #[tokio::test]
    async fn those_who_stop_waiting_stop_nobody() {
        let clock = TestClock::new();
        let (issuer, authentik) = setup(&clock, |client| client).await;
        let token = issuer.token("alice").sign();
        issuer.hold(Endpoint::Introspection);
        drop(waiting(&authentik, &vec![token.clone(); CROWD]));
        seen(&issuer, Endpoint::Introspection, 2).await;
        // Whoever comes now joins the question that is still being asked.
        let late = waiting(&authentik, [&token]);
        issuer.release(Endpoint::Introspection);
        for one in late {
            assert!(one.await.is_ok());
        }
        assert_eq!(issuer.introspection_hits(), 2);
    }

    #[tokio::test]
    async fn a_crowd_with_a_new_key_and_a_new_token_asks_once_each() {
        let issuer = TestIssuer::start().await;
        let client = Introspection::by_client("photos", issuer.client_secret());
        let authentik = issuer.authentik().introspect(client).build().unwrap();
        issuer.hold(Endpoint::KeySet);
        issuer.hold(Endpoint::Introspection);
        let mut crowd = waiting(&authentik, &vec![issuer.token("alice").sign(); CROWD]);
        seen(&issuer, Endpoint::KeySet, 1).await;
        issuer.release(Endpoint::KeySet);
        // All get on from the keys to the question, before that is answered.
        while issuer.introspection_hits() == 0 {
            assert!(crowd.iter_mut().all(|one| poll_once(one).is_none()));
            tokio::task::yield_now().await;
        }
        for _ in 0..2 * CROWD {
            assert!(crowd.iter_mut().all(|one| poll_once(one).is_none()));
            tokio::task::yield_now().await;
        }
        issuer.release(Endpoint::Introspection);
        for one in crowd {
            assert!(one.await.is_ok());
        }
        assert_eq!((issuer.jwks_hits(), issuer.introspection_hits()), (1, 1));
    }
}

mod remembered_tokens {
    use super::*;

    /// A mapping of the service's own is called for each token that is verified: behind the signature check, and not without it.
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
}

//! Many questions at once.

use axum_authz::{
    test::{Endpoint, Fault, TestClock, TestIssuer},
    token::{Authentik, Introspection, Invalid, TokenError, Undecided},
};

use crate::{CROWD, SECOND, at_once, invalid, refusal, seen, support::poll_once, waiting};

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

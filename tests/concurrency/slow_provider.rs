//! Who waits for a provider that takes its time, and who does not.

use axum_authz::{
    test::{Endpoint, TestIssuer},
    token::{Introspection, Invalid},
};

use crate::{
    CROWD, SECOND, at_once, invalid, on_clock, refusal, seen, support::poll_once, unknown, waiting,
};

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
    let stuck = waiting(&authentik, &[issuer.token("bob").sign(), issuer.token("carol").sign()]);
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

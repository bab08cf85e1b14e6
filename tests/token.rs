//! Tokens against a stand-in for Authentik, over real HTTP on loopback.

#[path = "support/tokens.rs"]
mod tokens;

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use axum_authz::{
    principal::{Principal, Value},
    test::{Alg, IssuerMode, TestClock, TestIssuer},
    token::{Authentik, Invalid, TokenError, Undecided},
};
use tokens::{invalid, refusal, undecided, verify};

const LEEWAY: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);

async fn verify_text(authentik: &Authentik, token: &str) -> Result<Principal, TokenError> {
    Ok(authentik.verify(token).await?.into_principal())
}

/// The result, when the future has it at its first poll. No runtime is needed for that.
fn at_first_poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

mod accepted {
    use super::*;

    #[tokio::test]
    async fn a_token_of_authentik_becomes_a_principal() {
        let issuer = TestIssuer::start().await;
        let authentik =
            issuer.authentik().static_role("user").roles_from("entitlements").build().unwrap();
        let token = issuer
            .token("alice")
            .sub("3f1c")
            .groups(["staff", "staff", "media"])
            .claim("entitlements", ["moderate", "staff"])
            .claim("level", 3);
        let alice = verify(&authentik, token).await.unwrap();
        assert_eq!(alice.id(), "3f1c");
        assert_eq!(alice.issuer(), issuer.issuer());
        assert_eq!(alice.roles().collect::<Vec<_>>(), ["staff", "media", "moderate", "user"]);
        assert_eq!(alice.attr("preferred_username"), Some(&Value::String("alice".into())));
        assert_eq!(alice.attr("level"), Some(&Value::Double(3.0)));
        assert_eq!(alice.claims().get("acr"), alice.attr("acr"));
        assert!(alice.expires_at().is_some());
    }

    #[tokio::test]
    async fn all_five_algorithms_work() {
        for algorithm in [Alg::RS256, Alg::ES256, Alg::ES384, Alg::ES512, Alg::EdDSA] {
            let issuer = TestIssuer::builder().algorithm(algorithm).start().await;
            let authentik = issuer.authentik().build().unwrap();
            assert_eq!(
                verify(&authentik, issuer.token("alice")).await.unwrap().id(),
                "alice",
                "{algorithm}"
            );
            let forged = issuer.token("alice").sign_with_other_key();
            assert_eq!(
                refusal(&authentik, forged).await,
                invalid(Invalid::Signature),
                "{algorithm}"
            );
        }
    }

    #[tokio::test]
    async fn an_array_of_audiences_is_accepted_when_one_is_ours() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().audience("photos-cli").build().unwrap();
        for audience in [vec!["photos"], vec!["other", "photos-cli"]] {
            let token = issuer.token("alice").claim("aud", audience);
            assert!(verify(&authentik, token).await.is_ok());
        }
        assert!(verify(&authentik, issuer.token("alice").audience("photos-cli")).await.is_ok());
    }

    #[tokio::test]
    async fn global_issuer_mode_works_with_a_discovery_url() {
        let issuer = TestIssuer::builder().mode(IssuerMode::Global).start().await;
        let builder = Authentik::issuer(issuer.issuer()).audience("photos");
        let authentik = builder.clone().discovery_url(&issuer.discovery_url()).build().unwrap();
        let alice = verify(&authentik, issuer.token("alice")).await.unwrap();
        assert_eq!(alice.issuer(), format!("http://{}/", issuer.address()));

        let without = builder.build().unwrap();
        assert_eq!(
            refusal(&without, issuer.token("alice")).await,
            undecided(Undecided::Unavailable)
        );
    }

    #[tokio::test]
    async fn a_key_set_url_needs_no_discovery() {
        let issuer = TestIssuer::start().await;
        let public = "https://id.example.org/application/o/photos/";
        let authentik = Authentik::issuer(public)
            .audience("photos")
            .jwks_url(&issuer.jwks_url())
            .build()
            .unwrap();
        assert!(verify(&authentik, issuer.token("alice").issuer(public)).await.is_ok());
        assert_eq!(refusal(&authentik, issuer.token("alice")).await, invalid(Invalid::Issuer));
        assert_eq!(issuer.discovery_hits(), 0);
    }
}

mod refused {
    use super::*;

    #[tokio::test]
    async fn a_changed_byte_anywhere_is_fatal() {
        let issuer = TestIssuer::builder().algorithm(Alg::EdDSA).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        assert!(verify_text(&authentik, &token).await.is_ok());
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            let result = verify_text(&authentik, &changed).await;
            assert!(matches!(result, Err(TokenError::Invalid(_))), "byte {position}: {result:?}");
        }
        let mut shorter = token;
        while shorter.pop().is_some() {
            assert!(
                verify_text(&authentik, &shorter).await.is_err(),
                "first {} bytes",
                shorter.len()
            );
        }
    }

    #[tokio::test]
    async fn tokens_of_another_issuer() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let without_slash = issuer.issuer().trim_end_matches('/');
        for other in ["https://evil.example/", "", without_slash, &issuer.issuer().to_uppercase()] {
            let token = issuer.token("alice").issuer(other);
            let expected = if other.is_empty() { Invalid::Claim("iss") } else { Invalid::Issuer };
            assert_eq!(refusal(&authentik, token).await, invalid(expected), "{other}");
        }
        // The same key, another application: as in an Authentik with one certificate for all.
        let neighbour = TestIssuer::builder().slug("videos").start().await;
        assert_eq!(refusal(&authentik, neighbour.token("alice")).await, invalid(Invalid::Issuer));
    }

    #[tokio::test]
    async fn tokens_for_another_audience() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let with = |audience: serde_json::Value| issuer.token("alice").claim("aud", audience);
        for (audience, expected) in [
            ("videos".into(), Invalid::Audience),
            ("Photos".into(), Invalid::Audience),
            ("photos ".into(), Invalid::Audience),
            (["videos"].into_iter().collect(), Invalid::Audience),
            (Vec::<String>::new().into(), Invalid::Audience),
            (serde_json::json!(["photos", 1]), Invalid::Claim("aud")),
            (serde_json::json!({ "photos": true }), Invalid::Claim("aud")),
            (serde_json::Value::Null, Invalid::MissingClaim("aud")),
        ] {
            assert_eq!(refusal(&authentik, with(audience)).await, invalid(expected));
        }
    }

    #[tokio::test]
    async fn claims_that_are_missing_or_of_another_form() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        for name in ["iss", "sub", "aud", "exp"] {
            let token = issuer.token("alice").without_claim(name);
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::MissingClaim(name)));
            let token = issuer.token("alice").claim(name, true);
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Claim(name)));
        }
        for (name, value) in [
            ("sub", serde_json::json!("")),
            ("sub", serde_json::json!(["alice"])),
            ("exp", serde_json::json!("4102444800")),
            ("exp", serde_json::json!(-1)),
            ("exp", serde_json::json!(1e300)),
            ("nbf", serde_json::json!("0")),
        ] {
            let token = issuer.token("alice").claim(name, value);
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Claim(name)));
        }
    }

    #[tokio::test]
    async fn unsigned_tokens_and_shared_secrets() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert!(verify(&authentik, issuer.token("alice")).await.is_ok());
        let unsigned = issuer.token("alice").unsigned();
        assert_eq!(refusal(&authentik, unsigned).await, invalid(Invalid::Algorithm));
        let shared = issuer.token("alice").hs256_with_public_key();
        assert_eq!(refusal(&authentik, shared).await, invalid(Invalid::SymmetricAlgorithm));
        for none in ["None", "NONE", "nOnE", ""] {
            let token = issuer.token("alice").unsigned().header("alg", none);
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Algorithm), "{none}");
        }
    }

    #[tokio::test]
    async fn another_key_under_the_right_name() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let forged = issuer.token("alice").sign_with_other_key();
        assert_eq!(refusal(&authentik, forged).await, invalid(Invalid::Signature));
    }

    #[tokio::test]
    async fn an_algorithm_that_does_not_belong_to_the_key() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        for algorithm in ["ES256", "ES384", "EdDSA"] {
            let token = issuer.token("alice").header("alg", algorithm);
            assert_eq!(
                refusal(&authentik, token).await,
                invalid(Invalid::Algorithm),
                "{algorithm}"
            );
        }
    }

    #[tokio::test]
    async fn an_algorithm_that_is_not_configured() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().algorithms([Alg::ES256]).build().unwrap();
        assert_eq!(refusal(&authentik, issuer.token("alice")).await, invalid(Invalid::Algorithm));
        assert_eq!(issuer.jwks_hits(), 0);
    }

    #[tokio::test]
    async fn tokens_without_a_key_name_even_when_there_is_only_one_key() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").without_header("kid");
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyMissing));
        let token = issuer.token("alice").kid("another");
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyUnknown));
    }

    #[tokio::test]
    async fn tokens_that_are_no_access_tokens() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        for token in [
            issuer.token("alice").id_token(),
            issuer.token("alice").claim("at_hash", "x"),
            issuer.token("alice").claim("c_hash", "x"),
            issuer.token("alice").header("typ", "logout+jwt"),
            issuer.token("alice").header("typ", "dpop+id_token"),
        ] {
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::NotAccessToken));
        }
        // Servers before 2025.10 write no scope.
        assert!(verify(&authentik, issuer.token("alice").without_claim("scope")).await.is_ok());
    }

    #[tokio::test]
    async fn encrypted_tokens_with_a_reason_of_their_own() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let encrypted = verify_text(&authentik, "e30.e30.e30.e30.e30").await.err();
        assert_eq!(encrypted, invalid(Invalid::Encrypted));
        assert_eq!(issuer.discovery_hits() + issuer.jwks_hits(), 0);
    }

    #[tokio::test]
    async fn keys_in_the_header_do_not_help() {
        let issuer = TestIssuer::start().await;
        let attacker = TestIssuer::start().await;
        attacker.rotate();
        let authentik = issuer.authentik().build().unwrap();
        for name in ["jku", "x5u", "jwk", "x5c"] {
            let token =
                attacker.token("alice").issuer(issuer.issuer()).header(name, attacker.jwks_url());
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyInHeader), "{name}");
            // Even where the key is the right one.
            let token = issuer.token("alice").header(name, issuer.jwks_url());
            assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyInHeader), "{name}");
        }
        assert_eq!((attacker.jwks_hits(), issuer.jwks_hits()), (0, 0));
    }

    #[tokio::test]
    async fn no_refusal_repeats_anything_of_the_token() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let secret = "s3cr3t-marker";
        for token in [
            issuer.token(secret).expired(),
            issuer.token(secret).issuer(secret),
            issuer.token(secret).audience(secret),
            issuer.token(secret).kid(secret),
            issuer.token(secret).header("alg", secret),
            issuer.token(secret).header("typ", secret),
            issuer.token(secret).claim("exp", secret),
            issuer.token(secret).sign_with_other_key(),
        ] {
            let text = token.sign();
            let future = authentik.verify(&text);
            let shown = format!("{future:?}");
            let error = future.await.unwrap_err();
            let shown = format!("{shown} {error:?} {error} {} {authentik:?}", error.reason());
            assert!(!shown.contains(secret), "{shown}");
            for segment in text.split('.') {
                assert!(!shown.contains(segment), "{shown}");
            }
        }
        let verified =
            authentik.verify(&issuer.token("bob").claim("note", secret).sign()).await.unwrap();
        assert!(!format!("{verified:?}").contains(secret));
    }
}

mod time {
    use super::*;

    /// `exp` and `nbf` are whole seconds: with such a clock, their boundaries are met exactly.
    fn at_a_whole_second() -> TestClock {
        TestClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
    }

    #[tokio::test]
    async fn a_token_expires_after_the_leeway() {
        let clock = at_a_whole_second();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").expires_in(60 * SECOND).sign();
        assert!(verify_text(&authentik, &token).await.is_ok());
        clock.advance(60 * SECOND + LEEWAY - SECOND);
        assert!(verify_text(&authentik, &token).await.is_ok());
        clock.advance(SECOND);
        assert_eq!(verify_text(&authentik, &token).await.err(), invalid(Invalid::Expired));
    }

    #[tokio::test]
    async fn a_token_begins_with_the_leeway() {
        let clock = at_a_whole_second();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").valid_in(60 * SECOND).sign();
        assert_eq!(verify_text(&authentik, &token).await.err(), invalid(Invalid::NotYetValid));
        clock.advance(60 * SECOND - LEEWAY - SECOND);
        assert_eq!(verify_text(&authentik, &token).await.err(), invalid(Invalid::NotYetValid));
        clock.advance(SECOND);
        assert!(verify_text(&authentik, &token).await.is_ok());
    }

    #[tokio::test]
    async fn the_leeway_can_be_changed() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let strict = issuer.authentik().leeway(Duration::ZERO).build().unwrap();
        let lax = issuer.authentik().leeway(120 * SECOND).build().unwrap();
        let token = issuer.token("alice").expired_for(100 * SECOND).sign();
        assert_eq!(verify_text(&strict, &token).await.err(), invalid(Invalid::Expired));
        assert!(verify_text(&lax, &token).await.is_ok());
    }

    #[tokio::test]
    async fn times_may_have_fractions() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert!(
            verify(&authentik, issuer.token("alice").claim("exp", 4_102_444_800.5)).await.is_ok()
        );
    }
}

mod keys {
    use super::*;

    #[tokio::test]
    async fn nothing_is_fetched_before_the_first_token() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert!(verify_text(&authentik, "rubbish").await.is_err());
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (0, 0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn fifty_first_requests_share_one_fetch() {
        let issuer = TestIssuer::start().await;
        issuer.slow(Duration::from_millis(50));
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        let requests: Vec<_> = (0..50)
            .map(|_| {
                let (authentik, token) = (authentik.clone(), token.clone());
                tokio::spawn(async move { authentik.verify(&token).await })
            })
            .collect();
        for request in requests {
            assert!(request.await.unwrap().is_ok());
        }
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
    }

    #[tokio::test]
    async fn a_known_key_is_used_at_the_first_poll_and_without_io() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        assert!(at_first_poll(authentik.verify(&token)).is_none());
        assert!(authentik.verify(&token).await.is_ok());
        // A thread without a runtime: nothing can be spawned or fetched there.
        let known = std::thread::spawn(move || {
            (0..100).all(|_| {
                at_first_poll(authentik.verify(&token)).is_some_and(|result| result.is_ok())
            })
        });
        assert!(known.join().unwrap());
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
    }

    #[tokio::test]
    async fn known_keys_do_not_wait_for_a_fetch() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        assert!(authentik.verify(&token).await.is_ok());
        issuer.slow(Duration::from_secs(3600));
        let unknown = issuer.token("alice").kid("unknown").sign();
        let mut waiting = pin!(authentik.verify(&unknown));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(at_first_poll(authentik.verify(&token)).is_some_and(|result| result.is_ok()));
    }

    #[tokio::test]
    async fn a_rotated_key_works_with_its_first_token() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let old = issuer.token("alice").sign();
        assert!(verify_text(&authentik, &old).await.is_ok());
        issuer.rotate();
        assert!(verify(&authentik, issuer.token("alice")).await.is_ok());
        assert_eq!(issuer.jwks_hits(), 2);
        // Authentik withdraws the old key at once.
        assert_eq!(verify_text(&authentik, &old).await.err(), invalid(Invalid::KeyUnknown));
        assert_eq!(issuer.jwks_hits(), 2);
    }

    #[tokio::test]
    async fn a_flood_of_unknown_keys_stays_at_the_floor() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().refetch_interval(10 * SECOND).build().unwrap();
        assert!(verify(&authentik, issuer.token("alice")).await.is_ok());
        for round in 1..=3 {
            for number in 0..100 {
                let token =
                    issuer.token("mallory").kid(&format!("{round}-{number}")).sign_with_other_key();
                assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyUnknown));
            }
            assert_eq!(issuer.jwks_hits(), 1 + round);
            clock.advance(10 * SECOND);
        }
    }

    #[tokio::test]
    async fn known_keys_work_while_the_provider_is_down() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").expires_in(7 * 24 * 3600 * SECOND).sign();
        assert!(verify_text(&authentik, &token).await.is_ok());
        issuer.go_down();
        assert!(verify_text(&authentik, &token).await.is_ok());
        // A key nobody has heard of may be new: that cannot be decided now.
        let unknown = issuer.token("alice").kid("unknown");
        assert_eq!(refusal(&authentik, unknown).await, undecided(Undecided::Unavailable));
        clock.advance(3600 * SECOND);
        assert!(verify_text(&authentik, &token).await.is_ok());
        clock.advance(24 * 3600 * SECOND);
        assert_eq!(verify_text(&authentik, &token).await.err(), undecided(Undecided::Unavailable));
    }

    #[tokio::test]
    async fn starting_before_the_provider_is_up_works() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        issuer.go_down();
        let authentik = issuer.authentik().build().unwrap();
        assert_eq!(
            refusal(&authentik, issuer.token("alice")).await,
            undecided(Undecided::Unavailable)
        );
        issuer.come_up();
        clock.advance(SECOND);
        assert!(verify(&authentik, issuer.token("alice")).await.is_ok());
    }

    #[tokio::test]
    async fn a_failed_fetch_is_not_repeated_at_once() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let elsewhere = format!("http://{}/application/o/nothing/", issuer.address());
        let authentik =
            Authentik::issuer(&elsewhere).audience("photos").clock(&clock).build().unwrap();
        for round in 1..=2 {
            for _ in 0..20 {
                let refused = refusal(&authentik, issuer.token("alice").issuer(&elsewhere)).await;
                assert_eq!(refused, undecided(Undecided::Unavailable));
            }
            assert_eq!(issuer.discovery_hits(), round);
            clock.advance(SECOND);
        }
    }

    #[tokio::test]
    async fn a_withdrawn_key_stops_working_without_any_new_token() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        assert!(verify_text(&authentik, &token).await.is_ok());
        issuer.rotate();
        clock.advance(10 * 60 * SECOND);
        // This one starts the refresh and does not wait for it.
        assert!(at_first_poll(authentik.verify(&token)).is_some_and(|result| result.is_ok()));
        let refreshed = async {
            while authentik.verify(&token).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(60 * SECOND, refreshed).await.expect("the refresh should end");
        assert_eq!(verify_text(&authentik, &token).await.err(), invalid(Invalid::KeyUnknown));
    }

    #[tokio::test]
    async fn whoever_stops_waiting_does_not_stop_the_fetch() {
        let issuer = TestIssuer::start().await;
        issuer.slow(Duration::from_millis(20));
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        assert!(at_first_poll(authentik.verify(&token)).is_none());
        assert!(authentik.verify(&token).await.is_ok());
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 1));
    }

    #[tokio::test]
    async fn a_provider_without_signing_key_is_told_apart() {
        let issuer = TestIssuer::builder().without_key().start().await;
        let authentik = issuer.authentik().build().unwrap();
        for _ in 0..2 {
            let refused = refusal(&authentik, issuer.token("alice")).await;
            assert_eq!(refused, undecided(Undecided::NoSigningKey));
        }
        // What such a provider really signs with is its client secret.
        let refused = refusal(&authentik, issuer.token("alice").hs256_with_public_key()).await;
        assert_eq!(refused, invalid(Invalid::SymmetricAlgorithm));
    }

    #[tokio::test]
    async fn a_discovery_document_of_another_issuer_is_not_believed() {
        let issuer = TestIssuer::start().await;
        for configured in
            [issuer.issuer().trim_end_matches('/').to_owned(), format!("{}/", issuer.issuer())]
        {
            let authentik = Authentik::issuer(&configured).audience("photos").build().unwrap();
            let refused = refusal(&authentik, issuer.token("alice").issuer(&configured)).await;
            assert_eq!(refused, undecided(Undecided::IssuerMismatch), "{configured}");
        }
        let public = "https://id.example.org/";
        let authentik = Authentik::issuer(public).audience("photos");
        let authentik = authentik.discovery_url(&issuer.discovery_url()).build().unwrap();
        let refused = refusal(&authentik, issuer.token("alice").issuer(public)).await;
        assert_eq!(refused, undecided(Undecided::IssuerMismatch));
    }
}

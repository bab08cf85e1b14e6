//! Introspection (RFC 7662): what is asked about, for how long an answer counts, and that a failure is no answer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use axum_authz::{
    Principal, authenticated,
    layer::{AuthzLayer, Refusal},
    test::{Endpoint, Fault, TestApplication, TestClock, TestIssuer, TestIssuerBuilder},
    token::{
        Authentik, AuthentikBuilder, ConfigErrorKind, DecryptionKey, Introspection, Invalid,
        TokenError, Undecided,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Request, header};
use serde_json::json;
use tower::ServiceExt;

mod support;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const FAILED: Option<TokenError> = Some(TokenError::Undecided(Undecided::Introspection));
const INACTIVE: Option<TokenError> = Some(TokenError::Invalid(Invalid::Inactive));

async fn start(builder: TestIssuerBuilder) -> (TestIssuer, TestClock) {
    let clock = TestClock::new();
    (builder.clock(&clock).start().await, clock)
}

/// Asks as the application's own client, and believes answers for ten seconds.
fn own(application: &TestApplication) -> Introspection {
    let (client, secret) = (application.audience(), application.client_secret());
    Introspection::by_client(client, secret).cache_for(10 * SECOND)
}

fn asking(application: &TestApplication) -> AuthentikBuilder {
    application.authentik().introspect(own(application))
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

fn invalid(invalid: Invalid) -> Option<TokenError> {
    Some(TokenError::Invalid(invalid))
}

fn at_first_poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

mod asked {
    use super::*;

    #[tokio::test]
    async fn about_every_token_unless_told_otherwise() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        for (hits, name) in (1..).zip(["alice", "bob", "carol"]) {
            let token = issuer.token(name).sign();
            assert_eq!(refusal(&authentik, &token).await, None);
            assert_eq!(issuer.introspection_hits(), hits);
        }
        // One for the keys and one for the endpoint, once.
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (2, 1));
    }

    #[tokio::test]
    async fn about_tokens_that_live_long() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let long = own(&issuer).only_for(|token| token.lifetime().is_none_or(|it| it > HOUR));
        let authentik = issuer.authentik().introspect(long).build().unwrap();
        let short = issuer.token("alice").expires_in(HOUR).forged().sign();
        assert_eq!(refusal(&authentik, &short).await, None);
        assert_eq!(issuer.introspection_hits(), 0);
        // The stand-in knows neither of these two: whether it was asked shows.
        for token in [
            issuer.token("alice").expires_in(HOUR + SECOND),
            issuer.token("alice").without_claim("iat"),
        ] {
            assert_eq!(refusal(&authentik, &token.forged().sign()).await, INACTIVE);
        }
        assert_eq!(issuer.introspection_hits(), 2);
    }

    #[tokio::test]
    async fn about_tokens_of_certain_clients() {
        let builder = TestIssuer::builder().application("cli").federated_with("photos");
        let (issuer, _) = start(builder).await;
        let cli = issuer.of("cli");
        let certain = own(&issuer).only_for(|token| token.client_id() == Some("cli"));
        let photos = issuer.authentik().introspect(certain.clone()).build().unwrap();
        let others = cli.authentik().introspect(certain).build().unwrap();
        let both = Authentik::any([photos, others]).unwrap();
        assert_eq!(refusal(&both, &issuer.token("alice").sign()).await, None);
        assert_eq!(issuer.introspection_hits(), 0);
        assert_eq!(refusal(&both, &cli.token("alice").sign()).await, None);
        assert_eq!(issuer.introspection_hits(), 1);
    }

    #[tokio::test]
    async fn about_no_token_that_is_bad_anyway() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = || issuer.token("alice");
        for (bad, expected) in [
            (token().expired(), Invalid::Expired),
            (token().audience("videos"), Invalid::Audience),
            (token().issuer("https://evil.example/"), Invalid::Issuer),
            (token().sign_with_other_key(), Invalid::Signature),
            (token().id_token(), Invalid::NotAccessToken),
        ] {
            assert_eq!(refusal(&authentik, &bad.sign()).await, invalid(expected));
        }
        // A refresh token would be called active (Authentik finds both kinds): it is no JWT.
        let refresh = issuer.refresh_token("alice");
        assert_eq!(refusal(&authentik, &refresh).await, invalid(Invalid::Malformed));
        assert_eq!(issuer.introspection_hits(), 0);
    }

    #[tokio::test]
    async fn with_credentials_in_the_header_and_the_token_in_the_body() {
        let secret = "a secret: with/all+kinds & ümlaut~ %41";
        let (issuer, _) = start(TestIssuer::builder().client_secret(secret)).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);

        let seen = issuer.last_request(Endpoint::Introspection).unwrap();
        assert_eq!((&*seen.method, &*seen.uri), ("POST", "/application/o/introspect/"));
        let basic = seen.authorization().unwrap().strip_prefix("Basic ").unwrap();
        let pair = String::from_utf8(STANDARD.decode(basic).unwrap()).unwrap();
        // RFC 6749 section 2.3.1; Authentik takes `+` for itself, so a space is `%20`.
        let secret = "a%20secret%3A%20with%2Fall%2Bkinds%20%26%20%C3%BCmlaut~%20%2541";
        assert_eq!(pair, format!("photos:{secret}"));
        assert_eq!(seen.field("token").as_ref(), Some(&token));
        assert_eq!(seen.field("token_type_hint").as_deref(), Some("access_token"));
        for name in ["client_id", "client_secret"] {
            assert_eq!(seen.field(name), None, "{name}");
        }
        let fields = url::form_urlencoded::parse(seen.body.as_bytes()).count();
        assert_eq!(fields, 2);
    }

    #[tokio::test]
    async fn with_the_encrypted_text_where_the_token_is_encrypted() {
        let (issuer, _) = start(TestIssuer::builder().encrypted_tokens()).await;
        let key = DecryptionKey::from_pem(&issuer.encryption_key_pem()).unwrap();
        let authentik = asking(&issuer).decryption_key(key).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(token.split('.').count(), 5);
        assert_eq!(refusal(&authentik, &token).await, None);
        // Authentik keeps tokens by the text that it handed out.
        let seen = issuer.last_request(Endpoint::Introspection).unwrap();
        assert_eq!(seen.field("token"), Some(token));
    }
}

mod believed {
    use super::*;

    #[tokio::test]
    async fn an_active_answer_for_the_stated_time() {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        issuer.revoke(&token);
        clock.advance(9 * SECOND);
        assert_eq!(at_first_poll(authentik.verify(&token)).unwrap().err(), None);
        assert_eq!(issuer.introspection_hits(), 1);
        clock.advance(SECOND);
        assert_eq!(refusal(&authentik, &token).await, INACTIVE);
        assert_eq!(issuer.introspection_hits(), 2);
    }

    #[tokio::test]
    async fn a_negative_answer_for_the_stated_time_too() {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        issuer.fail(Endpoint::Introspection, Fault::Member("active".into(), json!(false)));
        assert_eq!(refusal(&authentik, &token).await, INACTIVE);
        issuer.recover(Endpoint::Introspection);
        clock.advance(9 * SECOND);
        assert_eq!(at_first_poll(authentik.verify(&token)).unwrap().err(), INACTIVE);
        assert_eq!(issuer.introspection_hits(), 1);
        clock.advance(SECOND);
        assert_eq!(refusal(&authentik, &token).await, None);
        assert_eq!(issuer.introspection_hits(), 2);
    }

    #[tokio::test]
    async fn only_until_the_token_expires() {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).leeway(Duration::ZERO).build().unwrap();
        let token = issuer.token("alice").expires_in(5 * SECOND).sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        clock.advance(5 * SECOND);
        assert_eq!(refusal(&authentik, &token).await, invalid(Invalid::Expired));
        assert_eq!(issuer.introspection_hits(), 1);
    }

    #[tokio::test]
    async fn not_at_all_when_so_configured_and_not_when_nothing_is_remembered() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let never = issuer.authentik().introspect(own(&issuer).cache_for(Duration::ZERO));
        let forgetful = asking(&issuer).remembered_tokens(0);
        let mut hits = 0;
        for builder in [never, forgetful] {
            let authentik = builder.build().unwrap();
            let token = issuer.token("alice").sign();
            for _ in 0..3 {
                hits += 1;
                assert_eq!(refusal(&authentik, &token).await, None);
                assert_eq!(issuer.introspection_hits(), hits);
            }
        }
    }

    #[tokio::test]
    async fn by_everyone_who_asked_meanwhile() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let known = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &known).await, None);

        issuer.hold(Endpoint::Introspection);
        let token = issuer.token("bob").sign();
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let (authentik, token) = (authentik.clone(), token.clone());
                tokio::spawn(async move { refusal(&authentik, &token).await })
            })
            .collect();
        asked(&issuer, 2).await;
        // Nobody else waits.
        assert_eq!(at_first_poll(authentik.verify(&known)).unwrap().err(), None);
        issuer.release(Endpoint::Introspection);
        for request in waiting {
            assert_eq!(request.await.unwrap(), None);
        }
        assert_eq!(issuer.introspection_hits(), 2);
    }
}

async fn asked(issuer: &TestIssuer, times: usize) {
    while issuer.introspection_hits() < times {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

mod failures {
    use super::*;

    /// Verifies a token that was in force before, when the answer of then is no longer believed.
    async fn after(fault: Fault) -> (Option<TokenError>, TestIssuer) {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        clock.advance(10 * SECOND);
        issuer.fail(Endpoint::Introspection, fault);
        let refused = refusal(&authentik, &token).await;
        assert_eq!(issuer.introspection_hits(), 2);
        issuer.recover(Endpoint::Introspection);
        if refused == FAILED {
            // Nothing of it is remembered.
            assert_eq!(refusal(&authentik, &token).await, None);
            assert_eq!(issuer.introspection_hits(), 3);
        }
        (refused, issuer)
    }

    fn member(name: &str, value: impl Into<serde_json::Value>) -> Fault {
        Fault::Member(name.to_owned(), value.into())
    }

    #[tokio::test]
    async fn only_true_is_active_and_only_false_is_inactive() {
        // Authentik leaves the claims of a revoked token in the answer.
        assert_eq!(after(member("active", false)).await.0, INACTIVE);
        for value in [json!("true"), json!(1), json!(null), json!([true]), json!({})] {
            assert_eq!(after(member("active", value.clone())).await.0, FAILED, "{value}");
        }
        assert_eq!(after(Fault::WithoutMember("active".into())).await.0, FAILED);
    }

    #[tokio::test]
    async fn what_is_no_answer_decides_nothing() {
        for body in ["", "<html>active</html>", "true", "[{\"active\":true}]", "{\"active\":true"] {
            assert_eq!(after(Fault::Body(body.to_owned())).await.0, FAILED, "{body}");
        }
        for twice in [r#"{"active":false,"active":true}"#, r#"{"active":true,"active":true}"#] {
            assert_eq!(after(Fault::Body(twice.to_owned())).await.0, FAILED, "{twice}");
        }
        for status in [204, 302, 400, 401, 403, 404, 429, 500, 502, 503] {
            assert_eq!(after(Fault::Status(status)).await.0, FAILED, "{status}");
        }
        assert_eq!(after(Fault::Padding(300 * 1024)).await.0, FAILED);
        assert_eq!(after(Fault::Padding(200 * 1024)).await.0, None);
    }

    #[tokio::test]
    async fn credentials_follow_no_redirect_to_another_origin() {
        let stranger = TestIssuer::start().await;
        let elsewhere = Fault::Redirect(stranger.introspection_url());
        assert_eq!(after(elsewhere).await.0, FAILED);
        assert_eq!(stranger.introspection_hits(), 0);
    }

    #[tokio::test]
    async fn an_answer_about_another_token_is_no_answer() {
        for (name, value) in
            [("sub", "bob"), ("iss", "https://evil.example/"), ("jti", "another"), ("exp", "soon")]
        {
            assert_eq!(after(member(name, value)).await.0, FAILED, "{name}");
        }
        assert_eq!(after(member("sub", 7)).await.0, FAILED);
        for (name, value) in [
            ("client_id", json!("videos")),
            ("client_id", json!(7)),
            ("aud", json!("videos")),
            ("aud", json!(["videos", "cli"])),
            ("aud", json!({"photos": true})),
        ] {
            let refused = after(member(name, value.clone())).await.0;
            assert_eq!(refused, invalid(Invalid::Audience), "{name} {value}");
        }
        assert_eq!(after(member("exp", 1)).await.0, invalid(Invalid::Expired));
        // It need not repeat them, though.
        for name in ["client_id", "aud", "sub", "iss", "jti", "exp", "scope"] {
            assert_eq!(after(Fault::WithoutMember(name.into())).await.0, None, "{name}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_is_down_has_not_said_yes() {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        issuer.go_down();
        clock.advance(9 * SECOND);
        assert_eq!(refusal(&authentik, &token).await, None);
        clock.advance(SECOND);
        for _ in 0..2 {
            assert_eq!(refusal(&authentik, &token).await, FAILED);
        }
        issuer.come_up();
        assert_eq!(refusal(&authentik, &token).await, None);
    }

    #[tokio::test]
    async fn a_provider_that_does_not_answer_in_time_has_not_said_yes() {
        let (issuer, clock) = start(TestIssuer::builder()).await;
        let authentik = asking(&issuer).build().unwrap();
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        clock.advance(10 * SECOND);
        issuer.hold(Endpoint::Introspection);
        let waiting = tokio::spawn({
            let (authentik, token) = (authentik.clone(), token.clone());
            async move { refusal(&authentik, &token).await }
        });
        asked(&issuer, 2).await;
        // From here on, time passes as soon as everyone waits.
        tokio::time::pause();
        assert_eq!(waiting.await.unwrap(), FAILED);
        assert_eq!(issuer.introspection_hits(), 2);
        issuer.release(Endpoint::Introspection);
    }

    #[authenticated]
    async fn whoami(me: Principal) -> String {
        me.id().to_owned()
    }

    #[tokio::test]
    async fn a_failure_is_503_and_try_again() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let layer = AuthzLayer::new(asking(&issuer).build().unwrap(), support::policies());
        let app = Router::new().route("/", get(whoami)).layer(layer);
        let send = async |token: &str| {
            let request =
                Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
            app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        let token = issuer.token("alice").sign();
        issuer.fail(Endpoint::Introspection, Fault::Status(500));
        let response = send(&token).await;
        assert_eq!(response.status(), 503);
        let seconds = response.headers()[header::RETRY_AFTER].to_str().unwrap();
        assert!(seconds.parse::<u64>().unwrap() > 0);
        assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE));
        assert_eq!(response.extensions().get::<Refusal>().unwrap().reason(), "introspection");

        issuer.recover(Endpoint::Introspection);
        assert_eq!(send(&token).await.status(), 200);
        let revoked = issuer.token("bob").sign();
        issuer.revoke(&revoked);
        let response = send(&revoked).await;
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }
}

mod set_up {
    use super::*;

    #[tokio::test]
    async fn a_wrong_secret_looks_as_if_all_tokens_were_revoked_and_is_hinted_at() {
        const HINT: &str = "has not said otherwise of any token yet";
        let (log, _guard) = support::Log::start();
        let hints = || log.text().matches(HINT).count();
        let (issuer, _) = start(TestIssuer::builder()).await;
        let wrong = Introspection::by_client("photos", "wrong");
        let authentik = issuer.authentik().introspect(wrong).build().unwrap();
        for count in 1..=2 {
            assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, INACTIVE);
            assert_eq!(hints(), count);
        }
        assert!(log.text().contains(&issuer.introspection_url()));

        let authentik = asking(&issuer).build().unwrap();
        let unknown = || issuer.token("alice").forged().sign();
        assert_eq!(refusal(&authentik, &unknown()).await, INACTIVE);
        assert_eq!(hints(), 3);
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        // From now on it is nothing to worry about.
        assert_eq!(refusal(&authentik, &unknown()).await, INACTIVE);
        assert_eq!(hints(), 3);
    }

    #[tokio::test]
    async fn a_public_client_is_told_nothing() {
        let (issuer, _) = start(TestIssuer::builder().public_client()).await;
        let authentik = asking(&issuer).build().unwrap();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, INACTIVE);
    }

    #[tokio::test]
    async fn the_endpoint_can_be_given() {
        let (issuer, _) = start(TestIssuer::builder()).await;
        let there = own(&issuer).endpoint(&issuer.introspection_url());
        let builder = issuer.authentik().jwks_url(&issuer.jwks_url());
        let authentik = builder.introspect(there).build().unwrap();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        assert_eq!((issuer.introspection_hits(), issuer.discovery_hits()), (1, 0));
    }

    #[tokio::test]
    async fn a_discovery_document_without_the_endpoint_or_with_one_elsewhere_is_of_no_use() {
        let stranger = TestIssuer::start().await;
        let name = || "introspection_endpoint".to_owned();
        for fault in [
            Fault::WithoutMember(name()),
            Fault::Member(name(), json!(stranger.introspection_url())),
            Fault::Member("issuer".to_owned(), json!("https://evil.example/")),
            Fault::Status(500),
        ] {
            let (issuer, _) = start(TestIssuer::builder()).await;
            let builder = asking(&issuer);
            // The keys are there already.
            let authentik = builder.build().unwrap();
            authentik.prepare().await.unwrap();
            issuer.fail(Endpoint::Discovery, fault);
            let token = issuer.token("alice").sign();
            assert_eq!(refusal(&authentik, &token).await, FAILED);
            issuer.recover(Endpoint::Discovery);
            assert_eq!(refusal(&authentik, &token).await, None);
        }
        assert_eq!(stranger.introspection_hits(), 0);
    }

    #[test]
    fn what_cannot_work_is_refused_at_once() {
        let builder = || Authentik::issuer("https://id.example.org/").audience("photos");
        let by = || Introspection::by_client("photos", "a secret");
        let keys = "https://id.example.org/application/o/photos/jwks/";
        for (builder, expected) in [
            (builder().jwks_url(keys).introspect(by()), ConfigErrorKind::NoEndpoint),
            (builder().jwks_url(keys).verify_by_introspection(by()), ConfigErrorKind::NoEndpoint),
            (
                builder().introspect(Introspection::by_client("photos", "")),
                ConfigErrorKind::InvalidKey,
            ),
            (
                builder().introspect(Introspection::by_client("", "a secret")),
                ConfigErrorKind::InvalidKey,
            ),
            (builder().introspect(by().cache_for(301 * SECOND)), ConfigErrorKind::OutOfBounds),
            (
                builder().introspect(by().endpoint("http://id.example.org/introspect/")),
                ConfigErrorKind::InsecureUrl,
            ),
        ] {
            assert_eq!(builder.build().unwrap_err().kind(), expected);
        }
    }
}

/// Providers that sign with a secret which is not known here.
mod instead_of_a_signature {
    use super::*;

    async fn vouching() -> (TestIssuer, TestClock, Authentik) {
        let (issuer, clock) = start(TestIssuer::builder().client_secret_signing()).await;
        let by = own(&issuer).only_for(|_| false);
        let authentik = issuer.authentik().verify_by_introspection(by).build().unwrap();
        (issuer, clock, authentik)
    }

    #[tokio::test]
    async fn the_issuers_word_counts() {
        let (issuer, clock, authentik) = vouching().await;
        let token = issuer.token("alice").groups(["staff"]).sign();
        let alice = authentik.verify(&token).await.unwrap().into_principal();
        assert_eq!((alice.id(), alice.has_role("staff")), ("alice", true));
        assert_eq!(at_first_poll(authentik.verify(&token)).unwrap().err(), None);
        assert_eq!((issuer.introspection_hits(), issuer.discovery_hits()), (1, 1));
        assert_eq!(issuer.jwks_hits(), 0);
        clock.advance(10 * SECOND);
        issuer.revoke(&token);
        assert_eq!(refusal(&authentik, &token).await, INACTIVE);
        assert_eq!((issuer.introspection_hits(), issuer.discovery_hits()), (2, 1));
        let forged = issuer.token("mallory").sign_with_other_key().sign();
        assert_eq!(refusal(&authentik, &forged).await, INACTIVE);
        // There are no keys, and none are missing.
        assert!(authentik.health().is_ready());
    }

    #[tokio::test]
    async fn it_is_asked_for_once_each_time() {
        let (issuer, _) = start(TestIssuer::builder().client_secret_signing()).await;
        let by = own(&issuer).cache_for(Duration::ZERO);
        let authentik = issuer.authentik().verify_by_introspection(by).build().unwrap();
        let token = issuer.token("alice").sign();
        for hits in 1..=3 {
            assert_eq!(refusal(&authentik, &token).await, None);
            assert_eq!(issuer.introspection_hits(), hits);
        }
    }

    #[tokio::test]
    async fn nobody_is_asked_about_tokens_of_others() {
        let (issuer, _, authentik) = vouching().await;
        let token = || issuer.token("alice");
        for (other, expected) in [
            (token().issuer("https://evil.example/"), Invalid::Issuer),
            (token().audience("videos"), Invalid::Audience),
            (token().without_claim("aud"), Invalid::MissingClaim("aud")),
            (token().header("typ", "logout+jwt"), Invalid::NotAccessToken),
        ] {
            assert_eq!(refusal(&authentik, &other.sign()).await, invalid(expected));
        }
        assert!(refusal(&authentik, &token().unsigned().sign()).await.is_some());
        let refresh = issuer.refresh_token("alice");
        assert_eq!(refusal(&authentik, &refresh).await, invalid(Invalid::Malformed));
        assert_eq!((issuer.introspection_hits(), issuer.discovery_hits()), (0, 0));
    }

    #[tokio::test]
    async fn the_claims_are_checked_whatever_the_answer() {
        let (issuer, _, authentik) = vouching().await;
        issuer.fail(Endpoint::Introspection, Fault::Body(r#"{"active":true}"#.to_owned()));
        let token = || issuer.token("alice");
        for (bad, expected) in [
            (token().expired(), Invalid::Expired),
            (token().valid_in(HOUR), Invalid::NotYetValid),
            (token().without_claim("exp"), Invalid::MissingClaim("exp")),
            (token().id_token(), Invalid::NotAccessToken),
            (token().claim("sub", 7), Invalid::Claim("sub")),
        ] {
            assert_eq!(refusal(&authentik, &bad.sign()).await, invalid(expected));
        }
        assert_eq!(refusal(&authentik, &token().sign()).await, None);
    }

    #[tokio::test]
    async fn a_failure_is_no_word() {
        let (issuer, clock, authentik) = vouching().await;
        let token = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &token).await, None);
        clock.advance(10 * SECOND);
        issuer.fail(Endpoint::Introspection, Fault::Member("active".into(), json!("true")));
        assert_eq!(refusal(&authentik, &token).await, FAILED);
        issuer.fail(Endpoint::Introspection, Fault::Member("sub".into(), json!("bob")));
        assert_eq!(refusal(&authentik, &token).await, FAILED);
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, FAILED);
        issuer.go_down();
        assert_eq!(refusal(&authentik, &token).await, FAILED);
    }
}

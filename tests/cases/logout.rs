//! Case 24: back-channel logout.

use std::time::{Duration, SystemTime};

use axum::{Router, body::Body, routing::post_service};
use axum_authz::{
    danger::LegacyLogoutTokens,
    endpoint::BackChannelLogout,
    test::{TestClock, TestIssuer, TestToken},
    token::{Authentik, Invalid, RevocationList, TokenError},
};
use http::Request;
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::{Answer, SECOND, Service, fetches, invalid};

/// A service with the endpoint, and what it accepts.
struct Logout {
    clock: TestClock,
    issuer: TestIssuer,
    authentik: Authentik,
    endpoint: Router,
}

impl Logout {
    async fn new(legacy: bool) -> Self {
        let clock = TestClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let revocations = RevocationList::on_clock(Duration::from_secs(2 * 3600), &clock);
        let authentik = issuer.authentik().revocations(revocations).build().unwrap();
        let mut endpoint = BackChannelLogout::new(&authentik).unwrap();
        if legacy {
            endpoint = endpoint.accept_legacy(LegacyLogoutTokens);
        }
        let endpoint = Router::new().route("/logout", post_service(endpoint));
        Self { clock, issuer, authentik, endpoint }
    }

    /// Sends a logout token as a form; the status.
    async fn send(&self, token: &str) -> u16 {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", token)
            .finish();
        self.post("application/x-www-form-urlencoded", form).await
    }

    async fn post(&self, content_type: &str, body: String) -> u16 {
        let request = Request::post("/logout").header("content-type", content_type);
        let request = request.body(Body::from(body)).unwrap();
        let response = self.endpoint.clone().oneshot(request).await.unwrap();
        // Section 2.8.
        assert_eq!(response.headers()["cache-control"], "no-store");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let refused = &br#"{"error":"invalid_request""#[..];
        assert_eq!(body.starts_with(refused), status == 400, "{body:?}");
        assert!(status == 400 || body.is_empty(), "{body:?}");
        status
    }

    async fn refusal(&self, token: &str) -> Option<TokenError> {
        self.authentik.verify(token).await.err()
    }
}

/// OpenID Connect Back-Channel Logout 1.0, section 2.6.
#[tokio::test]
async fn case_24_back_channel_logout() {
    let it = Logout::new(false).await;
    let session = |sid: &str| it.issuer.token("alice").sid(sid).sign();
    let (first, second) = (session("first"), session("second"));
    for token in [&first, &second] {
        assert_eq!(it.refusal(token).await, None);
    }

    // By `sid` alone: that session, the tokens that are refreshed later too, and no other.
    let by_sid = it.issuer.logout_token("alice").sid("first").without_claim("sub").sign();
    assert_eq!(it.send(&by_sid).await, 200);
    assert_eq!(it.refusal(&first).await, invalid(Invalid::Revoked));
    it.clock.advance(SECOND);
    assert_eq!(it.refusal(&session("first")).await, invalid(Invalid::Revoked));
    assert_eq!(it.refusal(&second).await, None);
    let service = Service::new(&it.authentik);
    assert_eq!(service.get("/view", &first).await, Answer::unauthorized(Invalid::Revoked));

    // By `sub` alone: what was issued until then.
    let bob = it.issuer.token("bob").sign();
    let by_sub = it.issuer.logout_token("alice").without_sid().sign();
    assert_eq!(it.send(&by_sub).await, 200);
    assert_eq!(it.refusal(&second).await, invalid(Invalid::Revoked));
    assert_eq!(it.refusal(&bob).await, None);
    it.clock.advance(SECOND);
    assert_eq!(it.refusal(&session("third")).await, None);

    // Taken once.
    for taken in [by_sid, by_sub] {
        assert_eq!(it.send(&taken).await, 400);
        let logouts = it.authentik.logouts().unwrap();
        assert_eq!(logouts.take(&taken).await.err(), None, "it is the endpoint that remembers");
        assert_eq!(logouts.take(&taken).await.err(), invalid(Invalid::Replayed));
        assert_eq!(logouts.clone().take(&taken).await.err(), invalid(Invalid::Replayed));
    }
}

#[tokio::test]
async fn case_24_back_channel_logout_refuses_what_is_no_logout_token() {
    let it = Logout::new(false).await;
    let alice = it.issuer.token("alice").sign();
    let logout = || it.issuer.logout_token("alice");
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    let not_logout = Invalid::NotLogoutToken;
    let cases: Vec<(TestToken, Invalid)> = vec![
        (logout().nonce("n"), not_logout),
        (logout().nonce(json!(null)), not_logout),
        (logout().without_claim("events"), not_logout),
        (logout().claim("events", json!({})), not_logout),
        (logout().claim("events", [EVENT]), not_logout),
        (logout().claim("events", json!({ EVENT: null })), not_logout),
        (logout().claim("events", json!({ "https://example.org/other": {} })), not_logout),
        (logout().audience("other"), Invalid::Audience),
        (logout().without_claim("aud"), Invalid::MissingClaim("aud")),
        (logout().issuer("https://id.example.org/"), Invalid::Issuer),
        (logout().without_claim("iat"), Invalid::MissingClaim("iat")),
        (logout().issued_in(60 * SECOND), Invalid::NotYetValid),
        (logout().without_claim("jti"), Invalid::MissingClaim("jti")),
        (logout().without_claim("exp"), Invalid::MissingClaim("exp")),
        (logout().expired(), Invalid::Expired),
        (logout().without_sid().without_claim("sub"), Invalid::MissingClaim("sid")),
        (logout().header("typ", "JWT"), not_logout),
        (logout().without_header("typ"), not_logout),
        (logout().legacy_logout(), not_logout),
        (it.issuer.token("alice"), not_logout),
        (it.issuer.token("alice").id_token(), not_logout),
        // An access token that calls itself one.
        (it.issuer.token("alice").header("typ", "logout+jwt"), not_logout),
        (logout().sign_with_other_key(), Invalid::Signature),
        (logout().unsigned(), Invalid::Algorithm),
        (logout().hs256_with_public_key(), Invalid::SymmetricAlgorithm),
        (logout().kid("unknown"), Invalid::KeyUnknown),
    ];
    let logouts = it.authentik.logouts().unwrap();
    for (number, (token, expected)) in cases.into_iter().enumerate() {
        let token = token.sign();
        assert_eq!(logouts.take(&token).await.err(), invalid(expected), "case {number}");
        assert_eq!(it.send(&token).await, 400, "case {number}");
    }
    // For another audience, nothing is fetched either.
    let before = fetches(&it.issuer);
    it.clock.advance(5 * SECOND);
    let unknown = logout().audience("other").kid("another unknown").sign();
    assert_eq!(logouts.take(&unknown).await.err(), invalid(Invalid::Audience));
    assert_eq!(fetches(&it.issuer), before);

    let good = logout().sign();
    assert_eq!(it.post("application/json", json!({ "logout_token": good }).to_string()).await, 400);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(it.post(form, format!("logout_token={good}&logout_token={good}")).await, 400);
    assert_eq!(it.post(form, format!("token={good}")).await, 400);
    // Nothing of all this has ended the session.
    assert_eq!(it.refusal(&alice).await, None);
    assert_eq!(it.send(&good).await, 200);
    assert_eq!(it.refusal(&alice).await, invalid(Invalid::Revoked));
}

#[tokio::test]
async fn case_24_back_channel_logout_of_older_servers() {
    for form in [
        // Before 2025.12.2, before 2025.8.2, and both.
        (|token| TestToken::header(token, "typ", "JWT")) as fn(TestToken) -> TestToken,
        |token| token.without_claim("exp"),
        TestToken::legacy_logout,
    ] {
        for legacy in [false, true] {
            let it = Logout::new(legacy).await;
            let alice = it.issuer.token("alice").sign();
            let status = it.send(&form(it.issuer.logout_token("alice")).sign()).await;
            assert_eq!(status, if legacy { 200 } else { 400 });
            let expected = if legacy { invalid(Invalid::Revoked) } else { None };
            assert_eq!(it.refusal(&alice).await, expected);
        }
    }
    // The switch lets nothing else in, and no token without `exp` for ever.
    let it = Logout::new(true).await;
    let alice = it.issuer.token("alice").sign();
    let legacy = || it.issuer.logout_token("alice").legacy_logout();
    let old = legacy().sign();
    for token in [
        it.issuer.token("alice"),
        it.issuer.token("alice").id_token(),
        legacy().nonce("n"),
        legacy().without_claim("events"),
        legacy().audience("other"),
        legacy().without_header("typ"),
        legacy().sign_with_other_key(),
    ] {
        assert_eq!(it.send(&token.sign()).await, 400);
    }
    it.clock.advance(10 * 60 * SECOND + 30 * SECOND);
    assert_eq!(it.send(&old).await, 400);
    assert_eq!(it.refusal(&alice).await, None);
}

/// The issuer's keys are needed to judge a logout token. Without them Authentik has to see a failure.
#[tokio::test]
async fn case_24_back_channel_logout_while_keys_cannot_be_had() {
    let it = Logout::new(false).await;
    let token = it.issuer.logout_token("alice").sign();
    it.issuer.go_down();
    assert_eq!(it.send(&token).await, 503);
    it.issuer.come_up();
    it.clock.advance(SECOND);
    assert_eq!(it.send(&token).await, 200);
}

//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0), over HTTP on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Body,
    routing::{post_service, put},
};
use axum_authz::{
    danger::LegacyLogoutTokens,
    endpoint::BackChannelLogout,
    principal::Ended,
    test::{Endpoint, Fault, PublicKeyForm, TestClock, TestIssuer, TestIssuerBuilder, TestToken},
    token::{
        Authentik, AuthentikBuilder, ConfigErrorKind, DecryptionKey, Introspection, Invalid,
        Lookup, Revocation, RevocationList, Revocations, SharedSecret, StoreFuture,
        StoreUnavailable, TokenError, TokenIdentity,
    },
};
use http::{Request, header};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

mod support;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const REVOKED: Option<TokenError> = Some(TokenError::Invalid(Invalid::Revoked));
const FORM: &str = "application/x-www-form-urlencoded";
const REFUSED: &str =
    r#"{"error":"invalid_request","error_description":"not a logout token for this service"}"#;

/// In memory, counting, and out of order on request.
#[derive(Clone)]
struct Store {
    list: RevocationList,
    revoked: Arc<AtomicUsize>,
    is_down: Arc<AtomicBool>,
}

impl Revocations for Store {
    fn lookup(&self, token: &TokenIdentity) -> Lookup {
        self.list.lookup(token)
    }

    fn revoke(&self, revocation: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        if self.is_down.load(Ordering::Relaxed) {
            return Box::pin(async { Err(StoreUnavailable::new()) });
        }
        self.revoked.fetch_add(1, Ordering::Relaxed);
        self.list.revoke(revocation)
    }

    fn retention(&self) -> Duration {
        self.list.retention()
    }

    fn changed(&self) -> StoreFuture<()> {
        self.list.changed()
    }
}

/// A service with a place for logout tokens, and the issuer that sends them.
struct Setup {
    issuer: TestIssuer,
    clock: TestClock,
    store: Store,
    authentik: Authentik,
    url: String,
}

impl Setup {
    async fn new() -> Self {
        Self::of(TestIssuer::builder(), |_, builder| builder, |logout| logout).await
    }

    async fn legacy() -> Self {
        let accept = |logout: BackChannelLogout| logout.accept_legacy(LegacyLogoutTokens);
        Self::of(TestIssuer::builder(), |_, builder| builder, accept).await
    }

    async fn of(
        issuer: TestIssuerBuilder,
        describe: impl FnOnce(&TestIssuer, AuthentikBuilder) -> AuthentikBuilder,
        accept: impl FnOnce(BackChannelLogout) -> BackChannelLogout,
    ) -> Self {
        let clock = TestClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
        let issuer = issuer.clock(&clock).start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let store = Store { list, revoked: Arc::default(), is_down: Arc::default() };
        let authentik = describe(&issuer, issuer.authentik()).revocations(store.clone());
        let authentik = authentik.build().unwrap();
        let url = serve(accept(BackChannelLogout::new(&authentik).unwrap())).await;
        Self { issuer, clock, store, authentik, url }
    }

    fn logout(&self) -> TestToken {
        self.issuer.logout_token("alice")
    }

    async fn send(&self, logout_token: TestToken) -> u16 {
        self.send_text(&logout_token.sign()).await
    }

    async fn send_text(&self, logout_token: &str) -> u16 {
        self.issuer.send_logout(&self.url, logout_token).await.as_u16()
    }

    async fn refusal(&self, token: &str) -> Option<TokenError> {
        self.authentik.verify(token).await.err()
    }

    fn revoked(&self) -> usize {
        self.store.revoked.load(Ordering::Relaxed)
    }
}

/// Listens for as long as the test's runtime lives.
async fn serve(logout: BackChannelLogout) -> String {
    let app = Router::new()
        .route("/logout", post_service(logout.clone()))
        .route_service("/any", logout)
        .route("/other", put(async || ""));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/logout")
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// As `send_logout`, to look at more than the status. Nothing in a token has to be encoded.
async fn post(url: &str, logout_token: &str) -> reqwest::Response {
    let request = client().post(url).header(header::CONTENT_TYPE, FORM);
    request.body(format!("logout_token={logout_token}")).send().await.unwrap()
}

mod taken {
    use super::*;

    #[tokio::test]
    async fn by_session_alone_or_with_the_subject() {
        for has_subject in [false, true] {
            let setup = Setup::new().await;
            let token = |name: &str| setup.issuer.token(name);
            let alice = token("alice").sign();
            let others = [
                token("bob").sign(),
                token("alice").sid("on another device").sign(),
                token("alice").without_session().sign(),
            ];
            for token in others.iter().chain([&alice]) {
                assert_eq!(setup.refusal(token).await, None);
            }
            let logout = setup.logout();
            let logout = if has_subject { logout } else { logout.without_claim("sub") };
            assert_eq!(setup.send(logout).await, 200);
            assert_eq!(setup.refusal(&alice).await, REVOKED);
            for other in &others {
                assert_eq!(setup.refusal(other).await, None);
            }
            // Refresh tokens outlive the session, and lead to tokens of the same session.
            setup.clock.advance(30 * MINUTE);
            assert_eq!(setup.refusal(&token("alice").sign()).await, REVOKED);
        }
    }

    #[tokio::test]
    async fn by_subject_alone() {
        let setup = Setup::new().await;
        let token = |name: &str| setup.issuer.token(name);
        let before = [
            token("alice").sign(),
            token("alice").sid("on another device").sign(),
            token("alice").without_session().sign(),
        ];
        let bob = token("bob").sign();
        assert_eq!(setup.refusal(&before[0]).await, None);
        let logout = setup.logout().without_sid().sign();
        assert_eq!(setup.send_text(&logout).await, 200);
        for token in &before {
            assert_eq!(setup.refusal(token).await, REVOKED);
        }
        assert_eq!(setup.refusal(&bob).await, None);

        setup.clock.advance(SECOND);
        let login = token("alice").sid("a new one").sign();
        assert_eq!(setup.refusal(&login).await, None);
        assert_eq!(setup.send_text(&logout).await, 400);
        assert_eq!(setup.refusal(&login).await, None);
    }

    #[tokio::test]
    async fn only_once() {
        let setup = Setup::new().await;
        let logout = setup.logout().jti("once").sign();
        assert_eq!(setup.send_text(&logout).await, 200);
        assert_eq!(setup.send_text(&logout).await, 400);
        // Another text with the same identifier.
        assert_eq!(setup.send(setup.logout().jti("once").sid("another")).await, 400);
        setup.clock.advance(149 * SECOND);
        assert_eq!(setup.send_text(&logout).await, 400);
        assert_eq!(setup.revoked(), 1);
        assert_eq!(setup.send(setup.logout().jti("twice")).await, 200);
        assert_eq!(setup.revoked(), 2);
    }

    #[tokio::test]
    async fn a_stream_stops() {
        let setup = Setup::new().await;
        let token = setup.issuer.token("alice").sign();
        let alice = setup.authentik.verify(&token).await.unwrap().into_principal();
        let ended = tokio::spawn(alice.until_ended());
        assert_eq!(setup.send(setup.logout()).await, 200);
        assert_eq!(ended.await.unwrap(), Ended::Revoked);
    }

    #[tokio::test]
    async fn within_the_leeway() {
        let setup = Setup::new().await;
        let (exactly, more) = (30 * SECOND, 31 * SECOND);
        assert_eq!(setup.send(setup.logout().issued_in(exactly)).await, 200);
        assert_eq!(setup.send(setup.logout().issued_in(more)).await, 400);
        assert_eq!(setup.send(setup.logout().expired_for(29 * SECOND)).await, 200);
        assert_eq!(setup.send(setup.logout().expired_for(exactly)).await, 400);
    }

    #[tokio::test]
    async fn from_the_issuer_that_it_names() {
        let setup = Setup::new().await;
        let other = Setup::new().await;
        let both = Authentik::any([setup.authentik.clone(), other.authentik.clone()]).unwrap();
        let url = serve(BackChannelLogout::new(&both).unwrap()).await;
        let (ours, theirs) = (setup.issuer.token("alice"), other.issuer.token("alice"));
        let (ours, theirs) = (ours.sign(), theirs.sign());
        let logout = setup.logout().sign();
        assert_eq!(other.send_text(&logout).await, 400);
        assert_eq!(other.issuer.send_logout(&url, &logout).await, 200);
        assert_eq!(both.verify(&ours).await.err(), REVOKED);
        assert_eq!(both.verify(&theirs).await.err(), None);
    }

    #[tokio::test]
    async fn signed_with_the_client_secret() {
        let with_secret = |issuer: &TestIssuer, builder: AuthentikBuilder| {
            builder.client_secret_signing(SharedSecret::new(issuer.client_secret()).unwrap())
        };
        let builder = TestIssuer::builder().client_secret_signing();
        let setup = Setup::of(builder, with_secret, |logout| logout).await;
        let alice = setup.issuer.token("alice").sign();
        assert_eq!(setup.refusal(&alice).await, None);
        assert_eq!(setup.send(setup.logout().sign_with_other_key()).await, 400);
        assert_eq!(setup.send(setup.logout()).await, 200);
        assert_eq!(setup.refusal(&alice).await, REVOKED);
        assert_eq!(setup.issuer.jwks_hits(), 0);

        // The issuer's word is for access and refresh tokens: nobody vouches for a logout token.
        let by_word = |issuer: &TestIssuer, builder: AuthentikBuilder| {
            let secret = issuer.client_secret();
            builder.verify_by_introspection(Introspection::by_client("photos", secret))
        };
        let builder = TestIssuer::builder().client_secret_signing();
        let setup = Setup::of(builder, by_word, |logout| logout).await;
        assert_eq!(setup.send(setup.logout()).await, 400);
        assert_eq!((setup.revoked(), setup.issuer.introspection_hits()), (0, 0));
    }

    #[tokio::test]
    async fn encrypted() {
        let decrypting = |issuer: &TestIssuer, builder: AuthentikBuilder| {
            let key = DecryptionKey::from_pem(&issuer.encryption_key_pem()).unwrap();
            builder.decryption_key(key)
        };
        let builder = || TestIssuer::builder().encrypted_tokens();
        let setup = Setup::of(builder(), decrypting, |logout| logout).await;
        let logout = setup.logout().sign();
        assert_eq!(logout.split('.').count(), 5);
        assert_eq!(setup.send_text(&logout).await, 200);
        assert_eq!(setup.refusal(&setup.issuer.token("alice").sign()).await, REVOKED);
        assert_eq!(setup.send(setup.logout().encrypted_with_other_key()).await, 400);
        assert_eq!(setup.send(setup.logout().sign_with_other_key()).await, 400);

        let without = Setup::of(builder(), |_, builder| builder, |logout| logout).await;
        assert_eq!(without.send(without.logout()).await, 400);
    }
}

mod refused {
    use super::*;

    /// Logout tokens that are none, or not for us.
    fn bad(setup: &Setup) -> Vec<(&'static str, TestToken)> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let logout = || setup.logout();
        let events = |value| logout().claim("events", value);
        vec![
            ("a nonce", logout().nonce("n")),
            ("a nonce that is null", logout().nonce(())),
            ("no events", logout().without_claim("events")),
            ("events in a list", events(json!([EVENT]))),
            ("events as text", events(json!(EVENT))),
            ("events with nothing", events(json!({}))),
            ("events that are true", events(json!({ EVENT: true }))),
            ("other events", events(json!({ "http://schemas.openid.net/event/other": {} }))),
            ("another audience", logout().audience("videos")),
            ("no audience", logout().without_claim("aud")),
            ("another issuer", logout().issuer("https://evil.example/")),
            ("no issuer", logout().without_claim("iss")),
            ("another key", logout().sign_with_other_key()),
            ("a changed signature", logout().tampered(2)),
            ("changed claims", logout().tampered(1)),
            ("no signature", logout().unsigned()),
            ("a public secret", logout().hs256_with_public_key_as(PublicKeyForm::SpkiPem)),
            ("an access token", setup.issuer.token("alice")),
            ("an ID token", setup.issuer.token("alice").id_token()),
            (
                "an access token in disguise",
                setup.issuer.token("alice").header("typ", "logout+jwt"),
            ),
            ("no type", logout().without_header("typ")),
            ("the type of access tokens", logout().header("typ", "at+jwt")),
            ("not yet", logout().issued_in(5 * MINUTE)),
            ("too late", logout().expired()),
            ("no iat", logout().without_claim("iat")),
            ("neither subject nor session", logout().without_sid().without_claim("sub")),
            ("a session that is a number", logout().claim("sid", 7)),
            ("an empty session", logout().sid("")),
            ("an empty subject", logout().without_sid().sub("")),
            ("no jti", logout().without_claim("jti")),
            ("an empty jti", logout().jti("")),
            ("a jti that is a number", logout().claim("jti", 7)),
            ("a claim twice", logout().repeated_claim("sid", "another")),
            ("a key of its own", logout().header("jwk", setup.issuer.jwk())),
            ("an extension", logout().header("crit", ["b64"])),
        ]
    }

    #[tokio::test]
    async fn what_is_no_logout_token_for_us() {
        let (log, _guard) = support::Log::start();
        for (setup, is_legacy) in [(Setup::new().await, false), (Setup::legacy().await, true)] {
            let alice = setup.issuer.token("alice").sign();
            assert_eq!(setup.refusal(&alice).await, None);
            let old = [
                ("no exp", setup.logout().without_claim("exp")),
                ("the type JWT", setup.logout().header("typ", "JWT")),
            ];
            let old = old.into_iter().filter(|_| !is_legacy);
            for (what, token) in bad(&setup).into_iter().chain(old) {
                let token = token.sign();
                let response = post(&setup.url, &token).await;
                assert_eq!(response.status(), 400, "{what}");
                let headers = format!("{:?}", response.headers());
                assert!(headers.contains("no-store"), "{what}");
                assert_eq!(response.text().await.unwrap(), REFUSED, "{what}");
                for segment in token.split('.').filter(|segment| !segment.is_empty()) {
                    assert!(!log.text().contains(segment) && !headers.contains(segment), "{what}");
                }
            }
            for text in ["", ".", "a.b.c", "not a token", &"x".repeat(20_000)] {
                assert_eq!(setup.send_text(text).await, 400, "{text}");
            }
            assert_eq!((setup.refusal(&alice).await, setup.revoked()), (None, 0));
            // The operator is told why.
            for reason in ["not_logout_token", "audience", "issuer", "signature", "expired"] {
                assert!(log.text().contains(&format!("reason=\"{reason}\"")), "{reason}");
            }
        }
    }

    #[tokio::test]
    async fn old_ones_unless_legacy_is_accepted() {
        let setup = Setup::new().await;
        let old = |setup: &Setup| setup.logout().legacy_logout().sign();
        assert_eq!(setup.send_text(&old(&setup)).await, 400);

        let setup = Setup::legacy().await;
        for logout in [
            setup.logout(),
            setup.logout().header("typ", "JWT"),
            setup.logout().without_claim("exp"),
            setup.logout().legacy_logout(),
        ] {
            assert_eq!(setup.send(logout).await, 200);
        }
        let (first, late) = (old(&setup), old(&setup));
        setup.clock.advance(10 * MINUTE + 29 * SECOND);
        assert_eq!(setup.send_text(&first).await, 200);
        assert_eq!(setup.send_text(&first).await, 400);
        setup.clock.advance(SECOND);
        assert_eq!(setup.send_text(&late).await, 400);
        assert_eq!(setup.revoked(), 5);
    }
}

mod keys {
    use super::*;

    #[tokio::test]
    async fn are_fetched_when_a_new_one_is_named() {
        let setup = Setup::new().await;
        assert_eq!(setup.send(setup.logout()).await, 200);
        assert_eq!(setup.issuer.jwks_hits(), 1);
        setup.issuer.rotate();
        assert_eq!(setup.send(setup.logout()).await, 200);
        assert_eq!(setup.issuer.jwks_hits(), 2);
        for n in 0..20 {
            assert_eq!(setup.send(setup.logout().kid(&n.to_string())).await, 400);
        }
        // As for other tokens, the floor between two fetches holds.
        assert_eq!(setup.issuer.jwks_hits(), 2);
        setup.clock.advance(10 * SECOND);
        for n in 0..20 {
            assert_eq!(setup.send(setup.logout().kid(&n.to_string())).await, 400);
        }
        assert_eq!(setup.issuer.jwks_hits(), 3);
    }

    #[tokio::test]
    async fn are_not_fetched_for_tokens_of_others() {
        let setup = Setup::new().await;
        for logout in [
            setup.logout().audience("videos"),
            setup.logout().issuer("https://evil.example/"),
            setup.logout().header("typ", "JWT"),
            setup.issuer.token("alice"),
        ] {
            assert_eq!(setup.send(logout.kid("new")).await, 400);
        }
        assert_eq!((setup.issuer.discovery_hits(), setup.issuer.jwks_hits()), (0, 0));
    }

    #[tokio::test]
    async fn without_them_nothing_is_decided() {
        let setup = Setup::new().await;
        let logout = setup.logout().sign();
        setup.issuer.go_down();
        assert_eq!(setup.send_text(&logout).await, 503);
        setup.issuer.come_up();
        setup.issuer.fail(Endpoint::KeySet, Fault::Body("{}".to_owned()));
        setup.clock.advance(10 * SECOND);
        assert_eq!(setup.send_text(&logout).await, 503);
        setup.issuer.recover(Endpoint::KeySet);
        // A key that was looked for is not looked for again at once.
        setup.clock.advance(MINUTE);
        assert_eq!(setup.send_text(&logout).await, 200);
    }
}

mod store {
    use super::*;

    #[tokio::test]
    async fn when_it_fails_the_same_token_can_be_sent_again() {
        let setup = Setup::new().await;
        let alice = setup.issuer.token("alice").sign();
        let logout = setup.logout().sign();
        setup.store.is_down.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            let response = post(&setup.url, &logout).await;
            assert_eq!(response.status(), 503);
            assert!(response.headers().contains_key(header::RETRY_AFTER));
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            assert_eq!(response.text().await.unwrap(), "");
        }
        assert_eq!(setup.refusal(&alice).await, None);
        setup.store.is_down.store(false, Ordering::Relaxed);
        assert_eq!(setup.send_text(&logout).await, 200);
        assert_eq!(setup.refusal(&alice).await, REVOKED);
        assert_eq!(setup.send_text(&logout).await, 400);
    }

    #[test]
    fn without_one_there_is_no_endpoint() {
        let of = |slug: &str| Authentik::issuer(&format!("https://id.example.org/{slug}/"));
        let with = of("a").audience("a").revocations(RevocationList::default()).build().unwrap();
        let without = of("b").audience("b").build().unwrap();
        assert!(BackChannelLogout::new(&with).is_ok());
        let both = Authentik::any([with, without.clone()]).unwrap();
        for authentik in [without, both] {
            let error = BackChannelLogout::new(&authentik).unwrap_err();
            assert_eq!(error.kind(), ConfigErrorKind::NoRevocations);
        }
    }
}

mod requests {
    use super::*;

    #[tokio::test]
    async fn have_a_form_with_one_token() {
        let setup = Setup::new().await;
        let send = async |kind: Option<&str>, body: String| {
            let request = client().post(&setup.url).body(body);
            let request = match kind {
                Some(kind) => request.header(header::CONTENT_TYPE, kind),
                None => request,
            };
            let response = request.send().await.unwrap();
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            response.status().as_u16()
        };
        let token = || setup.logout().sign();
        let form = || format!("logout_token={}", token());
        for kind in
            [None, Some("application/json"), Some("text/plain"), Some("multipart/form-data")]
        {
            assert_eq!(send(kind, form()).await, 400, "{kind:?}");
        }
        for body in [
            String::new(),
            "logout_token=".to_owned(),
            format!("{}&{}", form(), form()),
            format!("logout_token=&{}", form()),
            format!("LOGOUT_TOKEN={}", token()),
            format!("token={}", token()),
            token(),
        ] {
            assert_eq!(send(Some(FORM), body).await, 400);
        }
        assert_eq!(setup.revoked(), 0);
        let charset = "Application/X-WWW-Form-URLEncoded; charset=UTF-8";
        assert_eq!(send(Some(charset), form()).await, 200);
        assert_eq!(send(Some(FORM), format!("other=1&{}", form())).await, 200);
        assert_eq!(setup.revoked(), 2);

        // URLs end up in logs: nothing is read from there.
        let url = format!("{}?{}", setup.url, form());
        let in_url = client().post(url).header(header::CONTENT_TYPE, FORM).send().await.unwrap();
        assert_eq!((in_url.status().as_u16(), setup.revoked()), (400, 2));
    }

    #[tokio::test]
    async fn are_posts() {
        let setup = Setup::new().await;
        for path in ["/logout", "/any"] {
            let url = setup.url.replace("/logout", path);
            for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
                let query = format!("{url}?logout_token={}", setup.logout().sign());
                let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
                let response = client().request(method, query).send().await.unwrap();
                assert_eq!(response.status(), 405);
                assert_eq!(response.headers()[header::ALLOW], "POST");
            }
            let response = post(&url, &setup.logout().sign()).await;
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        }
        assert_eq!(setup.revoked(), 2);
    }

    #[tokio::test]
    async fn are_small() {
        let setup = Setup::new().await;
        let endpoint = BackChannelLogout::new(&setup.authentik).unwrap();
        let send = async |padding: usize| {
            let token = setup.logout().sign();
            let body = format!("logout_token={token}&padding={}", "x".repeat(padding));
            let request = Request::post("/").header(header::CONTENT_TYPE, FORM);
            let request = request.body(Body::from(body)).unwrap();
            let response = endpoint.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            (status, response.into_body().collect().await.unwrap().to_bytes())
        };
        assert_eq!(send(30 * 1024).await.0, 200);
        for padding in [32 * 1024, 64 * 1024 * 1024] {
            assert_eq!(send(padding).await, (400, REFUSED.into()));
        }
        assert_eq!(setup.revoked(), 1);
    }
}

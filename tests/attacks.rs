//! Attempts to get further than a token reaches, each of which has worked once, and a few that must never work.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{
    convert::Infallible,
    future::Future,
    net::TcpListener,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum_authz::{
    layer::{AuthzLayer, ForwardAuth, PeerAddr, Refusal},
    principal::Principal,
    test::{Alg, TestClock, TestIssuer},
    token::{
        Authentik, Introspection, Invalid, Lookup, Revocation, Revocations, SharedSecret,
        StoreFuture, StoreUnavailable, TokenError, TokenIdentity, Undecided,
    },
};
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

const HOUR: Duration = Duration::from_secs(3600);

fn at_first_poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

fn asking(issuer: &TestIssuer) -> Introspection {
    Introspection::by_client(issuer.audience(), issuer.client_secret())
        .endpoint(&issuer.introspection_url())
}

/// Whoever has stolen a key waits until the service has nothing to do, and comes after the key has been withdrawn.
#[tokio::test]
async fn a_withdrawn_key_is_not_believed_after_a_quiet_night() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().build().unwrap();
    let (token, other) = (issuer.token("alice"), issuer.token("mallory"));
    let (token, other) = (token.expires_in(48 * HOUR).sign(), other.expires_in(48 * HOUR).sign());
    assert_eq!(refusal(&authentik, &token).await, None);
    issuer.rotate();
    clock.advance(12 * HOUR);
    // One that has never been seen, and one that is remembered.
    for stolen in [&other, &token] {
        assert_eq!(refusal(&authentik, stolen).await, Some(Invalid::KeyUnknown.into()));
    }
    let fresh = issuer.token("alice").sign();
    assert_eq!(refusal(&authentik, &fresh).await, None);
}

/// Old keys are for outages. While one lasts, nobody waits for an answer that does not come, but for the first
/// who asks.
#[tokio::test]
async fn old_keys_are_believed_while_the_provider_is_known_to_be_down() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().build().unwrap();
    let token = issuer.token("alice").expires_in(48 * HOUR).sign();
    assert_eq!(refusal(&authentik, &token).await, None);
    issuer.go_down();
    clock.advance(12 * HOUR);
    assert_eq!(refusal(&authentik, &token).await, None);
    for _ in 0..10 {
        assert!(at_first_poll(authentik.verify(&token)).is_some_and(|result| result.is_ok()));
    }
    issuer.rotate();
    issuer.come_up();
    clock.advance(HOUR);
    assert_eq!(refusal(&authentik, &token).await, Some(Invalid::KeyUnknown.into()));
}

/// A thread that cannot start a task, as any thread when its runtime shuts down, must not take a lock with it.
#[tokio::test]
async fn a_question_that_cannot_be_asked_blocks_no_other() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().verify_by_introspection(asking(&issuer)).build().unwrap();
    let token = issuer.token("alice").sign();
    let (send, receive) = mpsc::channel();
    let (elsewhere, text) = (authentik.clone(), token.clone());
    std::thread::spawn(move || {
        let asked = catch_unwind(AssertUnwindSafe(|| at_first_poll(elsewhere.verify(&text))));
        let _ = send.send(asked.is_err());
    });
    // The time only matters when the thread hangs.
    assert_eq!(receive.recv_timeout(Duration::from_secs(60)), Ok(true));
    assert_eq!(refusal(&authentik, &token).await, None);
}

/// With texts that need not even be signed, anyone can ask for more than the provider answers.
#[tokio::test(start_paused = true)]
async fn a_flood_of_questions_keeps_nobody_waiting_for_long() {
    let issuer = TestIssuer::builder().algorithm(Alg::EdDSA).start().await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/application/o/introspect/", silent.local_addr().unwrap());
    let introspection = Introspection::by_client("photos", "secret").endpoint(&url);
    let authentik = issuer.authentik().verify_by_introspection(introspection).build().unwrap();
    let start = tokio::time::Instant::now();
    let asked: Vec<_> = (0..2000)
        .map(|n| {
            let answer = authentik.verify(&issuer.token("alice").claim("n", n).sign());
            tokio::spawn(async move {
                assert!(matches!(answer.await, Err(TokenError::Undecided(_))));
                start.elapsed()
            })
        })
        .collect();
    let mut at_once = 0;
    for answer in asked {
        let waited = answer.await.unwrap();
        // By the paused clock: as long as one waits for a turn and then for an answer.
        assert!(waited <= Duration::from_secs(25), "{waited:?}");
        at_once += usize::from(waited.is_zero());
    }
    // Those for whom there is no room: they would only use up memory.
    assert!(at_once >= 900, "{at_once}");
}

/// A store whose answer takes so long that the token expires meanwhile.
struct Slow(TestClock);

impl Revocations for Slow {
    fn lookup(&self, _: &TokenIdentity) -> Lookup {
        let clock = self.0.clone();
        Lookup::Later(Box::pin(async move {
            clock.advance(2 * HOUR);
            Ok(false)
        }))
    }

    fn revoke(&self, _: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn retention(&self) -> Duration {
        24 * HOUR
    }
}

#[tokio::test]
async fn a_token_that_expires_while_others_are_asked_is_refused() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().revocations(Slow(clock.clone())).build().unwrap();
    let token = issuer.token("alice").expires_in(HOUR).sign();
    assert_eq!(refusal(&authentik, &token).await, Some(Invalid::Expired.into()));
}

/// A store that never answers.
struct Silent;

impl Revocations for Silent {
    fn lookup(&self, _: &TokenIdentity) -> Lookup {
        Lookup::Later(Box::pin(std::future::pending()))
    }

    fn revoke(&self, _: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        Box::pin(std::future::pending())
    }

    fn retention(&self) -> Duration {
        24 * HOUR
    }
}

/// By the paused clock, of which a day is over soon.
#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_leaves_nobody_waiting() {
    let day = async |work: &mut (dyn Future<Output = TokenError> + Unpin + Send)| {
        tokio::time::timeout(24 * HOUR, work).await.ok()
    };
    // With a secret, because nothing is fetched then: a paused clock leaves the network no time.
    let issuer = TestIssuer::builder().client_secret_signing().start().await;
    let secret = SharedSecret::new(issuer.client_secret()).unwrap();
    let authentik = issuer.authentik().client_secret_signing(secret).revocations(Silent);
    let authentik = authentik.build().unwrap();
    let undecided = Some(TokenError::Undecided(Undecided::Revocations));
    let token = issuer.token("alice").sign();
    let mut verified = Box::pin(async { authentik.verify(&token).await.unwrap_err() });
    assert_eq!(day(&mut verified).await, undecided);
    let logouts = authentik.logouts().unwrap();
    let token = issuer.logout_token("alice").sign();
    let mut taken = Box::pin(async { logouts.take(&token).await.unwrap_err() });
    assert_eq!(day(&mut taken).await, undecided);
}

/// Applications that share an issuer are told apart by key and audience, whatever a token says about itself.
mod global {
    use super::*;
    use axum_authz::test::IssuerMode;

    /// Authentik's providers share a certificate unless another is chosen, and scope mappings can write any
    /// `iss` and `aud`.
    #[tokio::test]
    async fn a_shared_certificate_and_a_mapping_do_not_make_another_applications_token_ours() {
        let issuer = TestIssuer::builder().certificate("shared");
        let issuer = issuer.application("other").certificate("shared").start().await;
        let other = issuer.of("other");
        assert_eq!(issuer.kid(), other.kid());
        let authentik = issuer.authentik().build().unwrap();
        let disguised =
            || other.token("mallory").issuer(issuer.issuer()).audience(issuer.audience()).sign();
        assert_eq!(refusal(&authentik, &disguised()).await, Some(Invalid::Client.into()));
        // Somebody may want just that.
        let open = issuer.authentik().client(other.audience()).build().unwrap();
        assert_eq!(refusal(&open, &disguised()).await, None);
        let elsewhere = other.token("mallory").issuer(issuer.issuer()).sign();
        assert_eq!(refusal(&open, &elsewhere).await, Some(Invalid::Audience.into()));
    }

    #[tokio::test]
    async fn one_application_cannot_speak_for_another() {
        let issuer = TestIssuer::builder()
            .mode(IssuerMode::Global)
            .application("cli")
            .mode(IssuerMode::Global)
            .certificate("another")
            .start()
            .await;
        let cli = issuer.of("cli");
        let photos = issuer.authentik().build().unwrap();
        let any = Authentik::any([photos, cli.authentik().build().unwrap()]).unwrap();
        let (ours, theirs) = (issuer.audience().to_owned(), cli.audience().to_owned());
        assert_eq!(refusal(&any, &issuer.token("alice").sign()).await, None);
        assert_eq!(refusal(&any, &cli.token("alice").sign()).await, None);
        let both = [&theirs, &ours];
        for (azp, aud, refused) in [
            // Their key under our name, with every combination of whom it may be for.
            (&ours, both, Invalid::Signature),
            (&ours, [&ours, &ours], Invalid::Signature),
            (&theirs, [&ours, &ours], Invalid::Audience),
        ] {
            let forged = cli.token("alice").claim("azp", azp).claim("aud", aud);
            let forged = if *azp == ours { forged.kid(&issuer.kid()) } else { forged };
            assert_eq!(refusal(&any, &forged.sign()).await, Some(refused.into()), "{azp} {aud:?}");
        }
    }

    #[tokio::test]
    async fn a_shared_secret_is_good_for_its_own_application_only() {
        let issuer = TestIssuer::builder()
            .mode(IssuerMode::Global)
            .application("proxy")
            .mode(IssuerMode::Global)
            .client_secret_signing()
            .start()
            .await;
        let proxy = issuer.of("proxy");
        let secret = SharedSecret::new(proxy.client_secret()).unwrap();
        let any = Authentik::any([
            issuer.authentik().build().unwrap(),
            proxy.authentik().client_secret_signing(secret).build().unwrap(),
        ])
        .unwrap();
        assert_eq!(refusal(&any, &proxy.token("alice").sign()).await, None);
        for aud in [vec![issuer.audience()], vec![proxy.audience(), issuer.audience()]] {
            let forged = proxy.token("alice").claim("azp", issuer.audience()).claim("aud", aud);
            let refused = Some(Invalid::SymmetricAlgorithm.into());
            assert_eq!(refusal(&any, &forged.sign()).await, refused);
        }
    }
}

mod logout {
    use super::*;
    use axum_authz::token::RevocationList;

    #[tokio::test]
    async fn nothing_is_fetched_for_a_logout_of_others() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().revocations(RevocationList::default()).build().unwrap();
        let logouts = authentik.logouts().unwrap();
        let other = issuer.logout_token("alice").audience("other").sign();
        assert_eq!(logouts.take(&other).await, Err(Invalid::Audience.into()));
        assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (0, 0));
    }

    /// A known limit, which the endpoint's page states: Authentik keeps refresh tokens after a logout and takes
    /// the session out of them (`RefreshToken.session` is set to null), so that tokens that are refreshed later
    /// have no `sid`.
    #[tokio::test]
    async fn what_is_refreshed_after_a_logout_belongs_to_no_session() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().revocations(RevocationList::default()).build().unwrap();
        let logouts = authentik.logouts().unwrap();
        logouts.take(&issuer.logout_token("alice").sign()).await.unwrap();
        let of_session = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &of_session).await, Some(Invalid::Revoked.into()));
        assert_eq!(refusal(&authentik, &issuer.token("alice").without_sid().sign()).await, None);
    }

    /// Saying "done" to a logout that ends nothing would leave the session open for good.
    #[tokio::test]
    async fn a_logout_that_names_nobody_is_not_taken() {
        let issuer = TestIssuer::start().await;
        let list = RevocationList::default();
        let authentik = issuer.authentik().revocations(list.clone()).build().unwrap();
        let logouts = authentik.logouts().unwrap();
        for (token, claim) in [
            (issuer.logout_token("alice").sid(""), "sid"),
            (issuer.logout_token("alice").without_sid().sub(""), "sub"),
        ] {
            assert_eq!(logouts.take(&token.sign()).await, Err(Invalid::Claim(claim).into()));
        }
        assert!(list.is_empty());
    }
}

mod layers {
    use super::*;

    type Body = Full<bytes::Bytes>;

    async fn whoami(request: Request<()>) -> Result<Response<Body>, Infallible> {
        let who = request.extensions().get::<Principal>();
        let who = who.map_or("anonymous", Principal::id).to_owned();
        Ok(Response::new(Full::from(who)))
    }

    async fn text(
        response: Response<impl http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug>>,
    ) -> String {
        use http_body_util::BodyExt;
        String::from_utf8(response.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    /// An inner layer that takes fewer credentials than the one around it must not hand on whom the outer one let in.
    #[tokio::test]
    async fn whom_an_outer_layer_believes_is_a_stranger_to_an_inner_one() {
        let staff = TestIssuer::builder().slug("staff").start().await;
        let wiki = TestIssuer::builder().slug("wiki").audience("wiki-proxy").start().await;
        let outpost = wiki.authentik().build().unwrap();
        let forward = ForwardAuth::new(outpost).peers(["10.0.0.1"]).unwrap();
        let authentik = staff.authentik().build().unwrap();
        let outer = AuthzLayer::new(authentik.clone(), support::policies()).forward_auth(forward);
        let inner = AuthzLayer::new(authentik, support::policies());
        let request = || {
            let token = wiki.token("mallory").groups(["admin"]).sign();
            let mut request = Request::builder().header("x-authentik-jwt", token).body(()).unwrap();
            request.extensions_mut().insert(PeerAddr("10.0.0.1".parse().unwrap()));
            request
        };
        let alone = outer.layer(service_fn(whoami)).oneshot(request()).await.unwrap();
        assert_eq!(text(alone).await, "mallory");
        let nested = outer.layer(inner.layer(service_fn(whoami)));
        assert_eq!(text(nested.oneshot(request()).await.unwrap()).await, "anonymous");
        // One layer applied twice is one layer.
        let twice = outer.layer(outer.layer(service_fn(whoami)));
        assert_eq!(text(twice.oneshot(request()).await.unwrap()).await, "mallory");
    }

    /// Proxies that ask a service whether a request may pass (nginx's `auth_request`) hand on the client's
    /// headers and go by the status. gRPC is always POST.
    #[tokio::test]
    async fn a_content_type_makes_no_200_of_a_refusal() {
        let issuer = TestIssuer::start().await;
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
            for kind in ["application/grpc", "application/grpc-web+proto"] {
                let request = Request::builder().method(method).header(header::CONTENT_TYPE, kind);
                let request =
                    request.header(header::AUTHORIZATION, "Bearer forged").body(()).unwrap();
                let response = layer.layer(service_fn(whoami)).oneshot(request).await.unwrap();
                assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {kind}");
                assert!(matches!(response.extensions().get(), Some(Refusal::InvalidToken(_))));
            }
        }
    }
}

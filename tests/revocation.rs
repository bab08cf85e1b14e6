//! Revocation: what is revoked is refused at once, remembered or not, and what goes on for long is told to stop.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    convert::Infallible,
    future::{Future, ready},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use axum::{Extension, Router, body::Body, response::Response, routing::get};
use axum_authz::{
    Principal, authenticated,
    layer::{AuthzLayer, Refusal},
    principal::Ended,
    test::{TestClock, TestIssuer},
    token::{
        Authentik, Invalid, Lookup, Revocation, RevocationList, Revocations, SharedSecret,
        StoreFuture, StoreUnavailable, TokenError, TokenIdentity, Undecided,
    },
};
use bytes::Bytes;
use http::{Request, header};
use http_body::Frame;
use http_body_util::BodyExt;
use tokio::sync::{broadcast, mpsc};
use tower::ServiceExt;

mod support;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const REVOKED: Option<TokenError> = Some(TokenError::Invalid(Invalid::Revoked));
const FAILED: Option<TokenError> = Some(TokenError::Undecided(Undecided::Revocations));

/// A stand-in whose clock shows whole seconds, as tokens do.
async fn start() -> (TestIssuer, TestClock) {
    let clock = TestClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
    (TestIssuer::builder().clock(&clock).client_secret_signing().start().await, clock)
}

/// No key is fetched for its tokens: nothing in here waits for the network.
fn provider(issuer: &TestIssuer, store: impl Revocations) -> Authentik {
    let secret = SharedSecret::new(issuer.client_secret()).unwrap();
    issuer.authentik().client_secret_signing(secret).revocations(store).build().unwrap()
}

fn at_first_poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What becomes of a token when nobody is waited for.
fn at_once(authentik: &Authentik, token: &str) -> Option<TokenError> {
    at_first_poll(authentik.verify(token)).unwrap().err()
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

async fn principal(authentik: &Authentik, token: &str) -> Principal {
    authentik.verify(token).await.unwrap().into_principal()
}

mod in_memory {
    use super::*;

    #[tokio::test]
    async fn each_kind_reaches_tokens_that_are_remembered_and_no_others() {
        let (issuer, clock) = start().await;
        let iss = issuer.issuer();
        for (revocation, hit) in [
            (Revocation::session(iss, "s1"), [true, false, false]),
            (Revocation::token(iss, "j2"), [false, true, false]),
            (Revocation::subject(iss, "carol", clock.now()), [false, false, true]),
            // Nobody's session is called so, though a subject is.
            (Revocation::session(iss, "carol"), [false, false, false]),
        ] {
            let list = RevocationList::on_clock(HOUR, &clock);
            let authentik = provider(&issuer, list.clone());
            let tokens = [("alice", "s1", "j1"), ("bob", "s2", "j2"), ("carol", "s3", "j3")]
                .map(|(sub, sid, jti)| issuer.token(sub).sid(sid).jti(jti).sign());
            for token in &tokens {
                assert_eq!(refusal(&authentik, token).await, None);
            }
            assert_eq!(authentik.health().remembered_tokens, 3);
            list.revoke(revocation).await.unwrap();
            for _ in 0..2 {
                let found = tokens.each_ref().map(|token| at_once(&authentik, token));
                assert_eq!(found, hit.map(|hit| if hit { REVOKED } else { None }));
            }
            // It is not kept for nothing.
            let good = hit.iter().filter(|hit| !**hit).count();
            assert_eq!(authentik.health().remembered_tokens, good);
        }
    }

    #[tokio::test]
    async fn a_subject_may_come_back() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let authentik = provider(&issuer, list.clone());
        let now = clock.now();
        let of = |ahead: u64| issuer.token("alice").issued_in(Duration::from_secs(ahead)).sign();
        let (old, new) = (of(0), of(1));
        list.revoke(Revocation::subject(issuer.issuer(), "alice", now - SECOND)).await.unwrap();
        assert_eq!((at_once(&authentik, &old), at_once(&authentik, &new)), (None, None));
        list.revoke(Revocation::subject(issuer.issuer(), "alice", now)).await.unwrap();
        assert_eq!((at_once(&authentik, &old), at_once(&authentik, &new)), (REVOKED, None));
        // What is older does not take back what is newer.
        list.revoke(Revocation::subject(issuer.issuer(), "alice", now - HOUR)).await.unwrap();
        assert_eq!((at_once(&authentik, &old), at_once(&authentik, &new)), (REVOKED, None));
    }

    #[tokio::test]
    async fn a_refreshed_token_of_a_revoked_session_is_refused_too() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let authentik = provider(&issuer, list.clone());
        list.revoke(Revocation::session(issuer.issuer(), &issuer.sid("alice"))).await.unwrap();
        clock.advance(HOUR);
        let refreshed = issuer.token("alice").sign();
        assert_eq!(at_once(&authentik, &refreshed), REVOKED);
        // Service accounts have no session.
        let robot = issuer.token("alice").without_session().sign();
        assert_eq!(at_once(&authentik, &robot), None);
    }

    #[tokio::test]
    async fn issuers_have_nothing_to_do_with_each_other() {
        let (issuer, clock) = start().await;
        let (other, _) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let one = provider(&issuer, list.clone());
        let two = provider(&other, list.clone());
        let both = Authentik::any([one, two]).unwrap();
        let token = |of: &TestIssuer| of.token("alice").sid("s").jti("j").sign();
        let (ours, theirs) = (token(&issuer), token(&other));
        for revocation in [
            Revocation::session(issuer.issuer(), "s"),
            Revocation::token(issuer.issuer(), "j"),
            Revocation::subject(issuer.issuer(), "alice", clock.now()),
            Revocation::session(issuer.issuer().trim_end_matches('/'), "s"),
        ] {
            assert_eq!(at_once(&both, &theirs), None);
            list.revoke(revocation).await.unwrap();
            assert_eq!((at_once(&both, &ours), at_once(&both, &theirs)), (REVOKED, None));
        }
    }

    #[tokio::test]
    async fn tokens_that_could_outlive_their_revocation_are_refused() {
        let (issuer, clock) = start().await;
        let authentik = provider(&issuer, RevocationList::on_clock(2 * HOUR, &clock));
        let without = {
            let secret = SharedSecret::new(issuer.client_secret()).unwrap();
            issuer.authentik().client_secret_signing(secret).build().unwrap()
        };
        let token = || issuer.token("alice");
        for (token, expected) in [
            (token().expires_in(2 * HOUR), None),
            (token().expires_in(2 * HOUR + SECOND), Some(Invalid::Lifetime)),
            (token().without_claim("iat"), Some(Invalid::MissingClaim("iat"))),
        ] {
            let token = token.sign();
            assert_eq!(at_once(&authentik, &token), expected.map(TokenError::Invalid));
            assert_eq!(at_once(&without, &token), None);
        }
        // One that says it will be issued later would outlive it as well.
        let ahead = |time| token().issued_in(time).expires_in(time + SECOND).sign();
        assert!(at_once(&authentik, &ahead(24 * HOUR)).is_some());
    }

    #[tokio::test]
    async fn a_revocation_is_kept_until_no_token_is_left() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let authentik = provider(&issuer, list.clone());
        let token = issuer.token("alice").expires_in(HOUR).sign();
        list.revoke(Revocation::session(issuer.issuer(), &issuer.sid("alice"))).await.unwrap();
        clock.advance(HOUR + 29 * SECOND);
        assert_eq!(at_once(&authentik, &token), REVOKED);
        clock.advance(SECOND);
        assert_eq!(at_once(&authentik, &token), Some(Invalid::Expired.into()));
    }
}

/// A store as of several processes: it takes a while, and can fail.
#[derive(Clone, Default)]
struct Remote {
    says: Arc<Mutex<Says>>,
    asked: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Says {
    #[default]
    Good,
    Revoked,
    Nothing,
}

impl Remote {
    fn will_say(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// How often it was asked, and how often it was waited for.
    fn counts(&self) -> (usize, usize) {
        (self.asked.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed))
    }
}

impl Revocations for Remote {
    fn lookup(&self, _: &TokenIdentity) -> Lookup {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let remote = self.clone();
        Lookup::Later(Box::pin(async move {
            tokio::task::yield_now().await;
            remote.answered.fetch_add(1, Ordering::Relaxed);
            let says = *remote.says.lock().unwrap();
            match says {
                Says::Good => Ok(false),
                Says::Revoked => Ok(true),
                Says::Nothing => Err(StoreUnavailable::new()),
            }
        }))
    }

    fn revoke(&self, _: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        Box::pin(ready(Err(StoreUnavailable::new())))
    }

    fn retention(&self) -> Duration {
        HOUR
    }
}

#[authenticated]
async fn whoami(me: Principal) -> String {
    me.id().to_owned()
}

fn get_request(token: &str) -> Request<Body> {
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

mod of_ones_own {
    use super::*;

    #[tokio::test]
    async fn it_is_asked_once_for_each_request() {
        let (issuer, _) = start().await;
        let store = Remote::default();
        let authentik = provider(&issuer, store.clone());
        let token = issuer.token("alice").sign();
        for times in 1..=3 {
            assert_eq!(refusal(&authentik, &token).await, None);
            assert_eq!(store.counts(), (times, times));
            assert_eq!(authentik.health().remembered_tokens, 1);
        }
        store.will_say(Says::Revoked);
        for times in 4..=5 {
            assert_eq!(refusal(&authentik, &token).await, REVOKED);
            assert_eq!(store.counts(), (times, times));
            assert_eq!(authentik.health().remembered_tokens, 0);
        }
        // Not about tokens that are bad anyway.
        assert!(refusal(&authentik, &issuer.token("alice").expired().sign()).await.is_some());
        assert_eq!(store.counts(), (5, 5));
    }

    #[tokio::test]
    async fn it_may_be_shared() {
        let (issuer, clock) = start().await;
        let store: Arc<dyn Revocations> = Arc::new(RevocationList::on_clock(HOUR, &clock));
        let authentik = provider(&issuer, Arc::clone(&store));
        let token = issuer.token("alice").jti("one").sign();
        let alice = authentik.verify(&token).await.unwrap().into_principal();
        let mut ended = pin!(alice.until_ended());
        assert_eq!(at_first_poll(ended.as_mut()), None);
        store.revoke(Revocation::token(issuer.issuer(), "one")).await.unwrap();
        assert_eq!(at_once(&authentik, &token), REVOKED);
        // At once, not after ten seconds: that something has changed is told through the `Arc`.
        assert_eq!(at_first_poll(ended), Some(Ended::Revoked));
    }

    #[tokio::test]
    async fn when_it_fails_nothing_is_decided() {
        let (issuer, _) = start().await;
        let store = Remote::default();
        let authentik = provider(&issuer, store.clone());
        let (known, new) = (issuer.token("alice").sign(), issuer.token("bob").sign());
        assert_eq!(refusal(&authentik, &known).await, None);
        store.will_say(Says::Nothing);
        for token in [&known, &new, &known] {
            assert_eq!(refusal(&authentik, token).await, FAILED);
        }
        store.will_say(Says::Good);
        for token in [&known, &new] {
            assert_eq!(refusal(&authentik, token).await, None);
        }
    }

    #[tokio::test]
    async fn callers_are_told_to_try_again() {
        let (issuer, _) = start().await;
        let store = Remote::default();
        let layer = AuthzLayer::new(provider(&issuer, store.clone()), support::policies());
        let app = Router::new().route("/", get(whoami)).layer(layer);
        let token = issuer.token("alice").sign();
        let mut seen = Vec::new();
        for says in [Says::Good, Says::Nothing, Says::Revoked, Says::Good] {
            store.will_say(says);
            let response = app.clone().oneshot(get_request(&token)).await.unwrap();
            let refusal = response.extensions().get::<Refusal>();
            let reason = refusal.map_or("", Refusal::reason).to_owned();
            let again = response.headers().contains_key(header::RETRY_AFTER);
            seen.push((response.status().as_u16(), reason, again));
        }
        let expected = [(200, "", false), (503, "revocations", true), (401, "revoked", false)];
        let expected = expected.into_iter().chain([(200, "", false)]);
        let expected: Vec<_> =
            expected.map(|(status, reason, again)| (status, reason.to_owned(), again)).collect();
        assert_eq!(seen, expected);
    }
}

mod until_ended {
    use super::*;

    #[tokio::test]
    async fn the_token_expires_for_streams_when_it_does_for_requests() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let secret = SharedSecret::new(issuer.client_secret()).unwrap();
        let without = issuer.authentik().client_secret_signing(secret).build().unwrap();
        for authentik in [provider(&issuer, list), without] {
            let token = issuer.token("alice").expires_in(60 * SECOND).sign();
            let alice = principal(&authentik, &token).await;
            let ended = tokio::spawn(alice.until_ended());
            clock.advance(60 * SECOND + 29 * SECOND);
            tokio::task::yield_now().await;
            assert!(at_first_poll(alice.until_ended()).is_none() && !ended.is_finished());
            assert_eq!(at_once(&authentik, &token), None);
            clock.advance(SECOND);
            assert_eq!(ended.await.unwrap(), Ended::Expired);
            assert_eq!(at_first_poll(alice.until_ended()), Some(Ended::Expired));
            assert_eq!(at_once(&authentik, &token), Some(Invalid::Expired.into()));
        }
    }

    #[tokio::test]
    async fn another_task_revokes() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let authentik = provider(&issuer, list.clone());
        let alice = principal(&authentik, &issuer.token("alice").sign()).await;
        let waiting: Vec<_> = (0..3).map(|_| tokio::spawn(alice.until_ended())).collect();
        let iss = issuer.issuer().to_owned();
        let sid = issuer.sid("alice");

        // Somebody else's session does not matter, however often.
        for n in 0..10 {
            list.revoke(Revocation::session(&iss, &n.to_string())).await.unwrap();
            tokio::task::yield_now().await;
        }
        assert!(waiting.iter().all(|it| !it.is_finished()));
        let revoking = {
            let list = list.clone();
            async move { list.revoke(Revocation::session(&iss, &sid)).await }
        };
        tokio::spawn(revoking).await.unwrap().unwrap();
        for ended in waiting {
            assert_eq!(ended.await.unwrap(), Ended::Revoked);
        }
        // Whoever asks afterwards is told at once, and when both are true, that one is said.
        assert_eq!(at_first_poll(alice.until_ended()), Some(Ended::Revoked));
        clock.advance(2 * HOUR);
        assert_eq!(at_first_poll(alice.until_ended()), Some(Ended::Revoked));
    }

    #[tokio::test]
    async fn what_is_revoked_between_call_and_first_poll_is_not_missed() {
        let (issuer, clock) = start().await;
        let list = RevocationList::on_clock(HOUR, &clock);
        let authentik = provider(&issuer, list.clone());
        let alice = principal(&authentik, &issuer.token("alice").sign()).await;
        let ended = alice.until_ended();
        drop(alice);
        list.revoke(Revocation::session(issuer.issuer(), &issuer.sid("alice"))).await.unwrap();
        assert_eq!(ended.await, Ended::Revoked);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_cannot_tell_is_asked_again_every_ten_seconds() {
        let (issuer, _) = start().await;
        let store = Remote::default();
        let authentik = provider(&issuer, store.clone());
        let alice = principal(&authentik, &issuer.token("alice").sign()).await;
        let start = tokio::time::Instant::now();
        let ended = tokio::spawn(alice.until_ended());
        tokio::time::sleep(25 * SECOND).await;
        // One for the request, then at 0, 10 and 20 seconds.
        assert_eq!(store.counts(), (4, 4));
        assert!(!ended.is_finished());
        store.will_say(Says::Revoked);
        assert_eq!(ended.await.unwrap(), Ended::Revoked);
        assert_eq!((start.elapsed().as_secs(), store.counts()), (30, (5, 5)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_ends_it_too() {
        let (issuer, _) = start().await;
        let store = Remote::default();
        let authentik = provider(&issuer, store.clone());
        let alice = principal(&authentik, &issuer.token("alice").sign()).await;
        let ended = tokio::spawn(alice.until_ended());
        tokio::time::sleep(5 * SECOND).await;
        assert!(!ended.is_finished());
        store.will_say(Says::Nothing);
        for ended in [ended, tokio::spawn(alice.until_ended())] {
            let ended = tokio::time::timeout(HOUR, ended).await.unwrap();
            assert_eq!(ended.unwrap(), Ended::Undecided);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_token_there_is_no_end() {
        let ended = tokio::spawn(Principal::test("alice").until_ended());
        tokio::time::sleep(10 * 365 * 24 * HOUR).await;
        assert!(!ended.is_finished());
    }
}

/// A response that goes on for as long as its sender is there.
struct Feed(mpsc::Receiver<String>);

impl http_body::Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|text| Some(Ok(Frame::data(text?.into()))))
    }
}

type News = broadcast::Sender<&'static str>;

#[authenticated]
async fn events(me: Principal, Extension(news): Extension<News>) -> Response {
    let (client, feed) = mpsc::channel(1);
    let mut news = news.subscribe();
    tokio::spawn(async move {
        let mut ended = pin!(me.until_ended());
        loop {
            let text = tokio::select! {
                biased;
                why = &mut ended => format!("event: end\ndata: {}\n\n", why.reason()),
                Ok(text) = news.recv() => format!("data: {text}\n\n"),
                else => return,
            };
            let is_end = text.starts_with("event: end");
            if client.send(text).await.is_err() || is_end {
                return;
            }
        }
    });
    let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
    response.body(Body::new(Feed(feed))).unwrap()
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_the_others_go_on() {
    let (issuer, clock) = start().await;
    let list = RevocationList::on_clock(HOUR, &clock);
    let layer = AuthzLayer::new(provider(&issuer, list.clone()), support::policies());
    let news = News::new(8);
    let app = Router::new().route("/", get(events)).layer(Extension(news.clone())).layer(layer);
    let open = async |name: &str| {
        let request = get_request(&issuer.token(name).sign());
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        response.into_body()
    };
    let (mut alice, mut bob) = (open("alice").await, open("bob").await);
    let next = async |body: &mut Body| {
        let frame = body.frame().await?.unwrap().into_data().unwrap();
        Some(String::from_utf8(frame.to_vec()).unwrap())
    };
    news.send("hello").unwrap();
    assert_eq!(next(&mut alice).await.as_deref(), Some("data: hello\n\n"));
    assert_eq!(next(&mut bob).await.as_deref(), Some("data: hello\n\n"));

    list.revoke(Revocation::session(issuer.issuer(), &issuer.sid("alice"))).await.unwrap();
    news.send("a secret").unwrap();
    assert_eq!(next(&mut alice).await.as_deref(), Some("event: end\ndata: revoked\n\n"));
    assert_eq!(next(&mut alice).await, None);
    assert_eq!(next(&mut bob).await.as_deref(), Some("data: a secret\n\n"));

    clock.advance(HOUR + 30 * SECOND);
    assert_eq!(next(&mut bob).await.as_deref(), Some("event: end\ndata: expired\n\n"));
    assert_eq!(next(&mut bob).await, None);
}

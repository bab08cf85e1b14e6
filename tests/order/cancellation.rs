//! Requests that are given up while something is waited for.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::SystemTime,
};

use axum::{Json, Router, body::Body, extract::Path, extract::State, http::Request};
use axum_authz::{
    Principal,
    decide::{Answer as Decided, Decide, Question},
    extract::{Changed, Loaded},
    guard::{self, Ahead},
    policies::{Decision, Effect, Outline, Outlook},
    resource::Load,
};
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::{Notify, Semaphore};

use crate::{
    service::{Answer, Boxed, Setup, bearer},
    support::Log,
    world::{Album, AlbumKey, Edit, Gone},
};

/// Where a request waits until it is let go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Foresight,
    Loader,
    Decision,
    Body,
}

#[derive(Clone)]
struct Slow(Arc<Inner>);

struct Inner {
    at: At,
    waits: Notify,
    go_on: Semaphore,
    loads: AtomicUsize,
    handled: AtomicUsize,
}

impl Slow {
    fn new(at: At) -> Self {
        let (waits, go_on) = (Notify::new(), Semaphore::new(0));
        let (loads, handled) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(Inner { at, waits, go_on, loads, handled }))
    }

    async fn pass(&self, at: At) {
        if self.0.at == at {
            self.0.waits.notify_one();
            let _ = self.0.go_on.acquire().await.unwrap();
        }
    }
}

/// Allows everything, in the end.
impl Decide for Slow {
    fn decide<'a>(&'a self, _: Question<'a>, _: &'a str) -> Decided<'a, Decision> {
        Decided::later(async {
            self.pass(At::Decision).await;
            Ok(Decision::new(Effect::Allow))
        })
    }

    fn foresee<'a>(
        &'a self,
        _: &'a Principal,
        _: Outline<'a>,
        _: &'a str,
        _: SystemTime,
    ) -> Decided<'a, Outlook> {
        Decided::later(async {
            self.pass(At::Foresight).await;
            Ok(Outlook::Depends)
        })
    }
}

impl Load<Slow> for Album {
    type Key = Path<AlbumKey>;
    type Error = Gone;

    async fn load(slow: &Slow, Path(AlbumKey { id }): Self::Key) -> Result<Option<Self>, Gone> {
        slow.0.loads.fetch_add(1, Ordering::Relaxed);
        slow.pass(At::Loader).await;
        Ok(Some(Self { id, owner: "alice".into(), stars: 4.0, huge: None }))
    }
}

/// A body that comes when the service may go on.
struct SlowBody(Pin<Box<dyn Future<Output = ()> + Send>>, Option<Bytes>);

impl SlowBody {
    fn of(slow: &Slow) -> Body {
        let slow = slow.clone();
        let text = r#"{"id":1,"owner":"alice","stars":4}"#;
        Body::new(Self(Box::pin(async move { slow.pass(At::Body).await }), Some(text.into())))
    }
}

impl http_body::Body for SlowBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.1.is_some() {
            std::task::ready!(self.0.as_mut().poll(cx));
        }
        Poll::Ready(self.1.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

async fn loaded(_: Loaded<Album, Edit>, State(slow): State<Slow>) {
    slow.0.handled.fetch_add(1, Ordering::Relaxed);
}

/// Its last argument is the body, so that the count is in the change.
async fn changed(
    _: Ahead<Changed<Album, Json<Album>, Edit>>,
    State(slow): State<Slow>,
    _: Changed<Album, Json<Album>, Edit>,
) {
    slow.0.handled.fetch_add(1, Ordering::Relaxed);
}

async fn both(slow: &Slow) -> (Setup, [Boxed; 2]) {
    let setup = Setup::new(slow.clone()).await;
    let plain = Router::new()
        .route("/loaded/{id}", axum::routing::post(loaded))
        .route("/changed/{id}", axum::routing::post(changed));
    let guarded = guard::Router::new()
        .route("/loaded/{id}", guard::post(loaded))
        .route("/changed/{id}", guard::post(changed));
    let services = [
        setup.plain(plain.with_state(slow.clone())),
        setup.finish(guarded.with_state(slow.clone())),
    ];
    (setup, services)
}

#[tokio::test]
async fn a_request_given_up_leaves_nothing_behind_and_the_next_one_works() {
    for at in [At::Foresight, At::Loader, At::Decision, At::Body] {
        for path in ["/loaded/1", "/changed/1"] {
            // What does not look at the body does not wait for it.
            if at == At::Body && path == "/loaded/1" {
                continue;
            }
            for guarded in [false, true] {
                given_up(at, path, guarded).await;
            }
        }
    }
}

async fn given_up(at: At, path: &'static str, guarded: bool) {
    let slow = Slow::new(at);
    let (setup, [plain, finished]) = both(&slow).await;
    let service = if guarded { finished } else { plain };
    let alice = bearer(setup.user("alice"));
    let request = || {
        Request::post(path)
            .header("authorization", &alice)
            .header("content-type", "application/json")
            .body(SlowBody::of(&slow))
            .unwrap()
    };
    let count = |of: fn(&Inner) -> &AtomicUsize| of(&slow.0).load(Ordering::Relaxed);
    let context = format!("{at:?} {path} {guarded}");

    let (log, guard) = Log::start();
    let (service_of_first, first) = (service.clone(), request());
    let task = tokio::spawn(async move { Answer::to(&service_of_first, first).await });
    slow.0.waits.notified().await;
    let loads = count(|inner| &inner.loads);
    assert_eq!(loads, usize::from(at != At::Foresight), "{context}");
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled(), "{context}");

    // What was waited for comes, and there is nobody to take it.
    let decisions = log.text().matches("axum_authz::decision").count();
    assert_eq!(decisions, usize::from(at == At::Body), "{context}: {}", log.text());
    slow.0.go_on.add_permits(1);
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.text().matches("axum_authz::decision").count(), decisions, "{context}");
    assert_eq!(
        (count(|inner| &inner.loads), count(|inner| &inner.handled)),
        (loads, 0),
        "{context}"
    );
    drop(guard);

    let answer = Answer::to(&service, request()).await;
    assert_eq!((answer.status, count(|inner| &inner.handled)), (200, 1), "{context}");
    assert_eq!(count(|inner| &inner.loads), loads + 1, "{context}");
}

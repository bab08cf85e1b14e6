//! One side: a service that listens, and that can be called without HTTP.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::http::{Request, Response, StatusCode, header::AUTHORIZATION};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};
use tower_service::Service as TowerService;

use crate::issuer::{Issuer, USER};

/// How many requests are prepared at a time: few enough to stay in the cache.
const AT_ONCE: u32 = 32;
/// How long a side may take to fetch its keys.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a side does, for the comparison of those that do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing but the handler.
    Bare,
    /// Ours, with a token that was verified before.
    Verify,
    /// Ours, with the signature checked each time.
    VerifyAnew,
    /// Ours, with a token that was verified before, and a decision.
    Decide,
    /// Others, which check the signature each time.
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) work: Work,
}

/// How long it takes to answer so many of these requests, and with which statuses.
type Calls = Box<dyn FnMut(&Runtime, &Request<()>, u32) -> (Duration, Vec<StatusCode>)>;

pub(crate) struct Service {
    pub(crate) side: Side,
    address: SocketAddr,
    runtime: Runtime,
    calls: Mutex<Calls>,
}

/// A runtime as each side has one.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

impl Service {
    /// Serves `service` by `serve`, which is that of the version of axum that it is made for.
    pub(crate) fn start<S, B, R, F>(
        name: &'static str,
        work: Work,
        runtime: Runtime,
        service: S,
        serve: impl FnOnce(TcpListener, S) -> F,
    ) -> Self
    where
        S: TowerService<Request<B>, Response = Response<R>, Error = Infallible> + Clone + 'static,
        B: Default,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener =
            runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port of its own");
        let address = listener.local_addr().expect("an address");
        let mut called = service.clone();
        {
            let _inside = runtime.enter();
            runtime.spawn(serve(listener, service));
        }
        let calls = Box::new(move |runtime: &Runtime, request: &Request<()>, turns| {
            let prepare = |_| request.clone().map(|()| B::default());
            let requests: Vec<Request<B>> = (0..turns).map(prepare).collect();
            let mut responses = Vec::with_capacity(requests.len());
            let spent = runtime.block_on(async {
                let start = Instant::now();
                for request in requests {
                    let Ok(response) = called.call(request).await;
                    responses.push(response);
                }
                start.elapsed()
            });
            (spent, responses.iter().map(Response::status).collect())
        });
        Self { side: Side { name, work }, address, runtime, calls: Mutex::new(calls) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.address, path())
    }

    /// How long so many calls take, all of them with success.
    pub(crate) fn calls(&self, token: &str, turns: u32) -> Duration {
        let request = request(token);
        let mut calls = self.calls.lock().expect("nobody panicked");
        let (mut spent, mut left) = (Duration::ZERO, turns);
        while left > 0 {
            let now = left.min(AT_ONCE);
            let (time, statuses) = calls(&self.runtime, &request, now);
            assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{}", self.side.name);
            spent += time;
            left -= now;
        }
        spent
    }

    /// The good token is served, and no other, unless the side looks at none.
    pub(crate) fn prove(&self, issuer: &Issuer) {
        let name = self.side.name;
        let start = Instant::now();
        // Some fetch their keys in the background.
        while self.status(&issuer.good) != StatusCode::OK {
            assert!(start.elapsed() < PATIENCE, "{name} should serve the good token");
            std::thread::sleep(Duration::from_millis(50));
        }
        if self.side.work == Work::Bare {
            return;
        }
        for (token, what) in [(&issuer.broken, "a broken signature"), (&issuer.expired, "the past")]
        {
            let status = self.status(token);
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}, a token with {what}");
        }
    }

    fn status(&self, token: &str) -> StatusCode {
        let mut calls = self.calls.lock().expect("nobody panicked");
        let (_, statuses) = calls(&self.runtime, &request(token), 1);
        statuses.first().copied().expect("a response")
    }
}

fn path() -> String {
    format!("/users/{USER}/albums/7")
}

fn request(token: &str) -> Request<()> {
    let request = Request::get(path()).header("host", "127.0.0.1");
    request.header(AUTHORIZATION, format!("Bearer {token}")).body(()).expect("a request")
}

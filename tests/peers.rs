//! Defects seen in other crates for the same purpose, one test for each, so that they do not appear here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum::{Json, Router, body::Body, extract::Request as AxumRequest, routing::get};
use axum_authz::{
    authorize,
    layer::{AuthzLayer, Refusal},
    policies::{Policies, Source},
    test::{TestClock, TestIssuer},
    token::{Authentik, Invalid, TokenError, Undecided},
};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceExt};

mod support;

const SECOND: Duration = Duration::from_secs(1);

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

/// The result of a future that must not wait.
fn at_first_poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn request(token: &str) -> Request<()> {
    let header = format!("Bearer {token}");
    Request::builder().header("authorization", header).body(()).unwrap()
}

/// It insists on being polled ready before each call, as services with a place in a queue do, and counts its calls.
#[derive(Default)]
struct Inner {
    calls: Arc<AtomicUsize>,
    ready: bool,
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self { calls: Arc::clone(&self.calls), ready: false }
    }
}

impl Service<Request<()>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without having been polled ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::default()))
    }
}

mod defect_1 {
    use super::*;

    #[tokio::test]
    async fn rotation_is_never_noticed() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let old = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &old).await, None);
        issuer.rotate();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        assert_eq!(refusal(&authentik, &old).await, Some(Invalid::KeyUnknown.into()));
    }

    /// All stand-ins of a process have the same keys, so the issuer alone tells these tokens apart.
    #[tokio::test]
    async fn the_issuer_is_not_validated() {
        let (issuer, other) = (TestIssuer::start().await, TestIssuer::start().await);
        let authentik = issuer.authentik().build().unwrap();
        let foreign = other.token("alice").sign();
        assert_eq!(refusal(&authentik, &foreign).await, Some(Invalid::Issuer.into()));
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
    }

    #[tokio::test]
    async fn a_failed_rediscovery_overwrites_good_keys() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        let good = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &good).await, None);
        issuer.go_down();
        for _ in 0..3 {
            clock.advance(60 * SECOND);
            let unknown = issuer.token("alice").kid("unknown").sign();
            let undecided = Some(TokenError::Undecided(Undecided::Unavailable));
            assert_eq!(refusal(&authentik, &unknown).await, undecided);
            assert_eq!(refusal(&authentik, &good).await, None);
        }
        issuer.come_up();
        clock.advance(60 * SECOND);
        let unknown = issuer.token("alice").kid("unknown").sign();
        assert_eq!(refusal(&authentik, &unknown).await, Some(Invalid::KeyUnknown.into()));
        assert_eq!(refusal(&authentik, &good).await, None);
    }

    #[tokio::test]
    async fn a_call_before_discovery_has_ended_panics() {
        let issuer = TestIssuer::start().await;
        issuer.slow(Duration::from_secs(3600));
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        let mut service = layer.layer(Inner::default());
        for _ in 0..3 {
            // Ready although nothing has been discovered: the call waits, in its own future.
            let service = at_first_poll(service.ready()).unwrap().unwrap();
            let token = issuer.token("alice").sign();
            assert!(at_first_poll(service.call(request(&token))).is_none());
        }
    }
}

mod defect_2 {
    use super::*;

    #[tokio::test]
    async fn a_lock_is_held_across_the_fetch() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let known = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &known).await, None);
        issuer.slow(Duration::from_secs(3600));
        let unknown = issuer.token("alice").kid("unknown").sign();
        let mut fetching = pin!(authentik.verify(&unknown));
        assert!(fetching.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        for _ in 0..100 {
            assert!(at_first_poll(authentik.verify(&known)).is_some_and(|done| done.is_ok()));
        }
    }

    #[tokio::test]
    async fn the_kid_is_sent_to_the_provider() {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let requests = Arc::clone(&seen);
        let routes = Router::new().fallback(async move |request: AxumRequest| {
            requests.lock().unwrap().push(format!("{} {:?}", request.uri(), request.headers()));
            Json(serde_json::json!({ "keys": [] }))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });

        let issuer = TestIssuer::start().await;
        let clock = TestClock::new();
        let authentik = issuer.authentik().jwks_url(&format!("{origin}/jwks/"));
        let authentik = authentik.clock(&clock).build().unwrap();
        for kid in ["marker", "?marker=1", "../marker", "marker\r\nx: y", "http://127.0.0.1/marker"]
        {
            assert!(refusal(&authentik, &issuer.token("alice").kid(kid).sign()).await.is_some());
            clock.advance(60 * SECOND);
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 5);
        for request in seen.iter() {
            assert!(request.starts_with("/jwks/ ") && !request.contains("marker"), "{request}");
        }
    }

    /// The clock of the runtime stands, and jumps to the next timer whenever all tasks wait: without a timer
    /// the test would wait for good.
    #[tokio::test(start_paused = true)]
    async fn a_fetch_has_no_time_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks/", listener.local_addr().unwrap());
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().jwks_url(&url).build().unwrap();
        let refused = refusal(&authentik, &issuer.token("alice").sign()).await;
        assert_eq!(refused, Some(TokenError::Undecided(Undecided::Unavailable)));
    }
}

mod defect_3 {
    use super::*;

    #[tokio::test]
    async fn a_hostile_token_panics() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let good = issuer.token("alice").sign();
        assert_eq!(refusal(&authentik, &good).await, None);
        let parts: Vec<&str> = good.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else { panic!("three parts") };
        let mut hostile = vec![
            String::new(),
            ".".into(),
            "..".into(),
            "....".into(),
            ".".repeat(10_000),
            "a".repeat(100_000),
            "\u{e9}.\u{1f511}.\u{0}".into(),
            // The standard alphabet, and padding.
            "+/+/.+/+/.+/+/".into(),
            format!("{header}==.{payload}==.{signature}=="),
            format!("{header}.{payload}."),
            format!(".{payload}.{signature}"),
            format!("{header}..{signature}"),
        ];
        // One character less, everywhere and in each part.
        hostile.extend((0..good.len()).step_by(7).map(|at| {
            let mut shorter = good.clone();
            shorter.remove(at);
            shorter
        }));
        // JSON of every kind where objects are expected, and bytes that are no text.
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
        for bytes in [&b""[..], b"null", b"[]", b"{", b"\"", b"1e999", b"{\"alg\":{}}", b"\xff\xfe"]
        {
            let part = BASE64.encode(bytes);
            hostile.push(format!("{part}.{payload}.{signature}"));
            hostile.push(format!("{header}.{part}.{signature}"));
            hostile.push(format!("{header}.{payload}.{part}"));
            hostile.push(format!("{part}.{part}.{part}"));
        }
        let layer = AuthzLayer::new(authentik.clone(), support::policies());
        let inner = Inner::default();
        let calls = Arc::clone(&inner.calls);
        let service = layer.layer(inner);
        for token in hostile {
            assert!(refusal(&authentik, &token).await.is_some(), "{token}");
            let Ok(value) = http::HeaderValue::from_str(&format!("Bearer {token}")) else {
                continue;
            };
            let mut request = Request::new(());
            request.headers_mut().insert("authorization", value);
            let response = service.clone().oneshot(request).await.unwrap();
            assert!(response.status().is_client_error(), "{token}");
        }
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    }
}

mod defect_4 {
    use super::*;

    /// Both when the layer calls at once and when it waits for keys in between.
    #[tokio::test]
    async fn a_clone_is_called_that_was_not_polled_ready() {
        let issuer = TestIssuer::start().await;
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        let inner = Inner::default();
        let calls = Arc::clone(&inner.calls);
        let mut service = layer.layer(inner);
        let token = issuer.token("alice").sign();
        let anonymous = Request::new(());
        for request in [request(&token), request(&token), anonymous, request(&token)] {
            // `Inner` asserts; `ready` is asked once for each call, as Tower's contract has it.
            let response = service.ready().await.unwrap().call(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
        assert_eq!(calls.load(Ordering::Relaxed), 4);
    }
}

mod defect_5 {
    use super::*;

    #[tokio::test]
    async fn the_inner_service_is_called_before_the_decision() {
        let issuer = TestIssuer::start().await;
        issuer.slow(Duration::from_secs(3600));
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        let inner = Inner::default();
        let calls = Arc::clone(&inner.calls);
        let mut service = layer.layer(inner);
        let mut undecided =
            pin!(service.ready().await.unwrap().call(request(&issuer.token("alice").sign())));
        for _ in 0..10 {
            assert!(undecided.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            tokio::task::yield_now().await;
        }
        let refused = service.ready().await.unwrap().call(request("rubbish"));
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        assert_eq!(refused.await.unwrap().status(), StatusCode::UNAUTHORIZED);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    }

    #[authorize(action = "view", resource = "album", id = path("id"), attr(owner = path("owner")))]
    async fn show() {}

    const PRIVATE: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: ["view"]
      effect: EFFECT_ALLOW
      roles: ["user"]
    - actions: ["view"]
      effect: EFFECT_DENY
      roles: ["user"]
      condition:
        match:
          expr: R.id == "secret one" && R.attr.owner == "bob"
"#;

    /// What is decided on is what the handler gets, however the path is written and whatever the router is nested in.
    #[tokio::test]
    async fn the_raw_path_is_the_object() {
        let issuer = TestIssuer::start().await;
        let policies = Policies::from_sources([Source::new("album.yaml", PRIVATE)]).unwrap();
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), policies);
        let albums = Router::new().route("/{id}", get(show));
        let app = Router::new().nest("/of/{owner}/albums", albums).layer(layer);
        let token = issuer.token("alice").groups(["user"]).sign();
        let status = async |path: &str| {
            let request = request(&token).map(|()| Body::empty());
            let (mut parts, body) = request.into_parts();
            parts.uri = path.parse().unwrap();
            let response = app.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
            (response.status().as_u16(), response.extensions().get::<Refusal>().cloned())
        };
        assert_eq!(status("/of/bob/albums/open").await.0, 200);
        for path in [
            "/of/bob/albums/secret%20one",
            "/of/bob/albums/%73ecret%20one",
            "/of/%62ob/albums/secret%20one",
            "/of/bob/albums/%73%65%63%72%65%74%20%6F%6E%65?x=/of/bob/albums/open",
        ] {
            assert_eq!(status(path).await, (403, Some(Refusal::Denied)), "{path}");
        }
        // Nothing is decoded twice: this is an album with a percent sign in its name.
        assert_eq!(status("/of/bob/albums/secret%2520one").await.0, 200);
    }
}

mod defect_6 {
    use super::*;

    /// Neither does time pass between rotation and the first token.
    #[tokio::test]
    async fn a_rotated_key_is_refused_until_the_next_poll() {
        let clock = TestClock::new();
        let issuer = TestIssuer::builder().clock(&clock).start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        issuer.rotate();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        assert_eq!(issuer.jwks_hits(), 2);
    }
}

mod defect_7 {
    use super::*;

    #[tokio::test]
    async fn the_only_key_serves_any_kid() {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert_eq!(refusal(&authentik, &issuer.token("alice").sign()).await, None);
        let renamed = issuer.token("alice").kid("other").sign();
        assert_eq!(refusal(&authentik, &renamed).await, Some(Invalid::KeyUnknown.into()));
        let unnamed = issuer.token("alice").without_header("kid").sign();
        assert_eq!(refusal(&authentik, &unnamed).await, Some(Invalid::KeyMissing.into()));
    }
}

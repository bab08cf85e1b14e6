//! The layer in front of services that know nothing of axum.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum_authz::{
    Principal,
    audit::CallId,
    layer::{Authz, AuthzLayer, Refusal, ResponseBody},
    test::TestIssuer,
};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt};

mod support;

const INVALID: &str = "Bearer realm=\"photos\", error=\"invalid_token\", \
    error_description=\"the access token is malformed, expired or not meant for this service\"";
const REQUEST: &str = "Bearer realm=\"photos\", error=\"invalid_request\", \
    error_description=\"the credentials cannot be read or are given more than once\"";
const PLAIN: &str = "Bearer realm=\"photos\"";

/// Its request body is no `Body` and its error is its own; it says who calls, counts its calls, and insists on being
/// polled ready before each.
#[derive(Default)]
struct Inner {
    calls: Arc<AtomicUsize>,
    ready: bool,
}

/// A clone has to be polled ready anew, as clones of services with a place in a queue have to.
impl Clone for Inner {
    fn clone(&self) -> Self {
        Self { calls: Arc::clone(&self.calls), ready: false }
    }
}

struct Text(&'static str);

impl Service<Request<Text>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Text>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without having been polled ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        let caller = request.extensions().get::<Principal>().map_or("anonymous", Principal::id);
        ready(Ok(Response::new(Full::from(format!("{caller}: {}", request.body().0)))))
    }
}

struct Setup {
    issuer: TestIssuer,
    calls: Arc<AtomicUsize>,
    service: Authz<Inner>,
}

impl Setup {
    async fn new() -> Self {
        let issuer = TestIssuer::start().await;
        let authentik = issuer.authentik().build().unwrap();
        let inner = Inner::default();
        let calls = Arc::clone(&inner.calls);
        let service = AuthzLayer::new(authentik, support::policies()).realm("photos").layer(inner);
        Self { issuer, calls, service }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn bearer(&self, subject: &str) -> String {
        format!("Bearer {}", self.issuer.token(subject).sign())
    }

    async fn send(&mut self, headers: &[(header::HeaderName, &str)]) -> Answer {
        let request = request(headers);
        Answer::read(self.service.ready().await.unwrap().call(request).await.unwrap()).await
    }

    async fn send_authorization(&mut self, values: &[&str]) -> Answer {
        let headers: Vec<_> = values.iter().map(|value| (header::AUTHORIZATION, *value)).collect();
        self.send(&headers).await
    }
}

struct Answer {
    head: http::response::Parts,
    body: String,
}

impl Answer {
    async fn read<B: Body<Data = Bytes, Error = Infallible>>(response: Response<B>) -> Self {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self { head, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn request(headers: &[(header::HeaderName, &str)]) -> Request<Text> {
    let mut request = Request::new(Text("hello"));
    if headers.iter().any(|(name, _)| name == header::CONTENT_TYPE) {
        *request.method_mut() = http::Method::POST;
    }
    for (name, value) in headers {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_request_without_credentials_reaches_the_service_as_anonymous() {
    let mut setup = Setup::new().await;
    let answer = setup.send(&[]).await;
    assert_eq!((answer.status(), &*answer.body), (200, "anonymous: hello"));
    assert_eq!(setup.issuer.discovery_hits(), 0);
}

/// RFC 6750 section 2.3 has it, and it ends up in logs and histories.
#[tokio::test]
async fn a_token_in_the_query_is_no_credential() {
    let mut setup = Setup::new().await;
    let token = setup.issuer.token("alice").sign();
    let mut request = request(&[]);
    *request.uri_mut() = format!("/albums?access_token={token}").parse().unwrap();
    let answer = setup.service.ready().await.unwrap().call(request).await.unwrap();
    assert_eq!(Answer::read(answer).await.body, "anonymous: hello");
    assert_eq!(setup.issuer.discovery_hits(), 0);
}

#[tokio::test]
async fn a_request_with_a_good_token_reaches_the_service_with_its_principal() {
    let mut setup = Setup::new().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let token = setup.issuer.token("alice").sign();
        let answer = setup.send_authorization(&[&format!("{scheme} {token}")]).await;
        assert_eq!((answer.status(), &*answer.body), (200, "alice: hello"), "{scheme}");
    }
    assert_eq!(setup.calls(), 3);
}

#[tokio::test]
async fn whatever_is_wrong_with_credentials_is_refused_before_the_service_is_called() {
    let mut setup = Setup::new().await;
    let good = setup.bearer("alice");
    let token = |token: axum_authz::test::TestToken| format!("Bearer {}", token.sign());
    let issuer = &setup.issuer;
    let (head, signature) = good.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let table: Vec<(&str, Vec<String>, &str)> = vec![
        ("expired", vec![token(issuer.token("alice").expired())], INVALID),
        ("other audience", vec![token(issuer.token("alice").audience("mail"))], INVALID),
        (
            "other issuer",
            vec![token(issuer.token("alice").issuer("https://evil.example/"))],
            INVALID,
        ),
        ("forged", vec![token(issuer.token("alice").sign_with_other_key())], INVALID),
        ("unsigned", vec![token(issuer.token("alice").unsigned())], INVALID),
        ("changed", vec![format!("{head}.{first}{}", signature.split_at(1).1)], INVALID),
        ("empty", vec!["Bearer".into()], REQUEST),
        ("rubbish", vec!["Bearer x".into()], INVALID),
        ("no scheme", vec![String::new()], REQUEST),
        ("two in one", vec![format!("{good}, {good}")], INVALID),
        ("twice the same", vec![good.clone(), good.clone()], REQUEST),
        ("one of two bad", vec![good.clone(), "Basic dTpw".into()], REQUEST),
        ("other scheme", vec!["Basic dTpw".into()], PLAIN),
        ("token as scheme", vec![good.split_at(7).1.into()], PLAIN),
    ];
    for (name, values, challenge) in table {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let answer = setup.send_authorization(&values).await;
        // RFC 6750 section 3.1.
        assert_eq!(answer.status(), if challenge == REQUEST { 400 } else { 401 }, "{name}");
        assert_eq!(answer.header("www-authenticate"), Some(challenge), "{name}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
        assert!(answer.head.extensions.get::<Refusal>().is_some(), "{name}");
    }
    assert_eq!(setup.calls(), 0);
}

#[tokio::test]
async fn without_keys_the_answer_is_503_and_never_a_call() {
    let mut setup = Setup::new().await;
    setup.issuer.go_down();
    let answer = setup.send_authorization(&[&setup.bearer("alice")]).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(setup.calls(), 0);
    // Those who send no token are not affected.
    assert_eq!(setup.send(&[]).await.status(), 200);
}

#[tokio::test]
async fn grpc_callers_are_refused_in_their_own_terms() {
    let mut setup = Setup::new().await;
    let grpc = (header::CONTENT_TYPE, "application/grpc+proto");
    let answer = setup.send(&[grpc.clone(), (header::AUTHORIZATION, "Bearer x")]).await;
    assert_eq!((answer.status(), &*answer.body), (200, ""));
    assert_eq!(answer.header("grpc-status"), Some("16"));
    assert_eq!(answer.header("content-type"), Some("application/grpc"));

    setup.issuer.go_down();
    let good = setup.bearer("alice");
    let answer = setup.send(&[grpc, (header::AUTHORIZATION, &good)]).await;
    assert_eq!(answer.header("grpc-status"), Some("14"));
    assert_eq!(setup.calls(), 0);
}

#[tokio::test]
async fn no_refusal_of_a_grpc_call_has_an_error_as_its_http_status() {
    let mut setup = Setup::new().await;
    let good = setup.bearer("alice");
    for content_type in
        ["application/grpc", "application/grpc-web", "application/grpc-web-text+proto"]
    {
        let table: [(&[&str], &str); 4] = [
            (&["Bearer x"], "16"),
            (&["Basic dTpw"], "16"),
            (&["Bearer"], "16"),
            (&[&good, &good], "16"),
        ];
        for (values, status) in table {
            let mut headers = vec![(header::CONTENT_TYPE, content_type)];
            headers.extend(values.iter().map(|value| (header::AUTHORIZATION, *value)));
            let answer = setup.send(&headers).await;
            assert_eq!((answer.status(), &*answer.body), (200, ""), "{content_type} {status}");
            assert_eq!(answer.header("grpc-status"), Some(status), "{content_type}");
        }
    }
    assert_eq!(setup.calls(), 0);
}

#[tokio::test]
async fn a_refused_head_request_is_answered_without_content() {
    let setup = Setup::new().await;
    let send = async |method| {
        let mut request = request(&[(header::AUTHORIZATION, "Bearer x")]);
        *request.method_mut() = method;
        Answer::read(setup.service.clone().oneshot(request).await.unwrap()).await
    };
    let (get, head) = (send(http::Method::GET).await, send(http::Method::HEAD).await);
    assert_eq!((head.status(), &*head.body), (401, ""));
    assert_eq!(head.header("www-authenticate"), Some(INVALID));
    assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()));
}

#[tokio::test]
async fn a_service_can_word_refusals_itself() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies())
        .respond_with(|refusal, call_id, headers| {
            let html = headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/html");
            html.then(|| ("text/html".parse().unwrap(), format!("<p>{refusal} {call_id}")))
        });
    let inner = Inner::default();
    let calls = Arc::clone(&inner.calls);
    let service = layer.realm("photos").layer(inner);
    let bad = (header::AUTHORIZATION, "Bearer x");
    let send = async |headers: &[_]| {
        Answer::read(service.clone().oneshot(request(headers)).await.unwrap()).await
    };
    let answer = send(&[bad.clone(), (header::ACCEPT, "text/html")]).await;
    let call_id = answer.head.extensions.get::<CallId>().unwrap();
    assert_eq!(answer.body, format!("<p>the access token is not valid {call_id}"));
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert_eq!((answer.status(), answer.header("www-authenticate")), (401, Some(INVALID)));
    let answer = send(&[bad]).await;
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn with_known_keys_the_first_poll_brings_the_response() {
    let mut setup = Setup::new().await;
    let good = setup.bearer("alice");
    assert_eq!(setup.send_authorization(&[&good]).await.status(), 200);

    let service = setup.service.ready().await.unwrap();
    let future = pin!(service.call(request(&[(header::AUTHORIZATION, &good)])));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = future.poll(&mut context) else { panic!("not ready") };
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_call_that_is_dropped_while_keys_are_fetched_never_reaches_the_service() {
    let mut setup = Setup::new().await;
    setup.issuer.slow(Duration::from_secs(3600));
    let good = setup.bearer("alice");
    {
        let service = setup.service.ready().await.unwrap();
        let mut future = pin!(service.call(request(&[(header::AUTHORIZATION, &good)])));
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(setup.calls(), 0);
}

#[tokio::test]
async fn the_token_is_hidden_when_the_request_is_printed() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    let shown = tower::service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(format!("{:?}", request.headers()))))
    });
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
    let request = Request::builder().header("authorization", format!("Bearer {token}")).body(());
    let answer = Answer::read(layer.layer(shown).oneshot(request.unwrap()).await.unwrap()).await;
    assert!(answer.body.contains("Sensitive") && !answer.body.contains(&token), "{}", answer.body);
}

#[tokio::test]
async fn the_operator_is_told_the_reason_under_the_clients_call_id_and_never_the_token() {
    let mut setup = Setup::new().await;
    let (log, _guard) = support::Log::start();
    let expired = setup.issuer.token("alice").expired().sign();
    let answer = setup.send_authorization(&[&format!("Bearer {expired}")]).await;

    let line = log.line("token refused");
    let call_id = answer.head.extensions.get::<CallId>().unwrap().to_string();
    assert!(answer.body.contains(&call_id), "{}", answer.body);
    assert!(line.contains(&call_id) && line.contains("axum_authz::token"), "{line}");
    assert!(line.contains("reason=\"expired\""), "{line}");
    assert!(!log.text().contains(&expired));
}

#[tokio::test]
async fn a_refusal_knows_the_length_of_its_body() {
    let setup = Setup::new().await;
    let refused = request(&[(header::AUTHORIZATION, "Bearer x")]);
    let response = setup.service.clone().oneshot(refused).await.unwrap();
    let length = response.body().size_hint().exact().unwrap();
    assert!(!response.body().is_end_stream());
    assert_eq!(Answer::read(response).await.body.len() as u64, length);
}

#[tokio::test]
async fn the_bodys_data_may_be_of_any_type_that_bytes_become() {
    struct Data(Bytes);
    impl From<Bytes> for Data {
        fn from(bytes: Bytes) -> Self {
            Self(bytes)
        }
    }
    impl bytes::Buf for Data {
        fn remaining(&self) -> usize {
            self.0.remaining()
        }
        fn chunk(&self) -> &[u8] {
            self.0.chunk()
        }
        fn advance(&mut self, count: usize) {
            self.0.advance(count);
        }
    }
    fn is_body<B: Body<Data = Data>>(_: &B) {}

    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
    let service = layer.layer(tower::service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::new(Data(Bytes::from_static(b"data")))))
    }));
    let response: Response<ResponseBody<_>> = service.oneshot(Request::new(())).await.unwrap();
    is_body(response.body());
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "data");
}

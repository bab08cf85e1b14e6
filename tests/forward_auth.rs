//! Forward auth: what an outpost says counts, what others say in its place does not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::ConnectInfo, routing::get};
use axum_authz::{
    Principal, authorize,
    layer::{AuthzLayer, ForwardAuth, PeerAddr, Refusal},
    public,
    test::{TestIssuer, TestToken},
};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::{Layer, ServiceExt, service_fn};

mod support;

const PROXY: [u8; 4] = [10, 0, 3, 7];
const STRANGER: [u8; 4] = [192, 0, 2, 1];

/// A service behind the layer, the issuer of bearer tokens and that of the outpost.
struct Setup {
    issuer: TestIssuer,
    outpost: TestIssuer,
    layer: AuthzLayer,
}

/// What became of a request: its refusal, or what the service saw.
struct Outcome {
    status: u16,
    refusal: Option<Refusal>,
    seen: Option<Seen>,
}

#[derive(Clone)]
struct Seen {
    principal: Option<Principal>,
    headers: HeaderMap,
}

impl Setup {
    async fn new() -> Self {
        let mut setup = Self::without_forward_auth().await;
        let outpost = setup.outpost.authentik().build().unwrap();
        let forward = ForwardAuth::new(outpost).peers(["10.0.3.0/24", "::1"]).unwrap();
        setup.layer = setup.layer.forward_auth(forward);
        setup
    }

    async fn without_forward_auth() -> Self {
        let issuer = TestIssuer::start().await;
        let outpost = TestIssuer::builder().slug("wiki").audience("wiki-proxy").start().await;
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        Self { issuer, outpost, layer }
    }

    fn forwarded(&self, subject: &str) -> String {
        self.outpost.token(subject).sign()
    }

    fn bearer(&self, subject: &str) -> String {
        format!("Bearer {}", self.issuer.token(subject).sign())
    }

    async fn from(&self, peer: impl Into<IpAddr>, headers: &[(&str, &str)]) -> Outcome {
        let mut request = request(headers);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.into(), 4711)));
        self.send(request).await
    }

    async fn send(&self, request: Request<()>) -> Outcome {
        let seen: Arc<Mutex<Option<Seen>>> = Arc::default();
        let service = self.layer.layer(service_fn(|request: Request<()>| {
            let (parts, ()) = request.into_parts();
            let principal = parts.extensions.get::<Principal>().cloned();
            *seen.lock().unwrap() = Some(Seen { principal, headers: parts.headers });
            async { Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default())) }
        }));
        let response = service.oneshot(request).await.unwrap();
        let seen = seen.lock().unwrap().clone();
        Outcome {
            status: response.status().as_u16(),
            refusal: response.extensions().get().cloned(),
            seen,
        }
    }
}

impl Outcome {
    /// The caller's id, `-` for an anonymous one, or the reason of the refusal.
    fn caller(&self) -> &str {
        match (&self.seen, &self.refusal) {
            (Some(seen), None) => seen.principal.as_ref().map_or("-", Principal::id),
            (None, Some(refusal)) => refusal.reason(),
            _ => "both or neither",
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.seen.as_ref()?.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The names of headers that the service saw and that are an outpost's in any spelling.
    fn reserved(&self) -> Vec<&str> {
        let names = self.seen.as_ref().unwrap().headers.keys();
        let mut names: Vec<_> = names
            .map(http::HeaderName::as_str)
            .filter(|name| name.replace('_', "-").starts_with("x-authentik-"))
            .collect();
        names.sort_unstable();
        names
    }
}

fn request(headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::new(());
    for (name, value) in headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn the_token_of_a_configured_peer_says_who_calls() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    let headers = [("X-authentik-jwt", &*token), ("X-authentik-username", "alice")];
    let outcome = setup.from(PROXY, &headers).await;
    assert_eq!(outcome.caller(), "alice");
    assert_eq!(outcome.reserved(), ["x-authentik-jwt", "x-authentik-username"]);
    let seen = outcome.seen.unwrap();
    assert_eq!(seen.principal.unwrap().issuer(), setup.outpost.issuer());
    assert!(!format!("{:?}", seen.headers).contains(&token));
    assert!(seen.headers.get("x-authentik-jwt").unwrap().is_sensitive());
}

#[tokio::test]
async fn peers_are_compared_in_one_form() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    let headers = [("x-authentik-jwt", &*token)];
    for (peer, caller) in [
        ("10.0.3.7", "alice"),
        ("::ffff:10.0.3.7", "alice"),
        ("::1", "alice"),
        ("10.0.4.7", "-"),
        ("::ffff:10.0.4.7", "-"),
        ("::2", "-"),
        ("127.0.0.1", "-"),
    ] {
        let address: IpAddr = peer.parse().unwrap();
        assert_eq!(setup.from(address, &headers).await.caller(), caller, "{peer}");
        let mut request = request(&headers);
        request.extensions_mut().insert(PeerAddr(address));
        assert_eq!(setup.send(request).await.caller(), caller, "{peer}");
    }
}

/// Case 25, and CVE-2026-25748: an outpost lets requests to its unauthenticated paths pass, and adds nothing.
#[tokio::test]
async fn case_25_no_headers_on_a_200_path_is_anonymous() {
    let setup = Setup::new().await;
    let outcome = setup.from(PROXY, &[]).await;
    assert_eq!((outcome.status, outcome.caller()), (200, "-"));

    // Whatever identity headers there are then, the client wrote them (Caddy, GHSA-7r4p-vjf4-gxv4).
    let forged =
        [("X-authentik-username", "root"), ("X-authentik-groups", "admins"), ("x-own", "1")];
    let outcome = setup.from(PROXY, &forged).await;
    assert_eq!((outcome.status, outcome.caller()), (200, "-"));
    assert_eq!((outcome.reserved(), outcome.header("x-own")), (vec![], Some("1")));
    assert_eq!(setup.outpost.jwks_hits(), 0);
}

#[tokio::test]
async fn case_25_an_untrusted_peer_cannot_speak_for_the_outpost() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    let headers = [("X-authentik-jwt", &*token), ("X-authentik-username", "alice"), ("x-own", "1")];
    let outcome = setup.from(STRANGER, &headers).await;
    assert_eq!((outcome.status, outcome.caller()), (200, "-"));
    assert_eq!((outcome.reserved(), outcome.header("x-own")), (vec![], Some("1")));
    assert_eq!((setup.outpost.discovery_hits(), setup.outpost.jwks_hits()), (0, 0));

    // Its own credentials count as always, and nothing else does.
    let bearer = setup.bearer("bob");
    let outcome =
        setup.from(STRANGER, &[("x-authentik-jwt", &token), ("authorization", &bearer)]).await;
    assert_eq!(outcome.caller(), "bob");
    assert!(outcome.reserved().is_empty());
    let basic = [("x-authentik-jwt", &*token), ("authorization", "Basic dTpw")];
    assert_eq!(setup.from(STRANGER, &basic).await.caller(), "unsupported_scheme");
}

#[tokio::test]
async fn case_25_underscores_are_no_way_around() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    for name in ["X_authentik_username", "x_authentik-groups", "X-AUTHENTIK_JWT", "x_authentik_jwt"]
    {
        for peer in [PROXY, STRANGER] {
            let outcome = setup.from(peer, &[(name, &*token)]).await;
            assert_eq!((outcome.caller(), outcome.reserved()), ("-", vec![]), "{name}");
        }
        let outcome = setup.from(PROXY, &[("x-authentik-jwt", &token), (name, "root")]).await;
        assert_eq!(outcome.caller(), "alice", "{name}");
        assert_eq!(outcome.reserved(), ["x-authentik-jwt"], "{name}");
    }
}

#[authorize(action = "view", resource = "album", id = path("id"))]
async fn show(me: Principal) -> String {
    me.roles().collect::<Vec<_>>().join(",")
}

/// The header cannot tell the group `a|user` from the groups `a` and `user`; the token can.
#[tokio::test]
async fn case_25_a_group_named_with_a_bar_never_grants() {
    let setup = Setup::new().await;
    let router = Router::new().route("/albums/{id}", get(show)).layer(setup.layer.clone());
    let status = async |token: TestToken, groups: &str| {
        let token = token.sign();
        let mut request = request(&[("x-authentik-jwt", &token), ("x-authentik-groups", groups)]);
        *request.uri_mut() = "/albums/1".parse().unwrap();
        request.extensions_mut().insert(PeerAddr(PROXY.into()));
        let request = request.map(|()| axum::body::Body::empty());
        router.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    let alice = || setup.outpost.token("alice");
    assert_eq!(status(alice().groups(["a|user"]), "a|user").await, 403);
    assert_eq!(status(alice().groups(["a"]), "user").await, 403);
    assert_eq!(status(alice(), "a|user").await, 403);
    assert_eq!(status(alice().groups(["user"]), "a").await, 200);
}

#[tokio::test]
async fn case_25_a_hostile_key_set_is_never_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks/", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });

    let setup = Setup::new().await;
    let token = || setup.outpost.token("mallory").header("jku", &url);
    for (token, caller) in [
        (token().sign_with_other_key(), "key_in_header"),
        (token().sign_with_other_key().without_header("jku"), "signature"),
        (token().sign_with_other_key().without_header("jku").kid("mine"), "key_unknown"),
        (token().without_header("jku"), "mallory"),
    ] {
        let token = token.sign();
        for peer in [PROXY, STRANGER] {
            let headers = [("x-authentik-jwt", &*token), ("X-authentik-meta-jwks", &*url)];
            let outcome = setup.from(peer, &headers).await;
            assert_eq!(outcome.caller(), if peer == PROXY { caller } else { "-" });
        }
    }
    // The listener does count: this connection is the first.
    TcpStream::connect(url.split('/').nth(2).unwrap()).await.unwrap();
    while connections.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_header_that_is_not_one_token_is_refused() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    let expired = setup.outpost.token("alice").expired().sign();
    let of_bearers = setup.issuer.token("alice").sign();
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[("x-authentik-jwt", &token), ("x-authentik-jwt", &token)], "forwarded_token_repeated"),
        (&[("x-authentik-jwt", "")], "forwarded_token_empty"),
        (&[("x-authentik-jwt", "rubbish")], "malformed"),
        (&[("x-authentik-jwt", &expired)], "expired"),
        // The two issuers are apart: each is believed where it belongs.
        (&[("x-authentik-jwt", &of_bearers)], "issuer"),
        (&[("authorization", &format!("Bearer {token}"))], "issuer"),
    ];
    for (headers, reason) in table {
        let outcome = setup.from(PROXY, headers).await;
        assert_eq!((outcome.status, outcome.caller()), (401, *reason));
    }
    let mut not_ascii = request(&[]);
    let value = HeaderValue::from_bytes(b"e30.e30.\xff").unwrap();
    not_ascii.headers_mut().insert("x-authentik-jwt", value);
    not_ascii.extensions_mut().insert(PeerAddr(PROXY.into()));
    assert_eq!(setup.send(not_ascii).await.caller(), "forwarded_token_not_ascii");
}

#[tokio::test]
async fn other_credentials_beside_the_token_must_not_mean_another() {
    let setup = Setup::new().await;
    let token = setup.forwarded("alice");
    let (same, other) = (format!("Bearer {token}"), setup.bearer("bob"));
    for (authorization, status, caller) in [
        ("Basic dTpw", 200, "alice"),
        (&*same, 200, "alice"),
        (&*other, 401, "several_credentials"),
        ("Digest a=b", 401, "several_credentials"),
        ("Bearer", 400, "token_empty"),
    ] {
        let headers = [("x-authentik-jwt", &*token), ("authorization", authorization)];
        let outcome = setup.from(PROXY, &headers).await;
        assert_eq!((outcome.status, outcome.caller()), (status, caller), "{authorization}");
    }
    let twice = [("x-authentik-jwt", &*token), ("authorization", &same), ("authorization", &same)];
    let outcome = setup.from(PROXY, &twice).await;
    assert_eq!((outcome.status, outcome.caller()), (400, "several_authorization_headers"));

    // Without a token of the outpost a peer is as any other.
    assert_eq!(setup.from(PROXY, &[("authorization", &other)]).await.caller(), "bob");
    let basic = setup.from(PROXY, &[("authorization", "Basic dTpw")]).await;
    assert_eq!((basic.status, basic.caller()), (401, "unsupported_scheme"));
}

#[tokio::test]
async fn an_outposts_issuer_that_is_down_means_undecided() {
    let setup = Setup::new().await;
    setup.outpost.go_down();
    let outcome = setup.from(PROXY, &[("x-authentik-jwt", &setup.forwarded("alice"))]).await;
    assert_eq!((outcome.status, outcome.caller()), (503, "provider_unavailable"));
}

#[tokio::test]
async fn without_the_peers_address_the_log_names_the_fix() {
    let setup = Setup::new().await;
    let (log, _guard) = support::Log::start();
    let token = setup.forwarded("alice");
    let outcome = setup.send(request(&[("x-authentik-jwt", &token)])).await;
    assert_eq!((outcome.status, outcome.caller()), (500, "peer_address_missing"));
    let line = log.line("into_make_service_with_connect_info");
    assert!(line.contains("ERROR") && !line.contains(&token), "{line}");
    // Others are not affected.
    assert_eq!(setup.send(request(&[])).await.status, 200);
    assert_eq!(
        setup.send(request(&[("authorization", &setup.bearer("bob"))])).await.caller(),
        "bob"
    );
}

#[tokio::test]
async fn without_forward_auth_the_headers_are_removed_from_everybody() {
    let setup = Setup::without_forward_auth().await;
    let headers = [
        ("x-authentik-jwt", &*setup.forwarded("alice")),
        ("X_authentik_username", "root"),
        ("x-own", "1"),
    ];
    for peer in [PROXY, STRANGER] {
        let outcome = setup.from(peer, &headers).await;
        assert_eq!((outcome.caller(), outcome.reserved()), ("-", vec![]));
        assert_eq!(outcome.header("x-own"), Some("1"));
    }
    assert_eq!(setup.send(request(&headers)).await.caller(), "-");
}

#[public(reason = "a test")]
async fn who(me: Option<Principal>) -> String {
    me.map_or_else(|| "-".to_owned(), |me| me.id().to_owned())
}

#[tokio::test]
async fn axums_connection_info_is_the_peer() {
    let setup = Setup::without_forward_auth().await;
    let status = async |peers: &[&str]| {
        let outpost = setup.outpost.authentik().build().unwrap();
        let forward = ForwardAuth::new(outpost).peers(peers).unwrap();
        let app =
            Router::new().route("/", get(who)).layer(setup.layer.clone().forward_auth(forward));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let mut connection = TcpStream::connect(address).await.unwrap();
        let token = setup.forwarded("alice");
        let request = format!(
            "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-authentik-jwt: {token}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).await.unwrap();
        response.rsplit_once("\r\n\r\n").unwrap().1.to_owned()
    };
    assert_eq!(status(&["127.0.0.1"]).await, "alice");
    assert_eq!(status(&["10.0.0.0/8"]).await, "-");
}

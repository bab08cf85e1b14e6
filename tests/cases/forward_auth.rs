//! Case 25: forward auth, with the tokens that an outpost really sends. More is in `tests/forward_auth.rs`.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum_authz::{
    Principal,
    layer::{AuthzLayer, ForwardAuth, PeerAddr, Refusal},
    test::{Endpoint, Fault, TestIssuer},
    token::{SharedSecret, Undecided},
};
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceExt, service_fn};

use crate::{asking, fetches, refusal, support, undecided};

const PROXY: [u8; 4] = [10, 0, 3, 7];
const STRANGER: [u8; 4] = [192, 0, 2, 1];

/// Who calls, by a request with these headers: the id, `-` for nobody, or the reason of a refusal. And which
/// headers of an outpost the service sees.
async fn forwarded(layer: &AuthzLayer, peer: [u8; 4], headers: HeaderMap) -> (String, Vec<String>) {
    let seen = Arc::new(Mutex::new((String::new(), Vec::new())));
    let service = layer.layer(service_fn(|request: Request<()>| {
        let caller = request.extensions().get().map_or("-", Principal::id).to_owned();
        let names = request.headers().keys().map(|name| name.as_str().to_owned());
        let of_outposts = |name: &String| name.replace('_', "-").starts_with("x-authentik-");
        *seen.lock().unwrap() = (caller, names.filter(of_outposts).collect());
        async { Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default())) }
    }));
    let mut request = Request::new(());
    *request.headers_mut() = headers;
    request.extensions_mut().insert(PeerAddr(peer.into()));
    let response = service.oneshot(request).await.unwrap();
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        assert_eq!(response.status(), refusal.status());
        return (refusal.reason().to_owned(), Vec::new());
    }
    assert_eq!(response.status(), 200);
    let seen = seen.lock().unwrap();
    seen.clone()
}

/// A proxy provider has no signing key. Its tokens are checked with the client secret, or the issuer is asked.
#[tokio::test]
async fn case_25_forward_auth_of_a_real_outpost() {
    let outpost = TestIssuer::builder().slug("wiki").audience("wiki-proxy");
    let outpost = outpost.client_secret_signing().start().await;
    let issuer = TestIssuer::start().await;
    let secret = SharedSecret::new(outpost.client_secret()).unwrap();
    let by_secret = outpost.authentik().client_secret_signing(secret);
    let by_introspection = outpost.authentik().verify_by_introspection(asking(&outpost));
    for (way, outposts) in [by_secret, by_introspection].into_iter().enumerate() {
        let forward = ForwardAuth::new(outposts.build().unwrap()).peers(["10.0.3.0/24"]).unwrap();
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), support::policies());
        let layer = layer.forward_auth(forward);
        let caller = async |peer, headers: &HeaderMap| {
            let (caller, _) = forwarded(&layer, peer, headers.clone()).await;
            caller
        };
        let alice = || outpost.token("alice");
        let good = alice().outpost_headers();
        assert_eq!(caller(PROXY, &good).await, "alice");

        // A path without authentication: nothing of the outpost is there, and nobody is signed in.
        assert_eq!(caller(PROXY, &HeaderMap::new()).await, "-");
        let mut without_token = good.clone();
        without_token.remove("x-authentik-jwt");
        let (who, names) = forwarded(&layer, PROXY, without_token).await;
        assert_eq!((&*who, names), ("-", vec![]));

        // Another peer, with all that an outpost sends.
        let asked = outpost.introspection_hits();
        let (who, names) = forwarded(&layer, STRANGER, good.clone()).await;
        assert_eq!((&*who, names), ("-", vec![]));
        assert_eq!(outpost.introspection_hits(), asked);

        // The other spelling of the names.
        let mut underscores = HeaderMap::new();
        underscores.insert("x_authentik_username", "root".parse().unwrap());
        underscores.insert("x_authentik_jwt", good["x-authentik-jwt"].clone());
        for peer in [PROXY, STRANGER] {
            let (who, names) = forwarded(&layer, peer, underscores.clone()).await;
            assert_eq!((&*who, names), ("-", vec![]));
        }

        // Forged, with a key set to go with it: it is never fetched.
        let hostile = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks/", hostile.local_addr().unwrap());
        for (token, expected) in [
            (alice().sign_with_other_key(), ["signature", "inactive"]),
            (alice().expired(), ["expired", "inactive"]),
            (alice().unsigned(), ["algorithm"; 2]),
            (alice().header("jku", &url), ["key_in_header"; 2]),
            (issuer.token("alice"), ["algorithm", "issuer"]),
            (alice(), ["alice"; 2]),
        ] {
            let mut headers = token.outpost_headers();
            headers.insert("x-authentik-meta-jwks", url.parse().unwrap());
            assert_eq!(caller(PROXY, &headers).await, expected[way]);
        }
        // The first to come is this connection.
        let probe = TcpStream::connect(hostile.local_addr().unwrap()).await.unwrap();
        assert_eq!(hostile.accept().await.unwrap().1, probe.local_addr().unwrap());

        // Two groups, or one with a bar in its name? The header cannot tell, and is not asked.
        let barred = alice().groups(["a|admins"]).outpost_headers();
        assert_eq!(barred["x-authentik-groups"], "a|admins");
        let roles = Arc::new(Mutex::new(Vec::new()));
        let service = layer.layer(service_fn(|request: Request<()>| {
            let me = request.extensions().get::<Principal>().unwrap().clone();
            *roles.lock().unwrap() = me.roles().map(str::to_owned).collect();
            async { Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default())) }
        }));
        let mut request = Request::new(());
        *request.headers_mut() = barred;
        request.extensions_mut().insert(PeerAddr(PROXY.into()));
        assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
        assert_eq!(*roles.lock().unwrap(), ["a|admins"]);

        // It is no bearer token.
        let mut bearer = HeaderMap::new();
        let value = format!("Bearer {}", alice().sign());
        bearer.insert("authorization", value.parse().unwrap());
        assert_eq!(caller(PROXY, &bearer).await, "symmetric_algorithm");
    }
    assert_eq!((fetches(&issuer), outpost.jwks_hits()), ((0, 0), 0));
}

/// Whoever cannot be asked about a forwarded token says neither yes nor no.
#[tokio::test]
async fn case_25_forward_auth_undecided() {
    let outpost = TestIssuer::builder().client_secret_signing().start().await;
    let authentik = outpost.authentik().verify_by_introspection(asking(&outpost)).build().unwrap();
    let forward = ForwardAuth::new(authentik.clone()).peers(["10.0.3.7"]).unwrap();
    let layer = AuthzLayer::new(authentik.clone(), support::policies()).forward_auth(forward);
    outpost.fail(Endpoint::Introspection, Fault::Status(500));
    let token = outpost.token("alice");
    let (refused, _) = forwarded(&layer, PROXY, token.clone().outpost_headers()).await;
    assert_eq!(refused, "introspection");
    assert_eq!(refusal(&authentik, token).await, undecided(Undecided::Introspection));
}

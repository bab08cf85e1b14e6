//! Tokens: one that was verified before, and one that was not.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum_authz::{
    Principal,
    layer::AuthzLayer,
    policies::Policies,
    test::{Alg, TestIssuer},
    token::Authentik,
};
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};
use tower_layer::Layer;
use tower_service::Service;

use crate::paths::{all, counted};

pub(crate) struct Setup {
    runtime: Runtime,
    /// Kept to the end, though nothing is fetched any more.
    _issuer: TestIssuer,
    pub(crate) authentik: Authentik,
    pub(crate) token: String,
}

/// A provider whose keys have been fetched.
pub(crate) fn setup(algorithm: Alg, remembered: usize) -> Setup {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let issuer = runtime.block_on(TestIssuer::builder().algorithm(algorithm).start());
    let authentik = issuer.authentik().remembered_tokens(remembered).build().expect("a provider");
    let token = issuer.token("alice").groups(["photos-users", "photos-moderators"]).sign();
    runtime.block_on(authentik.verify(&token)).expect("a good token");
    Setup { runtime, _issuer: issuer, authentik, token }
}

/// Keys that are quick to make are as good as others where no signature is checked.
pub(crate) const QUICK: Alg = Alg::ES256;

/// From the text of the token to the principal.
pub(crate) fn known(turns: u32) {
    let setup = setup(QUICK, 16);
    verify(&setup, turns);
}

/// The same without memory: everything that is done for a token once.
pub(crate) fn new_rs256(turns: u32) {
    let setup = setup(Alg::RS256, 0);
    verify(&setup, turns);
}

fn verify(setup: &Setup, turns: u32) {
    let _inside = setup.runtime.enter();
    counted(turns, &mut || {
        let verified = at_once(setup.authentik.verify(black_box(&setup.token)));
        black_box(verified.expect("a good token").into_principal());
    });
}

/// From a request with its header to the service that is guarded.
pub(crate) fn known_in_layer(turns: u32) {
    let setup = setup(QUICK, 16);
    let policies = Policies::from_sources([]).expect("no policies");
    let mut service = AuthzLayer::new(setup.authentik.clone(), policies).layer(Guarded);
    let mut requests = requests(&setup.token, turns);
    counted(turns, &mut || {
        let request = requests.next().expect("as many as there are turns");
        let response = at_once(service.call(request));
        assert!(response.is_ok_and(|response| response.status().is_success()));
    });
}

/// A request for each turn, made before the first one.
pub(crate) fn requests(token: &str, turns: u32) -> impl Iterator<Item = Request<()>> {
    let request = || {
        let request = Request::get("/users/alice/albums/7").header("host", "photos.example.org");
        let request = request.header("authorization", format!("Bearer {token}"));
        request.body(()).expect("a request")
    };
    let requests: Vec<_> = (0..all(turns)).map(|_| request()).collect();
    requests.into_iter()
}

/// A service that insists on a principal.
#[derive(Clone)]
struct Guarded;

impl Service<Request<()>> for Guarded {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(request.extensions().get::<Principal>().is_some());
        ready(Ok(Response::new(())))
    }
}

/// What needs nothing that is not in memory is ready when it is first asked.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => std::process::abort(),
    }
}

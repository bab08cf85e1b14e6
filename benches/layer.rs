//! What the layer adds to a request: `cargo bench -p authz-benches --bench layer`.
//!
//! Requests go through routers of axum in process, from the head to the answer's head. All handlers do the same; in
//! front of them stand nothing, a layer that does nothing, the layer with a token that is remembered, and with it
//! the decision on an album of `policies/photos`.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unreachable,
    reason = "a program of its own: its output is the report"
)]

mod report;

use std::{
    collections::HashMap,
    convert::Infallible,
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use authz_benches::measure::{Side, medians, repeat};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request},
    response::Response,
    routing::{MethodRouter, get},
};
use axum_authz::{
    extract::Loaded,
    guard::{self, Action},
    layer::AuthzLayer,
    policies::Policies,
    prelude::*,
    test::TestIssuer,
};
use http::{HeaderValue, StatusCode, Uri, header::AUTHORIZATION};
use report::Report;
use tower::{Service, layer::util::Identity};

const TARGET: &str = "/users/alice/albums/7";
const ROUTE: &str = "/users/{owner}/albums/{album}";

struct View;

impl Action for View {
    const KIND: &'static str = "album";
    const NAME: &'static str = "view";
}

#[derive(Clone, Resource)]
#[resource(kind = "album", absent("flagged"))]
struct Album {
    #[id]
    id: u64,
    #[attr]
    owner: Arc<str>,
    #[attr]
    public: bool,
    #[attr]
    shared_with: Vec<String>,
}

/// The albums of the service, in memory: what loading them takes is not ours to measure.
#[derive(Clone)]
struct Albums(Arc<HashMap<u64, Album>>);

impl Load<Albums> for Album {
    type Key = Path<(String, u64)>;
    type Error = Infallible;

    async fn load(albums: &Albums, Path((_, id)): Self::Key) -> Result<Option<Self>, Infallible> {
        Ok(albums.0.get(&id).cloned())
    }
}

async fn bare() -> &'static str {
    "an album"
}

#[authenticated]
async fn known() -> &'static str {
    "an album"
}

#[authorize(
    action = "view",
    resource = "album",
    id = path("album"),
    attr(owner = path("owner"), flagged = absent, public = absent, shared_with = absent)
)]
async fn decided() -> &'static str {
    "an album"
}

async fn loaded(album: Loaded<Album, View>) -> &'static str {
    black_box(album.id);
    "an album"
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let issuer = runtime.block_on(TestIssuer::start());
    let authentik = issuer.authentik().build().expect("a provider");
    let groups = ["photos-users", "photos-moderators", "staff", "media", "everybody"];
    let token = issuer.token("alice").groups(groups).sign();
    runtime.block_on(authentik.verify(&token)).expect("a token");
    let header = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");

    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/photos");
    let policies = Policies::dir(policies).load().expect("policies");
    let layer = || AuthzLayer::new(authentik.clone(), policies.clone());
    let album =
        Album { id: 7, owner: "alice".into(), public: false, shared_with: vec!["bob".into()] };
    let albums = Albums(Arc::new(HashMap::from([(7, album)])));

    let bare_router = || Router::new().route(ROUTE, get(bare));
    let routers: Vec<(&str, Router)> = vec![
        ("bare handler", bare_router()),
        ("a layer that does nothing", bare_router().layer(Identity::new())),
        ("the layer, token repeated", bare_router().layer(layer())),
        ("and `#[authenticated]`", on(get(known)).layer(layer())),
        ("and `#[authorize]`, one decision", on(get(decided)).layer(layer())),
        (
            "and `Loaded`",
            Router::new().route(ROUTE, get(loaded)).with_state(albums.clone()).layer(layer()),
        ),
    ];
    let secured = |routes: guard::Router| routes.finish(layer()).expect("routes");
    let secured = [
        (
            "guarded router, `#[authorize]`",
            secured(guard::Router::new().route(ROUTE, guard::get(decided))),
        ),
        (
            "guarded router, `Loaded`",
            secured(guard::Router::new().route(ROUTE, guard::get(loaded)).with_state(albums)),
        ),
    ];

    let (names, sides): (Vec<&str>, Vec<Side<'_>>) = routers
        .into_iter()
        .map(|(name, router)| (name, side(router, &header)))
        .chain(secured.into_iter().map(|(name, service)| (name, side(service, &header))))
        .unzip();
    let sides: [Side<'_>; 8] = sides.try_into().ok().expect("as many sides");
    let times = medians(sides);
    let mut report = Report::new("layer");
    for (name, ns) in names.into_iter().zip(times) {
        report.row(name, ns, &format!("{:+.0} ns", ns - times[0]));
    }
    report.keep().expect("the report is kept");
}

fn on(method: MethodRouter) -> Router {
    Router::new().route(ROUTE, method)
}

/// As a server calls it: each request goes to a clone.
fn side<'s, S>(service: S, token: &'s HeaderValue) -> Side<'s>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + 's,
{
    let call = move || {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(TARGET);
        request.headers_mut().insert(AUTHORIZATION, token.clone());
        at_once(service.clone().call(request)).map(|response| response.status())
    };
    assert_eq!(call(), Ok(StatusCode::OK));
    Box::new(move |turns| repeat(turns, || black_box(call())))
}

/// What a future says that waits for nothing.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("it waits"),
    }
}

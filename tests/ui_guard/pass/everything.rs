//! Every kind of function that axum takes as a handler, and everything a router is put together from.
#![deny(warnings, missing_debug_implementations)]

use axum::{Json, extract::State, handler::Handler as _, middleware, routing::MethodRouter};
use axum_authz::{
    extract::{All, Authorized, Changed, Checked, Decider, Loaded},
    guard::{
        Action, Methods, Router, Unguarded, any, delete, get, head, options, patch, post, put, trace,
    },
    prelude::{Load, Path, Principal, Resource, authenticated, authorize, public},
    resource::Change,
};

#[derive(Debug, Clone)]
struct App;

#[derive(Debug, serde::Deserialize, Resource)]
#[resource(kind = "album")]
struct Album {
    #[attr]
    public: bool,
}

impl Load<App> for Album {
    type Key = Path<u64>;
    type Error = std::convert::Infallible;

    async fn load(_: &App, _: Path<u64>) -> Result<Option<Self>, Self::Error> {
        Ok(Some(Self { public: true }))
    }
}

impl Change<Album> for Album {
    fn apply(&self, _: &Album) -> Album {
        Album { public: self.public }
    }
}

#[derive(Debug)]
struct View;

impl Action for View {
    const KIND: &'static str = "album";
    const NAME: &'static str = "view";
}

#[authorize(View)]
async fn attribute(_: Path<u64>) {}

async fn extractor(_: Authorized<View>) {}

async fn loaded(_: Loaded<Album, View>, _: State<App>, _: Decider) {}

type Two = All<(Loaded<Album, View>, Authorized<View>)>;

async fn all(_: Two) {}

async fn checked(_: Checked<Json<Album>, View>) {}

async fn changed(_: Changed<Album, Json<Album>, View>) {}

#[authorize(View, body)]
async fn ahead(_: Principal, _: Checked<Json<Album>, View>) {}

#[authenticated]
async fn authenticated_only() {}

#[public(reason = "a test")]
async fn open() {}

async fn generic<A: Action>(_: Authorized<A>) {}

struct Impl;

impl Impl {
    async fn method(_: Authorized<View>) {}

    #[authorize(View)]
    async fn with_attribute() {}
}

#[authorize(View)]
#[axum::debug_handler]
async fn debugged(_: Path<u64>) {}

#[rustfmt::skip]
async fn sixteen(
    _: Authorized<View>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>,
    _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Path<u64>, _: Json<u64>,
) {}

fn main() {
    let pass = || middleware::from_fn(async |request, next: middleware::Next| next.run(request).await);
    let methods: Methods<App> = get(attribute)
        .post(extractor)
        .put(loaded)
        .patch(all)
        .delete(checked)
        .head(Impl::method)
        .options(Impl::with_attribute)
        .trace(changed)
        .layer(pass())
        .route_layer(pass());
    let inner = Router::new()
        .route("/a/{id}", methods)
        .route("/b/{id}", any(ahead))
        .route("/c", post(async |_: Authorized<View>| "closure"))
        .route("/d", put(generic::<View>))
        .route("/e", patch(debugged))
        .route("/f", delete(extractor.layer(pass())))
        .route("/g", head(authenticated_only))
        .route("/h", options(open))
        .route("/i", trace(sixteen));
    let router: Router = Router::new()
        .nest("/v1", inner.clone())
        .merge(inner)
        .layer(pass())
        .route_layer(pass())
        .fallback(extractor)
        .route_unguarded("/j", MethodRouter::<()>::new(), Unguarded::because("a test"))
        .with_state(App)
        .fallback_public(async || "page", Unguarded::because("a test"));
    assert_eq!(router.routes().len(), 2 * 16 + 2);
}

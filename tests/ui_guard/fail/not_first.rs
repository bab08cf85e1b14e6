//! A declaration that is not the first argument: the others would be looked at before it.

use axum_authz::{
    Principal, authorize,
    extract::{Authorized, Loaded},
    guard::{Action, Router, get},
    prelude::{Load, Path, Resource},
};

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
}

impl<S: Send + Sync> Load<S> for Album {
    type Key = Path<u64>;
    type Error = std::convert::Infallible;

    async fn load(_: &S, Path(id): Path<u64>) -> Result<Option<Self>, Self::Error> {
        Ok(Some(Self { id }))
    }
}

struct View;

impl Action for View {
    const KIND: &'static str = "album";
    const NAME: &'static str = "view";
}

async fn authorized(_: Path<u64>, _: Authorized<View>) {}

async fn loaded(_: Principal, _: Loaded<Album, View>) {}

#[authorize(View)]
async fn by_attribute(_: Path<u64>) {}

fn main() {
    let _: Router = Router::new()
        .route("/a/{id}", get(authorized))
        .route("/b/{id}", get(loaded))
        .route("/c/{id}", get(by_attribute));
}

//! An action on another kind of resource than the type's.

use axum_authz::{
    extract::Loaded,
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

struct ViewFolder;

impl Action for ViewFolder {
    const KIND: &'static str = "folder";
    const NAME: &'static str = "view";
}

async fn show(_: Loaded<Album, ViewFolder>) {}

fn main() {
    let _: Router = Router::new().route("/albums/{id}", get(show));
}

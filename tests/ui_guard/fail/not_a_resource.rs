//! Types that policies know nothing of.

use axum_authz::{
    extract::{Changed, Checked, Loaded},
    guard::{Action, Router, post},
    prelude::Resource,
};

#[derive(serde::Deserialize)]
struct Plain {
    id: u64,
}

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
}

struct Edit;

impl Action for Edit {
    const KIND: &'static str = "album";
    const NAME: &'static str = "edit";
}

async fn loaded(_: Loaded<Plain, Edit>) {}

async fn checked(_: Checked<axum::Json<Plain>, Edit>) {}

async fn changed(_: Changed<Album, axum::Json<Plain>, Edit>) {}

async fn no_action(_: Loaded<Album, Plain>) {}

fn main() {
    let _: Router = Router::new()
        .route("/a", post(loaded))
        .route("/b", post(checked))
        .route("/c", post(changed))
        .route("/d", post(no_action));
}

//! Handlers that say nothing about who may call them.

use axum_authz::{
    guard::{Router, any, get},
    prelude::Path,
};

async fn nothing() {}

async fn show(_: Path<u64>) {}

fn main() {
    let _: Router = Router::new()
        .route("/a", get(nothing))
        .route("/b/{id}", any(show).post(show))
        .route("/c", get(async || "closure"))
        .route("/d", get("no function"))
        .fallback(nothing);
}

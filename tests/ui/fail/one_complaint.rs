//! A mistake in the attribute is told once: the router does not say that nothing is declared.

use axum_authz::{
    authorize,
    guard::{Router, get},
};

#[authorize(action = "view", resuorce = "album")]
async fn show() {}

fn main() {
    let _: Router = Router::new().route("/albums", get(show));
}

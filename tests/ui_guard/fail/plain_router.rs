//! Routers and methods of axum, in which nothing has to be declared.

use axum_authz::{
    authenticated,
    guard::{Router, get},
};

#[authenticated]
async fn whoami() {}

fn main() {
    let _: Router = Router::new().route("/a", axum::routing::get(whoami));
    let _: Router = Router::new().route("/b", get(whoami).merge(axum::routing::post(whoami)));
    let _: Router = Router::new().merge(axum::Router::new());
    let _: Router = Router::new().nest("/c", axum::Router::new());
    let _: axum::Router = axum::Router::new().merge(Router::<()>::new());
    let _: axum::Router = axum::Router::new().route("/d", get(whoami));
}

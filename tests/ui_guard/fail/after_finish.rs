//! Nothing can be put into what `finish` has made.

use axum_authz::{
    authenticated,
    guard::{Router, Secured, get},
};

#[authenticated]
async fn whoami() {}

fn more(app: Secured) {
    let _ = app.clone().route("/a", get(whoami));
    let _ = app.clone().merge(Router::new());
    let _: axum::Router = app.into();
}

fn main() {
    let _ = more;
}

//! A handler that claims the arguments of another one, with any marker, and asks nobody.

use axum::{extract::Request, handler::Handler, response::Response};
use axum_authz::{
    extract::Authorized,
    guard::{Authenticated, Router, get},
};

#[derive(Clone)]
struct Any;

impl<M, S> Handler<(M, Authorized<Authenticated>), S> for Any {
    type Future = std::future::Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        std::future::ready(Response::default())
    }
}

fn main() {
    let _: Router = Router::new().route("/a", get(Any));
}

//! A handler that claims the arguments of another one, and asks nobody.

use axum::{extract::Request, handler::Handler, response::Response};
use axum_authz::{
    extract::Authorized,
    guard::{Authenticated, Router, get},
};

#[derive(Clone)]
struct Own;

impl<S> Handler<((), Authorized<Authenticated>), S> for Own {
    type Future = std::future::Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        std::future::ready(Response::default())
    }
}

fn main() {
    let _: Router = Router::new().route("/b", get(Own));
}

//! The crate under another name.

mod vendored {
    pub use axum_authz as authz;
}

use vendored::authz::{authenticated, authorize, guard::Authenticated, prelude::Router, prelude::get, public};

// Were it found under its own name, this would be in the way.
#[allow(dead_code)]
mod axum_authz {}

#[authorize(action = "view", resource = "album", id = path("id"), crate = vendored::authz)]
async fn show() {}

#[authorize(Authenticated, crate = crate::vendored::authz)]
async fn typed() {}

#[authenticated(crate = vendored::authz)]
async fn whoami() {}

#[public(reason = "liveness probe", crate = vendored::authz)]
async fn healthz() {}

fn main() {
    let _: Router = Router::new()
        .route("/albums/{id}", get(show).post(typed))
        .route("/whoami", get(whoami))
        .route("/healthz", get(healthz));
}

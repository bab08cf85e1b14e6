//! Every form, with all the lints a careful crate turns on.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]

use axum_authz::prelude::*;

/// Kept.
#[authorize(action = "view", resource = "album", id = path("id"), attr(owner = path("user"), tag = query("tag")))]
pub async fn show(me: Principal, Path(_id): Path<u64>) -> String {
    me.id().to_owned()
}

#[authorize(action = "list", resource = "album",)]
async fn list() {}

#[authenticated]
async fn whoami() {}

#[authenticated()]
async fn again() {}

#[authenticated(scope = "openid goauthentik.io/api photos:read!#$[]~")]
async fn scoped() {}

#[authorize(action = "list", resource = "album", scope = "photos.read")]
async fn scoped_list() {}

/// Kept too.
#[public(reason = "liveness probe")]
pub(crate) async fn healthz() {}

fn main() {
    #[authorize(action = "view", resource = "album")]
    async fn local() {}

    let _: Router = Router::new()
        .route("/{user}/albums/{id}", get(show))
        .route("/albums", get(list))
        .route("/whoami", get(whoami).post(again).put(scoped).patch(scoped_list))
        .route("/healthz", get(healthz))
        .route("/local", get(local));
}

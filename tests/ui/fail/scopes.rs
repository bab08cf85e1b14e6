use axum_authz::{authenticated, authorize, public};

#[authorize(action = "view", resource = "album", scope = "photos\"write")]
async fn quote() {}

#[authenticated(scope = "photos\twrite")]
async fn tab() {}

#[authenticated(scope = "foto.größe")]
async fn not_ascii() {}

#[authenticated(scope = "photos.read  photos.write")]
async fn two_spaces() {}

#[authenticated(scope = " photos.read")]
async fn space_before() {}

#[authenticated(scope = "")]
async fn empty() {}

#[authenticated(scope = ["photos.read", "photos.write"])]
async fn list() {}

#[authenticated(scope)]
async fn no_value() {}

#[authenticated(scope = "photos.read", scope = "photos.write")]
async fn twice() {}

#[authorize(axum_authz::guard::Authenticated, scope = "photos.read")]
async fn beside_a_type() {}

#[public(reason = "liveness probe", scope = "photos.read")]
async fn healthz() {}

struct Albums;

impl Albums {
    #[authenticated(scope = "photos.read")]
    async fn made() -> Self {
        Self
    }
}

fn main() {}

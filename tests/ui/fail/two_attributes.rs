use axum_authz::{authenticated, authorize, public};

#[authorize(action = "view", resource = "album")]
#[public(reason = "liveness probe")]
async fn show() {}

#[authenticated]
#[axum_authz::authorize(action = "view", resource = "album")]
async fn list() {}

fn main() {}

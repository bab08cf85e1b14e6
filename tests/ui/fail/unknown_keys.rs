use axum_authz::{authenticated, authorize, public};

#[authorize(actoin = "view", action = "view", resource = "album")]
async fn show() {}

#[authenticated(role = "admin")]
async fn whoami() {}

#[public(because = "liveness probe", reason = "liveness probe")]
async fn healthz() {}

fn main() {}

use axum_authz::{authorize, public};

#[authorize]
async fn nothing() {}

#[authorize(resource = "album")]
async fn no_action() {}

#[authorize(action = "view", id = path("id"))]
async fn no_resource() {}

#[public]
async fn no_reason() {}

fn main() {}

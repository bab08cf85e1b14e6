use axum_authz::{authorize, guard::Authenticated};

#[authorize(Authenticated, action = "view", id = path("id"))]
async fn show() {}

#[authorize(Authenticated, Authenticated)]
async fn twice() {}

fn main() {}

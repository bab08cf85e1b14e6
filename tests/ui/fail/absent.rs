use axum_authz::authorize;

#[authorize(action = "view", resource = "album", id = absent)]
async fn identifier() {}

#[authorize(action = "view", resource = "album", attr(owner = absent("owner"), frozen = absent))]
async fn name() {}

#[authorize(action = "view", resource = "album", attr(owner = missing))]
async fn unknown() {}

fn main() {}

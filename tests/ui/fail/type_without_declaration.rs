use axum_authz::authorize;

struct View;

#[authorize(View)]
async fn show() {}

#[authorize(NoSuchType)]
async fn list() {}

fn main() {}

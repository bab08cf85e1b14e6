use axum_authz::authorize;

include!("../actions/photos.rs");

#[authorize(album::Archive)]
async fn archive() {}

#[authorize(album::Rename, id = path("id"))]
async fn rename() {}

#[authorize(photo::View)]
async fn photo() {}

fn main() {}

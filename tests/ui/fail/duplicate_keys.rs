use axum_authz::{authorize, public};

#[authorize(action = "view", resource = "album", action = "edit")]
async fn show() {}

#[authorize(action = "view", resource = "album", id = path("a"), id = path("b"))]
async fn two_ids() {}

#[authorize(action = "view", resource = "album", attr(a = path("a"), a = query("a")))]
async fn two_attributes() {}

#[authorize(action = "view", resource = "album", attr(a = path("a")), attr(b = path("b")))]
async fn two_lists() {}

#[public(reason = "a", reason = "b")]
async fn healthz() {}

fn main() {}

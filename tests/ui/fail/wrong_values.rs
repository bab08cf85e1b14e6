use axum_authz::{authorize, public};

const VIEW: &str = "view";

#[authorize(action = 1, resource = b"album")]
async fn literals() {}

#[authorize(action = VIEW, resource = "album")]
async fn constant() {}

#[authorize(action, resource = "album")]
async fn no_value() {}

#[authorize(action("view"), resource = "album")]
async fn parentheses() {}

#[authorize(action = "view", resource = "album", id = "id")]
async fn no_source() {}

#[authorize(action = "view" resource = "album")]
async fn no_comma() {}

#[public("liveness probe")]
async fn healthz() {}

fn main() {}

use axum_authz::{authorize, public};

#[authorize(action = "", resource = " ")]
async fn show() {}

#[authorize(action = "view", resource = "album", id = path(""))]
async fn no_name() {}

#[authorize(action = "view", resource = "album", attr())]
async fn no_attribute() {}

#[public(reason = "")]
async fn healthz() {}

fn main() {}

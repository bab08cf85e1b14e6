use axum_authz::authorize;

#[authorize(action = "view", resource = "album", id = cookie("id"))]
async fn cookie() {}

#[authorize(action = "view", resource = "album", id = path)]
async fn no_name() {}

#[authorize(action = "view", resource = "album", id = path())]
async fn empty() {}

#[authorize(action = "view", resource = "album", id = path(id))]
async fn no_string() {}

#[authorize(action = "view", resource = "album", id = path("a", "b"))]
async fn two_names() {}

#[authorize(action = "view", resource = "album", id = path("{id}"))]
async fn braces() {}

#[authorize(action = "view", resource = "album", attr(tag = header("x tag"), owner = body("owner")))]
async fn no_header() {}

fn main() {}

//! A resource that nobody has said how to find.

use axum_authz::{
    extract::Loaded,
    guard::{Action, Router, get},
    prelude::Resource,
};

#[derive(Clone)]
struct App;

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
}

struct View;

impl Action for View {
    const KIND: &'static str = "album";
    const NAME: &'static str = "view";
}

async fn show(album: Loaded<Album, View>) -> String {
    album.id.to_string()
}

#[axum::debug_handler(state = App)]
async fn debugged(album: Loaded<Album, View>) -> String {
    album.id.to_string()
}

fn main() {
    let _: Router<App> = Router::new().route("/albums/{id}", get(show));
    let _ = debugged;
}

//! A proof of one thing is none of another.

use axum_authz::{
    extract::Loaded,
    guard::Action,
    prelude::{Path, Resource},
};

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
}

mod album {
    use super::Action;

    pub(super) enum View {}
    pub(super) enum Edit {}

    impl Action for View {
        const KIND: &'static str = "album";
        const NAME: &'static str = "view";
    }

    impl Action for Edit {
        const KIND: &'static str = "album";
        const NAME: &'static str = "edit";
    }
}

async fn rename(album: &Loaded<Album, album::Edit>, title: &str) {
    println!("{} is {title}", album.id);
}

async fn show(album: Loaded<Album, album::View>, Path(title): Path<String>) {
    rename(&album, &title).await;
}

async fn without(Path(title): Path<String>) {
    rename(&Album { id: 7 }, &title).await;
}

async fn changed(mut album: Loaded<Album, album::Edit>) {
    album.id = 8;
}

fn main() {
    let _ = (show, without, changed);
}

// What the examples of the manual share: albums in memory, and the actions of `policies/photos` as types, as
// `axum-authz-build` writes them.

include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui/actions/photos.rs"));

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use axum_authz::prelude::*;

#[derive(Debug, Clone, PartialEq, serde::Serialize, Resource)]
#[resource(kind = "album", table = "albums")]
pub struct Album {
    #[id]
    pub id: i64,
    #[attr]
    pub owner: String,
    #[attr]
    pub public: bool,
    #[attr]
    pub flagged: bool,
    #[attr]
    pub shared_with: Vec<String>,
    #[version]
    pub revision: i64,
    #[no_attr]
    pub title: String,
}

impl Album {
    /// A private album that nobody else sees.
    pub fn of(owner: &str, id: i64, title: &str) -> Self {
        let (owner, title) = (owner.to_owned(), title.to_owned());
        Self { id, owner, public: false, flagged: false, shared_with: Vec::new(), revision: 1, title }
    }
}

#[derive(Debug, Clone, Default)]
pub struct App {
    pub albums: Arc<HashMap<i64, Album>>,
}

impl App {
    pub fn with(albums: impl IntoIterator<Item = Album>) -> Self {
        Self { albums: Arc::new(albums.into_iter().map(|album| (album.id, album)).collect()) }
    }
}

impl Load<App> for Album {
    type Key = Path<i64>;
    type Error = Infallible;

    async fn load(app: &App, Path(id): Path<i64>) -> Result<Option<Self>, Infallible> {
        Ok(app.albums.get(&id).cloned())
    }
}

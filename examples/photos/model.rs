//! What the policies decide on, and how it is found.

use std::borrow::Cow;

use axum_authz::policies::Map;
use axum_authz::prelude::*;
use axum_authz::resource::{Attribute, Change};
use serde::{Deserialize, Serialize};

use crate::app::App;

/// An album.
#[derive(Debug, Clone, Serialize, Resource)]
#[resource(kind = "album", table = "albums")]
pub struct Album {
    /// Its number.
    #[id]
    pub id: i64,
    /// Whose it is.
    #[attr]
    pub owner: String,
    /// What it is called.
    #[no_attr]
    pub title: String,
    /// Whether everybody may look at it.
    #[attr]
    pub public: bool,
    /// Whether somebody has reported it.
    #[attr]
    pub flagged: bool,
    /// Who else may look at it.
    #[attr]
    pub shared_with: Vec<String>,
    /// The titles of its photos.
    #[no_attr]
    pub photos: Vec<String>,
}

impl Load<App> for Album {
    type Key = Path<AlbumKey>;
    type Error = sqlx::Error;

    async fn load(app: &App, Path(key): Self::Key) -> Result<Option<Self>, sqlx::Error> {
        app.store.album(key.id).await
    }
}

/// The `{id}` of a path.
#[derive(Debug, Deserialize)]
pub struct AlbumKey {
    id: i64,
}

/// Another album that a request is about, the `{to}` of the path.
#[derive(Debug)]
pub struct Target(pub Album);

impl Resource for Target {
    const KIND: &'static str = Album::KIND;
    const ATTRIBUTES: &'static [Attribute] = Album::ATTRIBUTES;

    fn id(&self) -> Cow<'_, str> {
        self.0.id()
    }

    fn attributes(&self) -> Map {
        self.0.attributes()
    }
}

impl Load<App> for Target {
    type Key = Path<TargetKey>;
    type Error = sqlx::Error;

    async fn load(app: &App, Path(key): Self::Key) -> Result<Option<Self>, sqlx::Error> {
        Ok(app.store.album(key.to).await?.map(Self))
    }
}

/// The `{to}` of a path.
#[derive(Debug, Deserialize)]
pub struct TargetKey {
    to: i64,
}

/// An album that somebody wants to have.
#[derive(Debug, Deserialize, Resource)]
#[resource(kind = "album")]
pub struct NewAlbum {
    /// What it is to be called.
    #[no_attr]
    pub title: String,
    /// Whether everybody may look at it.
    #[attr]
    #[serde(default)]
    pub public: bool,
}

/// How an album is to be different.
#[derive(Debug, Deserialize)]
pub struct EditAlbum {
    title: String,
    #[serde(default)]
    public: bool,
    /// Giving it away is in the body, and not in the policies: they want to see the owner before and after.
    owner: Option<String>,
}

impl Change<Album> for EditAlbum {
    fn apply(&self, old: &Album) -> Album {
        Album {
            title: self.title.clone(),
            public: self.public,
            owner: self.owner.clone().unwrap_or_else(|| old.owner.clone()),
            ..old.clone()
        }
    }
}

/// Somebody an album is shared with.
#[derive(Debug, Deserialize)]
pub struct NewShare {
    /// The subject of their tokens.
    pub person: String,
}

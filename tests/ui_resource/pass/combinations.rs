//! Everything at once, in any order, with other derives and a name that stands for an `Option`.

#![deny(warnings)]

use axum_authz::prelude::*;

type Team = Option<String>;

#[derive(Debug, Clone, PartialEq, Resource)]
#[resource(absent("frozen"), conceal)]
#[resource(table = "albums", kind = "album")]
pub struct Album {
    #[id]
    #[attr(display)]
    pub id: u64,
    #[no_attr]
    #[version(column = "xmin")]
    pub rev: u32,
    #[attr]
    #[scope]
    pub r#in: String,
    #[attr(none = omit)]
    pub team: Team,
    #[attr(column = "old", none = null, with = Clone::clone)]
    #[deprecated]
    pub former: Option<String>,
}

// The state is anything that has albums.
pub trait Albums: Clone + Send + Sync + 'static {
    fn find(&self, id: u64) -> impl Future<Output = std::io::Result<Option<Album>>> + Send;
}

impl<S: Albums> Load<S> for Album {
    type Key = Path<u64>;
    type Error = std::io::Error;

    async fn load(state: &S, Path(id): Path<u64>) -> std::io::Result<Option<Self>> {
        state.find(id).await
    }
}

fn main() {}

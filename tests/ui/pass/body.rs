//! `body`: what is checked ahead of the body stands first, and what decides on the body last.

use axum::{Json, extract::State};
use axum_authz::{
    extract::{Changed, Checked},
    guard::{Action, Router, post},
    prelude::*,
    resource::Change,
};

#[derive(Clone)]
struct App;

#[derive(serde::Deserialize, Resource)]
#[resource(kind = "album")]
struct Album {
    #[attr]
    public: bool,
}

impl Load<App> for Album {
    type Key = Path<u64>;
    type Error = std::convert::Infallible;

    async fn load(_: &App, _: Path<u64>) -> Result<Option<Self>, Self::Error> {
        Ok(Some(Self { public: true }))
    }
}

impl Change<Album> for Album {
    fn apply(&self, _: &Album) -> Album {
        Album { public: self.public }
    }
}

struct Of<T>(T);

impl<T: Send + Sync + 'static> Action for Of<T> {
    const KIND: &'static str = "album";
    const NAME: &'static str = "create";
}

#[authorize(Of<i64>, body, scope = "photos.write")]
async fn scoped(_: State<App>, _: Checked<Json<Album>, Of<i64>>) {}

struct Albums;

#[authorize(Of<(u8, Albums)>, body)]
async fn create(checked: Checked<Json<Album>, Of<(u8, Albums)>>) -> String {
    checked.public.to_string()
}

impl Albums {
    #[authorize(body, Of<u8>)]
    async fn edit(
        _: State<App>,
        _: axum_authz::Principal,
        change: axum_authz::extract::Changed<Album, Json<Album>, Of<u8>>,
    ) -> String {
        format!("{} {}", change.old().public, change.new().public)
    }
}

macro_rules! handler {
    ($action:ty) => {
        #[authorize($action, body)]
        async fn by_macro(_: State<App>, _: Changed<Album, Json<Album>, $action>) {}
    };
}

handler!(Of<u16>);

fn main() {
    let router = Router::new()
        .route("/albums", post(create))
        .route("/albums/{id}", post(Albums::edit).put(by_macro).patch(scoped))
        .with_state::<()>(App);
    let routes: Vec<_> = router.routes().iter().filter_map(|route| route.access()).collect();
    assert!(routes.iter().all(|access| access.checks().len() == 1));
    assert_eq!(routes.len(), 4);
    let scopes: Vec<_> = routes.iter().filter_map(|access| access.required_scope()).collect();
    assert_eq!(scopes, ["photos.write"]);
}

//! Routes and handlers.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post_service;
use axum_authz::endpoint::{BackChannelLogout, capabilities};
use axum_authz::extract::{All, Changed, Checked, Decider, Lapsed, Loaded, Rejection};
use axum_authz::guard::{Router, Secured, Unguarded, get, post};
use axum_authz::prelude::{AuthzLayer, Principal, authenticated, authorize, public};
use serde_json::{Value as Json_, json};

use crate::album;
use crate::model::{Album, EditAlbum, NewAlbum, NewShare, Target};
use crate::store::Store;

/// What handlers work with.
#[derive(Debug, Clone)]
pub struct App {
    /// The albums.
    pub store: Store,
}

/// The service, apart from the socket it listens on.
///
/// # Errors
///
/// The routes do not fit the policies: all that is wrong, with the place of each route.
pub fn app(
    state: App,
    authz: AuthzLayer,
    logout: BackChannelLogout,
) -> Result<Secured, axum_authz::Error> {
    let one = Router::new()
        .route("/", get(show).put(edit).delete(delete))
        .route("/share", post(share))
        .route("/flag", post(flag))
        .route("/export", get(export))
        .route("/into/{to}", post(copy_into));
    let own_credential = Unguarded::because("a logout token is its own credential");
    Router::new()
        .route("/albums", get(list).post(create))
        .nest("/albums/{id}", one)
        .route("/whoami", get(whoami))
        .route("/capabilities", capabilities())
        .route("/healthz", get(healthz))
        .route_unguarded("/auth/backchannel-logout", post_service(logout), own_credential)
        .with_state(state)
        .finish(authz)
}

/// Only what the caller may see.
#[authorize(album::List)]
async fn list(State(app): State<App>, decider: Decider) -> Result<Json<Vec<Album>>, Failed> {
    let albums = app.store.albums().await?;
    Ok(Json(decider.filter::<album::View, _>(albums).await?))
}

/// Decided on before the body is read, and again on what is in it.
#[authorize(album::Create, body)]
async fn create(
    State(app): State<App>,
    new: Checked<Json<NewAlbum>, album::Create>,
) -> Result<Response, Failed> {
    let id = app.store.create(&new).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

/// The album, and which buttons to show.
async fn show(album: Loaded<Album, album::View>, decider: Decider) -> Result<Json<Json_>, Failed> {
    let may = decider
        .permissions::<(album::Edit, album::Share, album::Delete, album::Flag), _>(&*album)
        .await?;
    Ok(Json(json!({"album": &*album, "may": may})))
}

/// Decided on as it is, and as it would be: nobody gives an album away.
#[authorize(album::Edit, body)]
async fn edit(
    State(app): State<App>,
    change: Changed<Album, Json<EditAlbum>, album::Edit>,
) -> Result<StatusCode, Failed> {
    app.store.edit(&change).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(
    album: Loaded<Album, album::Delete>,
    State(app): State<App>,
) -> Result<StatusCode, Failed> {
    app.store.delete(&album).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn share(
    album: Loaded<Album, album::Share>,
    State(app): State<App>,
    Json(new): Json<NewShare>,
) -> Result<StatusCode, Failed> {
    app.store.share(&album, &new.person).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn flag(
    album: Loaded<Album, album::Flag>,
    State(app): State<App>,
) -> Result<StatusCode, Failed> {
    app.store.flag(&album).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Copies the photos of one album into another: two albums, two questions.
async fn copy_into(
    All((from, to)): All<(Loaded<Album, album::View>, Loaded<Target, album::Edit>)>,
    State(app): State<App>,
) -> Result<StatusCode, Failed> {
    app.store.copy(&from, &to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What takes long asks again on the way.
async fn export(album: Loaded<Album, album::View>) -> Result<String, Failed> {
    let mut pages = String::new();
    for photo in &album.photos {
        album.recheck().await?;
        pages.push_str(photo);
        pages.push('\n');
    }
    Ok(pages)
}

#[authenticated]
async fn whoami(me: Principal) -> Json<Json_> {
    let roles: Vec<&str> = me.roles().collect();
    Json(json!({"id": me.id(), "roles": roles, "attributes": me.attributes()}))
}

#[public(reason = "liveness probe")]
async fn healthz() -> &'static str {
    "ok"
}

/// Why a handler could not do what the caller may.
enum Failed {
    Refused(Rejection),
    Lapsed(Lapsed),
    Store(sqlx::Error),
}

impl From<Rejection> for Failed {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<Lapsed> for Failed {
    fn from(lapsed: Lapsed) -> Self {
        Self::Lapsed(lapsed)
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let unavailable = (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]);
        match self {
            Self::Refused(rejection) => rejection.into_response(),
            Self::Lapsed(lapsed) => {
                tracing::info!(%lapsed, "stopped on the way");
                match lapsed {
                    Lapsed::Undecided(_) | Lapsed::Invalid(_) => unavailable.into_response(),
                    Lapsed::Ended(_) | Lapsed::Denied | Lapsed::OtherResource => {
                        StatusCode::FORBIDDEN.into_response()
                    }
                }
            }
            Self::Store(error) => {
                tracing::error!(%error, "no answer from the database");
                unavailable.into_response()
            }
        }
    }
}

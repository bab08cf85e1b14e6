//! Routes and handlers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, response::IntoResponse};
use axum_authz::policies::Policies;
use axum_authz::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::access::{Delete, Edit, Flag, Row, Share, View, may, undecided};
use crate::store::{Album, Store};

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) policies: Policies,
}

/// The service, apart from the socket it listens on.
pub(crate) fn app(state: App, authz: AuthzLayer) -> Router {
    Router::new()
        .route("/albums", get(list).post(create))
        .route("/albums/{id}", get(show).put(edit).delete(delete))
        .route("/albums/{id}/share", post(share))
        .route("/albums/{id}/flag", post(flag))
        .route("/whoami", get(whoami))
        .route("/healthz", get(healthz))
        .with_state(state)
        .layer(authz)
}

#[derive(Deserialize)]
struct NewAlbum {
    title: String,
    #[serde(default)]
    public: bool,
}

#[derive(Deserialize)]
struct NewShare {
    person: String,
}

#[authorize(action = "list", resource = "album")]
async fn list(me: Principal, State(app): State<App>) -> Result<Json<Vec<Album>>, Response> {
    let mut visible = Vec::new();
    for album in app.store.albums().await.map_err(undecided)? {
        // One album without an answer fails the list; leaving it out would look like a no.
        if may(&app.policies, &me, "view", &album)? {
            visible.push(album);
        }
    }
    Ok(Json(visible))
}

#[authorize(action = "create", resource = "album")]
async fn create(
    me: Principal,
    State(app): State<App>,
    Json(new): Json<NewAlbum>,
) -> Result<Response, Response> {
    let id = app.store.create(me.id(), &new.title, new.public).await.map_err(undecided)?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

#[authenticated]
async fn show(row: Row<View>) -> Json<Album> {
    Json(row.album)
}

#[authenticated]
async fn edit(
    row: Row<Edit>,
    State(app): State<App>,
    Json(new): Json<NewAlbum>,
) -> Result<StatusCode, Response> {
    app.store.edit(row.album.id, &new.title, new.public).await.map_err(undecided)?;
    Ok(StatusCode::NO_CONTENT)
}

#[authenticated]
async fn delete(row: Row<Delete>, State(app): State<App>) -> Result<StatusCode, Response> {
    app.store.delete(row.album.id).await.map_err(undecided)?;
    Ok(StatusCode::NO_CONTENT)
}

#[authenticated]
async fn share(
    row: Row<Share>,
    State(app): State<App>,
    Json(new): Json<NewShare>,
) -> Result<StatusCode, Response> {
    app.store.share(row.album.id, &new.person).await.map_err(undecided)?;
    Ok(StatusCode::NO_CONTENT)
}

#[authenticated]
async fn flag(row: Row<Flag>, State(app): State<App>) -> Result<StatusCode, Response> {
    app.store.flag(row.album.id).await.map_err(undecided)?;
    Ok(StatusCode::NO_CONTENT)
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

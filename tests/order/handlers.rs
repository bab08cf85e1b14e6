//! One handler for each way to declare who may call it.

use axum::{Json, extract::State};
use axum_authz::{
    authenticated, authorize,
    extract::{All, Authorized, Changed, Checked, Loaded},
    guard::{self, Access, Ahead, Check, DeclaresAccess},
    public,
};

use crate::{
    trail::{Noted, note},
    world::{Add, Album, App, Create, Edit, Folder, Hidden, List},
};

#[authorize(
    action = "edit",
    resource = "album",
    id = path("id"),
    attr(owner = query("owner"), stars = query("stars"), huge = query("huge")),
    scope = "photos.write"
)]
async fn text(_: Noted, _: Json<Album>) {
    note("handler");
}

#[authorize(List)]
async fn typed(_: Noted, _: Json<Album>) {
    note("handler");
}

#[authenticated]
async fn anybody_known(_: Noted, _: Json<Album>) {
    note("handler");
}

#[authenticated(scope = "photos.write")]
async fn anybody_with_a_scope(_: Noted, _: Json<Album>) {
    note("handler");
}

#[public(reason = "a test")]
async fn anybody(_: Noted, _: Json<Album>) {
    note("handler");
}

async fn loaded(_: Loaded<Album, Edit>, _: Noted, _: Json<Album>) {
    note("handler");
}

async fn concealed(_: Loaded<Hidden, Edit>, _: Noted, _: Json<Album>) {
    note("handler");
}

async fn two_loaded(
    All((_, _)): All<(Loaded<Album, Edit>, Loaded<Folder, Add>)>,
    _: Noted,
    _: Json<Album>,
) {
    note("handler");
}

struct ListWithScope;

impl DeclaresAccess for ListWithScope {
    const ACCESS: Access = Access::Check(Check::new("list", "album").scope("photos.write"));
}

/// The scope is looked at first, although its declaration is the second.
async fn loaded_and_authorized(
    All((_, _)): All<(Loaded<Album, Edit>, Authorized<ListWithScope>)>,
    _: Noted,
    _: Json<Album>,
) {
    note("handler");
}

async fn authorized_and_loaded(
    All((_, _)): All<(Authorized<List>, Loaded<Album, Edit>)>,
    _: Noted,
    _: Json<Album>,
) {
    note("handler");
}

async fn checked(_: Checked<Json<Album>, Create>) {
    note("handler");
}

async fn ahead(
    _: Ahead<Checked<Json<Album>, Create>>,
    _: State<App>,
    _: Noted,
    _: Checked<Json<Album>, Create>,
) {
    note("handler");
}

async fn changed(_: Changed<Album, Json<Album>, Edit>) {
    note("handler");
}

async fn ahead_of_changed(
    _: Ahead<Changed<Album, Json<Album>, Edit>>,
    _: Noted,
    _: Changed<Album, Json<Album>, Edit>,
) {
    note("handler");
}

/// The same table for both routers: a name of `$routing` is `post`, `get` and so on.
macro_rules! routes {
    ($router:ty, $($routing:ident)::+) => {{
        use $($routing)::+::post;
        <$router>::new()
            .route("/text/{id}", post(text))
            .route("/typed", post(typed))
            .route("/closure", post(async |_: Authorized<List>, _: Noted, _: Json<Album>| note("handler")))
            .route("/authenticated", post(anybody_known))
            .route("/authenticated-scope", post(anybody_with_a_scope))
            .route("/public", post(anybody))
            .route("/loaded/{id}", post(loaded))
            .route("/concealed/{id}", post(concealed))
            .route("/two-loaded/{id}/{folder}", post(two_loaded))
            .route("/authorized-loaded/{id}", post(authorized_and_loaded))
            .route("/loaded-authorized/{id}", post(loaded_and_authorized))
            .route("/checked", post(checked))
            .route("/ahead", post(ahead))
            .route("/changed/{id}", post(changed))
            .route("/ahead-changed/{id}", post(ahead_of_changed))
    }};
}

pub(crate) fn plain() -> axum::Router<App> {
    routes!(axum::Router<App>, axum::routing)
}

pub(crate) fn guarded() -> guard::Router<App> {
    routes!(guard::Router<App>, guard)
}

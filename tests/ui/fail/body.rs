use axum_authz::authorize;

#[authorize(album::Create, body)]
async fn no_arguments() {}

#[authorize(album::Create, body)]
async fn not_checked(me: Principal, new: Json<NewAlbum>) {}

#[authorize(album::Create, body)]
async fn not_last(new: Checked<Json<NewAlbum>, album::Create>, me: Principal) {}

#[authorize(album::Create, body)]
async fn another_action(new: Checked<Json<NewAlbum>, album::Edit>) {}

#[authorize(album::Edit, body)]
async fn another_change(new: Changed<Album, Json<NewAlbum>, Of<album::Edit>>) {}

#[authorize(album::Create, body)]
async fn without_types(new: Checked) {}

#[authorize(body)]
async fn no_type(new: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(action = "create", resource = "album", body)]
async fn names(new: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(album::Create, body = "new")]
async fn value(new: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(album::Create, body, body)]
async fn twice(new: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(album::Create, body, id = path("id"), attr(owner = path("user")))]
async fn keys(new: Checked<Json<NewAlbum>, album::Create>) {}

#[axum_authz::authenticated(body)]
async fn authenticated(new: Checked<Json<NewAlbum>, album::Create>) {}

#[axum_authz::authenticated]
async fn declares_itself(album: Loaded<Album, album::View>, new: Changed<Album, Json<Album>, album::Edit>) {}

#[authorize(album::Create)]
async fn forgotten(new: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(album::Create, body)]
async fn taken_away(new: Json<NewAlbum>, #[cfg(any())] _: Checked<Json<NewAlbum>, album::Create>) {}

#[authorize(album::Create, body)]
async fn perhaps(new: Json<NewAlbum>, #[cfg_attr(all(), cfg(any()))] _: Checked<Json<NewAlbum>, album::Create>) {}

fn main() {}

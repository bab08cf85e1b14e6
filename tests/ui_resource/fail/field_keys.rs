use axum_authz::prelude::*;

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id(colum = "album_id")]
    id: u64,
    #[version(name = "revision")]
    rev: u64,
    #[scope(column = "tenant_id")]
    tenant: String,
    #[no_attr(why)]
    title: String,
    #[attr(nam = "user", rename = "user")]
    owner: String,
    #[attr(name = "", column = "")]
    a: bool,
    #[attr(name)]
    b: bool,
    #[attr(display = true)]
    c: bool,
    #[attr(with)]
    d: bool,
    #[attr(with = |x| x)]
    e: bool,
    #[attr(display, with = Clone::clone)]
    f: bool,
    #[attr = "owner"]
    g: bool,
    #[attr(nun = omit)]
    h: Option<bool>,
}

fn main() {}

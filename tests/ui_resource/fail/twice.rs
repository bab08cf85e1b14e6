use axum_authz::prelude::*;

#[derive(Resource)]
#[resource(kind = "album", absent("frozen", "public"))]
struct Album {
    #[id]
    id: u64,
    #[id]
    other_id: u64,
    #[version]
    rev: u64,
    #[version]
    other_rev: u64,
    #[scope]
    tenant: String,
    #[scope]
    region: String,
    #[attr]
    owner: String,
    #[attr(name = "owner")]
    user: String,
    #[attr]
    public: bool,
}

#[derive(Resource)]
#[resource(kind = "album")]
struct Columns {
    #[id(column = "a")]
    #[attr(column = "b")]
    id: u64,
}

fn main() {}

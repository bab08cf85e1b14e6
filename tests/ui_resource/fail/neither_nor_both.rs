use axum_authz::prelude::*;

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
    owner: String,
    #[attr]
    #[no_attr]
    title: String,
    #[attr]
    #[attr(column = "p")]
    public: bool,
    #[resource(kind = "album")]
    place: String,
}

fn main() {}

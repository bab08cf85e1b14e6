use axum_authz::{prelude::*, resource::describe};

struct Plain;

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: u64,
}

struct App;

fn loads<S, R: Load<S>>() {}

fn main() {
    let _ = describe(&Plain);
    loads::<App, Album>();
}

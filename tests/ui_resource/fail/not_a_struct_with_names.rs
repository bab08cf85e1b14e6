use axum_authz::prelude::*;

#[derive(Resource)]
#[resource(kind = "album")]
enum Choice {
    One,
}

#[derive(Resource)]
#[resource(kind = "album")]
union Either {
    a: u8,
    b: i8,
}

#[derive(Resource)]
#[resource(kind = "album")]
struct Tuple(#[id] u64);

#[derive(Resource)]
#[resource(kind = "album")]
struct Unit;

#[derive(Resource)]
#[resource(kind = "album")]
struct Borrowed<'a> {
    #[attr]
    owner: &'a str,
}

fn main() {}

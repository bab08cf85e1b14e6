use axum_authz::prelude::*;

type Team = Option<String>;

#[derive(Resource)]
#[resource(kind = "album")]
struct Unsaid {
    #[attr]
    team: Option<String>,
    #[attr(display)]
    state: std::option::Option<u8>,
    #[attr(none)]
    a: Option<u8>,
    #[attr(none = "omit")]
    b: Option<u8>,
    #[attr(none = missing)]
    c: Option<u8>,
}

// What the derive does not see, the types tell.
#[derive(Resource)]
#[resource(kind = "album")]
struct Alias {
    #[attr]
    team: Team,
    #[attr(none = omit)]
    owner: String,
    #[attr(none = null)]
    state: Vec<u8>,
}

fn main() {}

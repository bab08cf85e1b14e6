use axum_authz::prelude::*;

struct State;

fn length(text: &String) -> State {
    State
}

#[derive(Resource)]
#[resource(kind = "album")]
struct Album {
    #[id]
    id: State,
    #[version]
    rev: Option<u64>,
    #[scope]
    tenant: u64,
    #[attr]
    state: State,
    #[attr(display)]
    shown: State,
    #[attr(with = length)]
    title: String,
    #[attr(with = length)]
    other: bool,
    #[attr]
    list: Vec<Option<u8>>,
}

fn main() {}

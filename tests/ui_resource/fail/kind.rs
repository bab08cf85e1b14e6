use axum_authz::prelude::*;

#[derive(Resource)]
struct Nothing {}

#[derive(Resource)]
#[resource(table = "albums")]
struct Missing {}

#[derive(Resource)]
#[resource(kind = "")]
struct Empty {}

#[derive(Resource)]
#[resource(kind)]
struct NoValue {}

#[derive(Resource)]
#[resource(kind = 7)]
struct NoText {}

#[derive(Resource)]
#[resource(kind = "album", kind = "photo")]
struct Twice {}

#[derive(Resource)]
#[resource = "album"]
struct NoParentheses {}

fn main() {}

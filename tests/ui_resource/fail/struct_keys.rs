use axum_authz::prelude::*;

#[derive(Resource)]
#[resource(kidn = "album")]
struct Misspelt {}

#[derive(Resource)]
#[resource(kind = "album", colour = "red", concel, "x")]
struct Unknown {}

#[derive(Resource)]
#[resource(kind = "album", conceal = true, table = "", crate)]
struct Values {}

#[derive(Resource)]
#[resource(kind = "album", absent = "frozen")]
struct NoList {}

#[derive(Resource)]
#[resource(kind = "album", absent())]
struct NoNames {}

#[derive(Resource)]
#[resource(kind = "album", absent("frozen", "frozen", "", hold))]
struct Names {}

#[derive(Resource)]
#[resource(kind = "album")]
#[scope]
struct Misplaced {}

fn main() {}

//! Half a decision is none: what is checked ahead of the body belongs to what decides on the body.

use axum::Json;
use axum_authz::{
    extract::{Authorized, Checked},
    guard::{Access, Action, Ahead, Check, DeclaresAccess, Router, post},
    prelude::Resource,
};

#[derive(serde::Deserialize, Resource)]
#[resource(kind = "album")]
struct Album {
    #[attr]
    public: bool,
}

struct Create;

impl Action for Create {
    const KIND: &'static str = "album";
    const NAME: &'static str = "create";
}

struct Both;

impl DeclaresAccess for Both {
    const ACCESS: Access = Access::All(&[Access::Check(Check::new("create", "album")), Access::Public { reason: "" }]);
}

type New = Checked<Json<Album>, Create>;

async fn alone(_: Ahead<New>) {}

async fn of_another_body(_: Ahead<New>, _: Json<Album>) {}

async fn all(_: Authorized<Both>) {}

fn main() {
    let _: Router = Router::new()
        .route("/a", post(alone))
        .route("/b", post(of_another_body))
        .route("/c", post(all));
}

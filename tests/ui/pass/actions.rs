//! Actions as types, with keys beside them.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]

use axum_authz::{
    guard::{Access, Action, Check, DeclaresAccess, Source},
    prelude::*,
};

mod album {
    use super::Action;

    pub(super) enum View {}

    impl Action for View {
        const KIND: &'static str = "album";
        const NAME: &'static str = "view";
    }
}

#[authorize(album::View)]
async fn alone() {}

#[authorize(
    album::View,
    id = path("id"),
    attr(owner = path("user"), frozen = absent),
    scope = "photos.read",
)]
async fn keys(_: Path<String>) {}

#[authorize(scope = "photos.read", album::View)]
async fn in_any_order() {}

#[authorize(action = "view", resource = "album", attr(absent = absent))]
async fn strings() {}

fn access<H, D: DeclaresAccess, R>(_: H) -> Access
where
    H: Fn(Authorized<D>) -> R,
{
    D::ACCESS
}

fn main() {
    let view = Check::new("view", "album");
    assert_eq!(access(alone), Access::Check(view));
    assert_eq!(access(in_any_order), Access::Check(view.scope("photos.read")));
    assert_eq!(access(strings), Access::Check(view.attrs(&[("absent", Source::Absent)])));
    let _: Router = Router::new()
        .route("/{user}/albums/{id}", get(keys).post(alone).put(in_any_order).delete(strings));
}

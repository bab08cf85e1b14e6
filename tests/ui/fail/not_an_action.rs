use axum_authz::{
    authorize,
    guard::{Access, Check, DeclaresAccess},
};

struct View;

impl DeclaresAccess for View {
    const ACCESS: Access = Access::Check(Check::new("view", "album"));
}

#[authorize(View, id = path("id"))]
async fn show() {}

fn main() {}

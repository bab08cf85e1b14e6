//! The typed form: in `impl` blocks, by path, and with type parameters.

use std::marker::PhantomData;

use axum_authz::{
    guard::{Access, Check, DeclaresAccess, Source},
    prelude::*,
};

mod album {
    use super::{Access, Check, DeclaresAccess, Source};

    pub struct View;

    impl DeclaresAccess for View {
        const ACCESS: Access = Access::Check(Check::new("view", "album").id(Source::Path("id")));
    }
}

struct Of<T>(PhantomData<T>);

impl<T: DeclaresAccess> DeclaresAccess for Of<T> {
    const ACCESS: Access = T::ACCESS;
}

struct Albums;

impl Albums {
    #[authorize(album::View)]
    async fn show() -> Self {
        Self
    }
}

impl axum::response::IntoResponse for Albums {
    fn into_response(self) -> axum::response::Response {
        ().into_response()
    }
}

#[authorize(Of<album::View>)]
async fn of() {}

#[authorize(crate::album::View)]
async fn by_crate() {}

async fn extractor(_: Authorized<album::View>) {}

fn main() {
    let _: Router = Router::new()
        .route("/albums/{id}", get(Albums::show))
        .route("/of/{id}", get(of).post(by_crate))
        .route("/extractor/{id}", get(extractor));
}

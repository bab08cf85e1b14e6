//! Whoever writes an extractor cannot say by themselves that it enforces something.

use axum::extract::FromRequestParts;
use axum_authz::guard::{Access, Declared, DeclaresAccess, Enforced, Router, get};
use http::request::Parts;

struct Mine;

impl DeclaresAccess for Mine {
    const ACCESS: Access = Access::Authenticated { scope: None };
}

impl<S: Sync> FromRequestParts<S> for Mine {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

struct Forged;

impl Enforced for Forged {
    const ACCESS: Access = Access::Authenticated { scope: None };
}

impl Declared for Forged {
    const ACCESS: Access = Access::Authenticated { scope: None };
}

async fn handler(_: Mine) {}

fn main() {
    let _: Router = Router::new().route("/a", get(handler));
}

//! [`Ahead`] as the first argument of a handler.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Rejection, gate::Gate};
use crate::guard::{Ahead, Enforced};

impl<X: Enforced, S: Sync> FromRequestParts<S> for Ahead<X> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let gate = Gate::enter(parts)?;
        gate.foresee_all(&const { X::ACCESS }, parts).await?;
        Ok(Self::new(gate.principal))
    }
}

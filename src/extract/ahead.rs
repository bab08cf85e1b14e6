//! [`Ahead`] as the first argument of a handler.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Rejection, gate::Gate};
use crate::guard::{Ahead, Enforced, Enforcement, RequiresScope};

impl<X, Scope, S> FromRequestParts<S> for Ahead<X, Scope>
where
    X: Enforced,
    Scope: RequiresScope,
    S: Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let access = const { X::ACCESS.requiring(Scope::SCOPE) };
        let foreseen = async {
            let gate = Gate::enter(parts)?;
            gate.foresee_all(&access, parts).await?;
            Ok(Self::new(gate.principal))
        };
        // A refusal is the end of it; else `X` is still to be enforced.
        foreseen.await.inspect_err(|_| Enforcement::note(&parts.extensions, &access))
    }
}

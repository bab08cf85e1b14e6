//! `Principal` and `Option<Principal>` as arguments of handlers.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::Rejection;
use crate::{Principal, layer::Context};

/// Refuses anonymous callers with 401.
impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let context = context(parts)?;
        known(parts).ok_or_else(|| Rejection::anonymous(parts, context))
    }
}

/// `None` only when the request carried no credentials: those that are not valid never get past the layer.
impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        context(parts)?;
        Ok(known(parts))
    }
}

/// What the layer left for the extractors.
pub(super) fn context(parts: &Parts) -> Result<&Arc<Context>, Rejection> {
    parts.extensions.get().ok_or_else(|| Rejection::layer_missing(parts))
}

pub(super) fn known(parts: &Parts) -> Option<Principal> {
    parts.extensions.get().cloned()
}

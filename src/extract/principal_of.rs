//! `PrincipalOf`: the caller, with the claims of the token in a type of the service's own.

use std::{any::type_name, fmt, ops::Deref, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{
    Rejection, TARGET,
    principal::{context, known},
    rejection::route,
};
use crate::{
    Principal,
    audit::CallId,
    layer::{Context, Refusal},
};

/// The caller, and the claims of the token as a `C`.
///
/// Claims are read once per token for the first type that is asked for. Of what a `C` does not name, nothing is
/// looked at; numbers of claims are doubles, and whole ones below 2⁵³ fit into integers.
///
/// A caller without a token gets 401, one whose claims do not fit 403. The log says into which type they do not
/// fit, not why, because that would quote claims.
///
/// ```
/// use axum_authz::{extract::PrincipalOf, prelude::*};
///
/// #[derive(serde::Deserialize)]
/// struct Employee {
///     department: String,
///     cost_centre: Option<u32>,
/// }
///
/// #[authenticated]
/// async fn desk(me: PrincipalOf<Employee>) -> String {
///     format!("{} of {}", me.id(), me.typed().department)
/// }
///
/// let _: Router = Router::new().route("/desk", get(desk));
/// ```
pub struct PrincipalOf<C> {
    principal: Principal,
    typed: Arc<C>,
}

impl<C> PrincipalOf<C> {
    /// The claims of the token.
    #[must_use]
    pub fn typed(&self) -> &C {
        &self.typed
    }

    /// The caller alone.
    #[must_use]
    pub fn into_principal(self) -> Principal {
        self.principal
    }
}

impl<C: DeserializeOwned + Send + Sync + 'static> PrincipalOf<C> {
    fn read(
        principal: Principal,
        parts: &Parts,
        context: &Arc<Context>,
    ) -> Result<Self, Rejection> {
        if let Ok(typed) = principal.claims_as() {
            return Ok(Self { principal, typed });
        }
        let call_id = CallId::new();
        tracing::info!(
            target: TARGET,
            %call_id,
            subject = principal.id(),
            route = route(parts),
            reason = "claims_unfit",
            wanted = type_name::<C>(),
            "the claims of the token do not fit into the type that the handler asks for"
        );
        Err(Rejection::recorded(Refusal::Denied, call_id, parts, context))
    }
}

impl<C> Deref for PrincipalOf<C> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

impl<C> Clone for PrincipalOf<C> {
    fn clone(&self) -> Self {
        Self { principal: self.principal.clone(), typed: Arc::clone(&self.typed) }
    }
}

/// Shows nothing of the claims.
impl<C> fmt::Debug for PrincipalOf<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PrincipalOf").field(&self.principal).finish()
    }
}

/// Refuses anonymous callers with 401, and those whose claims do not fit with 403.
impl<C, S> FromRequestParts<S> for PrincipalOf<C>
where
    C: DeserializeOwned + Send + Sync + 'static,
    S: Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let context = context(parts)?;
        match known(parts) {
            Some(principal) => Self::read(principal, parts, context),
            None => Err(Rejection::anonymous(parts, context)),
        }
    }
}

/// `None` only when the request carried no credentials: claims that do not fit are refused here too.
impl<C, S> OptionalFromRequestParts<S> for PrincipalOf<C>
where
    C: DeserializeOwned + Send + Sync + 'static,
    S: Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        let context = context(parts)?;
        known(parts).map(|principal| Self::read(principal, parts, context)).transpose()
    }
}

//! `Authorized`: the decision, taken before the handler runs.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{
    Rejection, TARGET,
    gate::Gate,
    principal::known,
    rejection::route,
    resolve::{Fault, resolve},
};
use crate::{
    Principal,
    audit::CallId,
    guard::{Access, DeclaresAccess, Enforced, Enforcement, sealed},
    layer::{Context, Refusal},
    policies::Decision,
};

/// What `D` declares holds for this request.
///
/// A value of this type cannot be made otherwise than by asking, so a function that takes one cannot be
/// called without the question having been answered.
///
/// Make it the *first* argument of a handler, as the attribute [`authorize`](crate::authorize) does: the decision
/// then comes before anything else of the request is looked at.
///
/// ```
/// use axum_authz::{
///     extract::Authorized,
///     guard::{Access, Check, DeclaresAccess, Source},
/// };
///
/// struct Delete;
///
/// impl DeclaresAccess for Delete {
///     const ACCESS: Access = Access::Check(Check::new("delete", "album").id(Source::Path("id")));
/// }
///
/// async fn delete(by: Authorized<Delete>) -> String {
///     format!("deleted for {}", by.principal().map_or("nobody", |who| who.id()))
/// }
/// ```
#[must_use]
pub struct Authorized<D: DeclaresAccess> {
    principal: Option<Principal>,
    decision: Option<Decision>,
    declared: PhantomData<fn() -> D>,
}

impl<D: DeclaresAccess> Authorized<D> {
    /// The caller. `None` only if `D` declares the handler public and the request carries no credentials.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// What the policies said. `None` if `D` does not ask them.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }

    fn new(principal: Option<Principal>, decision: Option<Decision>) -> Self {
        Self { principal, decision, declared: PhantomData }
    }
}

impl<D: DeclaresAccess> sealed::Sealed for Authorized<D> {}

impl<D: DeclaresAccess> Enforced for Authorized<D> {
    const ACCESS: Access = {
        // What else there is to decide on is not known here.
        assert!(
            enforceable(&D::ACCESS),
            "`Authorized` decides on what the head of the request says: use `Loaded`, `Checked`, `Changed` or `All` for the rest"
        );
        D::ACCESS
    };
}

/// Whether everything the decision needs is in the head of the request.
const fn enforceable(access: &Access) -> bool {
    match access {
        Access::Check(check) => !check.basis().is_later(),
        Access::Authenticated { .. } | Access::Public { .. } => true,
        Access::All(_) => false,
    }
}

impl<D: DeclaresAccess, S: Sync> FromRequestParts<S> for Authorized<D> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let access = const { <Self as Enforced>::ACCESS };
        Enforcement::note(&parts.extensions, &access);
        if let Access::Public { .. } = access {
            return Ok(Self::new(known(parts), None));
        }
        let gate = Gate::enter(parts)?;
        gate.require_scope(access.required_scope(), parts)?;
        let decision = match access {
            Access::Check(check) => {
                let resource = resolve(&check, parts)
                    .await
                    .map_err(|fault| refuse(fault, parts, &gate.context))?;
                Some(gate.decide(&resource, &check, parts).await?)
            }
            _ => None,
        };
        Ok(Self::new(Some(gate.principal), decision))
    }
}

impl<D: DeclaresAccess> Clone for Authorized<D> {
    fn clone(&self) -> Self {
        Self::new(self.principal.clone(), self.decision.clone())
    }
}

impl<D: DeclaresAccess> fmt::Debug for Authorized<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("principal", &self.principal)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

fn refuse(fault: Fault, parts: &Parts, context: &Arc<Context>) -> Rejection {
    let call_id = CallId::new();
    let route = route(parts);
    let refusal = match fault {
        Fault::NoPathParameter(name) => {
            tracing::error!(
                target: TARGET,
                %call_id,
                route,
                parameter = name,
                "the declaration takes a value from a path parameter this route does not have: \
                 write `path(\"..\")` with a name that stands in braces in the route"
            );
            Refusal::Wiring("path_parameter_missing")
        }
        Fault::PathParameterTwice(name) => {
            tracing::error!(
                target: TARGET,
                %call_id,
                route,
                parameter = name,
                "the declaration takes a value from a path parameter this route has twice: rename one of them"
            );
            Refusal::Wiring("path_parameter_twice")
        }
        Fault::Request(reason) => {
            tracing::info!(target: TARGET, %call_id, route, reason, "request refused before a decision");
            Refusal::Malformed(reason)
        }
    };
    Rejection::recorded(refusal, call_id, parts, context)
}

//! `Authorized`: the decision, taken before the handler runs.

use std::{fmt, marker::PhantomData, sync::Arc, time::SystemTime};

use authz_engine::Resource;
use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{
    Rejection, TARGET,
    principal::{context, known},
    rejection::route,
    resolve::{Fault, resolve},
};
use crate::{
    Principal,
    audit::{CallId, Record},
    guard::{Access, Check, DeclaresAccess},
    layer::{Context, Refusal},
    policies::{Decision, Effect},
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

impl<D: DeclaresAccess> DeclaresAccess for Authorized<D> {
    const ACCESS: Access = D::ACCESS;
}

impl<D: DeclaresAccess, S: Sync> FromRequestParts<S> for Authorized<D> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let check = match D::ACCESS {
            Access::Public { .. } => return Ok(Self::new(known(parts), None)),
            Access::Authenticated { .. } => None,
            Access::Check(check) => Some(check),
        };
        let context = Arc::clone(context(parts)?);
        let Some(principal) = known(parts) else {
            return Err(Rejection::new(Refusal::Anonymous, parts, &context));
        };
        if let Some(scope) = D::ACCESS.required_scope() {
            check_scope(&principal, scope, parts, &context)?;
        }
        let decision = match check {
            None => None,
            Some(check) => {
                let resource =
                    resolve(&check, parts).await.map_err(|fault| refuse(fault, parts, &context))?;
                Some(decide(&principal, &resource, check, parts, &context)?)
            }
        };
        Ok(Self::new(Some(principal), decision))
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

/// Whether the token has every scope of `required`. What is between two spaces is never a scope, and never there.
fn check_scope(
    principal: &Principal,
    required: &'static str,
    parts: &Parts,
    context: &Arc<Context>,
) -> Result<(), Rejection> {
    if required.split(' ').all(|scope| principal.has_scope(scope)) {
        return Ok(());
    }
    let call_id = CallId::new();
    tracing::info!(
        target: TARGET,
        %call_id,
        subject = principal.id(),
        route = route(parts),
        reason = "scope",
        required,
        "the token lacks a scope that the declaration asks for"
    );
    let refusal = Refusal::InsufficientScope(required.into());
    Err(Rejection::recorded(refusal, call_id, parts, context))
}

/// Asks the policies and records the answer. Only `Effect::Allow` comes back as `Ok`.
fn decide(
    principal: &Principal,
    resource: &Resource,
    check: Check,
    parts: &Parts,
    context: &Arc<Context>,
) -> Result<Decision, Rejection> {
    let action = check.action();
    let decision = match context.policies.decide(principal, resource, action, SystemTime::now()) {
        Ok(decision) => decision,
        Err(undecided) => {
            let call_id = CallId::new();
            tracing::warn!(
                target: TARGET,
                %call_id,
                subject = principal.id(),
                action,
                kind = &*resource.kind,
                id = &*resource.id,
                epoch = undecided.epoch(),
                "{undecided}"
            );
            let refusal = Refusal::Undecided("evaluation_limit");
            return Err(Rejection::recorded(refusal, call_id, parts, context));
        }
    };
    let record = Record::of(principal, resource, action, &decision);
    if let Some(record) = &record {
        record.emit();
    }
    match decision.effect() {
        Effect::Allow => Ok(decision),
        Effect::Deny => {
            let call_id = record.map_or_else(CallId::new, |record| record.call_id);
            Err(Rejection::recorded(Refusal::Denied, call_id, parts, context))
        }
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

//! `Decider`: questions that a handler has besides the one that was asked before it.

use std::{sync::Arc, time::SystemTime};

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};

use super::{Actions, Permissions, Rejection, TARGET, gate::Gate};
use crate::{
    Principal,
    audit::CallId,
    decide::Question,
    guard::{Action, Basis, Check},
    layer::{Refusal, Wire},
    policies::{Decision, Effect, Undecided},
    resource::{InvalidAttribute, Resource, describe},
};

/// Asks the policies about the caller, for what a handler shows: which buttons, which items of a list.
///
/// It declares nothing and refuses only anonymous callers. What a handler does is declared, not asked for here.
///
/// Each answer is given for the moment of the call. Whoever cannot decide makes the request fail with 503: a button
/// that is missing, or an item, would look like a no.
///
/// ```
/// use axum_authz::{extract::{Decider, Loaded, Permissions, Rejection}, guard::Action, prelude::*};
/// # #[derive(Resource)]
/// # #[resource(kind = "album")]
/// # struct Album { #[id] id: u64 }
/// # mod album {
/// #     pub struct View;
/// #     pub struct Edit;
/// #     pub struct Share;
/// #     impl axum_authz::guard::Action for View { const KIND: &'static str = "album"; const NAME: &'static str = "view"; }
/// #     impl axum_authz::guard::Action for Edit { const KIND: &'static str = "album"; const NAME: &'static str = "edit"; }
/// #     impl axum_authz::guard::Action for Share { const KIND: &'static str = "album"; const NAME: &'static str = "share"; }
/// # }
///
/// async fn show(album: Loaded<Album, album::View>, decider: Decider) -> Result<String, Rejection> {
///     let may: Permissions<Album> = decider.permissions::<(album::Edit, album::Share), _>(&*album).await?;
///     Ok(if may.allows::<album::Share>() { "share it" } else { "look at it" }.to_owned())
/// }
///
/// async fn visible(decider: &Decider, albums: Vec<Album>) -> Result<Vec<Album>, Rejection> {
///     decider.filter::<album::View, _>(albums).await
/// }
/// ```
#[derive(Clone)]
pub struct Decider {
    gate: Gate,
    wire: Wire,
    headers: Arc<HeaderMap>,
}

impl Decider {
    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.gate.principal
    }

    /// Whether the caller may do `A` with `resource`.
    ///
    /// # Errors
    ///
    /// There is no answer: 503.
    pub async fn may<A: Action, R: Resource>(&self, resource: &R) -> Result<bool, Rejection> {
        let _ = const { Check::of::<R, A>(Basis::Loaded) };
        let now = SystemTime::now();
        let decision = self.ask::<R>(resource, A::NAME, now).await?;
        Ok(decision.effect() == Effect::Allow)
    }

    /// Which of the actions `L`, an action or a tuple of actions, the caller may do with `resource`. All of them
    /// are decided in one evaluation.
    ///
    /// # Errors
    ///
    /// There is no answer to one of them: 503.
    pub async fn permissions<L: Actions, R: Resource>(
        &self,
        resource: &R,
    ) -> Result<Permissions<R>, Rejection> {
        let () = const { super::permissions::same_kind::<L, R>() };
        let described = describe(resource).map_err(|invalid| self.invalid(&invalid))?;
        let Gate { principal, context } = &self.gate;
        let question = Question { principal, resource: &described, now: SystemTime::now() };
        let decisions = context.decider.decide_each(question, L::NAMES).await;
        let decisions = decisions.map_err(|undecided| self.undecided(undecided, "", R::KIND))?;
        if decisions.len() != L::NAMES.len() {
            return Err(self.undecided(Undecided::unavailable("answers_missing"), "", R::KIND));
        }
        for (action, decision) in L::NAMES.iter().zip(&decisions) {
            self.trace(R::KIND, &described.id, action, decision);
        }
        let effects = decisions.iter().map(|decision| decision.effect() == Effect::Allow);
        Ok(Permissions::new(L::NAMES.iter().copied().zip(effects).collect()))
    }

    /// Those of `resources` that the caller may do `A` with, in their order; all are decided on for the same instant.
    ///
    /// This is for lists that are in memory. What is kept elsewhere is better not fetched at all.
    ///
    /// # Errors
    ///
    /// There is no answer for one of them: 503. An item is never left out because it could not be decided on.
    pub async fn filter<A: Action, R: Resource>(
        &self,
        resources: impl IntoIterator<Item = R, IntoIter: Send> + Send,
    ) -> Result<Vec<R>, Rejection> {
        let _ = const { Check::of::<R, A>(Basis::Loaded) };
        let now = SystemTime::now();
        let mut kept = Vec::new();
        for resource in resources {
            if self.ask::<R>(&resource, A::NAME, now).await?.effect() == Effect::Allow {
                kept.push(resource);
            }
        }
        Ok(kept)
    }

    async fn ask<R: Resource>(
        &self,
        resource: &R,
        action: &'static str,
        now: SystemTime,
    ) -> Result<Decision, Rejection> {
        let described = describe(resource).map_err(|invalid| self.invalid(&invalid))?;
        let Gate { principal, context } = &self.gate;
        let question = Question { principal, resource: &described, now };
        let decision = context.decider.decide(question, action).await;
        let decision = decision.map_err(|undecided| self.undecided(undecided, action, R::KIND))?;
        self.trace(R::KIND, &described.id, action, &decision);
        Ok(decision)
    }

    /// Nobody was refused, so this is not for the log of refusals.
    fn trace(&self, kind: &str, id: &str, action: &str, decision: &Decision) {
        let allowed = decision.effect() == Effect::Allow;
        let subject = self.principal().id();
        tracing::trace!(target: TARGET, subject, action, kind, id, allowed, "question of a handler");
    }

    fn undecided(&self, undecided: Undecided, action: &str, kind: &str) -> Rejection {
        let call_id = CallId::new();
        self.gate.warn_undecided(undecided, call_id, action, kind);
        self.reject(undecided.reason(), call_id)
    }

    fn invalid(&self, invalid: &InvalidAttribute) -> Rejection {
        let call_id = CallId::new();
        self.gate.warn_invalid(invalid, call_id);
        self.reject("attribute_invalid", call_id)
    }

    fn reject(&self, reason: &'static str, call_id: CallId) -> Rejection {
        let refusal = Refusal::Undecided(reason);
        Rejection::answering(refusal, call_id, self.wire, &self.headers, &self.gate.context)
    }
}

/// Refuses anonymous callers with 401.
impl<S: Sync> FromRequestParts<S> for Decider {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let gate = Gate::enter(parts)?;
        let wire = Wire::of(&parts.method, &parts.headers);
        Ok(Self { gate, wire, headers: Arc::new(parts.headers.clone()) })
    }
}

impl std::fmt::Debug for Decider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Decider").field(self.principal()).finish()
    }
}

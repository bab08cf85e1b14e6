//! The steps between a request and a decision, as every extractor takes them.

use std::{sync::Arc, time::SystemTime};

use http::request::Parts;

use super::{
    Rejection, TARGET,
    principal::{context, known},
    rejection::route,
};
use crate::{
    Principal,
    audit::{CallId, Record},
    decide::Question,
    guard::{Access, Check},
    layer::{Context, Refusal},
    policies::{self, Decision, Effect, Outlook, Undecided},
    resource::{InvalidAttribute, Resource, describe},
};

/// A caller who is known, and who decides about them.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) principal: Principal,
    pub(super) context: Arc<Context>,
}

impl Gate {
    /// Lets in callers with a valid token.
    pub(super) fn enter(parts: &Parts) -> Result<Self, Rejection> {
        let context = Arc::clone(context(parts)?);
        match known(parts) {
            Some(principal) => Ok(Self { principal, context }),
            None => Err(Rejection::anonymous(parts, &context)),
        }
    }

    /// Whether the token has every scope of `required`. What is between two spaces is never a scope, and never there.
    pub(super) fn require_scope(
        &self,
        required: Option<&'static str>,
        parts: &Parts,
    ) -> Result<(), Rejection> {
        let Some(required) = required else { return Ok(()) };
        if required.split(' ').all(|scope| self.principal.has_scope(scope)) {
            return Ok(());
        }
        let call_id = CallId::new();
        tracing::info!(
            target: TARGET,
            %call_id,
            subject = self.principal.id(),
            route = route(parts),
            reason = "scope",
            required,
            "the token lacks a scope that the declaration asks for"
        );
        let refusal = Refusal::InsufficientScope(required.into());
        Err(self.refuse(refusal, call_id, parts))
    }

    /// Refuses those who could not be allowed whatever the resources turn out to be: nothing is loaded and no body
    /// is read for them.
    pub(super) async fn foresee_all(
        &self,
        access: &Access,
        parts: &Parts,
    ) -> Result<(), Rejection> {
        for one in access.parts() {
            self.require_scope(one.required_scope(), parts)?;
        }
        for check in access.checks().iter().filter(|check| check.basis().is_later()) {
            self.foresee(check, parts).await?;
        }
        Ok(())
    }

    /// Refuses those who could not be allowed whatever the resource turns out to be.
    pub(super) async fn foresee(&self, check: &Check, parts: &Parts) -> Result<(), Rejection> {
        let Self { principal, context } = self;
        let outline = check.outline();
        let outlook =
            context.decider.foresee(principal, outline, check.action(), SystemTime::now()).await;
        match outlook {
            Ok(Outlook::Always | Outlook::Depends) => Ok(()),
            Ok(Outlook::Never) => {
                let call_id = CallId::new();
                tracing::info!(
                    target: TARGET,
                    %call_id,
                    issuer = principal.issuer(),
                    subject = principal.id(),
                    action = check.action(),
                    kind = check.resource(),
                    effect = "deny",
                    "decision without a resource: none of this kind could be allowed"
                );
                Err(self.refuse(denial(check), call_id, parts))
            }
            Err(undecided) => {
                Err(self.undecided(undecided, check.action(), check.resource(), parts))
            }
        }
    }

    /// Asks the policies and records the answer. Only `Effect::Allow` comes back as `Ok`.
    pub(super) async fn decide(
        &self,
        resource: &policies::Resource,
        check: &Check,
        parts: &Parts,
    ) -> Result<Decision, Rejection> {
        let Self { principal, context } = self;
        let action = check.action();
        let question = Question { principal, resource, now: SystemTime::now() };
        let decision = match context.decider.decide(question, action).await {
            Ok(decision) => decision,
            Err(undecided) => return Err(self.undecided(undecided, action, &resource.kind, parts)),
        };
        let call_id = self.record(resource, action, &decision);
        match decision.effect() {
            Effect::Allow => Ok(decision),
            Effect::Deny => {
                let call_id = call_id.unwrap_or_else(CallId::new);
                Err(self.refuse(denial(check), call_id, parts))
            }
        }
    }

    /// As [`decide`](Self::decide), on a resource of a type.
    pub(super) async fn decide_on<R: Resource>(
        &self,
        resource: &R,
        check: &Check,
        parts: &Parts,
    ) -> Result<Decision, Rejection> {
        match describe(resource) {
            Ok(described) => self.decide(&described, check, parts).await,
            Err(invalid) => {
                let call_id = CallId::new();
                self.warn_invalid(&invalid, call_id);
                Err(self.refuse(Refusal::Undecided("attribute_invalid"), call_id, parts))
            }
        }
    }

    /// Records an answer, if anybody listens, and returns the call id it was recorded under.
    pub(super) fn record(
        &self,
        resource: &policies::Resource,
        action: &str,
        decision: &Decision,
    ) -> Option<CallId> {
        let record = Record::of(&self.principal, resource, action, decision)?;
        record.emit();
        Some(record.call_id)
    }

    /// Refuses a request the log has been told of under this call id.
    pub(super) fn refuse(&self, refusal: Refusal, call_id: CallId, parts: &Parts) -> Rejection {
        Rejection::recorded(refusal, call_id, parts, &self.context)
    }

    /// There is no answer. That is neither a yes nor a no.
    fn undecided(
        &self,
        undecided: Undecided,
        action: &str,
        kind: &str,
        parts: &Parts,
    ) -> Rejection {
        let call_id = CallId::new();
        self.warn_undecided(undecided, call_id, action, kind);
        self.refuse(Refusal::Undecided(undecided.reason()), call_id, parts)
    }

    pub(super) fn warn_undecided(
        &self,
        undecided: Undecided,
        call_id: CallId,
        action: &str,
        kind: &str,
    ) {
        tracing::warn!(
            target: TARGET,
            %call_id,
            subject = self.principal.id(),
            action,
            kind,
            epoch = undecided.epoch(),
            "{undecided}"
        );
    }

    pub(super) fn warn_invalid(&self, invalid: &InvalidAttribute, call_id: CallId) {
        tracing::error!(
            target: TARGET,
            %call_id,
            subject = self.principal.id(),
            kind = invalid.kind(),
            attribute = invalid.name(),
            "no decision: {invalid}"
        );
    }
}

/// What a caller who is denied is told: that they may not, or that there is nothing.
fn denial(check: &Check) -> Refusal {
    if check.is_concealed() { Refusal::Absent } else { Refusal::Denied }
}

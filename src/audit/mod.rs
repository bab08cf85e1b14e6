//! Decision records: who asked for what, what the answer was, and which policy gave it.
//!
//! Every decision becomes one `tracing` event under the target `axum_authz::decision`: at level `INFO` when
//! access was refused, at `DEBUG` when it was granted. The event's fields are those of [`Record`]. Whatever a
//! subscriber does not ask for is not built.
//!
//! The record holds names and identifiers. It holds neither tokens nor claims nor attributes.

mod call_id;

pub use call_id::CallId;

use authz_engine::Resource;
use tracing::Level;

use crate::{
    Principal,
    policies::{Decision, Effect},
};

/// The target of decision events.
pub const TARGET: &str = "axum_authz::decision";

/// What is recorded of one decision.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Identifies the request; a refused client has it in the body of the response.
    pub call_id: CallId,
    /// The issuer that vouches for the subject.
    pub issuer: &'a str,
    /// The principal's identifier.
    pub subject: &'a str,
    /// The action asked for.
    pub action: &'a str,
    /// The kind of the resource.
    pub kind: &'a str,
    /// The identifier of the resource.
    pub id: &'a str,
    /// The answer.
    pub effect: Effect,
    /// The policy that gave it; `None` when none speaks of the request.
    pub policy: Option<&'a str>,
    /// The scope that decided; empty is the root.
    pub scope: &'a str,
    /// The generation of the policy set that was asked.
    pub epoch: u64,
}

impl<'a> Record<'a> {
    /// The record of `decision` under a new call id, or `None` when no subscriber listens at its level.
    #[must_use]
    pub fn of(
        principal: &'a Principal,
        resource: &'a Resource,
        action: &'a str,
        decision: &'a Decision,
    ) -> Option<Self> {
        let listened = match decision.effect() {
            Effect::Allow => tracing::enabled!(target: TARGET, Level::DEBUG),
            Effect::Deny => tracing::enabled!(target: TARGET, Level::INFO),
        };
        listened.then(|| Self {
            call_id: CallId::new(),
            issuer: principal.issuer(),
            subject: principal.id(),
            action,
            kind: &resource.kind,
            id: &resource.id,
            effect: decision.effect(),
            policy: decision.policy(),
            scope: decision.scope(),
            epoch: decision.epoch(),
        })
    }

    /// Emits the record as one event.
    pub fn emit(&self) {
        macro_rules! emit {
            ($level:expr, $effect:literal) => {
                tracing::event!(
                    target: TARGET,
                    $level,
                    call_id = %self.call_id,
                    issuer = self.issuer,
                    subject = self.subject,
                    action = self.action,
                    kind = self.kind,
                    id = self.id,
                    effect = $effect,
                    policy = self.policy,
                    scope = self.scope,
                    epoch = self.epoch,
                    "decision"
                )
            };
        }
        // The level of an event is a constant of its call site.
        match self.effect {
            Effect::Allow => emit!(Level::DEBUG, "allow"),
            Effect::Deny => emit!(Level::INFO, "deny"),
        }
    }
}

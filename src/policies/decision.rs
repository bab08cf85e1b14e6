//! Answers, and that there is none.

use std::{error::Error, fmt, sync::Arc};

use authz_engine::check::Name;

use super::Effect;

/// What the policies say about one action on one resource.
#[derive(Debug, Clone)]
#[must_use]
pub struct Decision {
    effect: Effect,
    policy: Option<Name>,
    scope: Name,
    epoch: u64,
}

impl Decision {
    /// An answer of another engine than the embedded one.
    pub fn new(effect: Effect) -> Self {
        Self { effect, policy: None, scope: Name::default(), epoch: 0 }
    }

    /// Names the policy that gave the answer.
    pub fn with_policy(self, policy: impl Into<Arc<str>>) -> Self {
        Self { policy: Some(Name::from(policy.into())), ..self }
    }

    /// Names the scope that decided.
    pub fn with_scope(self, scope: impl Into<Arc<str>>) -> Self {
        Self { scope: Name::from(scope.into()), ..self }
    }

    #[cfg(feature = "authentik")]
    pub(super) fn of(decision: authz_engine::Decision, epoch: u64) -> Self {
        let authz_engine::Decision { effect, policy, scope, .. } = decision;
        Self { effect, policy, scope, epoch }
    }

    /// Whether access is granted.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The policy that Cerbos would name, such as `resource.album.vdefault`. `None` when no policy speaks of
    /// the request.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// The scope that decided; empty for the root, and when no rule did.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The generation of the set that was asked, [`Policies::epoch`](super::Policies::epoch); 0 if it was not the
    /// embedded engine.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// There is no answer. This is neither yes nor no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided {
    why: Why,
    epoch: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Engine(authz_engine::Undecided),
    Unavailable(&'static str),
}

impl Undecided {
    /// Whoever decides cannot be asked, or has not answered. `reason` is one word of a small fixed set, for logs
    /// and metrics.
    #[must_use]
    pub const fn unavailable(reason: &'static str) -> Self {
        Self { why: Why::Unavailable(reason), epoch: 0 }
    }

    pub(super) fn of(reason: authz_engine::Undecided, epoch: u64) -> Self {
        Self { why: Why::Engine(reason), epoch }
    }

    /// One word of a small fixed set, fit for logs and as a label of metrics. Not for clients.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.why {
            Why::Engine(_) => "evaluation_limit",
            Why::Unavailable(reason) => reason,
        }
    }

    /// The generation of the set that was asked, [`Policies::epoch`](super::Policies::epoch); 0 if it was not the
    /// embedded engine.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no decision: ")?;
        match &self.why {
            Why::Engine(reason) => reason.fmt(f),
            Why::Unavailable(reason) => f.write_str(reason),
        }
    }
}

impl Error for Undecided {}

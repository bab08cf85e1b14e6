//! Asking again: for what goes on after the request it was allowed for.

use std::{error::Error, fmt, time::SystemTime};

use super::Loaded;
use crate::{
    decide::Question,
    guard::Action,
    policies::{Effect, Undecided},
    principal::Ended,
    resource::{InvalidAttribute, Resource, describe},
};

/// Why what was allowed before must not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new reason must break those who match on it")]
pub enum Lapsed {
    /// The caller's token has expired or was revoked, or that cannot be found out.
    Ended(Ended),
    /// The policies do not allow it any more.
    Denied,
    /// The resource that was loaded anew is another one.
    OtherResource,
    /// There is no answer. That is no "no", and must not be taken for a "go on".
    Undecided(Undecided),
    /// There is no answer, because an attribute of the resource cannot be decided on.
    Invalid(InvalidAttribute),
}

impl<R: Resource, A: Action> Loaded<R, A> {
    /// Asks again, with the policies of this moment, whether the caller may do `A` with the resource as it was
    /// loaded.
    ///
    /// Nothing is loaded anew: for that there is [`renew`](Self::renew).
    ///
    /// # Errors
    ///
    /// What was allowed must not go on.
    ///
    /// ```
    /// use axum_authz::{extract::{Lapsed, Loaded}, guard::Action, resource::Resource};
    ///
    /// async fn export<R: Resource, A: Action>(album: Loaded<R, A>, photos: Vec<u64>) -> Result<(), Lapsed> {
    ///     for photo in photos {
    ///         album.recheck().await?;
    ///         // copy the photo
    ///         # let _ = photo;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn recheck(&self) -> Result<(), Lapsed> {
        self.ask(self).await.map(drop)
    }

    /// Asks again, with the policies of this moment, about the resource as it is now.
    ///
    /// # Errors
    ///
    /// What was allowed must not go on, or `fresh` has another identifier or scope than the resource that was
    /// loaded before.
    pub async fn renew(self, fresh: R) -> Result<Self, Lapsed> {
        if fresh.id() != self.id() || fresh.scope() != self.scope() {
            return Err(Lapsed::OtherResource);
        }
        let decision = self.ask(&fresh).await?;
        Ok(Self::allowed(fresh, decision, self.gate))
    }

    async fn ask(&self, resource: &R) -> Result<crate::policies::Decision, Lapsed> {
        let principal = self.principal();
        if let Some(ended) = principal.has_ended().await {
            return Err(Lapsed::Ended(ended));
        }
        let resource = describe(resource).map_err(Lapsed::Invalid)?;
        let question = Question { principal, resource: &resource, now: SystemTime::now() };
        let decision = self.gate.context.decider.decide(question, A::NAME).await;
        let decision = decision.map_err(Lapsed::Undecided)?;
        self.gate.record(&resource, A::NAME, &decision);
        match decision.effect() {
            Effect::Allow => Ok(decision),
            Effect::Deny => Err(Lapsed::Denied),
        }
    }
}

impl fmt::Display for Lapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(ended) => ended.fmt(f),
            Self::Denied => f.write_str("the policies do not allow this any more"),
            Self::OtherResource => f.write_str("the resource that was loaded anew is another one"),
            Self::Undecided(undecided) => undecided.fmt(f),
            Self::Invalid(invalid) => invalid.fmt(f),
        }
    }
}

impl Error for Lapsed {}

//! Decisions.
//!
//! [`Engine::decide`] answers one question; [`Engine::check`] answers several about one resource and tells
//! everything that Cerbos tells. Both run the same loop, in `decide.rs`.

mod coverage;
mod decide;
mod decision;
mod effective;
mod evaluate;
mod foresee;
mod foresight;
mod naming;
mod options;
mod outcomes;
mod outline;
mod output;
mod prospects;
mod question;
mod restrict;
mod schema;
#[cfg(test)]
mod tests;
mod trace;
mod trace_conditions;

use std::sync::Arc;

use crate::cel::{Arena, Timestamp};
use crate::explain::{ActionExplanation, Explanation};
use crate::policy::{PolicySet, sanitize};
use crate::request::{AuxData, Principal, Resource};
use crate::table::RuleTable;
pub(crate) use coverage::Activated;
pub use decision::{Decision, Effect, PolicyKey, Undecided};
pub use options::{Options, SchemaEnforcement};
pub use outline::{Outline, Outlook};
pub use output::{
    CheckOutput, EffectivePolicy, EvaluationError, OutputEntry, ValidationError, ValidationSource,
};

/// Policies, ready to decide. Immutable; shared by reference or `Arc`.
///
/// ```
/// use authz_engine::cel::Timestamp;
/// use authz_engine::policy::{PolicySet, Source};
/// use authz_engine::{Effect, Engine, Options, Principal, Resource};
///
/// let policy = "
/// apiVersion: api.cerbos.dev/v1
/// resourcePolicy:
///   resource: album
///   version: default
///   rules:
///     - actions: [view]
///       effect: EFFECT_ALLOW
///       roles: [user]
/// ";
/// let set = PolicySet::load([Source::new("album.yaml", policy)])?;
/// let engine = Engine::new(set, Options::default());
/// let alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
/// let album = Resource { kind: "album".into(), id: "7".into(), ..Resource::default() };
/// assert_eq!(engine.decide(&alice, &album, "view", None, Timestamp::now())?.effect, Effect::Allow);
/// assert_eq!(engine.decide(&alice, &album, "delete", None, Timestamp::now())?.effect, Effect::Deny);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    pub(crate) table: Arc<RuleTable>,
    pub(crate) options: Options,
}

impl Engine {
    /// Builds the rule table of a set of policies.
    #[must_use]
    pub fn new(set: PolicySet, options: Options) -> Self {
        Self { table: Arc::new(RuleTable::new(set)), options }
    }

    /// The same policies under other options; the rule table is shared.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Self {
        Self { table: Arc::clone(&self.table), options }
    }

    /// Decides one action.
    ///
    /// `now` is the instant that conditions see.
    ///
    /// # Errors
    ///
    /// [`Undecided`] when the engine cannot answer. That is no refusal, and never an approval.
    pub fn decide(
        &self,
        principal: &Principal,
        resource: &Resource,
        action: &str,
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Decision, Undecided> {
        let arena = Arena::new();
        let mut check =
            question::Check::new(self, principal, resource, aux_data, now, &arena, None);
        check.validate(&[action]);
        check.action(action)
    }

    /// Decides several actions on one resource, in one evaluation: what they have in common is evaluated once.
    /// Answers come in the order of the actions.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide); one action without an answer is no answer for all of them.
    pub fn decide_each(
        &self,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Vec<Decision>, Undecided> {
        let arena = Arena::new();
        let mut check =
            question::Check::new(self, principal, resource, aux_data, now, &arena, None);
        check.validate(actions);
        actions.iter().map(|action| check.action(action)).collect()
    }

    /// Decides several actions on one resource, and says what else Cerbos says: derived roles, outputs,
    /// failed expressions.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    pub fn check(
        &self,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<CheckOutput, Undecided> {
        self.check_into(CheckOutput::default(), principal, resource, actions, aux_data, now)
    }

    fn check_into(
        &self,
        collect: CheckOutput,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<CheckOutput, Undecided> {
        let arena = Arena::new();
        let mut check =
            question::Check::new(self, principal, resource, aux_data, now, &arena, Some(collect));
        check.validate(actions);
        let decisions = actions
            .iter()
            .map(|action| Ok((Box::<str>::from(*action), check.action(action)?)))
            .collect::<Result<Vec<_>, Undecided>>()?;
        Ok(check.finish(decisions))
    }

    /// Decides on several resources, as one call: all of them see the same instant. Answers come in the order of the
    /// resources, and no resource has a part in what is said of another.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide); one resource without an answer is no answer for the batch.
    pub fn check_batch(
        &self,
        principal: &Principal,
        resources: &[(&Resource, &[&str])],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Vec<CheckOutput>, Undecided> {
        resources
            .iter()
            .map(|(resource, actions)| self.check(principal, resource, actions, aux_data, now))
            .collect()
    }

    /// Decides several actions, and tells which rules were looked at and why each did or did not count.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    ///
    /// ```
    /// # use authz_engine::cel::Timestamp;
    /// # use authz_engine::policy::{PolicySet, Source};
    /// # use authz_engine::{Engine, Options, Principal, Resource};
    /// # let policy = "{apiVersion: api.cerbos.dev/v1, resourcePolicy: {resource: album, version: default,
    /// #   rules: [{actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.attr.public}}}]}}";
    /// # let engine = Engine::new(PolicySet::load([Source::new("album.yaml", policy)])?, Options::default());
    /// let alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    /// let album = Resource { kind: "album".into(), id: "7".into(), ..Resource::default() };
    /// let why = engine.explain(&alice, &album, &["view"], None, Timestamp::now())?;
    /// assert!(why.to_string().contains("no such key: public"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(
        &self,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Explanation, Undecided> {
        let arena = Arena::new();
        let collect = Some(CheckOutput::default());
        let mut check =
            question::Check::new(self, principal, resource, aux_data, now, &arena, collect);
        check.trace = Some(Box::default());
        check.validate(actions);
        let mut explained = Vec::with_capacity(actions.len());
        for action in actions {
            let decision = check.action(action)?;
            let (note, visits) = (check.why_nobody_was_asked(), check.take_visits());
            explained.push(ActionExplanation { action: (*action).into(), decision, note, visits });
        }
        let decisions = explained.iter().map(|a| (a.action.clone(), a.decision.clone())).collect();
        let output = check.finish(decisions);
        Ok(Explanation { actions: explained, output })
    }

    /// Whether a resource policy is there for this kind.
    #[must_use]
    pub fn knows_kind(&self, kind: &str) -> bool {
        self.table.knows_kind(&sanitize(kind))
    }
}

//! Decisions.
//!
//! [`Engine::decide`] answers one question; [`Engine::check`] answers several about one resource and tells
//! everything that Cerbos tells. Both run the same loop, in [`decide`](self).

mod coverage;
mod decide;
mod effective;
mod evaluate;
mod naming;
mod output;
mod question;
mod restrict;
mod schema;
#[cfg(test)]
mod tests;
mod trace;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::cel::{Arena, Timestamp};
use crate::explain::{ActionExplanation, Explanation};
use crate::policy::{PolicySet, sanitize};
use crate::request::{AuxData, Principal, Resource};
use crate::table::RuleTable;
use crate::value::Map;
pub(crate) use coverage::Activated;
pub use output::{
    CheckOutput, EffectivePolicy, EvaluationError, OutputEntry, ValidationError, ValidationSource,
};

/// What a rule or a decision says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Effect {
    /// Access is granted.
    #[serde(rename = "EFFECT_ALLOW")]
    Allow,
    /// Access is refused.
    #[serde(rename = "EFFECT_DENY")]
    Deny,
}

impl Effect {
    /// Whether access is granted.
    #[must_use]
    pub fn is_allow(self) -> bool {
        self == Self::Allow
    }
}

/// What becomes of attributes that do not fit the schemas of their policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SchemaEnforcement {
    /// Nobody looks.
    #[default]
    None,
    /// [`CheckOutput::validation_errors`] tells, and the decision is what it would have been.
    Warn,
    /// [`CheckOutput::validation_errors`] tells, and every action is denied, those that a principal policy allows too.
    Reject,
}

/// What changes decisions besides the policies; the names and defaults are those of Cerbos' configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The version of a request that names none: `default`.
    pub default_policy_version: Box<str>,
    /// The scope of a request that names none: the root.
    pub default_scope: Box<str>,
    /// Values of `globals`, `G`.
    pub globals: Map,
    /// Begin at the nearest scope that exists instead of finding nothing.
    pub lenient_scope_search: bool,
    /// Deny where an evaluated condition fails, instead of treating it as not met.
    pub strict_evaluation: bool,
    /// What becomes of attributes that do not fit their schemas: nothing.
    pub schema_enforcement: SchemaEnforcement,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            default_policy_version: "default".into(),
            default_scope: "".into(),
            globals: Map::default(),
            lenient_scope_search: false,
            strict_evaluation: false,
            schema_enforcement: SchemaEnforcement::None,
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// Whether access is granted.
    pub effect: Effect,
    /// The key of the policy that Cerbos would name, such as `resource.album.vdefault`; `None` when no policy
    /// speaks of the request (`NO_MATCH`).
    pub policy: Option<PolicyKey>,
    /// The scope that decided; empty for the root and when no rule did.
    pub scope: Arc<str>,
}

/// The key of a policy, written only when somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyKey(Arc<str>);

impl PolicyKey {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The engine gave no answer. Neither a yes nor a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecided {
    /// The conditions took more steps than one request may.
    StepsExhausted,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepsExhausted => {
                f.write_str("the conditions take more steps than one request may")
            }
        }
    }
}

impl std::error::Error for Undecided {}

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

//! Decisions.
//!
//! [`Engine::decide`] answers one question; [`Engine::check`] answers several about one resource and tells
//! everything that Cerbos tells. Both run the same loop, in `decide.rs`.

mod caller;
mod coverage;
mod decide;
mod decision;
mod defaults;
mod effective;
mod evaluate;
mod foresee;
mod foresight;
mod lookup;
mod name;
mod naming;
mod options;
mod outcomes;
mod outline;
mod output;
mod prospects;
mod question;
mod restrict;
mod results;
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
use caller::Caller;
pub(crate) use coverage::Activated;
pub use decision::{Decision, Effect, Undecided};
use defaults::Defaults;
pub use name::Name;
pub use options::{Options, SchemaEnforcement};
pub use outline::{Outline, Outlook};
pub use output::{
    CheckOutput, EffectivePolicy, EvaluationError, OutputEntry, ValidationError, ValidationSource,
};
use question::Check;

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
    defaults: Defaults,
}

impl Engine {
    /// Builds the rule table of a set of policies.
    #[must_use]
    pub fn new(set: PolicySet, options: Options) -> Self {
        Self::of(Arc::new(RuleTable::new(set)), options)
    }

    /// The same policies under other options; the rule table is shared.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Self {
        Self::of(Arc::clone(&self.table), options)
    }

    /// With all that the options need.
    fn of(table: Arc<RuleTable>, options: Options) -> Self {
        if options.schema_enforcement != SchemaEnforcement::None {
            table.prepare_schemas();
        }
        Self { defaults: Defaults::new(&table, &options), table, options }
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
        Arena::with_spare(|arena| {
            let caller = Caller::new(self, principal, arena);
            let mut check = Check::new(self, &caller, resource, aux_data, now, arena);
            check.validate(&[action]);
            check.action(action)
        })
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
        self.decide_batch(principal, &[(resource, actions)], aux_data, now)
    }

    /// Decides actions on several resources, in one evaluation at one instant: what the principal has to do with the
    /// policies is looked up once. Answers come in the order of the resources, and for each of them in the order
    /// of its actions.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide); one action without an answer is no answer for all of them.
    ///
    /// ```
    /// # use authz_engine::cel::Timestamp;
    /// # use authz_engine::policy::{PolicySet, Source};
    /// # use authz_engine::{Engine, Options, Principal, Resource};
    /// # let policy = "{apiVersion: api.cerbos.dev/v1, resourcePolicy: {resource: album, version: default,
    /// #   rules: [{actions: [view], effect: EFFECT_ALLOW, roles: [user]}]}}";
    /// # let engine = Engine::new(PolicySet::load([Source::new("album.yaml", policy)])?, Options::default());
    /// # let alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    /// # let album = |id: &str| Resource { kind: "album".into(), id: id.into(), ..Resource::default() };
    /// let (one, other) = (album("1"), album("2"));
    /// let asked: [(&Resource, &[&str]); 2] = [(&one, &["view", "edit"]), (&other, &["view"])];
    /// let answers = engine.decide_batch(&alice, &asked, None, Timestamp::now())?;
    /// let allowed: Vec<bool> = answers.iter().map(|answer| answer.effect.is_allow()).collect();
    /// assert_eq!(allowed, [true, false, true]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide_batch(
        &self,
        principal: &Principal,
        resources: &[(&Resource, &[&str])],
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Vec<Decision>, Undecided> {
        Arena::with_spare(|arena| {
            let caller = Caller::new(self, principal, arena);
            let mut decisions = Vec::with_capacity(resources.iter().map(|(_, a)| a.len()).sum());
            for (resource, actions) in resources {
                let mut check = Check::new(self, &caller, resource, aux_data, now, arena);
                check.validate(actions);
                for action in *actions {
                    decisions.push(check.action(action)?);
                }
            }
            Ok(decisions)
        })
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
        let caller = Caller::new(self, principal, &arena);
        let check = Check::new(self, &caller, resource, aux_data, now, &arena);
        let mut check = check.collecting(collect);
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
        let caller = Caller::new(self, principal, &arena);
        let check = Check::new(self, &caller, resource, aux_data, now, &arena);
        let mut check = check.collecting(CheckOutput::default()).tracing();
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

//! Why a request was decided as it was: every rule that was looked at, and what kept it from counting.
//!
//! [`Engine::explain`](crate::Engine::explain) runs the decision loop itself, with a recorder, so that an
//! explanation cannot tell another story than the decision. `Display` draws it as a tree; `Serialize` gives the
//! same as data.

mod tree;

use serde::{Serialize, Serializer};

use crate::check::{CheckOutput, Decision, Effect};
use crate::value::Value;

/// Why each action was decided as it was.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// The actions, in the order of the request.
    pub actions: Vec<ActionExplanation>,
    /// All that [`Engine::check`](crate::Engine::check) says.
    #[serde(flatten)]
    pub output: CheckOutput,
}

/// Why one action was decided as it was.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionExplanation {
    /// The action.
    pub action: Box<str>,
    /// What was decided.
    #[serde(flatten, serialize_with = "decision")]
    pub decision: Decision,
    /// Why no policy speaks of the resource, where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// The policies that were asked, in order.
    pub visits: Vec<Visit>,
}

/// In the words of Cerbos' responses.
fn decision<S: Serializer>(decision: &Decision, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta<'d> {
        effect: Effect,
        matched_policy: &'d str,
        matched_scope: &'d str,
    }
    let matched_policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
    Meta { effect: decision.effect, matched_policy, matched_scope: &decision.scope }
        .serialize(serializer)
}

/// One look at one policy: for one role of the principal, in one scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Visit {
    /// The role that was tried; `None` for principal policies, which ask no role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Box<str>>,
    /// The scope; empty for the root.
    pub scope: Box<str>,
    /// The policy that is there for exactly this scope, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Box<str>>,
    /// The rules of the role policies that restrict the role, then those of the policy, as written.
    pub rules: Vec<RuleTrace>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a policy said for a role in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Outcome {
    /// A rule allows.
    Allow,
    /// A rule denies.
    Deny,
    /// A rule allows as far as the parent scope does.
    ParentDecides,
    /// Nothing.
    Nothing,
    /// Strict evaluation: an expression failed.
    Failed,
}

/// One rule, and why it counted or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleTrace {
    /// The key of its policy.
    pub policy: Box<str>,
    /// Its name; empty for rules of role policies that have none.
    pub rule: Box<str>,
    /// Where it is written, as `album.yaml:7:5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<str>>,
    /// What it does when it counts; `None` for an entry of a role policy's allow list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Whether it counted, or the first reason why not.
    pub result: RuleResult,
    /// The derived role through which it was looked at, with its condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived_role: Option<DerivedRoleTrace>,
    /// Its condition, as far as it was evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionTrace>,
}

/// Whether a rule counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RuleResult {
    /// It did.
    Applied,
    /// It allows as far as the parent scope does (rule S4).
    ParentDecides,
    /// Its condition does not hold, and in a scope that needs the parent's consent that denies (rule S4).
    DeniesUnmet,
    /// Its condition does not hold.
    ConditionNotMet,
    /// Strict evaluation: its condition, or that of its derived role, failed.
    Failed,
    /// It is about other actions: these.
    OtherActions(Vec<Box<str>>),
    /// It is about another resource: this.
    OtherResource(Box<str>),
    /// It is for other roles: these.
    OtherRoles(Vec<Box<str>>),
    /// Its derived role is not active.
    DerivedRoleInactive,
    /// A rule before it had decided.
    NotReached,
    /// No entry of the role policy lists the action for the resource, which denies it.
    NotListed,
}

/// A derived role and its condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DerivedRoleTrace {
    /// Its name.
    pub name: Box<str>,
    /// Its condition, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionTrace>,
}

/// A condition and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConditionTrace {
    /// `all`, `any`, `none`, or the text of an expression.
    pub text: Box<str>,
    /// Whether it holds; `None` when it was not evaluated, or failed in strict evaluation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
    /// Why an expression had no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<str>>,
    /// The variables that an expression reads, directly or through others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<VariableTrace>,
    /// The members of a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<ConditionTrace>,
}

/// A variable and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VariableTrace {
    /// Its name.
    pub name: Box<str>,
    /// Its expression.
    pub text: Box<str>,
    /// Its value; `None` when it has none, or none that has a form in JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<str>>,
}

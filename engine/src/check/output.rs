//! What a check tells besides the effects.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Activated, Decision};
use crate::value::Value;

/// The answers for one resource.
///
/// Serialized in the shape of Cerbos' responses and audit log entries, without the decisions.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CheckOutput {
    /// The decision for each action, in the order of the request.
    #[serde(skip)]
    pub decisions: Vec<(Box<str>, Decision)>,
    /// Derived roles that were active in the scopes looked at, sorted.
    pub effective_derived_roles: Vec<Box<str>>,
    /// What the outputs of rules said, in the order of evaluation.
    pub outputs: Vec<OutputEntry>,
    /// Expressions that failed, sorted, each once.
    pub evaluation_errors: Vec<EvaluationError>,
    /// Attributes that do not fit their schemas; empty unless schemas are enforced.
    pub validation_errors: Vec<ValidationError>,
    /// Policies with a say: those with a rule for one of the actions and roles, and the policies that theirs were
    /// written for, up to the root scope. Sorted by key.
    pub effective_policies: Vec<EffectivePolicy>,
    /// Whether any expression read the clock (`now()`, `timeSince()`), so that the answer may be another a moment
    /// later.
    pub time_dependent: bool,
    /// What held, for coverage; `None` when nobody asked.
    #[serde(skip)]
    pub(crate) activated: Option<Activated>,
}

/// A policy that had a say, as decision logs list it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct EffectivePolicy {
    /// Its key, such as `resource.album.vdefault/acme`.
    pub key: Box<str>,
    /// The name of the [`Source`](crate::policy::Source) it was read from.
    pub source: Box<str>,
}

/// An attribute that does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct ValidationError {
    /// Whose attributes.
    pub source: ValidationSource,
    /// JSON Pointer of the value, `/` for the attributes as a whole; empty when the schema could not be loaded.
    pub path: Box<str>,
    /// What is wrong with it.
    pub message: Box<str>,
}

/// Whose attributes a [`ValidationError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ValidationSource {
    /// `principal.attr`
    #[serde(rename = "SOURCE_PRINCIPAL")]
    Principal,
    /// `resource.attr`
    #[serde(rename = "SOURCE_RESOURCE")]
    Resource,
}

impl ValidationSource {
    /// `principal` or `resource`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Resource => "resource",
        }
    }
}

/// What one output of one rule said.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutputEntry {
    /// Policy key and rule name: `resource.album.vdefault#rule-001`.
    pub source: Box<str>,
    /// The action that was asked about.
    pub action: Box<str>,
    /// The value, or why there is none.
    pub value: Result<Value, Box<str>>,
}

/// An expression that had no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct EvaluationError {
    /// Its text.
    pub expression: Box<str>,
    /// Why, in the words of cel-go.
    pub message: Box<str>,
}

impl Serialize for OutputEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("OutputEntry", 3)?;
        entry.serialize_field("src", &self.source)?;
        entry.serialize_field("action", &self.action)?;
        match &self.value {
            Ok(value) => entry.serialize_field("val", value)?,
            Err(error) => entry.serialize_field("error", error)?,
        }
        entry.end()
    }
}

impl Serialize for EvaluationError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct CelError<'e> {
            expression: &'e str,
            message: &'e str,
        }
        let mut error = serializer.serialize_struct("EvaluationError", 1)?;
        let cel = CelError { expression: &self.expression, message: &self.message };
        error.serialize_field("celError", &cel)?;
        error.end()
    }
}

impl CheckOutput {
    pub(super) fn finish(&mut self, decisions: Vec<(Box<str>, Decision)>) {
        self.decisions = decisions;
        self.effective_derived_roles.sort();
        self.effective_derived_roles.dedup();
        self.evaluation_errors.sort();
        self.evaluation_errors.dedup();
    }
}

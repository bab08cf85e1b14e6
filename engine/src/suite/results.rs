//! What came of the tests, in the form of Cerbos' `TestResults`.

use serde::{Serialize, Serializer};

use super::coverage::Coverage;
use crate::check::Effect;
use crate::value::Value;

/// What became of a test, a suite or all suites. The greater, the worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Outcome {
    /// Nothing was there to do.
    #[default]
    #[serde(rename = "RESULT_UNSPECIFIED")]
    Nothing,
    /// It was left out.
    #[serde(rename = "RESULT_SKIPPED")]
    Skipped,
    /// The answer was the expected one.
    #[serde(rename = "RESULT_PASSED")]
    Passed,
    /// The answer was another.
    #[serde(rename = "RESULT_FAILED")]
    Failed,
    /// The question could not be asked.
    #[serde(rename = "RESULT_ERRORED")]
    Errored,
}

impl Outcome {
    /// The name that Cerbos gives it, such as `RESULT_PASSED`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "RESULT_UNSPECIFIED",
            Self::Skipped => "RESULT_SKIPPED",
            Self::Passed => "RESULT_PASSED",
            Self::Failed => "RESULT_FAILED",
            Self::Errored => "RESULT_ERRORED",
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// Results of all suites. With serde it is Cerbos' JSON, field for field.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestResults {
    /// The suites, sorted by file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<SuiteResults>,
    /// Counts over all suites.
    pub summary: Summary,
    /// Which rules held for at least one test. Not part of the JSON.
    #[serde(skip)]
    pub coverage: Coverage,
}

impl TestResults {
    /// Whether no test failed and every suite could be run.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.summary.overall_result < Outcome::Failed
    }
}

/// Counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Summary {
    /// The worst result.
    #[serde(skip_serializing_if = "Outcome::is_nothing")]
    pub overall_result: Outcome,
    /// Number of questions: principal, resource and action.
    #[serde(skip_serializing_if = "is_zero")]
    pub tests_count: usize,
    /// How many of them came out how, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub result_counts: Vec<Tally>,
}

/// How many questions came out in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// The way.
    pub result: Outcome,
    /// How many.
    pub count: usize,
}

impl Summary {
    /// How many questions came out in this way.
    #[must_use]
    pub fn count(&self, result: Outcome) -> usize {
        self.result_counts.iter().find(|t| t.result == result).map_or(0, |t| t.count)
    }

    pub(super) fn add(&mut self, result: Outcome, count: usize) {
        self.tests_count += count;
        match self.result_counts.binary_search_by_key(&result, |t| t.result) {
            Ok(place) => {
                if let Some(tally) = self.result_counts.get_mut(place) {
                    tally.count += count;
                }
            }
            Err(place) => self.result_counts.insert(place, Tally { result, count }),
        }
        self.worsen(result);
    }

    pub(super) fn worsen(&mut self, result: Outcome) {
        self.overall_result = self.overall_result.max(result);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for tally in &other.result_counts {
            self.add(tally.result, tally.count);
        }
        self.worsen(other.overall_result);
    }
}

/// Results of one suite.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SuiteResults {
    /// The suite's file.
    pub file: Box<str>,
    /// The suite's name, or `Unknown` when it could not be read.
    pub name: Box<str>,
    /// Counts.
    pub summary: Summary,
    /// Its tests, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_cases: Vec<TestCase>,
    /// Why it could not be run; lines of `line:column message` when the text is at fault.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub error: Box<str>,
    /// The suite's description.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    /// Why it was left out.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub skip_reason: Box<str>,
}

impl SuiteResults {
    /// The results of all questions, in order.
    pub fn actions(&self) -> impl Iterator<Item = &ActionResults> {
        let principals = self.test_cases.iter().flat_map(|test| &test.principals);
        let resources = principals.flat_map(|principal| &principal.resources);
        resources.flat_map(|resource| &resource.actions)
    }
}

/// Results of one test.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TestCase {
    /// Its name.
    pub name: Box<str>,
    /// By principal.
    pub principals: Vec<PrincipalResults>,
}

/// Results for one principal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrincipalResults {
    /// The fixture's name.
    pub name: Box<str>,
    /// By resource.
    pub resources: Vec<ResourceResults>,
}

/// Results for one principal and one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ResourceResults {
    /// The fixture's name.
    pub name: Box<str>,
    /// By action.
    pub actions: Vec<ActionResults>,
}

/// The result of one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActionResults {
    /// The action.
    pub name: Box<str>,
    /// What came of it.
    pub details: Details,
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Details {
    /// In one word.
    pub result: Outcome,
    /// Whether it counts. What a pattern of the filter left out does not. Not part of the JSON.
    #[serde(skip)]
    pub counts: bool,
    /// In full.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What came of one question, in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Finding {
    /// It was left out, for this reason.
    SkipReason(Box<str>),
    /// The answer was not the expected one.
    Failure(Failure),
    /// There was no answer.
    Error(Box<str>),
    /// The answer was the expected one.
    Success(Success),
}

impl Details {
    pub(super) fn new(finding: Finding) -> Self {
        let result = match finding {
            Finding::SkipReason(_) => Outcome::Skipped,
            Finding::Failure(_) => Outcome::Failed,
            Finding::Error(_) => Outcome::Errored,
            Finding::Success(_) => Outcome::Passed,
        };
        Self { result, counts: true, finding }
    }

    pub(super) fn skipped(reason: &str, counts: bool) -> Self {
        Self { counts, ..Self::new(Finding::SkipReason(reason.into())) }
    }
}

/// How an answer was another than the expected one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The expected effect.
    #[serde(serialize_with = "effect")]
    pub expected: Effect,
    /// The effect that the policies have.
    #[serde(serialize_with = "effect")]
    pub actual: Effect,
    /// Outputs that were other than expected. They are looked at when the effects are the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputFailure>,
}

/// The answer, which was the expected one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Success {
    /// The effect.
    #[serde(serialize_with = "effect")]
    pub effect: Effect,
    /// All outputs for the action, in the order of evaluation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<ActualOutput>,
}

/// What one output of one rule said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActualOutput {
    /// Policy key and rule name.
    pub src: Box<str>,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val: Option<Value>,
    /// The action.
    pub action: Box<str>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<str>>,
}

/// An output that was another than the expected one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OutputFailure {
    /// Policy key and rule name.
    pub src: Box<str>,
    /// How it was another.
    #[serde(flatten)]
    pub finding: OutputFinding,
}

/// How an output was another than the expected one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OutputFinding {
    /// It has another value.
    #[non_exhaustive]
    Mismatched {
        /// The expected value.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
        /// The value it has.
        actual: Value,
    },
    /// No rule with this name said anything.
    #[non_exhaustive]
    Missing {
        /// The expected value.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
    },
    /// Its expression failed.
    #[non_exhaustive]
    Errored {
        /// The expected value.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected: Option<Value>,
        /// Why.
        error: Box<str>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn effect<S: Serializer>(effect: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(effect_name(*effect))
}

/// The name that Cerbos gives an effect.
pub(super) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "EFFECT_ALLOW",
        Effect::Deny => "EFFECT_DENY",
    }
}

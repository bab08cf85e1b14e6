//! Asks the engine what the tests ask, and compares.

use super::Options;
use super::files::{SuiteFile, Suites};
use super::filter::NO_ACTION;
use super::matrix::{Case, Matrix};
use super::model::{Suite, TestOptions};
use super::results::{
    ActionResults, ActualOutput, Details, Failure, Finding, Outcome, OutputFailure, OutputFinding,
    PrincipalResults, ResourceResults, Success, SuiteResults, TestCase,
};
use crate::cel::Timestamp;
use crate::check::{Activated, CheckOutput, Effect, Engine, OutputEntry};
use crate::value::Value;

/// What an unreadable suite is called.
const UNKNOWN: &str = "Unknown";
/// Said of every action of a check that read the clock without being given a time (rule U7).
const NO_TIME: &str =
    "a policy used a time-based condition, but `now` was not provided in the test options";

pub(super) struct Runner<'e> {
    pub(super) engine: &'e Engine,
    pub(super) options: &'e Options,
    pub(super) activated: Activated,
}

impl Runner<'_> {
    pub(super) fn file(&mut self, suites: &Suites, file: &SuiteFile) -> SuiteResults {
        let mut results = SuiteResults { file: file.file.clone(), ..SuiteResults::default() };
        let suite = match &file.suite {
            Ok(suite) => suite,
            Err(problem) => {
                results.name = UNKNOWN.into();
                return errored(results, problem);
            }
        };
        results.name = suite.name.clone();
        results.description = suite.description.clone();
        let beside = match suites.beside(&file.file) {
            Ok(beside) => beside,
            Err(problem) => return errored(results, &problem),
        };
        let matrix = Matrix { suite, beside };
        if let Err(problem) = matrix.check_groups() {
            return errored(results, &problem);
        }
        if suite.skip {
            results.summary.worsen(Outcome::Skipped);
            results.skip_reason = suite.skip_reason.clone();
            return results;
        }
        match matrix.cases() {
            Ok(cases) => self.suite(suite, &cases, results),
            Err(problem) => errored(results, &problem),
        }
    }

    fn suite(
        &mut self,
        suite: &Suite,
        cases: &[Case<'_>],
        mut results: SuiteResults,
    ) -> SuiteResults {
        for case in cases {
            let found = match self.options.filter.skips(&suite.name, case) {
                Some((reason, counts)) => {
                    let details = Details::skipped(reason, counts);
                    case.actions.iter().map(|a| (&**a, details.clone())).collect()
                }
                None => self.case(case),
            };
            let mut actions = Vec::with_capacity(found.len());
            for (action, details) in found {
                if details.counts {
                    results.summary.add(details.result, 1);
                } else {
                    results.summary.worsen(details.result);
                }
                actions.push(ActionResults { name: action.into(), details });
            }
            place(&mut results.test_cases, case, actions);
        }
        results
    }

    /// All actions of a case, each with what came of it.
    fn case<'c>(&mut self, case: &Case<'c>) -> Vec<(&'c str, Details)> {
        let filter = &self.options.filter;
        // What a pattern leaves out is listed last (rule U9).
        let (wanted, left_out): (Vec<&'c str>, Vec<&'c str>) =
            case.actions.iter().map(|action| &**action).partition(|a| filter.runs_action(a));
        let engine = self.engine.with_options(self.engine_options(case.options));
        let now = case.options.and_then(|o| o.now);
        let mut found = Vec::with_capacity(case.actions.len());
        // One question for all actions, unless told otherwise: actions may depend on each other (rule U4).
        let size = if self.options.skip_batching { 1 } else { wanted.len().max(1) };
        for actions in wanted.chunks(size) {
            let (principal, resource, at) =
                (case.principal, case.resource, now.unwrap_or_else(Timestamp::now));
            let activated = &mut self.activated;
            let answer =
                engine.check_covered(principal, resource, actions, case.aux_data, at, activated);
            for action in actions {
                let finding = match &answer {
                    Err(undecided) => Finding::Error(undecided.to_string().into()),
                    Ok(answer) if answer.time_dependent && now.is_none() => {
                        Finding::Error(NO_TIME.into())
                    }
                    Ok(answer) => compare(case, action, answer),
                };
                found.push((*action, Details::new(finding)));
            }
        }
        let skipped = Details::skipped(NO_ACTION, false);
        found.extend(left_out.into_iter().map(|action| (action, skipped.clone())));
        found
    }

    /// What is not in the options of a test has Cerbos' defaults, not those of the engine (rule U5); only what a
    /// test cannot choose is the engine's.
    fn engine_options(&self, options: Option<&TestOptions>) -> crate::Options {
        let defaults = crate::Options::default();
        let or = |given: Option<&str>, default: Box<str>| {
            given.filter(|given| !given.is_empty()).map_or(default, Into::into)
        };
        crate::Options {
            default_policy_version: or(
                options.map(|o| &*o.default_policy_version),
                defaults.default_policy_version,
            ),
            default_scope: or(options.map(|o| &*o.default_scope), defaults.default_scope),
            globals: options.map(|o| o.globals.clone()).unwrap_or_default(),
            lenient_scope_search: options.is_some_and(|o| o.lenient_scope_search),
            strict_evaluation: self.options.strict_evaluation
                || options.is_some_and(|o| o.strict_evaluation),
            ..self.engine.options.clone()
        }
    }
}

fn errored(mut results: SuiteResults, problem: &str) -> SuiteResults {
    results.summary.worsen(Outcome::Errored);
    results.error = problem.into();
    results
}

/// Cases come in the order of tests and principals, so that the place is the last one or a new one.
fn place(tests: &mut Vec<TestCase>, case: &Case<'_>, actions: Vec<ActionResults>) {
    if tests.last().is_none_or(|last| *last.name != *case.test) {
        tests.push(TestCase { name: case.test.into(), principals: Vec::new() });
    }
    let Some(test) = tests.last_mut() else { return };
    if test.principals.last().is_none_or(|last| *last.name != *case.principal_name) {
        let name = case.principal_name.into();
        test.principals.push(PrincipalResults { name, resources: Vec::new() });
    }
    if let Some(principal) = test.principals.last_mut() {
        principal.resources.push(ResourceResults { name: case.resource_name.into(), actions });
    }
}

/// The effect first; outputs only when it is the expected one.
fn compare(case: &Case<'_>, action: &str, answer: &CheckOutput) -> Finding {
    let expected = case.effects.get(action).copied().unwrap_or(Effect::Deny);
    let decision = answer.decisions.iter().find(|(name, _)| **name == *action);
    let actual = decision.map_or(Effect::Deny, |(_, decision)| decision.effect);
    let said: Vec<&OutputEntry> = answer.outputs.iter().filter(|o| *o.action == *action).collect();
    let mut failure = Failure { expected, actual, outputs: Vec::new() };
    if expected != actual {
        return Finding::Failure(failure);
    }
    for (source, value) in case.outputs.get(action).into_iter().flatten() {
        failure.outputs.extend(output_failure(source, *value, &said));
    }
    if !failure.outputs.is_empty() {
        return Finding::Failure(failure);
    }
    let output = |entry: &&OutputEntry| ActualOutput {
        src: entry.source.clone(),
        val: entry.value.as_ref().ok().cloned(),
        action: entry.action.clone(),
        error: entry.value.as_ref().err().cloned(),
    };
    Finding::Success(Success { effect: actual, outputs: said.iter().map(output).collect() })
}

/// Of several outputs with one source the last counts (rule U8).
fn output_failure(
    source: &str,
    expected: Option<&Value>,
    said: &[&OutputEntry],
) -> Option<OutputFailure> {
    let last = said.iter().rev().find(|output| *output.source == *source);
    let wanted = expected.cloned();
    let finding = match last.map(|output| &output.value) {
        Some(Ok(actual)) if Some(actual) == expected => return None,
        Some(Ok(actual)) => OutputFinding::Mismatched { expected: wanted, actual: actual.clone() },
        Some(Err(error)) => OutputFinding::Errored { expected: wanted, error: error.clone() },
        None => OutputFinding::Missing { expected: wanted },
    };
    Some(OutputFailure { src: source.into(), finding })
}

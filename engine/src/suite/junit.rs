//! Results as a JUnit report, letter for letter that of `cerbos compile --test-output=junit`.

use std::fmt::{self, Display, Formatter};

use super::json::json;
use super::results::{
    ActionResults, ActualOutput, Finding, Outcome, OutputFailure, OutputFinding, SuiteResults,
    TestResults, effect_name,
};
use super::xml::Xml;
use crate::check::Effect;

/// A JUnit report. `verbose` marks suites that were left out with an element of their own.
///
/// ```
/// use authz_engine::suite::{TestResults, junit};
///
/// let report = junit::report(&TestResults::default(), false).to_string();
/// assert_eq!(report, "<testsuites errors=\"0\" failures=\"0\" skipped=\"0\" tests=\"0\"></testsuites>");
/// ```
#[must_use]
pub fn report(results: &TestResults, verbose: bool) -> Report<'_> {
    Report { results, verbose }
}

/// A report that is yet to be written: by its `Display`.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    results: &'r TestResults,
    verbose: bool,
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { results, verbose } = *self;
        // Suites that errored or were left out count beside their tests, as in Cerbos.
        let suites =
            |wanted| results.suites.iter().filter(|s| s.summary.overall_result == wanted).count();
        let counts = Counts {
            errors: results.summary.count(Outcome::Errored) + suites(Outcome::Errored),
            failures: results.summary.count(Outcome::Failed),
            skipped: results.summary.count(Outcome::Skipped) + suites(Outcome::Skipped),
            tests: results.summary.tests_count,
        };
        let mut xml = Xml::new(f);
        let children = |xml: &mut Xml<'_, '_>| {
            results.suites.iter().try_for_each(|suite| write_suite(xml, suite, verbose))
        };
        if results.suites.is_empty() {
            xml.text("testsuites", &counts.attributes(), "")?;
        } else {
            xml.element("testsuites", &counts.attributes(), children)?;
        }
        Ok(())
    }
}

struct Counts {
    errors: usize,
    failures: usize,
    skipped: usize,
    tests: usize,
}

impl Counts {
    fn attributes(&self) -> Vec<(&'static str, String)> {
        vec![
            ("errors", self.errors.to_string()),
            ("failures", self.failures.to_string()),
            ("skipped", self.skipped.to_string()),
            ("tests", self.tests.to_string()),
        ]
    }
}

fn write_suite(xml: &mut Xml<'_, '_>, suite: &SuiteResults, verbose: bool) -> fmt::Result {
    let overall = suite.summary.overall_result;
    // Of a suite that errored or was left out, no tests are shown.
    let shown = !matches!(overall, Outcome::Errored | Outcome::Skipped);
    // What a pattern left out is shown and counts here, other than in the summary.
    let actions = |wanted| suite.actions().filter(|a| a.details.result == wanted).count();
    let count = |wanted| if shown { actions(wanted) } else { 0 };
    let counts = Counts {
        errors: usize::from(overall == Outcome::Errored) + count(Outcome::Errored),
        failures: count(Outcome::Failed),
        skipped: usize::from(overall == Outcome::Skipped) + count(Outcome::Skipped),
        tests: suite.summary.tests_count,
    };
    let mut attributes = Vec::new();
    if !suite.description.is_empty() {
        attributes.push(("description", suite.description.to_string()));
    }
    attributes.push(("name", suite.name.to_string()));
    attributes.push(("file", suite.file.to_string()));
    attributes.extend(counts.attributes());
    xml.element("testsuite", &attributes, |xml| {
        match overall {
            Outcome::Errored => {
                xml.text("error", &[("type", overall.as_str().into())], &suite.error)?;
            }
            Outcome::Skipped if verbose => {
                let message = "This test suite was skipped".into();
                xml.text("skipped", &[("message", message)], "")?;
            }
            _ => {}
        }
        xml.text("properties", &[], "")?;
        if !shown {
            return Ok(());
        }
        for test in &suite.test_cases {
            for principal in &test.principals {
                for resource in &principal.resources {
                    for action in &resource.actions {
                        let names = [&*principal.name, &*resource.name, &*action.name];
                        write_case(xml, &suite.file, &test.name, names, action)?;
                    }
                }
            }
        }
        Ok(())
    })
}

fn write_case(
    xml: &mut Xml<'_, '_>,
    file: &str,
    test: &str,
    [principal, resource, action]: [&str; 3],
    result: &ActionResults,
) -> fmt::Result {
    let class = format!("{principal}.{resource}.{action}");
    let attributes = [("file", file.into()), ("classname", class), ("name", test.into())];
    xml.element("testcase", &attributes, |xml| {
        let kind = ("type", result.details.result.as_str().into());
        match &result.details.finding {
            Finding::SkipReason(_) => {
                xml.text("skipped", &[("message", "This test was skipped".into())], "")?;
            }
            Finding::Error(_) => xml.text("error", &[kind], "")?,
            Finding::Failure(failure) => {
                let what = if failure.outputs.is_empty() { "Effect" } else { "Output" };
                let message = ("message", format!("{what} expectation unsatisfied"));
                let outputs = failure.outputs.iter().map(failed_output).collect();
                let effects = [failure.actual, failure.expected];
                write_answer(xml, "failure", &[kind, message], outputs, effects)?;
            }
            Finding::Success(success) => {
                let outputs = success.outputs.iter().map(output).collect();
                let effects = [success.effect, success.effect];
                write_answer(xml, "success", &[kind], outputs, effects)?;
            }
        }
        xml.element("properties", &[], |xml| {
            for (name, value) in
                [("principal", principal), ("resource", resource), ("action", action)]
            {
                xml.text("property", &[("name", name.into())], value)?;
            }
            Ok(())
        })
    })
}

/// Source, expected value and actual value.
type Said<'r> = (&'r str, String, String);

fn write_answer(
    xml: &mut Xml<'_, '_>,
    name: &str,
    attributes: &[(&'static str, String)],
    outputs: Vec<Said<'_>>,
    [actual, expected]: [Effect; 2],
) -> fmt::Result {
    xml.element(name, attributes, |xml| {
        if !outputs.is_empty() {
            xml.element("outputs", &[], |xml| {
                for (source, expected, actual) in outputs {
                    xml.element("output", &[("src", source.into())], |xml| {
                        xml.data("expected", &expected)?;
                        xml.data("actual", &actual)
                    })?;
                }
                Ok(())
            })?;
        }
        xml.text("actual", &[], effect_name(actual))?;
        xml.text("expected", &[], effect_name(expected))
    })
}

fn failed_output(failure: &OutputFailure) -> Said<'_> {
    let (expected, actual) = match &failure.finding {
        OutputFinding::Mismatched { expected, actual } => (expected, json(Some(actual))),
        OutputFinding::Missing { expected } => (expected, String::new()),
        OutputFinding::Errored { expected, error } => (expected, failed(error)),
    };
    (&failure.src, json(expected.as_ref()), actual)
}

fn output(output: &ActualOutput) -> Said<'_> {
    let expected = json(output.val.as_ref());
    let actual = output.error.as_ref().map_or_else(|| expected.clone(), |error| failed(error));
    (&output.src, expected, actual)
}

fn failed(error: &str) -> String {
    format!("Failed to evaluate output expression: {error}")
}

//! What did not pass, as lines of text.

use std::fmt::{self, Display, Formatter};

use super::json::json;
use super::results::{Finding, Outcome, OutputFinding, TestResults, effect_name};

/// One line for each suite that is broken and each question that failed, and one with the counts.
impl Display for TestResults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for suite in &self.suites {
            if !suite.error.is_empty() {
                writeln!(f, "{}: {}", suite.file, suite.error.replace('\n', "\n    "))?;
            }
            for test in &suite.test_cases {
                for principal in &test.principals {
                    for resource in &principal.resources {
                        for action in &resource.actions {
                            let finding = &action.details.finding;
                            if matches!(finding, Finding::Failure(_) | Finding::Error(_)) {
                                let (principal, resource) = (&principal.name, &resource.name);
                                writeln!(
                                    f,
                                    "{}: {}: `{principal}` on `{resource}`, `{}`: {finding}",
                                    suite.file, test.name, action.name
                                )?;
                            }
                        }
                    }
                }
            }
        }
        let count = |outcome| self.summary.count(outcome);
        write!(
            f,
            "{} tests: {} passed, {} failed, {} errored, {} skipped",
            self.summary.tests_count,
            count(Outcome::Passed),
            count(Outcome::Failed),
            count(Outcome::Errored),
            count(Outcome::Skipped)
        )
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::SkipReason(reason) => write!(f, "skipped: {reason}"),
            Self::Error(error) => f.write_str(error),
            Self::Success(success) => f.write_str(effect_name(success.effect)),
            Self::Failure(failure) if failure.outputs.is_empty() => {
                let (expected, actual) = (failure.expected, failure.actual);
                write!(f, "expected {}, got {}", effect_name(expected), effect_name(actual))
            }
            Self::Failure(failure) => {
                for (i, output) in failure.outputs.iter().enumerate() {
                    if i > 0 {
                        f.write_str("; ")?;
                    }
                    write!(f, "output `{}`: {}", output.src, output.finding)?;
                }
                Ok(())
            }
        }
    }
}

impl Display for OutputFinding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatched { expected, actual } => {
                write!(f, "expected {}, got {}", json(expected.as_ref()), json(Some(actual)))
            }
            Self::Missing { expected } => {
                write!(f, "expected {}, got nothing", json(expected.as_ref()))
            }
            Self::Errored { expected, error } => {
                write!(f, "expected {}, got an error: {error}", json(expected.as_ref()))
            }
        }
    }
}

//! What became of the cases, and which features are still to come.

use std::collections::BTreeMap;

/// What this version does not have yet. A case is skipped for a feature only when it fails in the way in which
/// that feature's absence shows; the issue that brings the feature deletes the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    /// The expression names a function that no library here has.
    Function,
    /// The answer was recorded for a request that the data do not carry.
    Request,
    /// A message literal, of which Cerbos has protobuf's well-known types only.
    MessageLiteral,
    /// A container, qualified variables or switched-off macros, none of which Cerbos has.
    Namespace,
    /// Cerbos refuses the expression when it checks types.
    TypeChecker,
}

impl Missing {
    fn reason(self) -> &'static str {
        match self {
            Self::Function => "needs a function of the extension libraries",
            Self::Request => "has an answer that depends on what the data do not carry",
            Self::MessageLiteral => "builds a protobuf message",
            Self::Namespace => "needs a container, qualified variables or switched-off macros",
            Self::TypeChecker => "is refused by the type checker",
        }
    }
}

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    failures: Vec<String>,
    missing: BTreeMap<Missing, usize>,
}

impl Report {
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    pub(crate) fn fail(&mut self, case: &str, why: impl AsRef<str>) {
        self.failed += 1;
        self.failures.push(format!("{case}: {}", why.as_ref()));
    }

    pub(crate) fn skip(&mut self, missing: Missing) {
        self.skipped += 1;
        *self.missing.entry(missing).or_default() += 1;
    }

    pub(crate) fn check(&mut self, case: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.pass(),
            Err(why) => self.fail(case, why),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    pub(crate) fn print(&self, suite: &str) {
        for failure in &self.failures {
            println!("FAILED {suite} {failure}");
        }
        for (missing, count) in &self.missing {
            println!("skipped {suite}: {count} × {}", missing.reason());
        }
        println!(
            "{suite}: {} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
    }
}

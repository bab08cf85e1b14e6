//! What is wrong with a set, as far as it is listed.

use crate::diag::{Diagnostic, Severity};

/// Mistakes, and likewise warnings, that are listed for one set. Of a set with more, these are enough.
const MAX_LISTED: usize = 10_000;

/// Mistakes of which the first ones are compared with everything that is known.
const MAX_SUGGESTIONS: usize = 100;

/// Collects diagnostics. There is never none because there were too many.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    all: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Diagnostic) {
        let count = match problem.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if *count < MAX_LISTED {
            *count += 1;
            self.all.push(problem);
        }
    }

    /// Whether it is worth looking for what was meant: not for the thousandth mistake of a set.
    pub(super) fn may_suggest(&self) -> bool {
        self.errors < MAX_SUGGESTIONS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    pub(crate) fn into_vec(self) -> Vec<Diagnostic> {
        self.all
    }
}

impl Extend<Diagnostic> for Problems {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

//! What is wrong with a set, as far as it is listed.

use crate::diag::{Diagnostic, Severity};

/// Mistakes, and likewise warnings, that are listed for one set. Of a set with more, these are enough.
const MAX_LISTED: usize = 10_000;

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

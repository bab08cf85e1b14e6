//! Cerbos policy test suites (docs/semantics.md, section 14).
//!
//! Suites are the files `*_test.yaml` beside policies. [`Suites`] reads them, [`run`] asks an [`Engine`] what they ask, and
//! [`TestResults`] is what came of it: with serde Cerbos' own JSON, with [`junit`] its JUnit report, with `Display` what failed.
//!
//! ```
//! use authz_engine::policy::{PolicySet, Source};
//! use authz_engine::suite::{Options, Outcome, Suites, run};
//! use authz_engine::Engine;
//!
//! let policy = "
//! apiVersion: api.cerbos.dev/v1
//! resourcePolicy:
//!   resource: album
//!   version: default
//!   rules:
//!     - actions: [view]
//!       effect: EFFECT_ALLOW
//!       roles: [user]
//! ";
//! let suite = "
//! name: albums
//! principals:
//!   alice: {id: alice, roles: [user]}
//! resources:
//!   holidays: {kind: album, id: '7'}
//! tests:
//!   - name: a user looks
//!     input: {principals: [alice], resources: [holidays], actions: [view, delete]}
//!     expected:
//!       - {principal: alice, resource: holidays, actions: {view: EFFECT_ALLOW}}
//! ";
//! let set = PolicySet::load([Source::new("album.yaml", policy)])?;
//! let engine = Engine::new(set, authz_engine::Options::default());
//! let suites = Suites::new([Source::new("album_test.yaml", suite)]);
//! let results = run(&engine, &suites, &Options::default());
//! assert!(results.is_success());
//! assert_eq!(results.summary.count(Outcome::Passed), 2);
//! assert_eq!(results.coverage.percent(), 100.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod coverage;
mod decode;
mod files;
mod filter;
mod json;
pub mod junit;
mod matrix;
mod model;
mod places;
mod reader;
mod report;
mod results;
mod run;
#[cfg(test)]
mod tests;
mod xml;

pub use coverage::{Coverage, CoveredRule};
pub use files::Suites;
pub use filter::{Filter, InvalidFilter};
pub use matrix::Case;
pub use results::{
    ActionResults, ActualOutput, Details, Failure, Finding, Outcome, OutputFailure, OutputFinding,
    PrincipalResults, ResourceResults, Success, SuiteResults, Summary, Tally, TestCase,
    TestResults,
};

use crate::check::Engine;

/// How suites are run.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Which tests run.
    pub filter: Filter,
    /// Ask about each action by itself instead of about all actions of a principal and a resource at once.
    pub skip_batching: bool,
    /// Evaluate strictly, whatever the options of a test say.
    pub strict_evaluation: bool,
}

/// Runs all suites. What the policies say is asked of `engine`; its options count only where a test cannot choose.
///
/// A suite that is broken is a result among the others.
#[must_use]
pub fn run(engine: &Engine, suites: &Suites, options: &Options) -> TestResults {
    run_each(engine, suites, options, |_| {})
}

/// As [`run`], and tells of each suite as soon as it is done.
pub fn run_each(
    engine: &Engine,
    suites: &Suites,
    options: &Options,
    mut done: impl FnMut(&SuiteResults),
) -> TestResults {
    let mut runner = run::Runner { engine, options, activated: Default::default() };
    let mut results = TestResults::default();
    for file in &suites.suites {
        let suite = runner.file(suites, file);
        results.summary.merge(&suite.summary);
        done(&suite);
        results.suites.push(suite);
    }
    results.coverage = Coverage::new(&engine.table.rules, &runner.activated);
    results
}

impl Suites {
    /// What the suite in `file` asks, with all fixtures put in; `None` when there is no such suite.
    ///
    /// # Errors
    ///
    /// Why the suite cannot be run, as in [`SuiteResults::error`].
    #[must_use]
    pub fn cases(&self, file: &str) -> Option<Result<Vec<Case<'_>>, String>> {
        let found = self.suites.iter().find(|suite| *suite.file == *file)?;
        Some(found.suite.as_ref().map_err(Clone::clone).and_then(|suite| {
            let matrix = matrix::Matrix { suite, beside: self.beside(file)? };
            matrix.check_groups()?;
            matrix.cases()
        }))
    }
}

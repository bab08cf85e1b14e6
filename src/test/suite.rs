//! Policy test suites as tests of the program.

use std::path::Path;

use authz_engine::policy::PolicySet;
use authz_engine::suite::{self, Suites};
use authz_engine::{Engine, Options, SchemaEnforcement};

/// Makes a test of the policy test suites of a folder: the files `*_test.yaml` in it and below.
///
/// The path is relative to the package that the test stands in. The test fails when a suite fails or cannot be read, and tells of
/// everything that failed. A folder without any suite fails as well, so that a wrong path does not go unnoticed.
///
/// ```no_run
/// axum_authz::test::policy_suite!("policies/photos");
/// ```
///
/// The test is named `policy_suite`. With several in one module, each needs a name of its own:
///
/// ```no_run
/// axum_authz::test::policy_suite!(photos, "policies/photos");
/// axum_authz::test::policy_suite!(billing, "policies/billing");
/// ```
///
/// One test stands for all suites of a folder: to have one for each, the files would have to be read while the program is compiled.
#[doc(inline)]
pub use crate::__policy_suite as policy_suite;

#[doc(hidden)]
#[macro_export]
macro_rules! __policy_suite {
    ($dir:literal) => {
        $crate::test::policy_suite!(policy_suite, $dir);
    };
    ($name:ident, $dir:literal) => {
        #[test]
        fn $name() {
            $crate::test::run_policy_suites(::core::env!("CARGO_MANIFEST_DIR"), $dir);
        }
    };
}

/// Runs the suites of the folder `dir` in `package`: what [`policy_suite!`](policy_suite) expands to.
///
/// # Panics
///
/// Policies do not load, there is no suite, or a suite fails.
#[track_caller]
#[expect(clippy::panic, reason = "part of the test kit")]
pub fn run_policy_suites(package: impl AsRef<Path>, dir: impl AsRef<Path>) {
    let dir = package.as_ref().join(dir);
    let set = match PolicySet::from_dir(&dir) {
        Ok(set) => set,
        Err(diagnostics) => {
            panic!("the policies in {} do not load\n\n{diagnostics}", dir.display())
        }
    };
    let suites = match Suites::from_dir(&dir) {
        Ok(suites) => suites,
        Err(error) => panic!("the test suites cannot be read: {error}"),
    };
    if suites.is_empty() {
        panic!("there are no test suites (`*_test.yaml`) in {}", dir.display());
    }
    if !set.schema_problems().is_empty() {
        panic!("schemas in {} cannot be used\n\n{}", dir.display(), set.schema_problems());
    }
    // As `cerbos compile` runs them.
    let mut options = Options::default();
    options.schema_enforcement = SchemaEnforcement::Reject;
    let engine = Engine::new(set, options);
    let results = suite::run(&engine, &suites, &suite::Options::default());
    if !results.is_success() {
        panic!("test suites in {} fail\n\n{results}", dir.display());
    }
}

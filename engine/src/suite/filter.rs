//! Which tests run.

use std::collections::BTreeSet;
use std::fmt;

use regex::Regex;

use super::matrix::Case;
use crate::cel::compile_regex;
use crate::policy::{Glob, policy_key};

/// Which tests run: the filters of `cerbos compile` and of its test runner.
///
/// ```
/// use authz_engine::suite::Filter;
///
/// let filter = Filter::default().globs("test=private*;principal=alice,bob")?.names("^albums/")?;
/// assert!(Filter::default().globs("tset=private*").is_err());
/// # Ok::<(), authz_engine::suite::InvalidFilter>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Filter {
    names: Option<Regex>,
    excluded_resources: BTreeSet<Box<str>>,
    excluded_principals: BTreeSet<Box<str>>,
    suites: Globs,
    tests: Globs,
    principals: Globs,
    resources: Globs,
    actions: Globs,
}

impl Filter {
    /// Runs only tests whose full name a regular expression (RE2) finds.
    ///
    /// The full name is that of Cerbos: `SUITE/test_table_name:"TEST" principal_key:"PRINCIPAL" resource_key:"RESOURCE"`.
    /// Tests that are left out so are counted as skipped.
    ///
    /// # Errors
    ///
    /// The expression is none.
    pub fn names(mut self, pattern: &str) -> Result<Self, InvalidFilter> {
        if !pattern.is_empty() {
            self.names = Some(compile_regex(pattern).map_err(|error| {
                InvalidFilter(format!("invalid run specification: error parsing regexp: {error}"))
            })?);
        }
        Ok(self)
    }

    /// Runs only what patterns match: `suite=..;test=..;principal=..;resource=..;action=..`, each with one or more
    /// patterns between commas. Of filters that are added one after the other, the patterns are put together.
    ///
    /// Tests that are left out so are listed and not counted.
    ///
    /// # Errors
    ///
    /// The text has not this form.
    pub fn globs(mut self, filter: &str) -> Result<Self, InvalidFilter> {
        let mut any = filter.trim().is_empty();
        for part in filter.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((dimension, patterns)) = part.split_once('=') else {
                return Err(InvalidFilter(format!(
                    "invalid filter dimension format \"{part}\": expected 'dimension=glob1,glob2'"
                )));
            };
            let globs = match dimension.trim().to_ascii_lowercase().as_str() {
                "suite" => &mut self.suites,
                "test" => &mut self.tests,
                "principal" => &mut self.principals,
                "resource" => &mut self.resources,
                "action" => &mut self.actions,
                _ => {
                    return Err(InvalidFilter(format!(
                        "unknown filter dimension \"{dimension}\": valid dimensions are suite, test, principal, resource, action"
                    )));
                }
            };
            for pattern in patterns.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                globs.0.push(Glob::new(pattern));
                any = true;
            }
        }
        if any {
            Ok(self)
        } else {
            Err(InvalidFilter(
                "filter must contain at least one glob pattern in at least one dimension"
                    .to_owned(),
            ))
        }
    }

    /// Leaves out tests of resources with this policy, such as `cerbos.resource.album.vdefault`.
    #[must_use]
    pub fn without_resource_policy(mut self, name: &str) -> Self {
        self.excluded_resources.insert(name.into());
        self
    }

    /// Leaves out tests of principals with this policy, such as `cerbos.principal.alice.vdefault`.
    #[must_use]
    pub fn without_principal_policy(mut self, name: &str) -> Self {
        self.excluded_principals.insert(name.into());
        self
    }

    /// Why a case is left out, and whether it counts as skipped.
    pub(super) fn skips<'c>(&self, suite: &str, case: &Case<'c>) -> Option<(&'c str, bool)> {
        if let Some(names) = &self.names {
            let name = format!(
                "{suite}/test_table_name:{:?} principal_key:{:?} resource_key:{:?}",
                case.test, case.principal_name, case.resource_name
            );
            if !names.is_match(&name) {
                return Some(("Test name did not match the provided pattern", true));
            }
        }
        if !self.excluded_resources.is_empty() {
            let resource = &case.resource;
            let key = full_name(
                "resource",
                &resource.kind,
                &resource.policy_version,
                &resource.scope,
                case,
            );
            if self.excluded_resources.contains(&*key) {
                return Some(("Resource matched a policy that was excluded from the bundle", true));
            }
        }
        if !self.excluded_principals.is_empty() {
            let principal = &case.principal;
            let key = full_name(
                "principal",
                &principal.id,
                &principal.policy_version,
                &principal.scope,
                case,
            );
            if self.excluded_principals.contains(&*key) {
                return Some((
                    "Principal matched a policy that was excluded from the bundle",
                    true,
                ));
            }
        }
        if !self.suites.match_any(suite) {
            Some(("Suite did not match the test filter", false))
        } else if !self.tests.match_any(case.test) {
            Some(("Test did not match the test filter", false))
        } else if !self.principals.match_any(case.principal_name) {
            Some(("Principal did not match the test filter", false))
        } else if !self.resources.match_any(case.resource_name) {
            Some(("Resource did not match the test filter", false))
        } else if !case.actions.iter().any(|action| self.runs_action(action)) {
            Some((NO_ACTION, false))
        } else {
            case.skip.map(|reason| (reason, true))
        }
    }

    pub(super) fn runs_action(&self, action: &str) -> bool {
        self.actions.match_any(action)
    }
}

/// Why an action is left out.
pub(super) const NO_ACTION: &str = "No actions matched the test filter";

/// The policy that a fixture would be decided by.
fn full_name(kind: &str, name: &str, version: &str, scope: &str, case: &Case<'_>) -> String {
    let or = |given: &str, option: Option<&str>, default: &str| -> String {
        let option = option.filter(|o| !o.is_empty()).unwrap_or(default);
        if given.is_empty() { option } else { given }.to_owned()
    };
    let version = or(version, case.options.map(|o| &*o.default_policy_version), "default");
    let scope = scope.strip_prefix('.').unwrap_or(scope);
    let scope = or(scope, case.options.map(|o| &*o.default_scope), "");
    format!("cerbos.{}", policy_key(kind, name, &version, &scope))
}

/// Patterns of which one must match; none at all let everything through.
#[derive(Debug, Clone, Default)]
struct Globs(Vec<Glob>);

impl Globs {
    fn match_any(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.matches(name))
    }
}

/// A filter that is not of the form that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFilter(String);

impl fmt::Display for InvalidFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFilter {}

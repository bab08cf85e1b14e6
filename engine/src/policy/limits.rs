//! How large the parts of a policy may be. What exceeds a bound is a mistake, and not left out silently.

use super::ast::{Body, Executable, Name, Place, Policy};
use super::glob::Glob;
use super::set;
use crate::diag::{Code, Diagnostic};

/// Bytes of a scope: every decision walks up its parts.
const MAX_SCOPE: usize = 1_024;
/// Bytes of one pattern.
const MAX_PATTERN: usize = 4_096;
/// Bytes of all patterns of a policy, and for each pattern as many as its compiled form takes anyway.
const MAX_PATTERNS: usize = 256 << 10;
const PATTERN_OVERHEAD: usize = 64;
/// Rows of a policy: each action of a rule for each of its roles, and for each parent of its derived roles.
const MAX_ROWS: usize = 1_000_000;

/// What exceeds a bound in one file. Asked before anything is compiled.
pub(super) fn check(policy: &Policy) -> Vec<Diagnostic> {
    let mut patterns = Patterns { total: 0, problems: Vec::new() };
    match &policy.body {
        Body::Resource(p) | Body::Principal(p) | Body::Role(p) => {
            if p.scope.value.len() > MAX_SCOPE {
                let message = format!("the scope has more than {MAX_SCOPE} bytes");
                patterns.problems.push(p.scope.place.problem(Code::Limit, message));
            }
            p.parent_roles.iter().for_each(|name| patterns.add(name));
            rule_names(p).for_each(|name| patterns.add(name));
        }
        Body::DerivedRoles(d) => {
            let roles = d.roles.iter().flat_map(|role| &role.parent_roles);
            roles.for_each(|name| patterns.add(name));
        }
        Body::ExportVariables { .. } | Body::ExportConstants { .. } => {}
    }
    patterns.problems
}

fn rule_names(p: &Executable) -> impl Iterator<Item = &Name> {
    let mut last: Option<&Name> = None;
    p.rules.iter().flat_map(move |rule| {
        // The rules of an entry of a principal policy share its resource.
        let repeats =
            last.map(|name| &name.value) == rule.resource.as_ref().map(|name| &name.value);
        last = rule.resource.as_ref();
        let resource = rule.resource.iter().filter(move |_| !repeats);
        rule.actions.iter().chain(&rule.roles).chain(resource)
    })
}

struct Patterns {
    total: usize,
    problems: Vec<Diagnostic>,
}

impl Patterns {
    fn add(&mut self, name: &Name) {
        let text = &*name.value;
        if !text.contains(['*', '?', '[', '{', '\\']) || !self.problems.is_empty() {
            return;
        }
        self.total += text.len() + PATTERN_OVERHEAD;
        let message = if text.len() > MAX_PATTERN {
            format!("the pattern has more than {MAX_PATTERN} bytes")
        } else if self.total > MAX_PATTERNS {
            "the policy has too many patterns".to_owned()
        } else if text.contains('{') && Glob::new(text).is_too_large() {
            "the pattern nests too deeply".to_owned()
        } else {
            return;
        };
        self.problems.push(name.place.problem(Code::Limit, message));
    }
}

/// Whether the rules of a compiled policy make more rows than a policy may have.
pub(super) fn check_rows(policy: &set::Policy, place: &Place) -> Option<Diagnostic> {
    let parents = |i: &usize| policy.derived_roles.get(*i).map_or(0, |d| d.parent_roles.len());
    let rows = policy.rules.iter().fold(0_usize, |rows, rule| {
        let roles = rule.roles.len() + rule.derived_roles.iter().map(parents).sum::<usize>();
        rows.saturating_add(rule.actions.len().saturating_mul(roles))
    });
    (rows > MAX_ROWS).then(|| {
        let message = format!("the rules combine {rows} actions and roles, more than {MAX_ROWS}");
        place.problem(Code::Limit, message).help("use patterns, or split the policy")
    })
}

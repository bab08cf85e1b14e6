//! What loads but is probably not meant: traps of Cerbos' rules (docs/semantics.md, sections 4, 5 and 15).

mod patterns;
mod roles;
#[cfg(test)]
mod tests;

use super::ast::{Body, Policy, ScopePermissions};
use super::problems::Problems;
use crate::check::Effect;
use crate::diag::Code;

/// Looks for traps in policies that count.
pub(super) fn lint<'f>(policies: impl Iterator<Item = &'f Policy>, problems: &mut Problems) {
    let policies: Vec<&Policy> = policies.collect();
    for policy in &policies {
        patterns::lint(policy, problems);
        scope_of_a_dot(policy, problems);
        root_needs_consent(policy, problems);
    }
    roles::lint(&policies, problems);
}

/// A request's `.` means the root (rule N3), so a policy of the scope `.` is never asked.
fn scope_of_a_dot(policy: &Policy, problems: &mut Problems) {
    if let Body::Resource(p) | Body::Principal(p) | Body::Role(p) = &policy.body
        && &*p.scope.value == "."
    {
        let message = "no request is in the scope `.`: as a request's scope it means the root";
        let problem = p.scope.place.problem(Code::NeverMatches, message).warning();
        problems.push(problem.help("leave `scope` out for the root"));
    }
}

/// Allows that need a parent's consent never allow in the root (rule S4).
fn root_needs_consent(policy: &Policy, problems: &mut Problems) {
    if let Body::Resource(p) | Body::Principal(p) = &policy.body
        && p.scope.value.is_empty()
        && p.scope_permissions == ScopePermissions::RequireParentalConsent
        && let Some(rule) = p.rules.iter().find(|rule| rule.effect == Some(Effect::Allow))
    {
        let message =
            "the rule never allows: its scope needs the consent of a parent, and the root has none";
        let problem = rule.place.problem(Code::RootNeedsConsent, message).warning();
        problems.push(problem.help("leave `scopePermissions` out in the root scope"));
    }
}

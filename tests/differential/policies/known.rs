//! Differences that a rule explains.

use super::answer::Difference;
use super::random::Case;

/// The rule of `docs/semantics.md` that explains a difference.
pub(crate) fn rule(_case: &Case, difference: &Difference) -> Option<&'static str> {
    // Cerbos refuses some sets whose policies disagree on the permissions of a scope, and takes others.
    if difference.what == "only Cerbos refuses"
        && difference.theirs == r#"{"scope_permissions_conflicts"}"#
    {
        return Some("Q9");
    }
    None
}

//! Differences that a rule explains.

use super::answer::Difference;
use super::random::Case;

/// The rule of `docs/semantics.md` that explains a difference.
pub(crate) fn rule(_case: &Case, _difference: &Difference) -> Option<&'static str> {
    None
}

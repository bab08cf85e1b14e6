//! Differences that are meant. Each names the rule of `docs/semantics.md` that explains it.

use super::compare::Difference;

/// Whether a difference is explained.
type Explains = fn(expression: &str, difference: &Difference) -> bool;

/// Rule, and predicate.
const KNOWN: [(&str, Explains); 0] = [];

/// The rule that explains a difference, if there is one.
pub(crate) fn rule(expression: &str, difference: &Difference) -> Option<&'static str> {
    KNOWN.iter().find(|(_, explains)| explains(expression, difference)).map(|(rule, _)| *rule)
}

//! Differences that are meant. Each names the rule of `docs/semantics.md` that explains it.

use super::compare::{Class, Difference};

/// Whether a difference is explained.
type Explains = fn(expression: &str, difference: &Difference) -> bool;

/// Rule, and predicate.
const KNOWN: [(&str, Explains); 5] = [
    ("F24", |expression, difference| {
        difference.class == Class::TheyFail && expression.contains("spiffeMatchOneOf")
    }),
    ("Z1", |_, difference| difference.words.contains("reference to undefined type")),
    ("Z1", |expression, difference| {
        matches!(difference.class, Class::Values | Class::WeFail)
            && is_constant(expression)
            && folds(expression)
    }),
    ("Z6", |expression, difference| {
        difference.class == Class::WeFail
            && expression.contains('+')
            && difference.words.contains("type conversion not supported for 'type'")
    }),
    ("Z5", |_, difference| {
        difference.class == Class::TheyRefuse
            && difference.words.contains("Failed to convert expression to AST")
    }),
];

/// The rule that explains a difference, if there is one.
pub(crate) fn rule(expression: &str, difference: &Difference) -> Option<&'static str> {
    KNOWN.iter().find(|(_, explains)| explains(expression, difference)).map(|(rule, _)| *rule)
}

/// Whether it names nothing of the request or the policy.
fn is_constant(expression: &str) -> bool {
    !["R.", "P.", "V.", "C.", "G.", "request", "variables", "constants", "globals", "runtime"]
        .iter()
        .any(|root| expression.contains(root))
}

/// Whether it is a macro whose condition is a constant, or logic over what is no boolean.
fn folds(expression: &str) -> bool {
    let constant_condition = [", true", ", false"].iter().any(|text| expression.contains(text));
    let is_logic = ["?", "&&", "||"].iter().any(|operator| expression.contains(operator));
    constant_condition || (is_logic && expression.contains("dyn("))
}

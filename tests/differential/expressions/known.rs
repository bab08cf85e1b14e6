//! Differences that are meant. Each names the rule of `docs/semantics.md` that explains it, and is as narrow as the shortest
//! expressions that show it.

use super::compare::{Class, Difference};

/// Whether a difference is explained.
type Explains = fn(expression: &str, difference: &Difference) -> bool;

/// Rule, and predicate.
const KNOWN: [(&str, Explains); 11] = [
    ("F7", |expression, difference| {
        let functions = [
            "except(",
            "isSubset(",
            "intersect(",
            "hasIntersection(",
            "_subset(",
            "_intersection(",
        ];
        difference.class == Class::Words && any(expression, &functions)
    }),
    ("F24", |expression, difference| {
        difference.class == Class::TheyFail && expression.contains("spiffeMatchOneOf")
    }),
    ("F29", |_, difference| {
        difference.class == Class::Words && difference.words.contains("no such overload: matches")
    }),
    ("E15", |expression, difference| {
        difference.class == Class::WeFail && expression.contains("unwrap(")
    }),
    ("E16", |_, difference| {
        difference.class == Class::TheyFail
            && difference.words.starts_with("type conversion error from")
    }),
    ("E18", |expression, difference| {
        difference.class == Class::TheyFail
            && expression.contains(".?")
            && difference.words.starts_with("optional.none() dereference")
    }),
    ("Z1", |expression, difference| {
        let is_folded_bind = difference.class == Class::WeFail
            && expression.contains("cel.bind(")
            && difference.words.starts_with("type conversion error");
        let is_of_meaning = !matches!(difference.class, Class::TheyRefuse | Class::WeRefuse);
        difference.words.contains("reference to undefined type")
            || is_folded_bind
            || is_of_meaning && folds(expression)
    }),
    ("Z5", |expression, difference| {
        matches!(difference.class, Class::TheyRefuse | Class::TheyBreak)
            && expression.contains("format(")
    }),
    ("Z6", |expression, difference| {
        difference.class == Class::WeFail
            && expression.contains('+')
            && any(&difference.words, &["type conversion not supported", "unsupported native"])
    }),
    ("Z7", |expression, difference| {
        let is_of_types = matches!(difference.class, Class::TheyRefuse | Class::WeRefuse)
            || difference.class == Class::TheyFail
                && ["string(", "uint(", "int(", "double("].iter().any(|conversion| {
                    difference.words.starts_with(&format!("no such overload: {conversion}"))
                });
        is_of_types && any(expression, &["[]", "{}", "optional.none()", ".value()"])
    }),
    ("Z8", |_, difference| {
        difference.class == Class::WeRefuse && difference.words.contains("undefined variable")
    }),
];

/// The rule that explains a difference, if there is one.
pub(crate) fn rule(expression: &str, difference: &Difference) -> Option<&'static str> {
    KNOWN.iter().find(|(_, explains)| explains(expression, difference)).map(|(rule, _)| *rule)
}

fn any(text: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| text.contains(part))
}

/// Whether the constant folder has something to change: a macro whose condition is a constant, logic over a constant
/// that is no boolean, an entry that is never there.
fn folds(expression: &str) -> bool {
    let constant_condition = any(expression, &[", true", ", false"]);
    let is_logic =
        any(expression, &["?", "&&", "||"]) && any(expression, &["dyn(", "true ?", "false ?"]);
    constant_condition || is_logic || expression.contains("optional.none()}")
}

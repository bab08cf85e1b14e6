//! Whether two outcomes are the same, and how they differ.

use serde_json::Value as Json;

use super::batch::Outcome;

/// How two outcomes stand to each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Same,
    /// Both failed, in different words. That is counted, and no difference.
    OtherWords(String),
    Differs(Difference),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The engine broke.
    WeBreak,
    /// Values differ.
    Values,
    /// A value where Cerbos has an error.
    TheyFail,
    /// An error where Cerbos has a value.
    WeFail,
    /// Cerbos does not load what the engine loads.
    TheyRefuse,
    /// The engine does not load what Cerbos loads.
    WeRefuse,
    /// Errors whose words policies' authors know differ.
    Words,
    /// Cerbos broke.
    TheyBreak,
}

/// A class, and the words of errors without what is particular.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) class: Class,
    pub(crate) words: String,
}

/// Errors of the language itself are compared word by word.
fn is_exact(text: &str) -> bool {
    text.starts_with("no such key: ")
        || text.starts_with("undefined field '")
        || text == "no such overload"
        || text == "division by zero"
}

const NOT_FINITE: &str = "proto: google.protobuf.Value.number_value: invalid ";

pub(crate) fn judge(theirs: &Outcome, ours: &Outcome) -> Verdict {
    use Outcome::{Broken, Failed, NotFinite, Refused, Value};
    let differs =
        |class, words: &str| Verdict::Differs(Difference { class, words: general(words) });
    match (theirs, ours) {
        (Broken(text), _) => differs(Class::TheyBreak, text),
        (_, Broken(text)) => differs(Class::WeBreak, text),
        (Refused(_), Refused(_)) | (NotFinite, NotFinite) => Verdict::Same,
        // Cerbos fails the whole answer with the words with which the engine fails the one output.
        (NotFinite, Failed(text)) if text.starts_with(NOT_FINITE) => Verdict::Same,
        (Refused(text), _) => differs(Class::TheyRefuse, reason(text)),
        (_, Refused(text)) => {
            Verdict::Differs(Difference { class: Class::WeRefuse, words: text.clone() })
        }
        (Value(a), Value(b)) if same(a, b) => Verdict::Same,
        (Failed(a), Failed(b)) if a == b => Verdict::Same,
        (Failed(a), Failed(b)) if is_exact(a) => differs(Class::Words, &format!("{a} / {b}")),
        (Failed(a), Failed(b)) => Verdict::OtherWords(format!("{} / {}", general(a), general(b))),
        (Failed(a), _) => differs(Class::TheyFail, a),
        (_, Failed(b)) => differs(Class::WeFail, b),
        (Value(_) | NotFinite, Value(_) | NotFinite) => differs(Class::Values, ""),
    }
}

/// Numbers compare as doubles: JSON has no other.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// A refusal's reason: what follows the expression.
fn reason(text: &str) -> &str {
    text.rsplit_once("`: ").map_or(text, |(_, reason)| reason)
}

/// A message without its quotations and numbers.
pub(crate) fn general(text: &str) -> String {
    // The key may be any text.
    if text.starts_with("no such key: ") && !text.contains(" / ") {
        return "no such key: _".to_owned();
    }
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '"' | '`') || c == '\'' && !out.ends_with(char::is_alphanumeric) {
            out.push(c);
            if chars.by_ref().any(|next| next == c) {
                out.push('_');
                out.push(c);
            }
        } else if c.is_ascii_digit() {
            while chars.next_if(|next| next.is_ascii_digit() || *next == '.').is_some() {}
            out.push('#');
        } else {
            out.push(c);
        }
    }
    out.chars().take(160).collect()
}

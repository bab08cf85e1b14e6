//! From names in policies to names in Rust.

use std::fmt::Write as _;

/// The module of a kind of resource.
pub(crate) fn module(kind: &str) -> String {
    let mut name = words(kind).join("_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, 'n');
    }
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// The type of an action.
pub(crate) fn type_name(action: &str) -> String {
    let mut name = String::new();
    for word in words(action) {
        let mut chars = word.chars();
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, 'N');
    }
    if name == "Self" {
        name.push('_');
    }
    name
}

/// A path to a crate as it can be written anywhere.
pub(crate) fn absolute(path: &str) -> Option<String> {
    let path = path.strip_prefix("::").unwrap_or(path);
    let is_name = |word: &str| {
        !word.starts_with(|c: char| c.is_ascii_digit())
            && !word.is_empty()
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let mut words = path.split("::");
    let first = words.next().filter(|word| is_name(word))?;
    let is_keyword = |word: &str| KEYWORDS.contains(&word);
    if !words.all(|word| is_name(word) && !is_keyword(word)) {
        return None;
    }
    match first {
        "crate" if path != first => Some(path.to_owned()),
        _ if is_keyword(first) => None,
        _ => Some(format!("::{path}")),
    }
}

/// The words of a name, in lower case: between them stands what is no letter or digit, or an upper-case letter
/// begins.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        let ends_word = !c.is_alphanumeric();
        let begins_word = c.is_ascii_uppercase()
            && (!before.is_ascii_uppercase()
                || rest.clone().next().is_some_and(|next| next.is_ascii_lowercase()));
        if (ends_word || begins_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !ends_word {
            push(&mut word, c);
        }
        before = c;
    }
    if word.is_empty() && words.is_empty() {
        name.chars().for_each(|c| push(&mut word, c));
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Not every letter of Unicode can stand in a name in Rust; their numbers can.
fn push(word: &mut String, c: char) {
    if c.is_ascii_alphanumeric() {
        word.push(c.to_ascii_lowercase());
    } else {
        // Writing to a string does not fail.
        let _ = write!(word, "u{:04x}", u32::from(c));
    }
}

/// Keywords in lower case of all editions, reserved ones included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::{absolute, module, type_name};

    #[test]
    fn kinds_become_modules() {
        for (kind, expected) in [
            ("album", "album"),
            ("leave_request", "leave_request"),
            ("leave-request", "leave_request"),
            ("LeaveRequest", "leave_request"),
            ("hr:leave.request", "hr_leave_request"),
            ("HTTPRoute", "http_route"),
            ("route2Host", "route2_host"),
            ("type", "type_"),
            ("self", "self_"),
            ("gen", "gen_"),
            ("2fa", "n2fa"),
            ("größe", "gru00f6u00dfe"),
            ("--", "u002du002d"),
        ] {
            assert_eq!(module(kind), expected, "{kind}");
        }
    }

    #[test]
    fn actions_become_types() {
        for (action, expected) in [
            ("view", "View"),
            ("view:public", "ViewPublic"),
            ("bulk_edit", "BulkEdit"),
            ("bulkEdit", "BulkEdit"),
            ("viewPDF", "ViewPdf"),
            ("GET", "Get"),
            ("a/b c", "ABC"),
            ("self", "Self_"),
            ("type", "Type"),
            ("2fa", "N2fa"),
            ("prüfen", "Pru00fcfen"),
            ("+", "U002b"),
        ] {
            assert_eq!(type_name(action), expected, "{action}");
        }
    }

    #[test]
    fn a_crate_is_found_from_anywhere() {
        for (path, expected) in [
            ("axum_authz", Some("::axum_authz")),
            ("::axum_authz", Some("::axum_authz")),
            ("my::axum_authz", Some("::my::axum_authz")),
            ("crate::vendored::authz", Some("crate::vendored::authz")),
            ("crate", None),
            ("self::authz", None),
            ("super::authz", None),
            ("axum-authz", None),
            ("a::", None),
            ("a::1b", None),
            ("a::fn", None),
            ("", None),
        ] {
            assert_eq!(absolute(path).as_deref(), expected, "{path}");
        }
    }
}

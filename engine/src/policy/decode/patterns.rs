//! The forms of names, as Cerbos' schema gives them (RE2 patterns).

pub(super) fn is_not_empty(name: &str) -> bool {
    !name.is_empty()
}

/// `^[\w\-\.]+$`
pub(super) fn is_import(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// `^[^!*?\[\]{}]+$`
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['!', '*', '?', '[', ']', '{', '}'])
}

/// `^\w+$`
pub(crate) fn is_version(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `^(^$|\.|[0-9a-zA-Z][\w\-]*(\.\w[\w\-]*)*)$`
pub(crate) fn is_scope(scope: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    scope.is_empty()
        || scope == "."
        || (scope.starts_with(|c: char| c.is_ascii_alphanumeric())
            && scope
                .split('.')
                .all(|s| s.starts_with(word) && s.chars().all(|c| word(c) || c == '-')))
}

/// `^([a-zA-Z][\w\@\.\-]*)*$`
pub(super) fn is_rule_name(name: &str) -> bool {
    name.is_empty()
        || (name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '.' | '-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(valid: fn(&str) -> bool, yes: &[&str], no: &[&str]) {
        for name in yes {
            assert!(valid(name), "{name:?} should be valid");
        }
        for name in no {
            assert!(!valid(name), "{name:?} should not be valid");
        }
    }

    #[test]
    fn names_of_kinds_principals_and_roles_have_no_wildcards() {
        check(is_name, &["album", "a:b", "a b", "é", "a\n"], &["", "a*", "!a", "a?", "[a]", "{a}"]);
    }

    #[test]
    fn versions_are_words() {
        check(is_version, &["default", "20210210", "v_1"], &["", "a-b", "a.b", "é", "a\n"]);
    }

    #[test]
    fn scopes_are_dotted_words() {
        check(
            is_scope,
            &["", ".", "a", "a.b-c._d", "0.1"],
            &["a..b", ".a", "a.", "-a", "_a", "a.-b", "¬s"],
        );
    }

    #[test]
    fn imports_and_rule_names() {
        check(is_import, &["a", "a-b.c", "-"], &["", "a b", "a/b"]);
        check(is_rule_name, &["", "a", "a1@b.c-d_e"], &["1a", "-a", "a b", "a\n"]);
    }
}

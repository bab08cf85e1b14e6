//! Names and keys (docs/semantics.md, section 3).

use std::borrow::Cow;

/// Replaces what Cerbos replaces in the names of kinds, principals and roles (rule N1):
/// `album:object` is stored and looked up as `album_object`. Names of any other shape stay as they are.
pub(crate) fn sanitize(name: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let push = |c| {
        out.push(c);
        true
    };
    match sanitize_into(name, push) {
        None => Cow::Borrowed(name),
        Some(_) => Cow::Owned(out),
    }
}

/// As [`sanitize`], a letter after the other, as long as `push` takes them: whether it took all. `None`, and nothing
/// pushed, where the name stays as it is.
pub(crate) fn sanitize_into(name: &str, mut push: impl FnMut(char) -> bool) -> Option<bool> {
    if name.bytes().all(|b| is_word(char::from(b)) || b == b'.') || !has_sanitizable_shape(name) {
        return None;
    }
    let mut in_run = false;
    for c in name.chars() {
        let stays = is_word(c) || c == '.';
        if (stays || !in_run) && !push(if stays { c } else { '_' }) {
            return Some(false);
        }
        in_run = !stays;
    }
    Some(true)
}

/// `resource.album.vdefault/acme`: what Cerbos shows for a policy (rule N2).
pub(crate) fn policy_key(kind: &str, name: &str, version: &str, scope: &str) -> String {
    key_parts(kind, &sanitize(name), version, scope).concat()
}

/// The parts of a policy's key; the name is sanitized by the caller.
pub(crate) fn key_parts<'n>(
    kind: &'n str,
    name: &'n str,
    version: &'n str,
    scope: &'n str,
) -> [&'n str; 7] {
    [kind, ".", name, ".v", version, if scope.is_empty() { "" } else { "/" }, scope]
}

/// `a.b.c`, then `a.b`, `a` and the root (rule N3).
pub(crate) fn scope_and_parents(scope: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(scope), |s| {
        if s.is_empty() { None } else { Some(s.rsplit_once('.').map_or("", |(parent, _)| parent)) }
    })
}

/// Whether `name` may name a variable, constant or global.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && chars.all(is_word)
        && !matches!(name, "true" | "false" | "null" | "in")
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// `^[[:alpha:]][\w@.\-/]*(:[[:alpha:]][\w@.\-/]*)*$`
fn has_sanitizable_shape(name: &str) -> bool {
    name.split(':').all(|segment| {
        let mut chars = segment.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| is_word(c) || matches!(c, '@' | '.' | '-' | '/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sanitized_as_cerbos_does() {
        assert_eq!(sanitize("album:object"), "album_object");
        assert_eq!(sanitize("john@x.com"), "john_x.com");
        assert_eq!(sanitize("a--/b"), "a_b");
        assert_eq!(sanitize("leave_request"), "leave_request");
    }

    #[test]
    fn a_segment_that_begins_with_a_digit_keeps_the_whole_name() {
        assert_eq!(sanitize("arn:aws:sns:us-east-1:123:topic"), "arn:aws:sns:us-east-1:123:topic");
    }

    #[test]
    fn scopes_walk_up_to_the_root() {
        assert_eq!(scope_and_parents("a.b.c").collect::<Vec<_>>(), ["a.b.c", "a.b", "a", ""]);
        assert_eq!(scope_and_parents("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn keys_name_kind_version_and_scope() {
        assert_eq!(policy_key("resource", "doc", "default", "acme"), "resource.doc.vdefault/acme");
        assert_eq!(policy_key("role", "jr", "default", ""), "role.jr.vdefault");
    }

    #[test]
    fn keywords_are_no_identifiers() {
        assert!(is_identifier("_a1"));
        assert!(!is_identifier("true"));
        assert!(!is_identifier("1a"));
        assert!(!is_identifier("a-b"));
        assert!(!is_identifier(""));
    }
}

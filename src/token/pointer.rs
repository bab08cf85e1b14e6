//! Where in the claims a value is.

use crate::principal::{Map, Value};

/// The name of a claim, or a JSON pointer (RFC 6901) into the claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    first: Box<str>,
    rest: Box<[Box<str>]>,
}

impl Pointer {
    /// Text that begins with `/` is a pointer, and any other the name of a claim.
    ///
    /// `None` for a `~` that is neither `~0` nor `~1` (RFC 6901 section 3).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some(tokens) = text.strip_prefix('/') else {
            return Some(Self { first: text.into(), rest: Box::default() });
        };
        let mut tokens = tokens.split('/').map(unescape);
        let first = tokens.next()??;
        Some(Self { first, rest: tokens.collect::<Option<_>>()? })
    }

    /// What a value is called that goes by no other name: the last part.
    pub(super) fn name(&self) -> &str {
        self.rest.last().unwrap_or(&self.first)
    }

    pub(super) fn find<'a>(&self, claims: &'a Map) -> Option<&'a Value> {
        self.rest.iter().try_fold(claims.get(&self.first)?, |value, token| match value {
            Value::Map(map) => map.get(token),
            Value::List(items) => items.get(index(token)?),
            _ => None,
        })
    }
}

/// First `~1`, then `~0`, so that `~01` is `~1` and not `/` (section 4).
fn unescape(token: &str) -> Option<Box<str>> {
    let is_escaped = token.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    is_escaped.then(|| token.replace("~1", "/").replace("~0", "~").into())
}

/// Digits without leading zeros (section 4).
fn index(token: &str) -> Option<usize> {
    let is_canonical = token == "0" || !token.starts_with('0');
    let is_number = is_canonical && token.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::json;

    /// The document of RFC 6901 section 5.
    const DOCUMENT: &[u8] =
        br#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"~1":9}"#;

    fn find(pointer: &str) -> Option<Value> {
        let claims = json::object(DOCUMENT).unwrap();
        Pointer::parse(pointer).unwrap().find(&claims).cloned()
    }

    #[test]
    fn the_examples_of_the_rfc_are_found() {
        for (pointer, value) in [
            ("/", 0.0),
            ("/a~1b", 1.0),
            ("/c%d", 2.0),
            ("/e^f", 3.0),
            ("/g|h", 4.0),
            ("/i\\j", 5.0),
            ("/k\"l", 6.0),
            ("/ ", 7.0),
            ("/m~0n", 8.0),
            ("/~01", 9.0),
        ] {
            assert_eq!(find(pointer), Some(value.into()), "{pointer}");
        }
        assert_eq!(find("/foo"), Some(vec!["bar", "baz"].into()));
        assert_eq!(find("/foo/0"), Some("bar".into()));
    }

    #[test]
    fn names_are_taken_as_they_are() {
        assert_eq!(find("a/b"), Some(1.0.into()));
        assert_eq!(find("m~n"), Some(8.0.into()));
        assert_eq!(find("foo/0"), None);
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for pointer in [
            "/foo/2",
            "/foo/00",
            "/foo/01",
            "/foo/-",
            "/foo/+1",
            "/foo/",
            "/foo/0/0",
            "/bar",
            "/foo/bar",
            "/foo/18446744073709551616",
            "//",
        ] {
            assert_eq!(find(pointer), None, "{pointer}");
        }
    }

    #[test]
    fn a_tilde_escapes_or_is_a_mistake() {
        for text in ["/~", "/a~2", "/a/b~", "/~~0"] {
            assert_eq!(Pointer::parse(text), None, "{text}");
        }
        assert!(Pointer::parse("~").is_some());
    }

    #[test]
    fn the_last_part_is_the_name() {
        for (text, name) in [("a", "a"), ("/a", "a"), ("/a/b~1c", "b/c"), ("a/b", "a/b")] {
            assert_eq!(Pointer::parse(text).unwrap().name(), name, "{text}");
        }
    }
}

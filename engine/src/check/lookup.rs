//! Names as policies are looked up by (docs/semantics.md, rule N1).

use arrayvec::ArrayString;

use crate::cel::Arena;
use crate::policy::{sanitize, sanitize_into};

/// Looks a name up, and says how policies name it.
///
/// What policies name is sanitized, and sanitizing that changes nothing: a name that is found as it is needs no look at
/// its letters.
pub(super) fn look_up<'x, T>(
    given: &'x str,
    arena: &'x Arena,
    find: impl Fn(&str) -> Option<T>,
) -> (&'x str, Option<T>) {
    let found = find(given);
    if found.is_some() {
        return (given, found);
    }
    let mut short = ArrayString::<64>::new();
    let name = match sanitize_into(given, |c| short.try_push(c).is_ok()) {
        None => return (given, None),
        Some(true) => arena.str(&short),
        Some(false) => arena.str(&sanitize(given)),
    };
    (name, find(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_policies_have() {
        let arena = Arena::new();
        let (short, long) = ("album:object", format!("a:{}", "b".repeat(80)));
        for name in ["album", "", "arn:aws:1", short, "john@x.com", &*long] {
            let (found, _) = look_up(name, &arena, |_| None::<()>);
            assert_eq!(found, sanitize(name), "{name}");
        }
        let known = |name: &str| (name == "album_object").then_some(7);
        assert_eq!(look_up(short, &arena, known), ("album_object", Some(7)));
        assert_eq!(look_up("album_object", &arena, known), ("album_object", Some(7)));
        assert_eq!(look_up("album", &arena, known), ("album", None));
    }
}

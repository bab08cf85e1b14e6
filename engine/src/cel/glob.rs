//! Go's `filepath.Match`: `*` and `?` within one part of a path, and classes such as `[^a-z]` (docs/semantics.md,
//! F28).
//!
//! Paths come here with slashes, so that nothing is left to escape with.

/// Whether all of a path matches a pattern; `None` for a pattern that is none.
///
/// As in Go, the rest of a pattern is not looked at once a part of it does not match.
pub(super) fn matches(pattern: &str, path: &str) -> Option<bool> {
    let (mut pattern, mut rest) = (pattern.as_bytes(), path.as_bytes());
    while !pattern.is_empty() {
        let chunk;
        let has_star = pattern.starts_with(b"*");
        (chunk, pattern) = next_chunk(pattern);
        if has_star && chunk.is_empty() {
            return Some(!rest.contains(&b'/'));
        }
        let fits = |left: &&[u8]| left.is_empty() || !pattern.is_empty();
        let mut found = match_chunk(chunk, rest)?.filter(fits);
        // A star takes bytes, not characters.
        while found.is_none() && has_star {
            match rest.split_first() {
                Some((byte, next)) if *byte != b'/' => rest = next,
                _ => break,
            }
            found = match_chunk(chunk, rest)?.filter(fits);
        }
        match found {
            Some(left) => rest = left,
            None => return Some(false),
        }
    }
    Some(rest.is_empty())
}

/// What stands between stars, without those before it, and the rest of the pattern.
fn next_chunk(pattern: &[u8]) -> (&[u8], &[u8]) {
    let stars = pattern.iter().take_while(|b| **b == b'*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let end = pattern.iter().position(|b| {
        in_class = match b {
            b'[' => true,
            b']' => false,
            _ => in_class,
        };
        *b == b'*' && !in_class
    });
    pattern.split_at_checked(end.unwrap_or(pattern.len())).unwrap_or((pattern, b""))
}

/// What is left of a text that begins with what the chunk describes. The outer `None` is a pattern that is none,
/// which is also found behind what does not match.
fn match_chunk<'t>(mut chunk: &[u8], mut text: &'t [u8]) -> Option<Option<&'t [u8]>> {
    let mut fails = false;
    while let Some((symbol, next)) = chunk.split_first() {
        fails |= text.is_empty();
        let (c, width) = if matches!(symbol, b'[' | b'?') { first(text) } else { ('/', 1) };
        chunk = next;
        match symbol {
            b'[' => {
                let is_in;
                (is_in, chunk) = class(next, c)?;
                fails |= !is_in;
            }
            b'?' => fails |= c == '/',
            literal => fails |= text.first() != Some(literal),
        }
        text = text.get(width..).unwrap_or_default();
    }
    Some((!fails).then_some(text))
}

/// Whether a character is in the class, and what follows the class.
fn class(mut chunk: &[u8], c: char) -> Option<(bool, &[u8])> {
    let is_negated = chunk.starts_with(b"^");
    chunk = chunk.strip_prefix(b"^").unwrap_or(chunk);
    let (mut is_in, mut is_first) = (false, true);
    loop {
        if !is_first && let Some(next) = chunk.strip_prefix(b"]") {
            return Some((is_in != is_negated, next));
        }
        let low;
        (low, chunk) = bound(chunk)?;
        let mut high = low;
        if let Some(next) = chunk.strip_prefix(b"-") {
            (high, chunk) = bound(next)?;
        }
        is_in |= (low..=high).contains(&c);
        is_first = false;
    }
}

/// A character of a class, which is never its end.
fn bound(chunk: &[u8]) -> Option<(char, &[u8])> {
    if matches!(chunk.first(), None | Some(b'-' | b']')) {
        return None;
    }
    let (c, width) = first(chunk);
    chunk.get(width..).filter(|next| !next.is_empty()).map(|next| (c, next))
}

/// The first character and its length; of part of a character one byte.
fn first(text: &[u8]) -> (char, usize) {
    let head = text.get(..4).unwrap_or(text);
    let c = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    c.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[track_caller]
    fn check(pattern: &str, path: &str, wanted: Option<bool>) {
        assert_eq!(matches(pattern, path), wanted, "{pattern} {path}");
    }

    #[test]
    fn a_star_stays_within_its_part() {
        check("*", ".a", Some(true));
        check("*", "a/b", Some(false));
        check("a/**", "a/b", Some(true));
        check("a/**", "a/b/c", Some(false));
        check("a*b", "abcb", Some(true));
        check("*b", "ab/b", Some(false));
        check("*b/b", "ab/b", Some(true));
        check("/*", "/", Some(true));
        check("*", "/", Some(false));
        check("*a*a*a*a*a*a*a*a*c", "aaaaaaaaaaaaaaaaaaaaab", Some(false));
    }

    #[test]
    fn one_character_is_no_separator_and_a_class_may_hold_one() {
        check("a?b", "a/b", Some(false));
        check("a?", "aé", Some(true));
        check("a[/]b", "a/b", Some(true));
        check("a[^x]b", "a/b", Some(true));
        check("[a-c]", "d", Some(false));
        check("[^a-c]", "d", Some(true));
        check("[!a]", "!", Some(true));
        check("[z-a]", "b", Some(false));
        check("[a-ÿ]", "é", Some(true));
        check("a[*]b", "a*b", Some(true));
        check("[[-z]]", "x]", Some(true));
    }

    #[test]
    fn a_star_takes_bytes() {
        check("*??", "€", Some(true));
        check("???", "€", Some(false));
    }

    #[test]
    fn a_broken_class_is_no_pattern_unless_nothing_gets_to_it() {
        for pattern in ["[", "[^", "[]", "[]a]", "[a", "[a-]", "[-a]", "[x-]", "a[", "*[", "*x[b"] {
            for path in ["", "a", "ab", "x"] {
                check(pattern, path, None);
            }
        }
        check("a*[]", "b", Some(false));
        check("a]", "a]", Some(true));
    }
}

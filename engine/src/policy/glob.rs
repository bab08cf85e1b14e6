//! Patterns over names, with `:` between segments (docs/semantics.md, section 4).
//!
//! Translated to `regex`, so that matching takes linear time whatever the pattern. The commonest patterns, names with
//! stars in one place, are compared as texts: compiling a regular expression takes longer than reading its policy.

use std::sync::Arc;

use regex::Regex;

use super::names::sanitize;

/// A pattern. An invalid one matches nothing but itself (rule G4).
#[derive(Debug, Clone)]
pub(crate) struct Glob {
    pattern: Box<str>,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// `*` alone.
    Any,
    Literal,
    /// Text, one run of stars, text: what stands before it and after it, and whether it stops at a colon.
    Affixes {
        before: usize,
        after: usize,
        stops: bool,
    },
    Regex(Arc<Regex>),
    Invalid,
    /// Nested more deeply than a pattern may be.
    TooLarge,
}

impl Glob {
    /// The full dialect: `* ** ? [..] {..} \`.
    pub(crate) fn new(pattern: &str) -> Self {
        let matcher = if pattern == "*" || pattern == "**" {
            Matcher::Any
        } else if !pattern.contains(['*', '?', '[', '{', '\\']) {
            Matcher::Literal
        } else if let Some(affixes) = affixes(pattern) {
            affixes
        } else {
            match translate(pattern).map(|re| Regex::new(&re)) {
                Some(Ok(re)) => Matcher::Regex(Arc::new(re)),
                Some(Err(_)) => Matcher::TooLarge,
                None => Matcher::Invalid,
            }
        };
        Self { pattern: pattern.into(), matcher }
    }

    /// In rules, a pattern is one only if it contains `*` (rule G2): `vie?` is a name.
    pub(crate) fn if_starred(pattern: &str) -> Self {
        if pattern.contains('*') {
            Self::new(pattern)
        } else {
            Self { pattern: pattern.into(), matcher: Matcher::Literal }
        }
    }

    /// The resources of a principal policy's rule: a name is sanitized like kinds, a pattern is not (rule G5).
    pub(crate) fn of_principal_rule(resource: &str) -> Self {
        if resource.contains('*') {
            Self::new(resource)
        } else {
            Self::if_starred(&sanitize(resource))
        }
    }

    /// Whether the pattern is one that does not compile.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.matcher, Matcher::Invalid)
    }

    /// Whether the pattern is too large to be matched. Policies with such patterns do not load.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self.matcher, Matcher::TooLarge)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.pattern
    }

    pub(crate) fn is_any(&self) -> bool {
        matches!(self.matcher, Matcher::Any)
    }

    pub(crate) fn is_literal(&self) -> bool {
        matches!(self.matcher, Matcher::Literal)
    }

    /// Whether a name begins and ends as the pattern does, without overlap, and what stands between may be there.
    fn fits(&self, name: &str, before: usize, after: usize, stops: bool) -> bool {
        let (pattern, name) = (self.pattern.as_bytes(), name.as_bytes());
        let (Some(rest), Some(end)) = (
            pattern.get(..before).and_then(|begin| name.strip_prefix(begin)),
            pattern.get(pattern.len().saturating_sub(after)..),
        ) else {
            return false;
        };
        rest.strip_suffix(end).is_some_and(|between| !(stops && between.contains(&b':')))
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        *self.pattern == *name
            || match &self.matcher {
                Matcher::Any => true,
                Matcher::Literal | Matcher::Invalid | Matcher::TooLarge => false,
                Matcher::Affixes { before, after, stops } => {
                    self.fits(name, *before, *after, *stops)
                }
                Matcher::Regex(re) => re.is_match(name),
            }
    }
}

/// A name that Cerbos' library takes for a match of the pattern although it is none (rule G6): of `text**text` it
/// only looks at the beginning and at the end of a name, which may overlap.
pub(crate) fn overlap(pattern: &str) -> Option<String> {
    let (prefix, suffix) = pattern.split_once("**")?;
    let (prefix, suffix) = (literal(prefix)?, literal(suffix)?);
    let shared = (1..=suffix.len())
        .filter(|n| suffix.get(..*n).is_some_and(|start| prefix.ends_with(start)))
        .max()?;
    Some(prefix + suffix.get(shared..)?)
}

/// The matcher of a pattern with stars in one place and nothing else that means something.
fn affixes(pattern: &str) -> Option<Matcher> {
    if pattern.contains(['?', '[', '{', '\\']) {
        return None;
    }
    let before = pattern.find('*')?;
    let stars = pattern.get(before..)?;
    let end = stars.trim_start_matches('*');
    let stops = stars.len() == end.len() + 1;
    (!end.contains('*')).then_some(Matcher::Affixes { before, after: end.len(), stops })
}

/// The text that a pattern without wildcards stands for.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' | '?' | '[' | '{' => return None,
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    Some(text)
}

/// The equivalent regular expression, or `None` for a pattern that gobwas refuses.
fn translate(pattern: &str) -> Option<String> {
    let mut re = String::from("^(?s:");
    let mut depth = 0_usize;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => {
                let mut stars = 1;
                while chars.next_if_eq(&'*').is_some() {
                    stars += 1;
                }
                re.push_str(if stars > 1 { ".*" } else { "[^:]*" });
            }
            '?' => re.push_str("[^:]"),
            '[' => re.push_str(&class(&mut chars)?),
            '{' => {
                depth += 1;
                re.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                re.push(')');
            }
            ',' if depth > 0 => re.push('|'),
            // A trailing backslash vanishes.
            '\\' => {
                if let Some(escaped) = chars.next() {
                    push_literal(&mut re, escaped);
                }
            }
            literal => push_literal(&mut re, literal),
        }
    }
    // An alternation that is never closed ends with the pattern.
    re.extend(std::iter::repeat_n(')', depth));
    re.push_str(")$");
    Some(re)
}

/// `[abc]`, `[!abc]`, `[a-z]`, `[!a-z]`, and nothing else.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let negated = chars.next_if_eq(&'!').is_some();
    let mut members = Vec::new();
    loop {
        match chars.next()? {
            ']' => break,
            '\\' => members.push((chars.next()?, true)),
            c => members.push((c, false)),
        }
    }
    let mut re = String::from(if negated { "[^" } else { "[" });
    match members.as_slice() {
        [] => return None,
        [(low, _), ('-', false), (high, _)] => {
            if low > high {
                return None;
            }
            push_escaped(&mut re, *low);
            re.push('-');
            push_escaped(&mut re, *high);
        }
        list => {
            if list.iter().any(|(c, escaped)| *c == '-' && !escaped) {
                return None;
            }
            list.iter().for_each(|(c, _)| push_escaped(&mut re, *c));
        }
    }
    re.push(']');
    Some(re)
}

fn push_literal(re: &mut String, c: char) {
    re.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

fn push_escaped(re: &mut String, c: char) {
    if c.is_ascii_punctuation() {
        re.push('\\');
    }
    re.push(c);
}

#[cfg(test)]
mod tests {
    use super::{Glob, overlap};

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let glob = Glob::new(pattern);
        for name in yes {
            assert!(glob.matches(name), "{pattern} should match {name}");
        }
        for name in no {
            assert!(!glob.matches(name), "{pattern} should not match {name}");
        }
    }

    #[test]
    fn a_lone_star_matches_anything() {
        check("*", &["", "a", "a:b"], &[]);
    }

    #[test]
    fn a_star_stops_at_a_colon() {
        check("view:*", &["view:", "view:x"], &["view:x:y", "view"]);
        check("a*", &["a", "abc"], &["a:b"]);
        check("view:**", &["view:x:y"], &["view"]);
    }

    #[test]
    fn patterns_that_are_compared_as_texts_match_what_their_regular_expressions_do() {
        let parts = ["", "a", "b", ":", "ab", "a:", "é"];
        let names =
            ["", "a", "b", ":", "ab", "ba", "a:", "a:b", "aa", "aab", "ab:ab", "é", "éé", "aé"];
        for stars in ["*", "**", "***"] {
            for (begin, end) in parts.iter().flat_map(|b| parts.iter().map(move |e| (b, e))) {
                let pattern = format!("{begin}{stars}{end}");
                let regex = regex::Regex::new(&super::translate(&pattern).unwrap()).unwrap();
                let fast = super::affixes(&pattern).unwrap();
                let fast = Glob { pattern: pattern.as_str().into(), matcher: fast };
                for name in names {
                    assert_eq!(fast.matches(name), regex.is_match(name) || *pattern == *name);
                }
            }
        }
        for pattern in ["a*b*c", "a?*", "[ab]*", "{a,b}*", r"\**"] {
            assert!(super::affixes(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn the_rest_of_the_dialect_is_there() {
        check("vie?", &["view"], &["vie", "vie:"]);
        check("[ab]c", &["ac", "bc"], &["cc"]);
        check("[!a-c]x", &["dx", ":x"], &["ax"]);
        check("{view,edit}:*", &["view:a", "edit:a"], &["list:a"]);
        check(r"a\*", &["a*"], &["ab"]);
        check("{a,b", &["a", "b"], &["c"]);
    }

    #[test]
    fn a_broken_pattern_matches_only_itself() {
        check("[a-", &["[a-"], &["a"]);
        check("[a-c0-9]", &["[a-c0-9]"], &["a", "0"]);
    }

    #[test]
    fn segments_never_overlap() {
        check("a:**:c", &["a:b:c", "a:b:d:c", "a::c"], &["a:c"]);
    }

    #[test]
    fn names_that_only_cerbos_takes_are_known() {
        for (pattern, name) in [
            ("a:**:c", "a:c"),
            ("ab**ba", "aba"),
            ("aba**aba", "aba"),
            ("aa**a", "aa"),
            ("ab**b", "ab"),
            ("a:**:", "a:"),
            (r"a\:**:c", "a:c"),
        ] {
            assert_eq!(overlap(pattern).as_deref(), Some(name), "{pattern}");
            assert!(!Glob::new(pattern).matches(name), "{pattern}");
        }
        for pattern in
            ["ab*ba", "a:***:c", "a:**:c*", "?:**:c", "a:**:?", "a**b", "a:**", "**:c", "*"]
        {
            assert_eq!(overlap(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn in_rules_a_pattern_needs_a_star() {
        assert!(!Glob::if_starred("vie?").matches("view"));
        assert!(Glob::if_starred("vie?").matches("vie?"));
        assert!(Glob::if_starred("adm*").matches("admin"));
    }

    #[test]
    fn matching_is_case_sensitive() {
        check("A*", &["Ab"], &["ab"]);
    }
}

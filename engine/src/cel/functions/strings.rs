//! Text: the standard functions and cel-go's strings extension.

use super::super::containers::List;
use super::super::vals::V;
use super::lists::reverse;
use super::{Eval, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Strings",
    rows: &[
        member("contains", "string, string -> bool", contains, "'tacocat'.contains('oc')")
            .by_function(),
        member("startsWith", "string, string -> bool", starts_with, "'tacocat'.startsWith('taco')")
            .by_function(),
        member("endsWith", "string, string -> bool", ends_with, "'tacocat'.endsWith('cat')")
            .by_function(),
        member("charAt", "string, int -> string", char_at, "'tacocat'.charAt(2) == 'c'"),
        member("indexOf", "string, string -> int", index_of, "'tacocat'.indexOf('a') == 1"),
        member("indexOf", "string, string, int -> int", index_of, "'tacocat'.indexOf('a', 2) == 5"),
        member(
            "lastIndexOf",
            "string, string -> int",
            last_index_of,
            "'tacocat'.lastIndexOf('a') == 5",
        ),
        member(
            "lastIndexOf",
            "string, string, int -> int",
            last_index_of,
            "'tacocat'.lastIndexOf('a', 4) == 1",
        ),
        member(
            "lowerAscii",
            "string -> string",
            lower_ascii,
            "'TacoCÆt'.lowerAscii() == 'tacocÆt'",
        ),
        member(
            "upperAscii",
            "string -> string",
            upper_ascii,
            "'tacocæt'.upperAscii() == 'TACOCæT'",
        ),
        member(
            "replace",
            "string, string, string -> string",
            replace,
            "'tacocat'.replace('a', 'o') == 'tococot'",
        ),
        member(
            "replace",
            "string, string, string, int -> string",
            replace,
            "'tacocat'.replace('a', 'o', 1) == 'tococat'",
        ),
        member(
            "split",
            "string, string -> list(string)",
            split,
            "'a-b-c'.split('-') == ['a', 'b', 'c']",
        ),
        member(
            "split",
            "string, string, int -> list(string)",
            split,
            "'a-b-c'.split('-', 2) == ['a', 'b-c']",
        ),
        member("join", "list(string) -> string", join, "['a', 'b'].join() == 'ab'"),
        member("join", "list(string), string -> string", join, "['a', 'b'].join('-') == 'a-b'"),
        member("substring", "string, int -> string", substring, "'tacocat'.substring(4) == 'cat'"),
        member(
            "substring",
            "string, int, int -> string",
            substring,
            "'tacocat'.substring(0, 4) == 'taco'",
        ),
        member("trim", "string -> string", trim, "'  a b '.trim() == 'a b'"),
        member("reverse", "string -> string", reverse, "'taco'.reverse() == 'ocat'"),
        global(
            "strings.quote",
            "string -> string",
            quote,
            "strings.quote('a\\nb') == '\"a\\\\nb\"'",
        ),
    ],
};

fn contains<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s), V::Str(part)] => {
            eval.step(s.len() / 16)?;
            Ok(V::Bool(s.contains(part)))
        }
        _ => no_overload(),
    }
}

fn starts_with<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s), V::Str(part)] => Ok(V::Bool(s.starts_with(part))),
        _ => no_overload(),
    }
}

fn ends_with<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s), V::Str(part)] => Ok(V::Bool(s.ends_with(part))),
        _ => no_overload(),
    }
}

/// The byte at which the character `index` begins; the end for the length itself.
fn byte_of(s: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    s.char_indices().map(|(i, _)| i).chain([s.len()]).nth(index)
}

fn char_index<'a>(s: &str, byte: usize) -> V<'a> {
    let count = s.get(..byte).map_or(0, |head| head.chars().count());
    V::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn char_at<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s), V::Int(index)] => {
            eval.step(s.len() / 16)?;
            let start = byte_of(s, *index)
                .ok_or_else(|| eval.invalid(format_args!("index out of range: {index}")))?;
            let rest = s.get(start..).unwrap_or_default();
            let end = rest.chars().next().map_or(0, char::len_utf8);
            Ok(V::Str(rest.get(..end).unwrap_or_default()))
        }
        _ => no_overload(),
    }
}

fn index_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (s, part, offset) = match args {
        [V::Str(s), V::Str(part)] => (s, part, 0),
        [V::Str(s), V::Str(part), V::Int(offset)] => (s, part, *offset),
        _ => return no_overload(),
    };
    eval.step((s.len() + part.len()) / 16)?;
    if offset < 0 {
        return Err(eval.invalid(format_args!("index out of range: {offset}")));
    }
    let Some(start) = byte_of(s, offset) else {
        // Nothing is found past the end, except for the empty text at the end itself.
        return Ok(if part.is_empty() { char_index(s, s.len()) } else { V::Int(-1) });
    };
    Ok(s.get(start..)
        .and_then(|rest| rest.find(part))
        .map_or(V::Int(-1), |at| char_index(s, start + at)))
}

fn last_index_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (s, part, offset) = match args {
        [V::Str(s), V::Str(part)] => (s, part, None),
        [V::Str(s), V::Str(part), V::Int(offset)] => (s, part, Some(*offset)),
        _ => return no_overload(),
    };
    eval.step((s.len() + part.len()) / 16)?;
    let last = match offset {
        Some(offset) if offset < 0 => {
            return Err(eval.invalid(format_args!("index out of range: {offset}")));
        }
        // As with `indexOf`: at the end there is only the empty text.
        Some(offset) => match byte_of(s, offset).filter(|at| *at < s.len()) {
            Some(at) => at,
            None if part.is_empty() => s.len(),
            None => return Ok(V::Int(-1)),
        },
        None => s.len(),
    };
    // What begins at `last` ends so many bytes later.
    let end = s.floor_char_boundary(last.saturating_add(part.len()));
    let within = s.get(..end).unwrap_or_default();
    Ok(within.rfind(part).map_or(V::Int(-1), |at| char_index(s, at)))
}

fn lower_ascii<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(s)] = args else { return no_overload() };
    eval.step(s.len() / 16)?;
    if !s.bytes().any(|b| b.is_ascii_uppercase()) {
        return Ok(V::Str(s));
    }
    Ok(V::Str(eval.arena().str(&s.to_ascii_lowercase())))
}

fn upper_ascii<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(s)] = args else { return no_overload() };
    eval.step(s.len() / 16)?;
    if !s.bytes().any(|b| b.is_ascii_lowercase()) {
        return Ok(V::Str(s));
    }
    Ok(V::Str(eval.arena().str(&s.to_ascii_uppercase())))
}

fn replace<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (s, old, new, count) = match args {
        [V::Str(s), V::Str(old), V::Str(new)] => (s, old, new, -1),
        [V::Str(s), V::Str(old), V::Str(new), V::Int(count)] => (s, old, new, *count),
        _ => return no_overload(),
    };
    eval.step(s.len() / 16)?;
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let mut found = 0_usize;
    for _ in s.matches(old).take(limit) {
        eval.step(1 + new.len() / 16)?;
        found += 1;
    }
    if found == 0 {
        return Ok(V::Str(s));
    }
    Ok(V::Str(eval.arena().str(&s.replacen(old, new, found))))
}

fn split<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (s, separator, limit) = match args {
        [V::Str(s), V::Str(separator)] => (*s, *separator, -1),
        [V::Str(s), V::Str(separator), V::Int(limit)] => (*s, *separator, *limit),
        _ => return no_overload(),
    };
    eval.step(s.len() / 4)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: Vec<V<'a>> = if limit == 0 {
        Vec::new()
    } else if separator.is_empty() {
        let mut parts: Vec<V<'a>> = Vec::new();
        let mut rest = s;
        while let Some(c) = rest.chars().next() {
            let end = if parts.len() + 1 >= limit { rest.len() } else { c.len_utf8() };
            parts.push(V::Str(rest.get(..end).unwrap_or_default()));
            rest = rest.get(end..).unwrap_or_default();
        }
        parts
    } else {
        s.splitn(limit, separator).map(V::Str).collect()
    };
    Ok(V::List(List::Built(eval.arena().slice(&parts))))
}

fn join<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (items, separator) = match args {
        [V::List(items)] => (items, ""),
        [V::List(items), V::Str(separator)] => (items, *separator),
        _ => return no_overload(),
    };
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        let V::Str(part) = item else {
            // cel-go looks at the first item to tell what the list is a list of.
            return if i == 0 {
                no_overload()
            } else {
                Err(eval.invalid(format_args!("join: invalid input: {}", item.plain())))
            };
        };
        eval.step(1 + (part.len() + separator.len()) / 16)?;
        if i > 0 {
            text.push_str(separator);
        }
        text.push_str(part);
    }
    Ok(V::Str(eval.arena().str(&text)))
}

fn substring<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (s, start, end) = match args {
        [V::Str(s), V::Int(start)] => (s, *start, None),
        [V::Str(s), V::Int(start), V::Int(end)] => (s, *start, Some(*end)),
        _ => return no_overload(),
    };
    eval.step(s.len() / 16)?;
    let out_of_range = |index: i64| eval.invalid(format_args!("index out of range: {index}"));
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(
            eval.invalid(format_args!("invalid substring range. start: {start}, end: {end}"))
        );
    }
    let first = byte_of(s, start).ok_or_else(|| out_of_range(start))?;
    let last = match end {
        Some(end) => byte_of(s, end).ok_or_else(|| out_of_range(end))?,
        None => s.len(),
    };
    Ok(V::Str(s.get(first..last).unwrap_or_default()))
}

fn trim<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s)] => Ok(V::Str(s.trim())),
        _ => no_overload(),
    }
}

/// As a CEL literal: control characters, quotes and backslashes escaped.
fn quote<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(s)] = args else { return no_overload() };
    eval.step(s.len() / 8)?;
    let mut text = String::with_capacity(s.len() + 2);
    text.push('"');
    for c in s.chars() {
        match c {
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{b}' => text.push_str("\\v"),
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            other => text.push(other),
        }
    }
    text.push('"');
    Ok(V::Str(eval.arena().str(&text)))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn places_are_counted_in_code_points() {
        for (expr, wanted) in [
            ("'h😀llo'.indexOf('l')", "2"),
            ("'h😀llo'.charAt(1)", "\"😀\""),
            ("'e\\u0301x'.charAt(1) == '\\u0301'", "true"),
            ("'h😀llo'.substring(1, 2)", "\"😀\""),
            ("'e\\u0301x'.reverse() == 'x\\u0301e'", "true"),
            ("'é😀'.split('')", "[\"é\", \"😀\"]"),
            ("'é😀'.replace('', '-')", "\"-é-😀-\""),
            ("'a€€'.lastIndexOf('€', 0)", "-1"),
            ("'a€€'.lastIndexOf('€', 1)", "1"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn an_index_may_be_the_length_and_not_more() {
        for (expr, wanted) in [
            ("'hello'.charAt(5)", "\"\""),
            ("'hello'.charAt(6)", "error: index out of range: 6"),
            ("'hello'.charAt(-1)", "error: index out of range: -1"),
            ("''.charAt(0)", "\"\""),
            ("'hello'.substring(5)", "\"\""),
            ("'hello'.substring(6)", "error: index out of range: 6"),
            ("'hello'.substring(0, 6)", "error: index out of range: 6"),
            ("'hello'.substring(-1, 2)", "error: index out of range: -1"),
            ("'hello'.substring(6, 2)", "error: invalid substring range. start: 6, end: 2"),
            ("'hello'.substring(2, -1)", "error: invalid substring range. start: 2, end: -1"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn searching_past_the_end_finds_nothing() {
        for (expr, wanted) in [
            ("'hello'.indexOf('l', 5)", "-1"),
            ("'hello'.indexOf('l', 9)", "-1"),
            ("'hello'.indexOf('', 9)", "5"),
            ("'hello'.indexOf('', 3)", "3"),
            ("'hello'.indexOf('', -1)", "error: index out of range: -1"),
            ("'hello'.lastIndexOf('l', 3)", "3"),
            ("'hello'.lastIndexOf('l', 2)", "2"),
            ("'hello'.lastIndexOf('l', 4)", "3"),
            ("'hello'.lastIndexOf('l', 5)", "-1"),
            ("'hello'.lastIndexOf('lo', 3)", "3"),
            ("'hello'.lastIndexOf('')", "5"),
            ("'hello'.lastIndexOf('', 9)", "5"),
            ("'hello'.lastIndexOf('hello!', -1)", "error: index out of range: -1"),
            ("''.lastIndexOf('')", "0"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn a_negative_limit_is_none_and_zero_is_nothing() {
        for (expr, wanted) in [
            ("'aaa'.replace('a', 'b', -5)", "\"bbb\""),
            ("'aaa'.replace('a', 'b', 0)", "\"aaa\""),
            ("'abc'.replace('', '-', 2)", "\"-a-bc\""),
            ("''.replace('', '-')", "\"-\""),
            ("'a,b,c'.split(',', 0)", "[]"),
            ("'a,b,c'.split(',', 1)", "[\"a,b,c\"]"),
            ("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"),
            ("'a,b,c'.split(',', -3)", "[\"a\", \"b\", \"c\"]"),
            ("''.split('')", "[]"),
            ("''.split(',')", "[\"\"]"),
            ("'abc'.split('', 2)", "[\"a\", \"bc\"]"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn only_text_is_joined() {
        check_bare("[].join('-')", "\"\"");
        check_bare("dyn([1]).join()", "error: no such overload: join(list)");
        check_bare("['a', 1].join()", "error: join: invalid input: 1");
        check_bare("[1].join()", "compile: there is no `list(int).join()`");
    }

    #[test]
    fn trimming_takes_what_unicode_calls_white_space() {
        check_bare("'\\u0085\\u00a0\\u2003\\u3000 a b\\v'.trim()", "\"a b\"");
        check_bare("'\\u200b\\ufeff'.trim() == '\\u200b\\ufeff'", "true");
    }

    #[test]
    fn quoting_escapes_what_a_literal_cannot_hold() {
        check_bare(
            "strings.quote('a\"\\\\\\n\\a\\u0001') == '\"a\\\\\"\\\\\\\\\\\\n\\\\a\\u0001\"'",
            "true",
        );
    }
}

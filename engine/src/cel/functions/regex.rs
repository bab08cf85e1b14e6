//! Regular expressions: `matches` and cel-go's regex extension.

use regex::{Captures, Regex};

use super::super::containers::List;
use super::super::re2::Pattern;
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Regular expressions",
    rows: &[
        member("matches", "string, string -> bool", matches, "'tacocat'.matches('^t[a-o]+')")
            .by_receiver(),
        global("matches", "string, string -> bool", matches, "matches('tacocat', 'c.t$')")
            .by_receiver(),
        global(
            "regex.replace",
            "string, string, string -> string",
            replace,
            "regex.replace('taco cat', '(\\\\w+) (\\\\w+)', '\\\\2 \\\\1') == 'cat taco'",
        ),
        global(
            "regex.replace",
            "string, string, string, int -> string",
            replace,
            "regex.replace('tacocat', 'c', 'k', 1) == 'takocat'",
        ),
        global(
            "regex.extract",
            "string, string -> optional(string)",
            extract,
            "regex.extract('tacocat', 'o(.*)t') == optional.of('ca')",
        ),
        global(
            "regex.extractAll",
            "string, string -> list(string)",
            extract_all,
            "regex.extractAll('id:1 id:22', 'id:(\\\\d+)') == ['1', '22']",
        ),
    ],
};

/// A pattern that is only known now, and how many groups it has. Compiling it and searching `text` is paid for.
fn compile<'a>(
    eval: &Eval<'a, '_>,
    pattern: &str,
    text: &str,
) -> Result<(Regex, usize), EvalError<'a>> {
    /// Steps for each character that is looked for, as measured.
    const COST: usize = 16;
    let wrong = |why: String| eval.invalid(format_args!("error parsing regexp: {why}"));
    eval.step(64 + pattern.len())?;
    let pattern = Pattern::read(pattern).map_err(wrong)?;
    eval.step(pattern.size().saturating_mul(COST))?;
    // Searching takes longer for large patterns, at worst in proportion.
    eval.step((text.len() / 16).saturating_mul(1 + pattern.size() / 64))?;
    Ok((pattern.build().map_err(wrong)?, pattern.captures()))
}

fn matches<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::Str(pattern)] = args else { return no_overload() };
    let (regex, _) = compile(eval, pattern, text)?;
    Ok(V::Bool(regex.is_match(text)))
}

fn replace<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (text, pattern, template, count) = match args {
        [V::Str(text), V::Str(pattern), V::Str(template)] => (*text, pattern, template, -1),
        [V::Str(text), V::Str(pattern), V::Str(template), V::Int(count)] => {
            (*text, pattern, template, *count)
        }
        _ => return no_overload(),
    };
    if count == 0 {
        // Before anything else is looked at.
        return Ok(V::Str(text));
    }
    let (regex, groups) = compile(eval, pattern, text)?;
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let (mut out, mut end) = (String::new(), 0);
    for captures in regex.captures_iter(text).take(limit) {
        let Some(whole) = captures.get(0) else { continue };
        eval.step(1 + (whole.start() - end) / 16)?;
        out.push_str(text.get(end..whole.start()).unwrap_or_default());
        expand(eval, template, groups, &captures, &mut out)?;
        end = whole.end();
    }
    if out.is_empty() && end == 0 {
        return Ok(V::Str(text));
    }
    out.push_str(text.get(end..).unwrap_or_default());
    Ok(V::Str(eval.arena().str(&out)))
}

/// `\1` is a group, `\0` all of it, `\\` a backslash.
fn expand<'a>(
    eval: &Eval<'a, '_>,
    template: &str,
    groups: usize,
    captures: &Captures<'_>,
    out: &mut String,
) -> Result<(), EvalError<'a>> {
    eval.step(template.len() / 16)?;
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('\\') {
        out.push_str(text);
        let mut chars = after.chars();
        let Some(c) = chars.next() else {
            return Err(eval.invalid(format_args!(
                "invalid replacement string: '{template}' \\ not allowed at end"
            )));
        };
        rest = chars.as_str();
        let group = match c.to_digit(10).map(usize::try_from) {
            Some(Ok(group)) => group,
            _ if c == '\\' => {
                out.push('\\');
                continue;
            }
            _ => {
                return Err(eval.invalid(format_args!(
                    "invalid replacement string: '{template}' \\ must be followed by a digit or \\"
                )));
            }
        };
        if group > groups {
            return Err(eval.invalid(format_args!(
                "replacement string references group {group} but regex has only {groups} group(s)"
            )));
        }
        let captured = captures.get(group).map_or("", |m| m.as_str());
        eval.step(1 + captured.len() / 16)?;
        out.push_str(captured);
    }
    out.push_str(rest);
    Ok(())
}

fn extract<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::Str(pattern)] = args else { return no_overload() };
    let (regex, has_group) = compile_to_extract(eval, pattern, text)?;
    let found = regex.captures(text).and_then(|captures| extracted(&captures, has_group));
    Ok(V::Optional(found.map(|found| eval.arena().one(V::Str(found)))))
}

fn extract_all<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::Str(pattern)] = args else { return no_overload() };
    let (regex, has_group) = compile_to_extract(eval, pattern, text)?;
    let mut found = Vec::new();
    for captures in regex.captures_iter(text) {
        eval.step(1)?;
        found.extend(extracted(&captures, has_group).map(V::Str));
    }
    Ok(V::List(List::Built(eval.arena().slice(&found))))
}

/// The pattern, and whether it has a group.
fn compile_to_extract<'a>(
    eval: &Eval<'a, '_>,
    pattern: &str,
    text: &str,
) -> Result<(Regex, bool), EvalError<'a>> {
    let (regex, groups) = compile(eval, pattern, text)?;
    if groups > 1 {
        return Err(eval.invalid(format_args!(
            "regular expression has more than one capturing group: {pattern:?}"
        )));
    }
    Ok((regex, groups == 1))
}

/// What the group holds, if it holds anything; all of it without a group.
fn extracted<'t>(captures: &Captures<'t>, has_group: bool) -> Option<&'t str> {
    let found = captures.get(usize::from(has_group))?.as_str();
    (!has_group || !found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn replacements_name_groups_by_number() {
        for (expr, wanted) in [
            (r"regex.replace('foo bar', '(fo)o (ba)r', r'[\0]-\2-\10')", "\"[foo bar]-ba-fo0\""),
            (r"regex.replace('abc', '(a)|(b)|c', r'[\1\2]')", "\"[a][b][]\""),
            (r"regex.replace('ab', '(a){0}(b)', r'[\1|\2]')", "\"a[|b]\""),
            (r"regex.replace('foo', 'foo', r'\\z$0${1}')", "\"\\\\z$0${1}\""),
            (
                r"regex.replace('foo', 'foo', r'\1')",
                "error: replacement string references group 1 but regex has only 0 group(s)",
            ),
            (
                r"regex.replace('foo', 'foo', r'x\ay')",
                r"error: invalid replacement string: 'x\ay' \ must be followed by a digit or \",
            ),
            (
                r"regex.replace('foo', 'foo', 'a\\')",
                r"error: invalid replacement string: 'a\' \ not allowed at end",
            ),
            // What is not used is not looked at.
            (r"regex.replace('foo', 'x', r'\a')", "\"foo\""),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn a_negative_count_replaces_all_and_zero_does_not_even_read_the_pattern() {
        check_bare("regex.replace('aaa', 'a', 'b', 2)", "\"bba\"");
        check_bare("regex.replace('aaa', 'a', 'b', -2)", "\"bbb\"");
        check_bare("regex.replace('aaa', '(', 'b', 0)", "\"aaa\"");
        check_bare(
            "regex.replace('aaa', '(', 'b', 1)",
            "error: error parsing regexp: missing closing ): `(`",
        );
    }

    #[test]
    fn empty_matches_are_replaced_between_characters() {
        check_bare("regex.replace('é😀', '', '-')", "\"-é-😀-\"");
        check_bare("regex.replace('abc', 'b*', '-')", "\"-a-c-\"");
        check_bare("regex.extractAll('aab', 'a*')", "[\"aa\", \"\"]");
    }

    #[test]
    fn a_group_without_text_is_no_match() {
        for (expr, wanted) in [
            ("regex.extract('hello', 'l+')", "optional.of(\"ll\")"),
            ("regex.extract('hello', 'h(.)')", "optional.of(\"e\")"),
            ("regex.extract('hello', '(x*)hello')", "optional.none()"),
            ("regex.extract('hello', '')", "optional.of(\"\")"),
            ("regex.extract('hello', 'x')", "optional.none()"),
            ("regex.extractAll('abab', '(a)|b')", "[\"a\", \"a\"]"),
            (
                "regex.extract('x', '(\"a)(b)')",
                "error: regular expression has more than one capturing group: \"(\\\"a)(b)\"",
            ),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn the_first_argument_of_matches_is_read_at_load() {
        check_bare(
            "'a'.matches('(')",
            "compile: not a valid regular expression: missing closing ): `(`",
        );
        check_bare("'a'.matches('(' + '')", "error: error parsing regexp: missing closing ): `(`");
        check_bare("matches('a', '(')", "error: error parsing regexp: missing closing ): `(`");
        check_bare(
            "matches('(', 'a')",
            "compile: not a valid regular expression: missing closing ): `(`",
        );
    }

    #[test]
    fn compiling_is_paid_for() {
        let large = r"['\\pL{1000}\\pL{1000}'].exists(p, '1'.matches(p))";
        check_bare(large, "error: the expression takes too many steps");
    }
}

//! Random expressions, drawn from a grammar that is a table.

use std::collections::BTreeMap;

use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

/// How deep expressions nest.
const DEPTH: usize = 4;

/// Types, and the forms that give a value of each. `$int` is an expression of that type, `$int|s` one that may name the
/// local `s`; `@s` is the local; `~` marks a form that is rare. A failing expression is reduced to forms that come first.
#[rustfmt::skip]
const GRAMMAR: &[(&str, &[&str])] = &[
    ("bool", &[
        "true", "false", "R.attr.flag", "has(R.attr.owner)", "has(R.attr.missing)", "has(R.attr.nested.deep)",
        "'user' in P.roles", "dyn(true)",
        "!$bool", "($bool && $bool)", "($bool || $bool)", "($bool && $bool || !$bool && $bool)",
        "($bool ? $bool : $bool)", "($bool || $bool && $bool ? $bool : $bool ? $bool : $bool)",
        "($bool == $bool)", "($bool < $bool)",
        "($int < $int)", "($int >= $double)", "($uint <= $int)", "($double > $uint)", "($double <= $double)",
        "($int < $uint)", "($int == dyn($uint))", "(dyn($uint) != $int)", "($int >= dyn(-1))",
        "($int == $int)", "($uint != $uint)", "($double == $double)", "($int == $any)", "($any != $double)",
        "($string == $string)", "($string < $string)", "($bytes == $bytes)", "($bytes >= $bytes)",
        "($strings == $strings)", "($ints != $ints)", "($map == $map)",
        "($time < $time)", "($time == $time)", "($span >= $span)", "($span != $span)",
        "($any == $any)", "($any != null)", "($any < $any)", "($any in $any)",
        "($string in $strings)", "($int in $ints)", "($string in $map)", "!($any in $ints)",
        "$strings.exists(s, $bool|s)", "$strings.all(s, $bool|s)", "$strings.exists_one(s, $bool|s)",
        "$ints.exists(i, $bool|i)", "$ints.all(i, $bool|i)", "$ints.exists_one(i, $bool|i)",
        "$ints.exists(i, $any|i)", "$strings.all(s, $any|s)", "($any ? $bool : $bool)",
        "$map.exists(s, $bool|s)", "$map.all(s, $bool|s)",
        "$string.startsWith($string)", "$string.endsWith($string)", "$string.contains($string)",
        "$string.matches('^[a-z]+$')", "$string.matches('a|b')", "$string.matches($string)",
        r"~$string.matches('^\\w+')",
        "has($map.a)", "has($map.zz)", "has(dyn($map).b)",
        "bool($bool)", "bool('true')", "bool($string)", "~bool('T')",
        "(type($any) == type($any))", "(type($int) == int)",
        "optional.of($bool).orValue($bool)", "$map.?a.hasValue()", "R.attr.?missing.hasValue()",
        "R.attr.nothing.?x.hasValue()",
        "math.isNaN($double)", "math.isInf($double)",
    ]),
    ("int", &[
        "1", "0", "-1", "2", "7", "42", "0x1F", "9223372036854775807", "-9223372036854775808", "@i", "dyn(3)",
        "size($string)", "$strings.size()", "size($ints)", "size($map)", "size($bytes)",
        "($int + $int)", "($int - $int)", "($int * $int)", "($int / $int)", "($int % $int)", "($int + $int * $int)",
        "($int - $int - $int % $int)", "-($int)", "($bool ? $int : $int)", "($int + $any)",
        "int($int)", "int($uint)", "int($double)", "int('12')", "int($string)", "int($time)",
        
        "$ints[$int]", "$ints[0]", "$map['a']", "$map.b", "$map[$string]", "{1: 10, 2: 20}[$int]", "{1u: 5}[$int]",
        "{1: 3, 1: 4}[$int]", "~{null: 3}[null]", "~{1.5: 3}[1.5]",
        "$string.indexOf($string)", "$string.lastIndexOf($string)", "('a' + $string).indexOf('b', 0)",
        "~$string.indexOf('b', 9)",
        "$time.getFullYear()", "$time.getMonth()", "$time.getDate()", "$time.getDayOfMonth()", "$time.getDayOfWeek()",
        "$time.getDayOfYear()", "$time.getHours()", "$time.getMinutes()", "$time.getSeconds()",
        "$time.getMilliseconds('UTC')", "$time.getHours('Europe/Berlin')", "$time.getDate('America/New_York')",
        "$time.getMinutes('+05:30')", "$time.getDayOfWeek('-08:00')",
        "$span.getHours()", "$span.getMinutes()", "$span.getSeconds()", "~$span.getMilliseconds()",
        "$map.?a.orValue($int)", "$map[?$string].orValue($int)", "optional.of($int).value()",
        "$ints[?$int].orValue($int)",
        "math.abs($int)", "math.greatest($int, $int)", "math.least($ints)", "math.bitAnd($int, $int)",
    ]),
    ("uint", &[
        "1u", "0u", "3u", "18446744073709551615u",
        "($uint + $uint)", "($uint - $uint)", "($uint * $uint)", "($uint / $uint)", "($uint % $uint)",
        "($bool ? $uint : $uint)", "uint($int)", "uint(double($int))", "uint('7')", "uint($string)",
    ]),
    ("double", &[
        "1.0", "0.0", "-1.5", "2.5", ".5", "1e300", "R.attr.amount", "R.attr.size", "dyn(0.5)",
        "($double + $double)", "($double - $double)", "($double * $double)", "($double / $double)", "-($double)",
        "($bool ? $double : $double)", "double($int)", "double($uint)", "double('1.5')", "double($string)",
        "math.ceil($double)", "math.round($double)", "math.sqrt($double)", "math.sign($double)",
    ]),
    ("string", &[
        "'a'", "''", "'abc'", "'B'", "'Zürich'", "'a,b'", "' x '", "'12'", r"'\x41\u00e9\n\101'", r#"r"raw\n""#,
        "\"it's\"", "'''two\nlines'''", "R.attr.owner", "P.id", "R.attr.city", "@s", "dyn('b')",
        "($string + $string)", "($bool ? $string : $string)", "string($string)", "string($int)", "string($uint)",
        "string($bool)", "string($bytes)", "string($span)", "string($time)", "string(double($int % 100) / 8.0)",
        "~string(1e21)", "~string(1000000.0)", "~string(0.00001)",
        "$strings[$int]", "$strings[0]", "$string.charAt($int)", "$string.substring(1)", "$string.substring($int, $int)",
        "$string.lowerAscii()", "$string.upperAscii()", "$string.trim()", "$string.reverse()",
        "$string.replace($string, $string)", "$string.replace('a', 'b', $int)",
        "$strings.join()", "$strings.join($string)", "'%d-%s'.format([$int, $string])", "'%s'.format([$string])",
        "optional.of($string).orValue($string)", "base64.encode($bytes)",
    ]),
    ("bytes", &[
        "b'abc'", "b''", r"b'\xff'", "($bytes + $bytes)", "bytes($string)", "($bool ? $bytes : $bytes)",
    ]),
    ("strings", &[
        "['a', 'b']", "R.attr.tags", "P.roles", "['abc', '', 'Zürich']", "['a']",
        "[$string, $string]", "($strings + $strings)", "($bool ? $strings : $strings)",
        "$string.split(',')", "$string.split($string)", "$string.split('', $int)",
        "$strings.filter(s, $bool|s)", "$strings.map(s, $string|s)", "$strings.map(s, $bool|s, $string|s)",
        "$ints.map(i, $string|i)", "$strings.distinct()", "$strings.reverse()", "$strings.sort()",
        "$strings.slice(0, $int)", "[?optional.none(), $string]",
    ]),
    ("ints", &[
        "[1, 2, 3]", "[7]", "[0, -1]", "[$int, $int]", "($ints + $ints)", "($bool ? $ints : $ints)",
        "$ints.filter(i, $bool|i)", "$ints.map(i, $int|i)", "$strings.map(s, $int|s)", "$ints.map(i, $bool|i, $int|i)",
        "[$ints, $ints].map(l, size(l))", "$ints.distinct()", "$ints.reverse()", "$ints.sort()", "lists.range(3)",
        "[[$int], $ints].flatten()",
    ]),
    ("map", &[
        "{'a': 1, 'b': 2}", "{'b': 7}", "{'a': $int, 'b': $int}", "{$string: $int}", "{'a': 1, 'a': $int}",
        "($bool ? $map : $map)", "{?'a': optional.of($int), 'b': 2}",
    ]),
    ("time", &[
        "timestamp('2026-03-01T12:00:00Z')", "now()", "timestamp('0001-01-01T00:00:00Z')",
        "timestamp('9999-12-31T23:59:59Z')", "~timestamp(R.attr.created)", "~timestamp('2026-03-01t12:00:00z')", "~timestamp('2021-04-20T10:05:20.123-05:00')",
        "($time + $span)", "($span + $time)", "($time - $span)", "($bool ? $time : $time)", "timestamp($int)",
        "timestamp($time)", "timestamp(string($time))", "timestamp(R.attr.owner)",
    ]),
    ("span", &[
        "duration('1h')", "duration('-1.5s')", "duration('100ms')", "duration('0s')", "duration('1h30m')",
        "~duration('1µs')", "~duration('1h' + $string)",
        "($span + $span)", "($span - $span)", "($time - $time)", "($bool ? $span : $span)", "duration(string($span))",
        "duration(R.attr.owner)", "~-($span)",
    ]),
    ("any", &[
        "R.attr.owner", "R.attr.amount", "R.attr.missing", "R.attr.nothing", "R.attr.flag", "R.attr.tags",
        "R.attr.nested", "R.attr.nested.deep", "R.attr.owner.deep", "R.attr['size']", "R.attr.tags[1]", "R.attr.tags[9]",
        "R.attr.tags[1.0]", "null",
        "dyn($int)", "dyn($uint)", "dyn($double)", "dyn($string)", "dyn($strings)", "dyn($ints)", "dyn($map)",
        "dyn($bool)", "dyn($time)", "dyn($span)", "dyn($bytes)", "dyn([$any, $any])[$int]", "($any + $string)", "($any + $int)", "($any + $double)", "($any - $any)",
        "($any * $any)", "($any / $any)", "-($any)", "!$any", "($any && $any)", "($any || $any)", "($any ? $any : $any)",
        "$any[$any]", "$any.size()", "[$any, $int]", "{'k': $any}",
        "$any.exists(i, $bool|i)", "dyn($ints).map(i, $any|i)", "dyn($strings).filter(s, $bool|s)", "int($any)", "string($bool)",
        "double($any)", "size($any)", "$any.startsWith($string)", "$any.getHours()",
    ]),
];

/// By type and the locals that are bound.
type Forms = BTreeMap<(&'static str, &'static str), BoxedStrategy<String>>;

/// Expressions of all types.
pub(crate) fn expressions() -> impl Strategy<Value = String> {
    let mut forms = Forms::new();
    for _ in 0..=DEPTH {
        let mut deeper = Forms::new();
        for (kind, templates) in GRAMMAR {
            for locals in ["", "i", "s", "is"] {
                let usable = templates.iter().filter_map(|t| form(t, locals, &forms)).collect();
                deeper.insert((kind, locals), Union::new_weighted(usable).boxed());
            }
        }
        forms = deeper;
    }
    Union::new(GRAMMAR.iter().filter_map(|(kind, _)| forms.remove(&(*kind, ""))))
}

/// The strategy of one form and its weight; nothing where a local is not bound or the forms below are missing.
fn form(
    template: &'static str,
    locals: &'static str,
    below: &Forms,
) -> Option<(u32, BoxedStrategy<String>)> {
    if let Some(local) = template.strip_prefix('@') {
        return locals.contains(local).then(|| (40, Just(local.to_owned()).boxed()));
    }
    let (weight, template) = template.strip_prefix('~').map_or((10, template), |t| (1, t));
    let mut texts = template.split('$');
    let mut parts = vec![Just(texts.next()?.to_owned()).boxed()];
    for text in texts {
        let end = text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len());
        let (kind, rest) = text.split_at(end);
        let (bound, rest) = match (rest.strip_prefix("|i"), rest.strip_prefix("|s")) {
            (Some(rest), _) => ("i", rest),
            (_, Some(rest)) => ("s", rest),
            _ => ("", rest),
        };
        let inner = match (locals, bound) {
            ("i", "s") | ("s", "i") | ("is", _) => "is",
            ("", bound) => bound,
            (locals, _) => locals,
        };
        parts.extend([below.get(&(kind, inner))?.clone(), Just(rest.to_owned()).boxed()]);
    }
    Some((weight, parts.prop_map(|parts| parts.concat()).boxed()))
}

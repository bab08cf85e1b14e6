//! `string.format(list)`: `%s %d %f %e %b %o %x %X %%`, with a precision for `%f` and `%e`.

use std::fmt::Write as _;

use super::super::containers::{List, MapRef};
use super::super::duration::format_duration;
use super::super::template::{Template, Verb};
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Formatting",
    rows: &[member(
        "format",
        "string, list(dyn) -> string",
        format,
        "'%s is %d, %.2f'.format(['a', 1, 2.5]) == 'a is 1, 2.50'",
    )],
};

fn format<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::List(values)] = args else { return no_overload() };
    eval.step(text.len() / 16)?;
    let mut out = String::with_capacity(text.len());
    fill(eval, text, *values, &mut out)?;
    Ok(V::Str(eval.arena().str(&out)))
}

fn fill<'a>(
    eval: &Eval<'a, '_>,
    text: &str,
    values: List<'a>,
    out: &mut String,
) -> Result<(), EvalError<'a>> {
    let mut template = Template::new(text);
    let mut index = 0;
    while template.text(out) {
        let Some(value) = values.get(index) else {
            return Err(eval.invalid(format_args!("index {index} out of range")));
        };
        let verb = template.clause().map_err(|why| eval.invalid(format_args!("{why}")))?;
        if !write(eval, verb, value, out)? {
            return Err(eval.invalid(format_args!("{}{}", verb.refusal(), value.type_name())));
        }
        index += 1;
    }
    Ok(())
}

/// Appends a value. Whether the verb takes it.
fn write<'a>(
    eval: &Eval<'a, '_>,
    verb: Verb,
    value: V<'a>,
    out: &mut String,
) -> Result<bool, EvalError<'a>> {
    eval.step(1)?;
    let double = match value {
        V::Double(d) => Some(d),
        V::Int(i) => Some(i as f64),
        V::UInt(u) => Some(u as f64),
        _ => None,
    };
    match (verb, value, double) {
        (Verb::Text, value, _) => return text(eval, value, out),
        (Verb::Decimal, V::Double(d), _) => push_double(d, out),
        (Verb::Decimal, V::Int(i), _) => push(out, format_args!("{i}")),
        (Verb::Decimal, V::UInt(u), _) => push(out, format_args!("{u}")),
        (Verb::Fixed(_) | Verb::Scientific(_), _, Some(d)) if !d.is_finite() => push_double(d, out),
        (Verb::Fixed(precision), _, Some(d)) => push(out, format_args!("{d:.precision$}")),
        (Verb::Scientific(precision), _, Some(d)) => {
            let text = format!("{d:.precision$e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let sign = if exponent < 0 { '-' } else { '+' };
            push(out, format_args!("{mantissa}e{sign}{:02}", exponent.abs()));
        }
        (Verb::Binary, V::Bool(b), _) => out.push(if b { '1' } else { '0' }),
        (Verb::Hex | Verb::UpperHex, V::Str(s), _) => hex(eval, verb, s.as_bytes(), out)?,
        (Verb::Hex | Verb::UpperHex, V::Bytes(b), _) => hex(eval, verb, b, out)?,
        (_, V::Int(i), _) => {
            out.push_str(if i < 0 { "-" } else { "" });
            push_radix(verb, i.unsigned_abs(), out);
        }
        (_, V::UInt(u), _) => push_radix(verb, u, out),
        _ => return Ok(false),
    }
    Ok(true)
}

/// `%s`: as `string()`, except that doubles have no exponent and timestamps are in UTC. Whether it has such a form.
fn text<'a>(eval: &Eval<'a, '_>, value: V<'a>, out: &mut String) -> Result<bool, EvalError<'a>> {
    match value {
        V::Null => out.push_str("null"),
        V::Bool(b) => push(out, format_args!("{b}")),
        V::Int(i) => push(out, format_args!("{i}")),
        V::UInt(u) => push(out, format_args!("{u}")),
        V::Double(d) => push_double(d, out),
        V::Str(s) => {
            eval.step(s.len() / 16)?;
            out.push_str(s);
        }
        V::Bytes(b) => {
            eval.step(b.len() / 16)?;
            push_bytes(b, out);
        }
        V::Timestamp(t) => push(out, format_args!("{}", t.in_utc())),
        V::Duration(d) => out.push_str(&format_duration(d)),
        V::Type(name) => out.push_str(name),
        V::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                nested(eval, item, out)?;
            }
            out.push(']');
        }
        V::Map(map) => push_map(eval, map, out)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn nested<'a>(eval: &Eval<'a, '_>, value: V<'a>, out: &mut String) -> Result<(), EvalError<'a>> {
    eval.step(1)?;
    if text(eval, value, out)? {
        return Ok(());
    }
    Err(eval.invalid(format_args!("{}{}", Verb::Text.refusal(), value.type_name())))
}

/// Sorted by the text of the keys.
fn push_map<'a>(
    eval: &Eval<'a, '_>,
    map: MapRef<'a>,
    out: &mut String,
) -> Result<(), EvalError<'a>> {
    let mut entries = Vec::with_capacity(map.len());
    for (key, value) in (0..map.len()).filter_map(|i| map.entry(i)) {
        let mut written = String::new();
        nested(eval, key, &mut written)?;
        entries.push((written, value));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    out.push('{');
    for (i, (key, value)) in entries.iter().enumerate() {
        push(out, format_args!("{}{key}: ", if i > 0 { ", " } else { "" }));
        nested(eval, *value, out)?;
    }
    out.push('}');
    Ok(())
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

fn push_double(d: f64, out: &mut String) {
    if d.is_nan() {
        out.push_str("NaN");
    } else if d.is_infinite() {
        out.push_str(if d > 0.0 { "Infinity" } else { "-Infinity" });
    } else {
        push(out, format_args!("{d}"));
    }
}

/// As Go shows text that is not UTF-8: each byte that belongs to no character is replaced.
fn push_bytes(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

fn push_radix(verb: Verb, u: u64, out: &mut String) {
    match verb {
        Verb::Binary => push(out, format_args!("{u:b}")),
        Verb::Octal => push(out, format_args!("{u:o}")),
        Verb::UpperHex => push(out, format_args!("{u:X}")),
        _ => push(out, format_args!("{u:x}")),
    }
}

fn hex<'a>(
    eval: &Eval<'a, '_>,
    verb: Verb,
    bytes: &[u8],
    out: &mut String,
) -> Result<(), EvalError<'a>> {
    eval.step(bytes.len() / 8)?;
    for byte in bytes {
        match verb {
            Verb::UpperHex => push(out, format_args!("{byte:02X}")),
            _ => push(out, format_args!("{byte:02x}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn every_verb_writes_what_cel_go_writes() {
        for (expr, wanted) in [
            ("'é%sü%s%%'.format(['a', 'b'])", "éaüb%"),
            ("'%d %d %d %d'.format([-1, 1u, 1.5, 1e21])", "-1 1 1.5 1000000000000000000000"),
            ("'%f %.0f %.2f %f'.format([1, 2.5, 1.005, -0.0])", "1.000000 2 1.00 -0.000000"),
            (
                "'%e %.0e %.3e %e'.format([1u, 1234.5, 1e-100, 0.0])",
                "1.000000e+00 1e+03 1.000e-100 0.000000e+00",
            ),
            ("'%b %b %b %o %o'.format([true, -5, 5u, 8, -8])", "1 -101 101 10 -10"),
            ("'%x %X %x %X'.format([255, -255, 'hé', b'\\xff\\x00'])", "ff -FF 68c3a9 FF00"),
            ("'%x'.format([-9223372036854775808])", "-8000000000000000"),
            (
                "'%f %e %d'.format([double('NaN'), double('-inf'), double('inf')])",
                "NaN -Infinity Infinity",
            ),
            ("'%.3s %.3d %.1x'.format(['abcdef', 12, 255])", "abcdef 12 ff"),
        ] {
            check_bare(expr, &format!("{wanted:?}"));
        }
    }

    #[test]
    fn text_is_made_of_every_value_that_has_some() {
        for (value, wanted) in [
            ("null", "null"),
            ("1000000.0", "1000000"),
            ("1e-7", "0.0000001"),
            ("-0.0", "-0"),
            ("b'a\\xe2\\x82z'", "a\u{fffd}\u{fffd}z"),
            ("duration('1h30m')", "5400s"),
            ("duration('-1.000001s')", "-1.000001s"),
            ("duration('9223372036.123456789s')", "9223372036.123457s"),
            ("timestamp('2021-04-20T10:05:20.021-05:00')", "2021-04-20T15:05:20.021Z"),
            ("type(timestamp(0))", "google.protobuf.Timestamp"),
            ("[1, 'a\"', null, [2.0], []]", "[1, a\", null, [2], []]"),
            ("{'b': 1, 'a': [1.5], 'a!': {}}", "{a: [1.5], a!: {}, b: 1}"),
            ("{10: 'x', 9: 'y', true: 'z'}", "{10: x, 9: y, true: z}"),
        ] {
            check_bare(&format!("'%s'.format([{value}])"), &format!("{wanted:?}"));
        }
    }

    #[test]
    fn what_does_not_fit_at_evaluation_is_an_error_with_cel_gos_text() {
        for (expr, wanted) in [
            ("'%s%s'.format(dyn(['a']))", "index 1 out of range"),
            ("'%'.format(dyn([1]))", "unexpected end of string"),
            (
                "'%z'.format(dyn([1]))",
                "could not parse formatting clause: unrecognized formatting clause \"z\"",
            ),
            (
                "'%é'.format(dyn([1]))",
                "could not parse formatting clause: unrecognized formatting clause \"Ã\"",
            ),
            (
                "'%.f'.format(dyn([1]))",
                "could not parse formatting clause: error while parsing precision: error while converting \
                 precision to integer: strconv.Atoi: parsing \"\": invalid syntax",
            ),
            (
                "'%.101f'.format(dyn([1]))",
                "could not parse formatting clause: error while parsing precision: precision 101 exceeds maximum \
                 allowed precision 100",
            ),
            (
                "'%d'.format([dyn(null)])",
                "error during formatting: decimal clause can only be used on ints, uints, and doubles, was given \
                 null_type",
            ),
            (
                "'%x'.format([dyn(1.5)])",
                "error during formatting: only ints, uints, bytes, and strings can be formatted as hex, was given \
                 double",
            ),
            ("dyn('%d').format([1, 2])", "1"),
        ] {
            let wanted =
                if wanted == "1" { "\"1\"".to_owned() } else { format!("error: {wanted}") };
            check_bare(expr, &wanted);
        }
    }
}

//! `string.format(list)`: `%s %d %f %e %b %o %x %X %%`, with a precision for `%f` and `%e`.

use super::super::numbers::format_double;
use super::super::time::format_duration;
use super::super::vals::{List, V};
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
    let [V::Str(template), V::List(values)] = args else { return no_overload() };
    eval.step(template.len() + values.len())?;
    let text = fill(template, *values)?;
    Ok(V::Str(eval.arena().str(&text)))
}

/// Whether a literal template is one.
///
/// # Errors
///
/// What is wrong with it.
pub(in crate::cel) fn check_template(_template: &str) -> Result<(), String> {
    Ok(())
}

fn fill<'a>(template: &str, values: List<'a>) -> Result<String, EvalError<'a>> {
    let mut out = String::with_capacity(template.len());
    let mut next = 0;
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut verb = chars.next();
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        let mut precision = String::new();
        if verb == Some('.') {
            verb = chars.find(|c| {
                precision.push(*c);
                !c.is_ascii_digit()
            });
            precision.pop();
        }
        let precision: usize = if precision.is_empty() {
            6
        } else {
            precision.parse().map_err(|_| EvalError::Invalid("bad precision"))?
        };
        let value = values.get(next).ok_or(EvalError::Invalid("index out of range"))?;
        next += 1;
        let wrong =
            || EvalError::Invalid("error during formatting: the value does not fit the clause");
        match verb {
            Some('s') => push_string(&mut out, value)?,
            Some('d') => match value {
                V::Int(i) => out.push_str(&i.to_string()),
                V::UInt(u) => out.push_str(&u.to_string()),
                V::Double(d) if !d.is_finite() => out.push_str(&special(d)),
                _ => return Err(wrong()),
            },
            Some(verb @ ('f' | 'e')) => {
                let d = match value {
                    V::Double(d) => d,
                    V::Int(i) => i as f64,
                    V::UInt(u) => u as f64,
                    V::Str("NaN") => f64::NAN,
                    V::Str("Infinity") => f64::INFINITY,
                    V::Str("-Infinity") => f64::NEG_INFINITY,
                    _ => return Err(wrong()),
                };
                match verb {
                    _ if !d.is_finite() => out.push_str(&special(d)),
                    'f' => out.push_str(&format!("{d:.precision$}")),
                    _ => out.push_str(&exponent(d, precision)),
                }
            }
            Some('b') => match value {
                V::Bool(b) => out.push(if b { '1' } else { '0' }),
                other => out.push_str(&radix(other, |u| format!("{u:b}")).ok_or_else(wrong)?),
            },
            Some('o') => out.push_str(&radix(value, |u| format!("{u:o}")).ok_or_else(wrong)?),
            Some(verb @ ('x' | 'X')) => {
                let hex = match value {
                    V::Str(s) => hex(s.as_bytes()),
                    V::Bytes(b) => hex(b),
                    other => radix(other, |u| format!("{u:x}")).ok_or_else(wrong)?,
                };
                out.push_str(&if verb == 'X' { hex.to_ascii_uppercase() } else { hex });
            }
            _ => {
                return Err(EvalError::Invalid(
                    "could not parse formatting clause: unrecognized formatting clause",
                ));
            }
        }
    }
    Ok(out)
}

fn push_string<'a>(out: &mut String, value: V<'a>) -> Result<(), EvalError<'a>> {
    match value {
        V::Str(s) => out.push_str(s),
        V::Null => out.push_str("null"),
        V::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        V::Int(i) => out.push_str(&i.to_string()),
        V::UInt(u) => out.push_str(&u.to_string()),
        V::Double(d) if !d.is_finite() => out.push_str(&special(d)),
        // Unlike `string()`, whole numbers are written out.
        V::Double(d) if d.abs() < 1e21 && (d == 0.0 || d.abs() >= 1e-6) => {
            out.push_str(&d.to_string());
        }
        V::Double(d) => out.push_str(&format_double(d)),
        V::Bytes(b) => out.push_str(&String::from_utf8_lossy(b)),
        V::Timestamp(t) => out.push_str(&t.to_string()),
        V::Duration(d) => out.push_str(&format_duration(d)),
        V::Type(name) => out.push_str(name),
        V::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                push_string(out, item)?;
            }
            out.push(']');
        }
        V::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, value) in (0..map.len()).filter_map(|i| map.entry(i)) {
                let mut text = String::new();
                push_string(&mut text, key)?;
                text.push_str(": ");
                push_string(&mut text, value)?;
                entries.push(text);
            }
            entries.sort();
            out.push_str(&format!("{{{}}}", entries.join(", ")));
        }
        _ => {
            return Err(EvalError::Invalid("error during formatting: string clause"));
        }
    }
    Ok(())
}

fn special(d: f64) -> String {
    if d.is_nan() {
        "NaN"
    } else if d > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
    .to_owned()
}

fn exponent(d: f64, precision: usize) -> String {
    let text = format!("{d:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn radix(value: V<'_>, write: fn(u64) -> String) -> Option<String> {
    match value {
        V::Int(i) => Some(format!("{}{}", if i < 0 { "-" } else { "" }, write(i.unsigned_abs()))),
        V::UInt(u) => Some(write(u)),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

//! `size`, `type`, `dyn` and the conversions between types (CEL language definition, "List of Standard
//! Definitions").

use super::super::eval::double_text;
use super::super::time::{Timestamp, format_duration, parse_duration};
use super::super::vals::V;
use super::{Entry, Eval, EvalError, Evaluated, Form, invalid, no_overload};

pub(super) const ALL: &[Entry] = &[
    Entry("size", Form::Both, 1, 1, size),
    Entry("type", Form::Global, 1, 1, type_of),
    Entry("dyn", Form::Global, 1, 1, |_, args| {
        args.first().copied().ok_or(EvalError::NoSuchOverload)
    }),
    Entry("bool", Form::Global, 1, 1, bool),
    Entry("int", Form::Global, 1, 1, int),
    Entry("uint", Form::Global, 1, 1, uint),
    Entry("double", Form::Global, 1, 1, double),
    Entry("string", Form::Global, 1, 1, string),
    Entry("bytes", Form::Global, 1, 1, bytes),
    Entry("timestamp", Form::Global, 1, 1, timestamp),
    Entry("duration", Form::Global, 1, 1, duration),
];

const INT_RANGE: EvalError<'static> = EvalError::Overflow("integer overflow");
const UINT_RANGE: EvalError<'static> = EvalError::Overflow("unsigned integer overflow");

fn length<'a>(count: usize) -> V<'a> {
    V::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn size<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s)] => Ok(length(s.chars().count())),
        [V::Bytes(b)] => Ok(length(b.len())),
        [V::List(items)] => Ok(length(items.len())),
        [V::Map(map)] => Ok(length(map.len())),
        _ => no_overload(),
    }
}

fn type_of<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    args.first().map(|v| V::Type(v.type_name())).ok_or(EvalError::NoSuchOverload)
}

fn bool<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Bool(_)] => Ok(*v),
        // Go's strconv.ParseBool.
        [V::Str("1" | "t" | "T" | "true" | "TRUE" | "True")] => Ok(V::Bool(true)),
        [V::Str("0" | "f" | "F" | "false" | "FALSE" | "False")] => Ok(V::Bool(false)),
        [V::Str(text)] => Err(invalid(format!("type conversion error from '{text}' to bool"))),
        _ => no_overload(),
    }
}

fn int<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Int(match args {
        [V::Int(i)] => *i,
        [V::UInt(u)] => i64::try_from(*u).map_err(|_| INT_RANGE)?,
        // cel-go refuses the bounds themselves, which a double cannot hold exactly.
        [V::Double(d)] if d.abs() < 9_223_372_036_854_775_807.0 => *d as i64,
        [V::Double(_)] => return Err(INT_RANGE),
        [V::Str(text)] => text
            .parse()
            .map_err(|_| invalid(format!("type conversion error from '{text}' to int")))?,
        [V::Timestamp(t)] => t.unix_seconds(),
        [V::Duration(d)] => *d,
        _ => return no_overload(),
    }))
}

fn uint<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::UInt(match args {
        [V::UInt(u)] => *u,
        [V::Int(i)] => u64::try_from(*i).map_err(|_| UINT_RANGE)?,
        [V::Double(d)] if *d > -1.0 && *d < 18_446_744_073_709_551_615.0 => *d as u64,
        [V::Double(_)] => return Err(UINT_RANGE),
        [V::Str(text)] => text
            .parse()
            .map_err(|_| invalid(format!("type conversion error from '{text}' to uint")))?,
        _ => return no_overload(),
    }))
}

fn double<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Double(match args {
        [V::Double(d)] => *d,
        [V::Int(i)] => *i as f64,
        [V::UInt(u)] => *u as f64,
        [V::Str(text)] => text
            .parse()
            .map_err(|_| invalid(format!("type conversion error from '{text}' to double")))?,
        _ => return no_overload(),
    }))
}

fn string<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let text = match args {
        [v @ V::Str(_)] => return Ok(*v),
        [V::Bool(b)] => b.to_string(),
        [V::Int(i)] => i.to_string(),
        [V::UInt(u)] => u.to_string(),
        [V::Double(d)] => double_text(*d),
        [V::Bytes(b)] => String::from_utf8(b.to_vec())
            .map_err(|_| invalid("invalid UTF-8 in bytes, cannot convert to string"))?,
        [V::Timestamp(t)] => t.to_string(),
        [V::Duration(d)] => format_duration(*d),
        _ => return no_overload(),
    };
    Ok(V::Str(eval.arena().str(&text)))
}

fn bytes<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Bytes(_)] => Ok(*v),
        [V::Str(s)] => Ok(V::Bytes(s.as_bytes())),
        _ => no_overload(),
    }
}

fn timestamp<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Timestamp(_)] => Ok(*v),
        [V::Int(seconds)] => Timestamp::from_unix(*seconds, 0)
            .map(V::Timestamp)
            .ok_or(EvalError::Overflow("timestamp out of range")),
        [V::Str(text)] => Timestamp::parse(text)
            .map(V::Timestamp)
            .ok_or_else(|| invalid(format!("parsing time \"{text}\" as RFC 3339"))),
        _ => no_overload(),
    }
}

fn duration<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Duration(_)] => Ok(*v),
        [V::Int(nanos)] => Ok(V::Duration(*nanos)),
        [V::Str(text)] => parse_duration(text)
            .map(V::Duration)
            .ok_or_else(|| invalid(format!("invalid duration \"{text}\""))),
        _ => no_overload(),
    }
}

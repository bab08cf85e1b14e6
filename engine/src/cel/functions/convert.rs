//! `size`, `type`, `dyn` and the conversions between types (CEL language definition, "List of Standard
//! Definitions").

use super::super::numbers::format_double;
use super::super::time::{Timestamp, format_duration, parse_duration};
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Values and conversions",
    rows: &[
        global("size", "string -> int", size, "size('naïve') == 5"),
        global("size", "bytes -> int", size, "size(b'ï') == 2"),
        global("size", "list(A) -> int", size, "size([1, 2]) == 2"),
        global("size", "map(A, B) -> int", size, "size({'a': 1}) == 1"),
        member("size", "string -> int", size, "'naïve'.size() == 5"),
        member("size", "bytes -> int", size, "b'ï'.size() == 2"),
        member("size", "list(A) -> int", size, "[1, 2].size() == 2"),
        member("size", "map(A, B) -> int", size, "{'a': 1}.size() == 1"),
        global("type", "A -> type", type_of, "type(1) == int"),
        global("dyn", "A -> dyn", same, "dyn(1) == 1.0"),
        global("bool", "bool -> bool", bool, "bool(true)"),
        global("bool", "string -> bool", bool, "bool('true')"),
        global("int", "int -> int", int, "int(1) == 1"),
        global("int", "uint -> int", int, "int(1u) == 1"),
        global("int", "double -> int", int, "int(-1.9) == -1"),
        global("int", "string -> int", int, "int('-1') == -1"),
        global("int", "timestamp -> int", int, "int(timestamp('1970-01-01T00:01:00Z')) == 60"),
        global("int", "duration -> int", int, "int(duration('1us')) == 1000"),
        global("uint", "uint -> uint", uint, "uint(1u) == 1u"),
        global("uint", "int -> uint", uint, "uint(1) == 1u"),
        global("uint", "double -> uint", uint, "uint(1.9) == 1u"),
        global("uint", "string -> uint", uint, "uint('1') == 1u"),
        global("double", "double -> double", double, "double(1.5) == 1.5"),
        global("double", "int -> double", double, "double(1) == 1.0"),
        global("double", "uint -> double", double, "double(1u) == 1.0"),
        global("double", "string -> double", double, "double('1.5') == 1.5"),
        global("string", "string -> string", string, "string('a') == 'a'"),
        global("string", "bool -> string", string, "string(true) == 'true'"),
        global("string", "int -> string", string, "string(-1) == '-1'"),
        global("string", "uint -> string", string, "string(1u) == '1'"),
        global("string", "double -> string", string, "string(1000000.0) == '1e+06'"),
        global("string", "bytes -> string", string, "string(b'a') == 'a'"),
        global(
            "string",
            "timestamp -> string",
            string,
            "string(timestamp('2021-04-20T10:05:20-05:00')) == '2021-04-20T10:05:20-05:00'",
        ),
        global("string", "duration -> string", string, "string(duration('1h')) == '3600s'"),
        global("string", "ip -> string", string, "string(ip('0::1')) == '::1'"),
        global("string", "cidr -> string", string, "string(cidr('10.1.2.3/8')) == '10.1.2.3/8'"),
        global("bytes", "bytes -> bytes", bytes, "bytes(b'a') == b'a'"),
        global("bytes", "string -> bytes", bytes, "bytes('ï') == b'ï'"),
        global(
            "timestamp",
            "timestamp -> timestamp",
            timestamp,
            "timestamp(timestamp(0)) == timestamp(0)",
        ),
        global(
            "timestamp",
            "string -> timestamp",
            timestamp,
            "timestamp('1970-01-01T00:01:00Z') == timestamp(60)",
        ),
        global("timestamp", "int -> timestamp", timestamp, "timestamp(60).getMinutes() == 1"),
        global(
            "duration",
            "duration -> duration",
            duration,
            "duration(duration('1s')) == duration('1s')",
        ),
        global(
            "duration",
            "string -> duration",
            duration,
            "duration('1h30m') == duration('5400s')",
        ),
        global("duration", "int -> duration", duration, "duration(1000000000) == duration('1s')"),
    ],
};

const INT_RANGE: EvalError<'static> = EvalError::Invalid("integer overflow");
const UINT_RANGE: EvalError<'static> = EvalError::Invalid("unsigned integer overflow");

/// Names types, not values: attributes stay out of logs.
fn no_conversion<'a>(to: &str) -> EvalError<'a> {
    EvalError::Invalid(match to {
        "bool" => "type conversion error from 'string' to 'bool'",
        "int" => "type conversion error from 'string' to 'int'",
        "uint" => "type conversion error from 'string' to 'uint'",
        _ => "type conversion error from 'string' to 'double'",
    })
}

fn same<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    args.first().copied().ok_or(EvalError::NoSuchOverload)
}

fn length<'a>(count: usize) -> V<'a> {
    V::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) fn size<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s)] => Ok(length(s.chars().count())),
        [V::Bytes(b)] => Ok(length(b.len())),
        [V::List(items) | V::Hierarchy(items)] => Ok(length(items.len())),
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
        [V::Str(_)] => Err(no_conversion("bool")),
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
        [V::Str(text)] => text.parse().map_err(|_| no_conversion("int"))?,
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
        [V::Str(text)] => text.parse().map_err(|_| no_conversion("uint"))?,
        _ => return no_overload(),
    }))
}

fn double<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Double(match args {
        [V::Double(d)] => *d,
        [V::Int(i)] => *i as f64,
        [V::UInt(u)] => *u as f64,
        [V::Str(text)] => text.parse().map_err(|_| no_conversion("double"))?,
        _ => return no_overload(),
    }))
}

fn string<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let text = match args {
        [v @ V::Str(_)] => return Ok(*v),
        [V::Bool(b)] => b.to_string(),
        [V::Int(i)] => i.to_string(),
        [V::UInt(u)] => u.to_string(),
        [V::Double(d)] => format_double(*d),
        [V::Bytes(b)] => {
            return std::str::from_utf8(b).map(V::Str).map_err(|_| {
                EvalError::Invalid("invalid UTF-8 in bytes, cannot convert to string")
            });
        }
        [V::Timestamp(t)] => t.to_string(),
        [V::Duration(d)] => format_duration(*d),
        [V::Ip(ip)] => ip.to_string(),
        [V::Cidr(ip, bits)] => format!("{ip}/{bits}"),
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

fn timestamp<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Timestamp(_)] => Ok(*v),
        [V::Int(seconds)] => Timestamp::from_unix(*seconds, 0)
            .map(V::Timestamp)
            .ok_or(EvalError::Invalid("timestamp overflow")),
        [V::Str(text)] => Timestamp::parse(text)
            .map(V::Timestamp)
            .ok_or_else(|| eval.invalid(format_args!("parsing time \"{text}\" as RFC 3339"))),
        _ => no_overload(),
    }
}

fn duration<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Duration(_)] => Ok(*v),
        [V::Int(nanos)] => Ok(V::Duration(*nanos)),
        [V::Str(text)] => parse_duration(text)
            .map(V::Duration)
            .ok_or_else(|| eval.invalid(format_args!("time: invalid duration \"{text}\""))),
        _ => no_overload(),
    }
}

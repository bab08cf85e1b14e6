//! `size`, `type`, `dyn` and the conversions between types (CEL language definition, "List of Standard
//! Definitions").

use super::super::duration::{format_duration, parse_duration};
use super::super::numbers::{format_double, parse_double};
use super::super::quoted::Quoted;
use super::super::time::{Timestamp, Unreadable};
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Values and conversions",
    rows: &[
        global("size", "string -> int", size, "size('naïve') == 5").by_receiver(),
        global("size", "bytes -> int", size, "size(b'ï') == 2").by_receiver(),
        global("size", "list(A) -> int", size, "size([1, 2]) == 2").by_receiver(),
        global("size", "map(A, B) -> int", size, "size({'a': 1}) == 1").by_receiver(),
        member("size", "string -> int", size, "'naïve'.size() == 5").by_receiver(),
        member("size", "bytes -> int", size, "b'ï'.size() == 2").by_receiver(),
        member("size", "list(A) -> int", size, "[1, 2].size() == 2").by_receiver(),
        member("size", "map(A, B) -> int", size, "{'a': 1}.size() == 1").by_receiver(),
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
    ],
};

const INT_RANGE: EvalError<'static> = EvalError::Invalid("integer overflow");
const UINT_RANGE: EvalError<'static> = EvalError::Invalid("unsigned integer overflow");

/// Names types, not values: attributes stay out of logs.
const NO_BOOL: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'bool'");
const NO_INT: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'int'");
const NO_UINT: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'uint'");
const NO_DOUBLE: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'double'");
const NO_DURATION: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'google.protobuf.Duration'");
const NO_TIMESTAMP: EvalError<'static> =
    EvalError::Invalid("type conversion error from 'string' to 'google.protobuf.Timestamp'");
const TIMESTAMP_RANGE: EvalError<'static> = EvalError::Invalid("timestamp overflow");

fn same<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    args.first().copied().ok_or(EvalError::NoSuchOverload)
}

fn length<'a>(count: usize) -> V<'a> {
    V::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) fn size<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s)] => {
            eval.step(s.len() / 64)?;
            Ok(length(s.chars().count()))
        }
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
        [V::Str(_)] => Err(NO_BOOL),
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
        [V::Str(text)] => text.parse().map_err(|_| NO_INT)?,
        [V::Timestamp(t)] => t.unix_seconds(),
        [V::Duration(d)] => *d,
        _ => return no_overload(),
    }))
}

fn uint<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::UInt(match args {
        [V::UInt(u)] => *u,
        [V::Int(i)] => u64::try_from(*i).map_err(|_| UINT_RANGE)?,
        [V::Double(d)] if (0.0..18_446_744_073_709_551_615.0).contains(d) => *d as u64,
        [V::Double(_)] => return Err(UINT_RANGE),
        // Unlike `int`, without a sign.
        [V::Str(text)] if !text.starts_with('+') => text.parse().map_err(|_| NO_UINT)?,
        [V::Str(_)] => return Err(NO_UINT),
        _ => return no_overload(),
    }))
}

fn double<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Double(match args {
        [V::Double(d)] => *d,
        [V::Int(i)] => *i as f64,
        [V::UInt(u)] => *u as f64,
        [V::Str(text)] => {
            eval.step(text.len() / 16)?;
            parse_double(text).ok_or(NO_DOUBLE)?
        }
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

pub(in crate::cel) fn timestamp<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Timestamp(_)] => Ok(*v),
        [V::Int(seconds)] => {
            Timestamp::from_unix(*seconds, 0).map(V::Timestamp).ok_or(TIMESTAMP_RANGE)
        }
        [V::Str(text)] => match Timestamp::read(text) {
            Ok(timestamp) => Ok(V::Timestamp(timestamp)),
            Err(Unreadable::Range) => Err(TIMESTAMP_RANGE),
            Err(Unreadable::Value) => Err(NO_TIMESTAMP),
            Err(Unreadable::Form) => {
                Err(eval.invalid(format_args!("invalid RFC 3339 timestamp {}", Quoted(text))))
            }
        },
        _ => no_overload(),
    }
}

fn duration<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v @ V::Duration(_)] => Ok(*v),
        [V::Str(text)] => parse_duration(text).map(V::Duration).ok_or(NO_DURATION),
        _ => no_overload(),
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn integers_are_read_in_plain_decimal() {
        check_bare("int('+1') + int('-0') + int('010')", "11");
        check_bare("int('-9223372036854775808')", "-9223372036854775808");
        for text in ["", " 1", "1 ", "0x10", "1_000", "1.0", "1e3", "9223372036854775808", "٣"] {
            let error = "error: type conversion error from 'string' to 'int'";
            check_bare(&format!("int('{text}')"), error);
        }
        check_bare("uint('18446744073709551615')", "18446744073709551615u");
        for text in ["", "+1", "-0", "-1", "1u", "0x1", "18446744073709551616"] {
            let error = "error: type conversion error from 'string' to 'uint'";
            check_bare(&format!("uint('{text}')"), error);
        }
    }

    #[test]
    fn doubles_lose_their_fraction_and_keep_the_range() {
        check_bare("[int(-1.9), int(1.9), int(-0.9)]", "[-1, 1, 0]");
        check_bare("int(9223372036854774784.0)", "9223372036854774784");
        for d in ["9223372036854775807.0", "-9223372036854775808.0", "double('NaN')", "1.0 / 0.0"] {
            check_bare(&format!("int({d})"), "error: integer overflow");
        }
        check_bare("[uint(-0.0), uint(1.9)]", "[0u, 1u]");
        for d in ["-0.5", "-1", "18446744073709551615.0", "double('NaN')", "-1.0 / 0.0"] {
            check_bare(&format!("uint({d})"), "error: unsigned integer overflow");
        }
        check_bare("int(9223372036854775808u)", "error: integer overflow");
    }

    #[test]
    fn booleans_are_read_as_go_reads_them() {
        check_bare("bool('t') && bool('1') && bool('True') && !bool('F')", "true");
        for text in ["", "tRUE", "yes", " true"] {
            let error = "error: type conversion error from 'string' to 'bool'";
            check_bare(&format!("bool('{text}')"), error);
        }
    }

    #[test]
    fn text_of_numbers_and_times() {
        check_bare("string(-0.0) + string(1.0 / 0.0) + string(1e21)", "\"-0+Inf1e+21\"");
        check_bare("string(123456789.0)", "\"1.23456789e+08\"");
        check_bare(
            "string(timestamp('2021-04-20T10:05:20.5-00:00'))",
            "\"2021-04-20T10:05:20.5Z\"",
        );
        check_bare("string(duration('-1ns'))", "\"-0.000000001s\"");
        let error = "error: invalid UTF-8 in bytes, cannot convert to string";
        check_bare("string(b'\\xed\\xa0\\x80')", error);
    }

    #[test]
    fn timestamps_are_refused_by_shape_calendar_or_range() {
        for text in ["", "x", "10000-01-01T00:00:00Z", "2021-13-01T00:00:00Z", "2021-01-01"] {
            let error = format!("error: invalid RFC 3339 timestamp \"{text}\"");
            check_bare(&format!("timestamp(dyn('{text}'))"), &error);
        }
        check_bare(
            r#"timestamp(dyn('a\t"\u0001\u00ad\U0001F600\''))"#,
            "error: invalid RFC 3339 timestamp \"a\\t\\\"\\x01\\u00ad😀'\"",
        );
        for text in ["2021-02-29T00:00:00Z", "2016-12-31T23:59:60Z", "2021-01-01t00:00:00z"] {
            let error = "error: type conversion error from 'string' to 'google.protobuf.Timestamp'";
            check_bare(&format!("timestamp(dyn('{text}'))"), error);
        }
        for text in ["0000-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00"] {
            check_bare(&format!("timestamp(dyn('{text}'))"), "error: timestamp overflow");
        }
        check_bare("timestamp(dyn(253402300799)) == timestamp('9999-12-31T23:59:59Z')", "true");
        check_bare("timestamp(dyn(253402300800))", "error: timestamp overflow");
        check_bare("timestamp(dyn(-62135596801))", "error: timestamp overflow");
    }

    #[test]
    fn durations_are_read_from_text_only() {
        let error = "error: type conversion error from 'string' to 'google.protobuf.Duration'";
        check_bare("duration(dyn('1d'))", error);
        check_bare("duration(dyn('9223372036854775808ns'))", error);
        check_bare("duration(dyn('-9223372036854775808ns'))", "duration(\"-9223372036.854776s\")");
        check_bare("duration(dyn(1))", "error: no such overload: duration(int)");
    }

    #[test]
    fn every_value_has_a_type() {
        check_bare("type(null) == null_type && type(type(1)) == type", "true");
        check_bare("type(optional.none()) == optional_type && type([1]) == list", "true");
        check_bare("type(timestamp(0)) == google.protobuf.Timestamp", "true");
        check_bare("type(1) == type(1.0) || dyn(int) == 'int'", "false");
    }
}

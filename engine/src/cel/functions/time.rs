//! Parts of timestamps and durations, in UTC unless a zone is named (rule T3), and `timeSince`.

use super::super::time::Part;
use super::super::vals::V;
use super::{Entry, Eval, EvalError, Evaluated, Form, invalid, no_overload};

pub(super) const ALL: &[Entry] = &[
    Entry("getFullYear", Form::Member, 1, 2, |_, args| part(args, Part::FullYear)),
    Entry("getMonth", Form::Member, 1, 2, |_, args| part(args, Part::Month)),
    Entry("getDate", Form::Member, 1, 2, |_, args| part(args, Part::Date)),
    Entry("getDayOfMonth", Form::Member, 1, 2, |_, args| part(args, Part::DayOfMonth)),
    Entry("getDayOfWeek", Form::Member, 1, 2, |_, args| part(args, Part::DayOfWeek)),
    Entry("getDayOfYear", Form::Member, 1, 2, |_, args| part(args, Part::DayOfYear)),
    Entry("getHours", Form::Member, 1, 2, |_, args| {
        part_or_total(args, Part::Hours, 3_600_000_000_000)
    }),
    Entry("getMinutes", Form::Member, 1, 2, |_, args| {
        part_or_total(args, Part::Minutes, 60_000_000_000)
    }),
    Entry("getSeconds", Form::Member, 1, 2, |_, args| {
        part_or_total(args, Part::Seconds, 1_000_000_000)
    }),
    Entry("getMilliseconds", Form::Member, 1, 2, |_, args| {
        part_or_total(args, Part::Milliseconds, 1_000_000)
    }),
    Entry("timeSince", Form::Both, 1, 1, time_since),
];

fn part<'a>(args: &[V<'a>], part: Part) -> Evaluated<'a> {
    let (timestamp, zone) = match args {
        [V::Timestamp(t)] => (t, None),
        [V::Timestamp(t), V::Str(zone)] => (t, Some(*zone)),
        _ => return no_overload(),
    };
    timestamp
        .part(part, zone)
        .map(V::Int)
        .ok_or_else(|| invalid(format!("unknown time zone {}", zone.unwrap_or_default())))
}

/// Of a duration, these are the whole duration in that unit.
fn part_or_total<'a>(args: &[V<'a>], of: Part, unit: i64) -> Evaluated<'a> {
    match args {
        [V::Duration(nanos)] => Ok(V::Int(nanos / unit)),
        _ => part(args, of),
    }
}

fn time_since<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Timestamp(t)] => eval
            .activation
            .now
            .nanos_since(*t)
            .map(V::Duration)
            .ok_or(EvalError::Overflow("duration out of range")),
        _ => no_overload(),
    }
}

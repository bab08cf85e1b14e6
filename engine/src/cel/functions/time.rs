//! Parts of timestamps and durations, in UTC unless a zone is named (rule T3), `now` and `timeSince`.

use super::super::time::Part;
use super::super::vals::V;
use super::{Eval, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Time",
    rows: &[
        member(
            "getFullYear",
            "timestamp -> int",
            full_year,
            "timestamp('2021-04-20T10:05:20.005Z').getFullYear() == 2021",
        ),
        member(
            "getFullYear",
            "timestamp, string -> int",
            full_year,
            "timestamp('2021-04-20T10:05:20.005Z').getFullYear('Europe/Paris') == 2021",
        ),
        member(
            "getMonth",
            "timestamp -> int",
            month,
            "timestamp('2021-04-20T10:05:20.005Z').getMonth() == 3",
        ),
        member(
            "getMonth",
            "timestamp, string -> int",
            month,
            "timestamp('2021-04-20T10:05:20.005Z').getMonth('Europe/Paris') == 3",
        ),
        member(
            "getDate",
            "timestamp -> int",
            date,
            "timestamp('2021-04-20T10:05:20.005Z').getDate() == 20",
        ),
        member(
            "getDate",
            "timestamp, string -> int",
            date,
            "timestamp('2021-04-20T10:05:20.005Z').getDate('Europe/Paris') == 20",
        ),
        member(
            "getDayOfMonth",
            "timestamp -> int",
            day_of_month,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfMonth() == 19",
        ),
        member(
            "getDayOfMonth",
            "timestamp, string -> int",
            day_of_month,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfMonth('Europe/Paris') == 19",
        ),
        member(
            "getDayOfWeek",
            "timestamp -> int",
            day_of_week,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfWeek() == 2",
        ),
        member(
            "getDayOfWeek",
            "timestamp, string -> int",
            day_of_week,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfWeek('Europe/Paris') == 2",
        ),
        member(
            "getDayOfYear",
            "timestamp -> int",
            day_of_year,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfYear() == 109",
        ),
        member(
            "getDayOfYear",
            "timestamp, string -> int",
            day_of_year,
            "timestamp('2021-04-20T10:05:20.005Z').getDayOfYear('Europe/Paris') == 109",
        ),
        member(
            "getHours",
            "timestamp -> int",
            hours,
            "timestamp('2021-04-20T10:05:20.005Z').getHours() == 10",
        ),
        member(
            "getHours",
            "timestamp, string -> int",
            hours,
            "timestamp('2021-04-20T10:05:20.005Z').getHours('Europe/Paris') == 12",
        ),
        member(
            "getMinutes",
            "timestamp -> int",
            minutes,
            "timestamp('2021-04-20T10:05:20.005Z').getMinutes() == 5",
        ),
        member(
            "getMinutes",
            "timestamp, string -> int",
            minutes,
            "timestamp('2021-04-20T10:05:20.005Z').getMinutes('Europe/Paris') == 5",
        ),
        member(
            "getSeconds",
            "timestamp -> int",
            seconds,
            "timestamp('2021-04-20T10:05:20.005Z').getSeconds() == 20",
        ),
        member(
            "getSeconds",
            "timestamp, string -> int",
            seconds,
            "timestamp('2021-04-20T10:05:20.005Z').getSeconds('Europe/Paris') == 20",
        ),
        member(
            "getMilliseconds",
            "timestamp -> int",
            milliseconds,
            "timestamp('2021-04-20T10:05:20.005Z').getMilliseconds() == 5",
        ),
        member(
            "getMilliseconds",
            "timestamp, string -> int",
            milliseconds,
            "timestamp('2021-04-20T10:05:20.005Z').getMilliseconds('Europe/Paris') == 5",
        ),
        member("getHours", "duration -> int", hours, "duration('1h30m').getHours() == 1"),
        member("getMinutes", "duration -> int", minutes, "duration('1h30m').getMinutes() == 90"),
        member("getSeconds", "duration -> int", seconds, "duration('1h30m').getSeconds() == 5400"),
        member(
            "getMilliseconds",
            "duration -> int",
            milliseconds,
            "duration('1h30m').getMilliseconds() == 5400000",
        ),
        global("now", "-> timestamp", now, "now() == now()").impure(),
        global(
            "timeSince",
            "timestamp -> duration",
            time_since,
            "timeSince(now()) == duration('0s')",
        )
        .by_function()
        .impure(),
        member(
            "timeSince",
            "timestamp -> duration",
            time_since,
            "now().timeSince() == duration('0s')",
        )
        .by_function()
        .impure(),
    ],
};

fn full_year<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::FullYear)
}

fn month<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::Month)
}

fn date<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::Date)
}

fn day_of_month<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::DayOfMonth)
}

fn day_of_week<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::DayOfWeek)
}

fn day_of_year<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part(eval, args, Part::DayOfYear)
}

fn hours<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part_or_total(eval, args, Part::Hours, 3_600_000_000_000)
}

fn minutes<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part_or_total(eval, args, Part::Minutes, 60_000_000_000)
}

fn seconds<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part_or_total(eval, args, Part::Seconds, 1_000_000_000)
}

fn milliseconds<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    part_or_total(eval, args, Part::Milliseconds, 1_000_000)
}

fn part<'a>(eval: &Eval<'a, '_>, args: &[V<'a>], part: Part) -> Evaluated<'a> {
    let (timestamp, zone) = match args {
        [V::Timestamp(t)] => (t, None),
        [V::Timestamp(t), V::Str(zone)] => (t, Some(*zone)),
        _ => return no_overload(),
    };
    timestamp.part(part, zone).map(V::Int).map_err(|why| eval.invalid(format_args!("{why}")))
}

/// Of a duration, these are the whole duration in that unit.
fn part_or_total<'a>(eval: &Eval<'a, '_>, args: &[V<'a>], of: Part, unit: i64) -> Evaluated<'a> {
    match args {
        [V::Duration(nanos)] if matches!(of, Part::Milliseconds) => Ok(V::Int(nanos / unit)),
        // Through a double, as Go does it, which may round up (rule T5).
        [V::Duration(nanos)] => {
            let total = (nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64;
            Ok(V::Int(total as i64))
        }
        _ => part(eval, args, of),
    }
}

fn now<'a>(eval: &mut Eval<'a, '_>, _: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Timestamp(eval.activation.now()))
}

fn time_since<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Timestamp(t)] => {
            let now = eval.activation.now();
            // Unlike `-`, it is as long as a duration can be at most.
            let longest = if now < *t { i64::MIN } else { i64::MAX };
            Ok(V::Duration(now.nanos_since(*t).unwrap_or(longest)))
        }
        _ => no_overload(),
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn of_a_duration_the_parts_are_totals_without_their_fraction() {
        for (expr, wanted) in [
            ("duration('1h59m59s').getHours()", "1"),
            ("duration('-1h59m').getHours()", "-1"),
            ("duration('-1.9s').getSeconds()", "-1"),
            ("duration('1h2m3.456s').getMilliseconds()", "3723456"),
            ("duration('-1.4567s').getMilliseconds()", "-1456"),
            ("timestamp('1969-12-31T23:59:59.9999Z').getMilliseconds()", "999"),
            ("int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn time_that_has_passed_is_as_long_as_a_duration_can_be() {
        check_bare(
            "[timestamp(-62135596800)].map(t, int(timeSince(t)))",
            &format!("[{}]", i64::MAX),
        );
        check_bare("int(timestamp('9999-12-31T00:00:00Z').timeSince())", &i64::MIN.to_string());
    }

    #[test]
    fn text_that_is_no_time_is_refused_in_cel_gos_words() {
        let no_timestamp =
            "error: type conversion error from 'string' to 'google.protobuf.Timestamp'";
        let no_duration =
            "error: type conversion error from 'string' to 'google.protobuf.Duration'";
        for (expr, wanted) in [
            ("timestamp(dyn('x'))", "error: invalid RFC 3339 timestamp \"x\""),
            ("timestamp(dyn('2021-02-29T10:05:20Z'))", no_timestamp),
            ("timestamp(dyn('0000-12-31T23:59:59Z'))", "error: timestamp overflow"),
            ("timestamp(dyn(253402300800))", "error: timestamp overflow"),
            ("timestamp(253402300800)", "compile: a timestamp is in the years 1 to 9999"),
            ("timestamp(-62135596801)", "compile: a timestamp is in the years 1 to 9999"),
            ("duration(dyn('1d'))", no_duration),
            ("duration(dyn('9223372037s'))", no_duration),
            ("duration(1)", "compile: there is no `duration(int)`"),
        ] {
            check_bare(expr, wanted);
        }
    }

    #[test]
    fn the_offset_is_kept_by_arithmetic_and_shown_by_string_only() {
        check_bare(
            "string(timestamp('2021-04-20T10:05:20.500-05:00') + duration('1h'))",
            "\"2021-04-20T11:05:20.5-05:00\"",
        );
        check_bare("string(timestamp('2021-04-20T10:05:20-00:00'))", "\"2021-04-20T10:05:20Z\"");
        check_bare("string(duration('9223372036.854775807s'))", "\"9223372036.854776s\"");
    }

    #[test]
    fn seconds_of_a_duration_go_through_a_double() {
        check_bare("duration('3918196799.999999999s').getSeconds()", "3918196800");
        check_bare("duration('1.999999999s').getSeconds()", "1");
        check_bare("duration('-1.9s').getSeconds() + duration('-90m').getHours()", "-2");
    }
}

//! Time zones, as getters of timestamps take them: names of the IANA database, or hours and minutes (rule T3).

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

/// The first year without an own entry in the tables of `chrono-tz`.
const NO_TABLE: i32 = 2100;

/// What is to be added to UTC at an instant, in seconds.
///
/// # Errors
///
/// What Go says of a name that stands for no zone.
pub(super) fn offset(zone: &str, unix_seconds: i64) -> Result<i64, String> {
    if let Some((hours, minutes)) = zone.split_once(':') {
        return numeric(hours, minutes);
    }
    match zone {
        // The machine's own zone is no part of a policy.
        "" | "UTC" | "Local" => Ok(0),
        _ if zone.contains("..") || zone.starts_with(['/', '\\']) => {
            Err("time: invalid location name".to_owned())
        }
        _ => {
            let zone: Tz = zone.parse().map_err(|_| format!("unknown time zone {zone}"))?;
            let instant = in_table(unix_seconds).unwrap_or(unix_seconds);
            let instant = DateTime::from_timestamp(instant, 0).unwrap_or_default();
            let offset = zone.offset_from_utc_datetime(&instant.naive_utc());
            Ok(offset.fix().local_minus_utc().into())
        }
    }
}

/// Rules for the time to come go by month and day of the week. A year past the tables is looked up as one in them
/// that has the same calendar.
fn in_table(unix_seconds: i64) -> Option<i64> {
    let year = DateTime::from_timestamp(unix_seconds, 0)?.year();
    if year < NO_TABLE {
        return None;
    }
    let first_day = |year| NaiveDate::from_yo_opt(year, 1);
    let start = first_day(year)?;
    let same = (NO_TABLE - 28..NO_TABLE).rev().filter_map(first_day).find(|known| {
        known.leap_year() == start.leap_year() && known.weekday() == start.weekday()
    })?;
    Some(unix_seconds - start.signed_duration_since(same).num_seconds())
}

/// `+05:30`, `-05:30`, `05:30`. cel-go reads two integers and calculates with them, whatever they are.
fn numeric(hours: &str, minutes: &str) -> Result<i64, String> {
    const MINUTE: i64 = 60_000_000_000;
    const SECOND: i64 = 1_000_000_000;
    let is_negative = hours.starts_with('-');
    let (hours, minutes) = (integer(hours)?, integer(minutes)?);
    let minutes = if is_negative { minutes.wrapping_neg() } else { minutes };
    let nanos = hours.wrapping_mul(60).wrapping_add(minutes).wrapping_mul(MINUTE);
    // Go goes through a double here.
    Ok(((nanos / SECOND) as f64 + (nanos % SECOND) as f64 / 1e9) as i64)
}

fn integer(text: &str) -> Result<i64, String> {
    let wrong = |why: &str| format!("strconv.Atoi: parsing {text:?}: {why}");
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("invalid syntax"));
    }
    text.parse().map_err(|_| wrong("value out of range"))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[track_caller]
    fn check(time: &str, getter: &str, zone: &str, wanted: &str) {
        check_bare(&format!("timestamp('{time}').{getter}('{zone}')"), wanted);
    }

    #[test]
    fn names_are_those_of_the_database_as_they_are_written_there() {
        for (zone, wanted) in [
            ("", "10"),
            ("UTC", "10"),
            ("Local", "10"),
            ("Europe/Paris", "12"),
            ("US/Eastern", "6"),
            ("Etc/GMT+5", "5"),
            ("europe/paris", "error: unknown time zone europe/paris"),
            ("UTC+5", "error: unknown time zone UTC+5"),
            ("../Europe/Paris", "error: time: invalid location name"),
            ("/Europe/Paris", "error: time: invalid location name"),
        ] {
            check("2021-04-20T10:05:20Z", "getHours", zone, wanted);
        }
    }

    #[test]
    fn hours_and_minutes_are_two_integers() {
        for (zone, wanted) in [
            ("+05:30", "15"),
            ("-05:30", "4"),
            ("05:00", "15"),
            ("5:0", "15"),
            ("+24:00", "10"),
            ("00:99", "11"),
            ("05:-30", "14"),
            ("-5:-30", "5"),
            ("9223372036854775807:00", "9"),
            ("05:00:00", "error: strconv.Atoi: parsing \"00:00\": invalid syntax"),
            (":00", "error: strconv.Atoi: parsing \"\": invalid syntax"),
            (
                "9223372036854775808:00",
                "error: strconv.Atoi: parsing \"9223372036854775808\": value out of range",
            ),
        ] {
            check("2021-04-20T10:05:20Z", "getHours", zone, wanted);
        }
        check("2021-04-20T10:05:20Z", "getFullYear", "2562047:47", "2313");
        check("0001-04-20T10:05:20Z", "getFullYear", "-2562047:47", "-291");
        check("0001-01-01T00:00:00Z", "getDayOfYear", "-01:00", "365");
        check("9999-12-31T23:59:59Z", "getFullYear", "+01:00", "10000");
    }

    #[test]
    fn clocks_change_when_they_change_and_go_on_to_do_so() {
        for (time, zone, wanted) in [
            ("2021-03-28T00:59:59Z", "Europe/Paris", "1"),
            ("2021-03-28T01:00:00Z", "Europe/Paris", "3"),
            ("2021-10-31T00:59:59Z", "Europe/Paris", "2"),
            ("2021-10-31T01:00:00Z", "Europe/Paris", "2"),
            ("2101-03-13T06:59:59Z", "America/New_York", "1"),
            ("2101-03-13T07:00:00Z", "America/New_York", "3"),
            ("2200-01-01T02:00:00Z", "Australia/Sydney", "13"),
            ("2200-07-01T02:00:00Z", "Australia/Sydney", "12"),
            ("2400-10-29T00:59:59Z", "Europe/Paris", "2"),
            ("2400-10-29T01:00:00Z", "Europe/Paris", "2"),
            ("9999-07-01T12:00:00Z", "America/New_York", "8"),
        ] {
            check(time, "getHours", zone, wanted);
        }
    }
}

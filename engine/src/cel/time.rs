//! Times and durations as Go and cel-go have them (docs/semantics.md, rules T1 and T3).

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

const NANOS: i64 = 1_000_000_000;
/// Seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the range of CEL.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// An instant with nanoseconds. Keeps the offset it was written with, which only `string()` shows.
#[derive(Debug, Clone, Copy)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
    offset: i32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z
    pub(super) const EPOCH: Self = Self { seconds: 0, nanos: 0, offset: 0 };

    /// 0001-01-01T00:00:00Z
    pub(super) const FIRST: Self = Self { seconds: *RANGE.start(), nanos: 0, offset: 0 };

    /// The present, from the system's clock.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Seconds and nanoseconds since 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_unix(seconds: i64, nanos: u32) -> Option<Self> {
        (RANGE.contains(&seconds) && i64::from(nanos) < NANOS).then_some(Self {
            seconds,
            nanos,
            offset: 0,
        })
    }

    /// Strict RFC 3339, as Go reads it: upper case, `T`, seconds, an offset with a colon.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| {
            text.get(range)
                .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|t| t.parse::<u32>().ok())
        };
        let at = |i: usize| text.as_bytes().get(i).copied();
        if [at(4), at(7), at(10), at(13), at(16)] != [b'-', b'-', b'T', b':', b':'].map(Some) {
            return None;
        }
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(
            i32::try_from(number(0..4)?).ok()?,
            number(5..7)?,
            number(8..10)?,
        )?;
        let mut rest = text.get(19..)?;
        let mut nanos = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            let kept = fraction.get(..digits.min(9)).filter(|d| !d.is_empty())?;
            nanos = kept.parse::<u32>().ok()? * 10_u32.pow(9 - u32::try_from(kept.len()).ok()?);
            rest = fraction.get(digits..)?;
        }
        let offset = if rest == "Z" { 0 } else { parse_offset(rest)? };
        let local = date.and_hms_opt(hour, minute, second)?.and_utc().timestamp();
        let seconds = local - i64::from(offset);
        RANGE.contains(&seconds).then_some(Self { seconds, nanos, offset })
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// The same instant, written with `Z`.
    pub(super) fn in_utc(self) -> Self {
        Self { offset: 0, ..self }
    }

    pub(super) fn nanos_since(self, other: Self) -> Option<i64> {
        let seconds = self.seconds.checked_sub(other.seconds)?;
        seconds.checked_mul(NANOS)?.checked_add(i64::from(self.nanos) - i64::from(other.nanos))
    }

    pub(super) fn plus_nanos(self, nanos: i64) -> Option<Self> {
        let sum = i64::from(self.nanos) + nanos.rem_euclid(NANOS);
        let seconds = self
            .seconds
            .checked_add(nanos.div_euclid(NANOS))?
            .checked_add(sum.div_euclid(NANOS))?;
        let nanos = u32::try_from(sum.rem_euclid(NANOS)).ok()?;
        RANGE.contains(&seconds).then_some(Self { seconds, nanos, offset: self.offset })
    }

    /// A part of the calendar date or the time of day, in UTC or a named zone.
    pub(super) fn part(self, part: Part, zone: Option<&str>) -> Option<i64> {
        let utc = Utc.timestamp_opt(self.seconds, self.nanos).single()?;
        let offset = match zone {
            None | Some("") => 0,
            Some(name) => match name.parse::<Tz>() {
                Ok(tz) => tz.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc(),
                Err(_) => parse_zone_offset(name)?,
            },
        };
        let local: DateTime<FixedOffset> = utc.with_timezone(&FixedOffset::east_opt(offset)?);
        Some(i64::from(match part {
            Part::FullYear => return Some(i64::from(local.year())),
            Part::Month => local.month0(),
            Part::Date => local.day(),
            Part::DayOfMonth => local.day0(),
            Part::DayOfWeek => local.weekday().num_days_from_sunday(),
            Part::DayOfYear => local.ordinal0(),
            Part::Hours => local.hour(),
            Part::Minutes => local.minute(),
            Part::Seconds => local.second(),
            Part::Milliseconds => local.nanosecond() / 1_000_000,
        }))
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(*RANGE.end()).min(*RANGE.end());
        Self { seconds, nanos: since.subsec_nanos(), offset: 0 }
    }
}

/// RFC 3339 with as many digits as needed, in the offset it was written with.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = FixedOffset::east_opt(self.offset).ok_or(fmt::Error)?;
        let local = offset.timestamp_opt(self.seconds, self.nanos).single().ok_or(fmt::Error)?;
        write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S"))?;
        if self.nanos > 0 {
            let digits = format!("{:09}", self.nanos);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        if self.offset == 0 { f.write_str("Z") } else { write!(f, "{}", local.format("%:z")) }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// `+05:00` in seconds.
fn parse_offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let digits = |range| {
        text.get(range)
            .filter(|t: &&str| t.bytes().all(|b| b.is_ascii_digit()))?
            .parse::<i32>()
            .ok()
    };
    let (hours, minutes) = (digits(1..3)?, digits(4..6)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// `+05:30`, `-05:30` or `05:30` as a zone.
fn parse_zone_offset(name: &str) -> Option<i32> {
    if name.starts_with(['+', '-']) {
        parse_offset(name)
    } else {
        parse_offset(&format!("+{name}"))
    }
}

/// Go's `time.ParseDuration`, in nanoseconds.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..whole)?;
        rest = rest.get(whole..)?;
        let mut fraction = "";
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            fraction = after.get(..end)?;
            rest = after.get(end..)?;
        }
        if digits.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit_end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let unit: i128 = match rest.get(..unit_end)? {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = rest.get(unit_end..)?;
        let whole: i128 = if digits.is_empty() { 0 } else { digits.parse::<u64>().ok()?.into() };
        total += whole * unit;
        if !fraction.is_empty() {
            let kept = fraction.get(..fraction.len().min(18))?;
            let scale = 10_i128.pow(u32::try_from(kept.len()).ok()?);
            total += kept.parse::<i128>().ok()? * unit / scale;
        }
        if total > i128::from(i64::MAX) + 1 {
            return None;
        }
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// `3600s`, `1.5s`: how cel-go writes a duration, as a double of seconds.
pub(super) fn format_duration(nanos: i64) -> String {
    format!("{}s", (nanos / NANOS) as f64 + (nanos % NANOS) as f64 / NANOS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_as_strictly_as_go_reads_them() {
        for good in [
            "2021-04-20T10:05:20Z",
            "2021-04-20T10:05:20.021-05:00",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            assert!(Timestamp::parse(good).is_some(), "{good}");
        }
        for bad in [
            "2021-04-20t10:05:20Z",
            "2021-04-20T10:05:20z",
            "2021-04-20 10:05:20Z",
            "2021-04-20T10:05:20+0500",
            "2021-04-20T10:05:60Z",
            "2021-04-20T24:00:00Z",
            "2021-04-20T10:05:20,5Z",
            "2021-04-20T10:05Z",
            "2021-04-20T10:05:20+24:00",
            "2021-04-20T1:05:20Z",
            "2021-02-29T10:05:20Z",
            "",
        ] {
            assert!(Timestamp::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn text_keeps_the_offset_and_comparison_does_not_see_it() {
        let zoned = Timestamp::parse("2021-04-20T10:05:20.5-05:00").unwrap();
        assert_eq!(zoned.to_string(), "2021-04-20T10:05:20.5-05:00");
        assert_eq!(zoned, Timestamp::parse("2021-04-20T15:05:20.5Z").unwrap());
    }

    #[test]
    fn parts_are_in_utc_unless_a_zone_is_named() {
        let t = Timestamp::parse("2021-04-20T10:05:20-05:00").unwrap();
        assert_eq!(t.part(Part::Hours, None), Some(15));
        assert_eq!(t.part(Part::Hours, Some("Europe/London")), Some(16));
        assert_eq!(t.part(Part::Hours, Some("-05:00")), Some(10));
        assert_eq!(t.part(Part::Minutes, Some("05:30")), Some(35));
        assert_eq!(t.part(Part::Hours, Some("Mars/Olympus")), None);
        assert_eq!(t.part(Part::DayOfWeek, None), Some(2));
    }

    #[test]
    fn durations_are_gos() {
        for (text, nanos) in [
            ("0", 0),
            (".5s", 500_000_000),
            ("1.s", NANOS),
            ("+5s", 5 * NANOS),
            ("1h30m", 5400 * NANOS),
            ("-1us", -1000),
        ] {
            assert_eq!(parse_duration(text), Some(nanos), "{text}");
        }
        for bad in ["", "5", "1d", "1H", ".s", "9223372036854775808ns", "s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
        assert_eq!(format_duration(3_600 * NANOS), "3600s");
        assert_eq!(format_duration(-1_500_000_000), "-1.5s");
        assert_eq!(format_duration(3), "0.000000003s");
        assert_eq!(format_duration(599_994_060_000_000_005), "599994060s");
        assert_eq!(format_duration(i64::MAX), "9223372036.854776s");
    }
}

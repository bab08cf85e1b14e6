//! Timestamps as Go and cel-go have them (docs/semantics.md, rules T1 and T3).

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeZone, Timelike};

use super::zone;

/// In a second.
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
        Self::read(text).ok()
    }

    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        if let Some(usual) = Self::usual(text) {
            return Ok(usual);
        }
        let (date, clock, rest) = parts(text).ok_or(Unreadable::Form)?;
        let [year, month, day] = date;
        let [hour, minute, second] = clock;
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(Unreadable::Form);
        }
        if hour > 23 || minute > 59 || second > 60 {
            return Err(Unreadable::Form);
        }
        let (nanos, rest) = fraction(rest).ok_or(Unreadable::Form)?;
        let offset = match rest {
            "Z" | "z" => 0,
            _ => parse_offset(rest).ok_or(Unreadable::Form)?,
        };
        // Forms that RFC 3339 has, and Go does not.
        if text.contains(['t', 'z']) {
            return Err(Unreadable::Value);
        }
        let local = i32::try_from(year)
            .ok()
            .and_then(|year| {
                NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)
            })
            .ok_or(Unreadable::Value)?;
        let seconds = local.and_utc().timestamp() - i64::from(offset);
        if !RANGE.contains(&seconds) {
            return Err(Unreadable::Range);
        }
        Ok(Self { seconds, nanos, offset })
    }

    /// What most timestamps look like: `2021-04-20T10:05:20Z`. Whatever else there is, is left to the caller.
    #[inline]
    pub(super) fn usual(text: &str) -> Option<Self> {
        let text: [u8; 20] = text.as_bytes().try_into().ok()?;
        let [
            y1,
            y2,
            y3,
            y4,
            b'-',
            mo1,
            mo2,
            b'-',
            d1,
            d2,
            b'T',
            h1,
            h2,
            b':',
            mi1,
            mi2,
            b':',
            s1,
            s2,
            b'Z',
        ] = text
        else {
            return None;
        };
        let number = |a: u8, b: u8| {
            (a.is_ascii_digit() && b.is_ascii_digit())
                .then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
        };
        let year = number(y1, y2)? * 100 + number(y3, y4)?;
        let (month, day) = (number(mo1, mo2)?, number(d1, d2)?);
        let (hour, minute, second) = (number(h1, h2)?, number(mi1, mi2)?, number(s1, s2)?);
        // Later days of a month need the calendar.
        if year == 0
            || !(1..=12).contains(&month)
            || !(1..=28).contains(&day)
            || hour > 23
            || minute > 59
            || second > 59
        {
            return None;
        }
        // Years that begin in March end with the leap day.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days =
            365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
        const DAYS_TO_1970: i64 = 719_468;
        let seconds = (days - DAYS_TO_1970) * 86_400 + hour * 3600 + minute * 60 + second;
        Some(Self { seconds, nanos: 0, offset: 0 })
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
    ///
    /// # Errors
    ///
    /// The name stands for no zone.
    pub(super) fn part(self, part: Part, zone: Option<&str>) -> Result<i64, String> {
        let offset = zone.map_or(Ok(0), |zone| zone::offset(zone, self.seconds))?;
        let local = DateTime::from_timestamp(self.seconds.saturating_add(offset), self.nanos)
            .unwrap_or_default();
        Ok(i64::from(match part {
            Part::FullYear => return Ok(i64::from(local.year())),
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

/// Why text is no timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It does not look like one.
    Form,
    /// There is no such day or second.
    Value,
    /// Not in the years 1 to 9999.
    Range,
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

/// `2021-04-20T10:05:20` and what follows.
fn parts(text: &str) -> Option<([u32; 3], [u32; 3], &str)> {
    let number = |range| {
        let digits: &str = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let at = |i: usize| text.as_bytes().get(i).copied();
    if [at(4), at(7), at(13), at(16)] != [b'-', b'-', b':', b':'].map(Some) {
        return None;
    }
    if !matches!(at(10), Some(b'T' | b't')) {
        return None;
    }
    let date = [number(0..4)?, number(5..7)?, number(8..10)?];
    let clock = [number(11..13)?, number(14..16)?, number(17..19)?];
    Some((date, clock, text.get(19..)?))
}

/// `.5` in nanoseconds, and what follows. Digits past the ninth are dropped.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(fraction) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    let (digits, rest) = fraction.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    let nanos = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some((nanos.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0')), rest))
}

/// `+05:00` in seconds.
fn parse_offset(text: &str) -> Option<i32> {
    let (sign, hours, minutes) = match text.as_bytes() {
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let number = |digits: [&u8; 2]| {
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(**digit - b'0'))
        })
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3600 + minutes * 60;
    (hours <= 23 && minutes <= 59).then_some(if *sign == b'-' { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read_as_the_calendar_has_it() {
        for year in [1, 4, 100, 400, 1600, 1900, 1969, 1970, 2000, 2024, 2026, 2100, 9999] {
            for month in 1..=12 {
                for day in [1, 2, 27, 28] {
                    let text = format!("{year:04}-{month:02}-{day:02}T23:59:01Z");
                    let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
                    let wanted = date.and_hms_opt(23, 59, 1).unwrap().and_utc().timestamp();
                    assert_eq!(
                        Timestamp::usual(&text).map(Timestamp::unix_seconds),
                        Some(wanted),
                        "{text}"
                    );
                }
            }
        }
        for other in [
            "2021-04-29T10:05:20Z",
            "2021-04-20T10:05:60Z",
            "0000-04-20T10:05:20Z",
            "2021-0４-20T10:05Z",
        ] {
            assert!(Timestamp::usual(other).is_none(), "{other}");
        }
    }

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
        assert_eq!(t.part(Part::Hours, None), Ok(15));
        assert_eq!(t.part(Part::Hours, Some("Europe/London")), Ok(16));
        assert_eq!(t.part(Part::DayOfWeek, None), Ok(2));
    }

    #[test]
    fn what_is_no_timestamp_is_told_apart() {
        for (text, wanted) in [
            ("2021-04-20T10:05:20+24:00", Unreadable::Form),
            ("2021-04-20 10:05:20Z", Unreadable::Form),
            ("2021-13-20T10:05:20Z", Unreadable::Form),
            ("2021-04-20T24:00:00Z", Unreadable::Form),
            ("２021-04-20T10:05:20Z", Unreadable::Form),
            ("2021-02-29T10:05:20Z", Unreadable::Value),
            ("2021-04-20T10:05:60Z", Unreadable::Value),
            ("2021-04-20T10:05:20z", Unreadable::Value),
            ("0000-12-31T23:59:59Z", Unreadable::Range),
            ("9999-12-31T23:59:59-00:01", Unreadable::Range),
        ] {
            assert_eq!(Timestamp::read(text), Err(wanted), "{text}");
        }
        assert!(Timestamp::read("0000-12-31T23:59:59-00:01").is_ok());
    }
}

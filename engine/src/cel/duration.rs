//! Durations as text, as Go reads them and cel-go writes them.

const NANOS: i64 = 1_000_000_000;

/// Go's `time.ParseDuration`, in nanoseconds.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    const MAX: u64 = 1 << 63;
    let (is_negative, mut rest) = match text.as_bytes().first()? {
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
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits;
        (digits, rest) = digits_of(rest)?;
        let whole: u64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let mut part = "";
        if let Some(after) = rest.strip_prefix('.') {
            (part, rest) = digits_of(after)?;
        }
        if (digits.is_empty() && part.is_empty()) || whole > MAX {
            return None;
        }
        let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let unit: u64 = match rest.get(..end)? {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = rest.get(end..)?;
        let nanos = whole.checked_mul(unit)?.checked_add(fraction_of(part, unit))?;
        total = total.checked_add(nanos).filter(|total| *total <= MAX)?;
    }
    if is_negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() }
}

fn digits_of(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Go calculates fractions in doubles, of as many digits as an int holds.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0);
    for digit in digits.bytes() {
        let more = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0')));
        let Some(more) = more.filter(|more| *more <= 1 << 63) else { break };
        (value, scale) = (more, scale * 10.0);
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// `3600s`, `1.5s`: how cel-go writes a duration, as seconds in a double.
pub(super) fn format_duration(nanos: i64) -> String {
    format!("{}s", (nanos / NANOS) as f64 + (nanos % NANOS) as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for bad in ["", "5", "1d", "1H", ".s", "9223372036854775808ns", "s", "1h ", "1.1.1s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
        assert_eq!(parse_duration("-9223372036854775808ns"), Some(i64::MIN));
        // As doubles round.
        assert_eq!(parse_duration("0.3333333333333333333h"), Some(1200 * NANOS));
        assert_eq!(parse_duration("0.99999999999999999999999999s"), Some(NANOS));
        assert_eq!(parse_duration("0.9999999999s"), Some(999_999_999));
    }

    #[test]
    fn a_duration_is_written_as_a_double_of_seconds() {
        for (nanos, text) in [
            (3_600 * NANOS, "3600s"),
            (-1_500_000_000, "-1.5s"),
            (1, "0.000000001s"),
            (0, "0s"),
            (i64::MAX, "9223372036.854776s"),
        ] {
            assert_eq!(format_duration(nanos), text);
        }
    }
}

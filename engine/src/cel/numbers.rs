//! Numbers: comparison across types, and text as Go reads and writes it.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::vals::V;

/// Compares two numbers of any types; `None` for other values and for NaN.
pub(super) fn compare(a: &V<'_>, b: &V<'_>) -> Option<Ordering> {
    match (a, b) {
        (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
        (V::UInt(a), V::UInt(b)) => Some(a.cmp(b)),
        (V::Double(a), V::Double(b)) => a.partial_cmp(b),
        (V::Int(a), V::UInt(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (V::UInt(a), V::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (V::Int(a), V::Double(b)) => compare_integer(i128::from(*a), *b),
        (V::UInt(a), V::Double(b)) => compare_integer(i128::from(*a), *b),
        (V::Double(a), V::Int(b)) => compare_integer(i128::from(*b), *a).map(Ordering::reverse),
        (V::Double(a), V::UInt(b)) => compare_integer(i128::from(*b), *a).map(Ordering::reverse),
        _ => None,
    }
}

/// As cel-go: the integer is rounded to a double first.
fn compare_integer(a: i128, b: f64) -> Option<Ordering> {
    (a as f64).partial_cmp(&b)
}

/// A double without a fraction as an integer; the bounds themselves, which round, are none.
pub(super) fn double_as_int(d: f64) -> Option<i64> {
    (d.fract() == 0.0 && d.abs() < 9_223_372_036_854_775_807.0).then_some(d as i64)
}

/// A double without a fraction as an unsigned integer; the bound itself, which rounds, is none.
pub(super) fn double_as_uint(d: f64) -> Option<u64> {
    let range = 0.0..18_446_744_073_709_551_615.0;
    (d.fract() == 0.0 && range.contains(&d)).then_some(d as u64)
}

/// Go's `strconv.ParseFloat`: underscores between digits, hexadecimal, `inf` with a sign and `nan` without one, any
/// case; text of a finite number too large for a double is refused.
pub(super) fn parse_double(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        let is = |name: &str| digits.eq_ignore_ascii_case(name);
        return match negative {
            _ if text.eq_ignore_ascii_case("nan") => Some(f64::NAN),
            false if is("inf") || is("infinity") => Some(f64::INFINITY),
            true if is("inf") || is("infinity") => Some(f64::NEG_INFINITY),
            _ => None,
        };
    }
    let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let digits = without_underscores(digits, hex.is_some())?;
    let magnitude = match hex {
        Some(_) => parse_hex(digits.get(2..)?)?,
        None => digits.parse().ok()?,
    };
    let magnitude = Some(magnitude).filter(|d: &f64| d.is_finite())?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Underscores may stand between two digits, and after the prefix `0x`.
fn without_underscores(digits: &str, is_hex: bool) -> Option<Cow<'_, str>> {
    if !digits.contains('_') {
        return Some(Cow::Borrowed(digits));
    }
    let is_digit = |c: u8| c.is_ascii_digit() || is_hex && c.is_ascii_hexdigit();
    let bytes = digits.as_bytes();
    for (at, _) in bytes.iter().enumerate().filter(|(_, c)| **c == b'_') {
        let neighbour = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied();
        let after_prefix = is_hex && at == 2;
        let between = neighbour(at.checked_sub(1)).is_some_and(is_digit) || after_prefix;
        if !between || !neighbour(at.checked_add(1)).is_some_and(is_digit) {
            return None;
        }
    }
    Some(Cow::Owned(digits.replace('_', "")))
}

/// `1.8p-3`, without the prefix `0x`. The exponent must be there.
fn parse_hex(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if unsigned.is_empty() || !unsigned.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    // Whatever has more digits is far out of range either way.
    let mut power = unsigned.parse::<i32>().map_or(1 << 30, |power| power.min(1 << 30));
    if exponent.starts_with('-') {
        power = -power;
    }
    let (mut bits, mut lost) = (0_u64, false);
    for (digit, is_fraction) in
        whole.chars().map(|c| (c, false)).chain(fraction.chars().map(|c| (c, true)))
    {
        let digit = digit.to_digit(16)?;
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(digit);
            power = power.saturating_sub(if is_fraction { 4 } else { 0 });
        } else {
            lost |= digit != 0;
            power = power.saturating_add(if is_fraction { 0 } else { 4 });
        }
    }
    Some(scale(bits, lost, power))
}

/// `bits × 2^power`, rounded to the nearest double, ties to even; `lost` says that more digits follow.
fn scale(bits: u64, lost: bool, power: i32) -> f64 {
    const LEAST: i32 = -1022;
    if bits == 0 {
        return 0.0;
    }
    // The leading one to the top: the value is 1.xxx × 2^exponent.
    let exponent = power.saturating_add(63).saturating_sub(bits.leading_zeros().cast_signed());
    let wide = (u128::from(bits << bits.leading_zeros()) << 1) | u128::from(lost);
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // 53 bits are kept, fewer of what is smaller than a normal number.
    let dropped = 12 + LEAST.saturating_sub(exponent).clamp(0, 60).cast_unsigned();
    let (kept, rest, half) =
        (wide >> dropped, wide & ((1 << dropped) - 1), 1_u128 << (dropped - 1));
    let round_up = rest > half || rest == half && kept & 1 == 1;
    let kept = (kept as u64) + u64::from(round_up);
    let above = u64::from(exponent.saturating_sub(LEAST).max(0).cast_unsigned());
    // The leading one of a normal number adds one to the exponent that is stored.
    f64::from_bits((above << 52) + kept)
}

/// Go's `%g` with the shortest digits that read back the same: `5`, `1e+06`, `0.0001`, `1e-05`.
pub(crate) fn format_double(d: f64) -> String {
    if d.is_nan() {
        return "NaN".to_owned();
    }
    if d.is_infinite() {
        return if d > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{d:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    } else {
        format!("{d}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_go_writes_them() {
        for (d, text) in [
            (5.0, "5"),
            (1_000_000.0, "1e+06"),
            (123_456.0, "123456"),
            (0.000_01, "1e-05"),
            (0.000_1, "0.0001"),
            (1e21, "1e+21"),
            (1.5, "1.5"),
            (-0.25, "-0.25"),
            (123_456_789.123, "1.23456789123e+08"),
        ] {
            assert_eq!(format_double(d), text);
        }
    }

    #[test]
    fn doubles_are_read_as_go_reads_them() {
        for (text, d) in [
            ("+1.5", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1E+3", 1000.0),
            ("1_000.5_0e1_0", 1000.5e10),
            ("1e-400", 0.0),
            ("0e99999999999999999999", 0.0),
            ("-InFinity", f64::NEG_INFINITY),
            ("inf", f64::INFINITY),
            ("0x1p-2", 0.25),
            ("-0X.8P+1", -1.0),
            ("0x_1_0p-2", 4.0),
            ("0xap0", 10.0),
            ("0x123456789abcdef01234p0", 85_968_058_283_706_962_481_716.0),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000080000000001p0", 1.000_000_000_000_000_2),
            ("0x1.00000000000018p0", 1.000_000_000_000_000_4),
            ("0x1.fffffffffffff7fffp1023", f64::MAX),
            ("0x0.00000000000000000000001p100", 256.0),
            ("0x1p-1074", 5e-324),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x0.80000001p-1074", 5e-324),
            ("0x1.ffffffffffffffp-1023", f64::MIN_POSITIVE),
            ("0x1p-99999999999", 0.0),
            ("0x0p99999999999", 0.0),
        ] {
            assert_eq!(parse_double(text), Some(d), "{text}");
        }
        assert!(parse_double("NaN").is_some_and(f64::is_nan));
        for bad in [
            "",
            " 1",
            "1 ",
            ".",
            "1e",
            "+",
            "+-1",
            "e3",
            "1f",
            "1.5.5",
            "+nan",
            "-NaN",
            "infinit",
            "1e400",
            "1.7976931348623159e308",
            "1__0",
            "_1",
            "1_",
            "1_.5",
            "1._5",
            "1e_1",
            "1e1_",
            "in_f",
            "0b1",
            "0x1",
            "0x1p",
            "0xp1",
            "0x.p1",
            "0x1_p1",
            "0x1p_1",
            "0x1p1024",
            "0x1.gp1",
            "0x1.fffffffffffff8p1023",
            "0x1p1p1",
            "\u{ff10}",
            "0x1p+-1",
        ] {
            assert_eq!(parse_double(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_double_is_an_integer_within_the_bounds() {
        assert_eq!(double_as_int(-3.0), Some(-3));
        assert_eq!(double_as_int(9_223_372_036_854_774_784.0), Some(9_223_372_036_854_774_784));
        for d in [1.5, 9_223_372_036_854_775_807.0, -9_223_372_036_854_775_808.0, f64::NAN] {
            assert_eq!(double_as_int(d), None, "{d}");
        }
        assert_eq!(double_as_uint(-0.0), Some(0));
        for d in [-1.0, 0.5, 18_446_744_073_709_551_615.0, f64::INFINITY] {
            assert_eq!(double_as_uint(d), None, "{d}");
        }
    }

    #[test]
    fn integers_are_rounded_before_they_meet_doubles() {
        assert_eq!(compare(&V::Int(i64::MAX), &V::Double(i64::MAX as f64)), Some(Ordering::Equal));
        assert_eq!(compare(&V::Int(1), &V::Double(1.0)), Some(Ordering::Equal));
        assert_eq!(compare(&V::Int(-1), &V::UInt(u64::MAX)), Some(Ordering::Less));
        assert_eq!(compare(&V::Int(1), &V::Double(f64::NAN)), None);
    }
}

//! Numbers: comparison across types, and text as Go writes it.

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

/// Go's `%g` with the shortest digits that read back the same: `5`, `1e+06`, `0.0001`, `1e-05`.
pub(super) fn format_double(d: f64) -> String {
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
    fn integers_are_rounded_before_they_meet_doubles() {
        assert_eq!(compare(&V::Int(i64::MAX), &V::Double(i64::MAX as f64)), Some(Ordering::Equal));
        assert_eq!(compare(&V::Int(1), &V::Double(1.0)), Some(Ordering::Equal));
        assert_eq!(compare(&V::Int(-1), &V::UInt(u64::MAX)), Some(Ordering::Less));
        assert_eq!(compare(&V::Int(1), &V::Double(f64::NAN)), None);
    }
}

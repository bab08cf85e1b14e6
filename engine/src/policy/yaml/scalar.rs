//! Scalars: what plain text means, and where in the file a byte of it stands.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::Position;
use crate::policy::source::File;

#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    pub(crate) text: Arc<str>,
    /// Quoted or block: text whatever it looks like. Tags change nothing (rule Y4).
    pub(crate) is_text: bool,
    /// Bytes of the file that the scalar was read from.
    pub(super) span: Range<usize>,
}

/// What a scalar is, where a field takes more than text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    /// `.inf` and `.nan`, which no field takes.
    NotFinite,
    Text,
}

impl Scalar {
    /// What the text means in YAML as Cerbos' parser reads it (rule Y4): `017` and `0o17` are octal, underscores count
    /// for nothing, a number with an exponent needs a point, and what does not fit into 64 bits is text.
    pub(crate) fn meaning(&self) -> Meaning {
        if self.is_text {
            return Meaning::Text;
        }
        match &*self.text {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" | "True" | "TRUE" => Meaning::Bool(true),
            "false" | "False" | "FALSE" => Meaning::Bool(false),
            ".inf" | ".Inf" | ".INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => {
                Meaning::NotFinite
            }
            text => number(text).unwrap_or(Meaning::Text),
        }
    }

    /// A scalar as it would be read without quotes.
    pub(crate) fn plain(text: Arc<str>) -> Self {
        Self { text, is_text: false, span: 0..0 }
    }

    /// Whether nothing at all is written.
    pub(super) fn is_absent(&self) -> bool {
        !self.is_text && self.span.is_empty()
    }

    /// Where in the file the byte `offset` of the scalar's text stands.
    ///
    /// Text and source are walked side by side: what folding, indentation, quotes and escapes add or
    /// take away is skipped on the side that has it.
    pub(crate) fn locate(&self, offset: usize, file: &File) -> Position {
        let source = file.text();
        let end = self.span.end.min(source.len());
        let mut at = self.span.start.min(end);
        let style = source.as_bytes().get(at).copied().unwrap_or_default();
        match style {
            b'|' | b'>' => {
                at = source.get(at..end).and_then(|raw| raw.find('\n')).map_or(end, |n| at + n + 1);
            }
            b'"' | b'\'' => at += 1,
            _ => {}
        }
        let raw = |at: usize| source.get(at..end).and_then(|rest| rest.chars().next());
        for (i, wanted) in self.text.char_indices() {
            while !wanted.is_whitespace() && raw(at).is_some_and(char::is_whitespace) {
                at += raw(at).map_or(0, char::len_utf8);
            }
            if i >= offset {
                break;
            }
            if wanted.is_whitespace() && !raw(at).is_some_and(char::is_whitespace) {
                continue;
            }
            if (style == b'"' && raw(at) == Some('\\')) || (style == b'\'' && wanted == '\'') {
                at += 1;
            }
            at += raw(at).map_or(0, char::len_utf8);
        }
        file.position(at)
    }
}

fn number(text: &str) -> Option<Meaning> {
    // Nearly everything is told apart by how it begins.
    let begins = text.strip_prefix('+').unwrap_or(text);
    let begins = begins.strip_prefix('-').unwrap_or(begins).trim_start_matches('_');
    if text.starts_with('_') || !begins.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let points = text.bytes().filter(|b| *b == b'.').count();
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let digits = unsigned.strip_prefix('-').unwrap_or(unsigned).replace('_', "");
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        Some(_) if points == 0 && digits.starts_with('0') => (8, &*digits),
        _ => (10, &*digits),
    };
    let begins_well = |c: char| c.is_digit(radix) || (points == 1 && c == '.');
    if points > 1 || !digits.starts_with(begins_well) {
        return None;
    }
    if points == 1 && radix == 10 {
        let value: f64 = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
        return Some(Meaning::Float(if negative { -value } else { value }));
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    let fits = value >= i128::from(i64::MIN) && value <= i128::from(u64::MAX);
    fits.then_some(Meaning::Integer(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Meaning {
        Scalar { text: text.into(), is_text: false, span: 0..text.len() }.meaning()
    }

    #[test]
    fn integers_are_read_as_cerbos_reads_them() {
        for (text, value) in [
            ("0x1F", 31),
            ("0o17", 15),
            ("017", 15),
            ("0b11", 3),
            ("1_000", 1000),
            ("1__0", 10),
            ("+1", 1),
            ("-0", 0),
            ("01", 1),
            ("-7", -7),
        ] {
            assert_eq!(meaning(text), Meaning::Integer(value), "{text}");
        }
        assert_eq!(meaning("18446744073709551615"), Meaning::Integer(u64::MAX.into()));
    }

    #[test]
    fn a_fraction_needs_a_point() {
        assert_eq!(meaning("1.5"), Meaning::Float(1.5));
        assert_eq!(meaning("-.5"), Meaning::Float(-0.5));
        assert_eq!(meaning("5."), Meaning::Float(5.0));
        assert_eq!(meaning("1.5e3"), Meaning::Float(1500.0));
        assert_eq!(meaning("1_0.5"), Meaning::Float(10.5));
        assert_eq!(meaning("1e3"), Meaning::Text);
    }

    #[test]
    fn what_is_no_number_is_text() {
        for text in [
            "08",
            "0x",
            "0xG",
            "0X1F",
            "1e",
            "_1",
            "+.inf",
            "1:30",
            "123456789012345678901234567890",
            "yes",
            "tRUE",
            ".",
            "1.2.3",
            "-",
            "nan",
            "infinity",
        ] {
            assert_eq!(meaning(text), Meaning::Text, "{text}");
        }
        assert_eq!(meaning(".NaN"), Meaning::NotFinite);
        assert_eq!(meaning("TRUE"), Meaning::Bool(true));
        assert_eq!(meaning("NULL"), Meaning::Null);
    }
}

//! Values to JSON that YAML readers take for the same values.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::value::Value;

/// A value as one line of text.
pub(super) fn json(value: &Value) -> String {
    let mut out = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut out, Portable));
    debug_assert!(written.is_ok(), "a JSON value in memory can be written");
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// JSON that means the same as YAML: a number with an exponent has a point (rule Y4), and only printable characters
/// stand as they are.
struct Portable;

impl Formatter for Portable {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let mut plain = Vec::new();
        CompactFormatter.write_f64(&mut plain, value)?;
        let text = String::from_utf8_lossy(&plain);
        match text.split_once('e') {
            Some((digits, exponent)) if !digits.contains('.') => {
                write!(writer, "{digits}.0e{exponent}")
            }
            _ => writer.write_all(&plain),
        }
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for c in fragment.chars() {
            if matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}') {
                write!(writer, "{c}")?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        CompactFormatter.write_char_escape(writer, escape)
    }
}

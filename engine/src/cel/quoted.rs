//! Text as Go quotes it in messages (`strconv.Quote`).

use std::fmt::{self, Write as _};

/// Shows a text between double quotes, with what does not print written as an escape.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\u{7}' => f.write_str("\\a")?,
                '\u{8}' => f.write_str("\\b")?,
                '\u{c}' => f.write_str("\\f")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\u{b}' => f.write_str("\\v")?,
                c if prints(c) => f.write_char(c)?,
                c if c.is_ascii() => write!(f, "\\x{:02x}", u32::from(c))?,
                c if u32::from(c) < 0x1_0000 => write!(f, "\\u{:04x}", u32::from(c))?,
                c => write!(f, "\\U{:08x}", u32::from(c))?,
            }
        }
        f.write_char('"')
    }
}

fn prints(c: char) -> bool {
    // Behind another character, `escape_debug` leaves combining ones as they are, as Go does.
    let debug = || ['a', c].iter().collect::<String>().escape_debug().eq(['a', c]);
    c == ' ' || c.is_ascii_graphic() || debug()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_print_is_escaped_as_go_escapes_it() {
        let text = "a'\"\\\n\u{0}\u{7f}é\u{301}\u{200b}\u{ad}\u{a0}\u{3000}\u{e000}\u{10ffff}日🙂";
        let wanted = r#""a'\"\\\n\x00\x7fé"#.to_owned()
            + "\u{301}"
            + r#"\u200b\u00ad\u00a0\u3000\ue000\U0010ffff日🙂""#;
        assert_eq!(Quoted(text).to_string(), wanted);
    }
}

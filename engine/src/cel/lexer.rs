//! Text to tokens (CEL language definition, "Syntax").

use std::ops::Range;

use super::error::{Error, ErrorKind};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Ident(Box<str>),
    /// A field name in backticks.
    Quoted(Box<str>),
    Int(u64),
    UInt(u64),
    Double(f64),
    Str(Box<str>),
    Bytes(Box<[u8]>),
    /// Operators and punctuation, as written.
    Op(&'static str),
    End,
}

const OPERATORS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}", "=",
];

/// # Errors
///
/// Characters that begin no token, literals that do not end or do not fit.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Error> {
    let mut lexer = Lexer { text, at: 0 };
    let mut all = Vec::new();
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let token = lexer.token()?;
        let done = token == Token::End;
        all.push((token, start..lexer.at));
        if done {
            return Ok(all);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn error(&self, start: usize, message: impl Into<Box<str>>) -> Error {
        Error::new(ErrorKind::Parse, start..self.at.max(start), message)
    }

    fn skip_space(&mut self) {
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}'));
            if !self.eat("//") {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Token::End) };
        if let Some(literal) = self.quoted_literal()? {
            return Ok(literal);
        }
        let second_is_digit = self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if first.is_ascii_digit() || (first == '.' && second_is_digit) {
            return self.number();
        }
        if first == '_' || first.is_ascii_alphabetic() {
            return Ok(Token::Ident(
                self.take_while(|c| c == '_' || c.is_ascii_alphanumeric()).into(),
            ));
        }
        if first == '`' {
            self.bump();
            let name = self.take_while(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ' ')
            });
            if name.is_empty() || !self.eat("`") {
                return Err(self.error(start, "a name in backticks does not end"));
            }
            return Ok(Token::Quoted(name.into()));
        }
        for op in OPERATORS {
            if self.eat(op) {
                return Ok(Token::Op(op));
            }
        }
        self.bump();
        let meant = match first {
            '&' => Some("&&"),
            '|' => Some("||"),
            _ => None,
        };
        let help = meant.map(|meant| format!("write `{meant}`"));
        Err(self.error(start, format!("unexpected `{first}`")).with_help(help))
    }

    fn number(&mut self) -> Result<Token, Error> {
        let start = self.at;
        if self.eat("0x") {
            let digits = self.take_while(|c| c.is_ascii_hexdigit());
            let value = u64::from_str_radix(digits, 16)
                .map_err(|_| self.error(start, "the number is too large"))?;
            return Ok(if self.eat("u") || self.eat("U") {
                Token::UInt(value)
            } else {
                Token::Int(value)
            });
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut is_double = false;
        let mut after_point = self.rest().chars();
        if after_point.next() == Some('.') && after_point.next().is_some_and(|c| c.is_ascii_digit())
        {
            is_double = true;
            self.bump();
            self.take_while(|c| c.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let before = self.at;
            self.bump();
            if matches!(self.peek(), Some('+' | '-')) {
                self.bump();
            }
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                self.at = before;
            } else {
                is_double = true;
            }
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        if is_double {
            let value = digits.parse().ok().filter(|d: &f64| d.is_finite());
            return value
                .map(Token::Double)
                .ok_or_else(|| self.error(start, "the number is too large"));
        }
        let value = digits.parse().map_err(|_| self.error(start, "the number is too large"))?;
        Ok(if self.eat("u") || self.eat("U") { Token::UInt(value) } else { Token::Int(value) })
    }

    /// A string or bytes literal with its prefix, if one begins here.
    fn quoted_literal(&mut self) -> Result<Option<Token>, Error> {
        let start = self.at;
        // `b` comes before `r`.
        let after_b = self.rest().strip_prefix(['b', 'B']);
        let after_r = after_b.unwrap_or(self.rest()).strip_prefix(['r', 'R']);
        let (bytes, raw) = (after_b.is_some(), after_r.is_some());
        let rest = after_r.or(after_b).unwrap_or(self.rest());
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Ok(None);
        };
        let prefix = usize::from(bytes) + usize::from(raw);
        self.at += prefix;
        let triple = String::from(quote).repeat(3);
        let is_triple = self.eat(&triple);
        if !is_triple {
            self.bump();
        }
        let mut out = Vec::new();
        loop {
            if if is_triple {
                self.eat(&triple)
            } else {
                self.peek() == Some(quote) && self.bump().is_some()
            } {
                break;
            }
            match self.bump() {
                None => return Err(self.error(start, "the string does not end")),
                Some('\n' | '\r') if !is_triple => {
                    return Err(self.error(start, "the string does not end on its line"));
                }
                Some('\\') if !raw => self.escape(bytes, &mut out)?,
                Some('\r') if is_triple => {
                    self.eat("\n");
                    out.push(b'\n');
                }
                Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if bytes {
            return Ok(Some(Token::Bytes(out.into())));
        }
        let text = String::from_utf8(out)
            .map_err(|_| self.error(start, "the string is not valid UTF-8"))?;
        Ok(Some(Token::Str(text.into())))
    }

    fn escape(&mut self, bytes: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = self.at.saturating_sub(1);
        let code = match self.bump() {
            Some('a') => 7,
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('v') => 11,
            Some(c @ ('\\' | '\'' | '"' | '`' | '?')) => u32::from(c),
            Some('x' | 'X') => self.digits(start, 2, 16)?,
            Some('u') if !bytes => self.digits(start, 4, 16)?,
            Some('U') if !bytes => self.digits(start, 8, 16)?,
            Some('0'..='3') => {
                self.at -= 1;
                self.digits(start, 3, 8)?
            }
            _ => return Err(self.error(start, "unknown escape sequence")),
        };
        if bytes && let Ok(byte) = u8::try_from(code) {
            out.push(byte);
            return Ok(());
        }
        let c = char::from_u32(code)
            .ok_or_else(|| self.error(start, "the escape sequence names no character"))?;
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn digits(&mut self, start: usize, count: usize, radix: u32) -> Result<u32, Error> {
        let digits = self.rest().get(..count).filter(|d| d.chars().all(|c| c.is_digit(radix)));
        let value = digits.and_then(|d| u32::from_str_radix(d, radix).ok());
        self.at += digits.map_or(0, str::len);
        value.ok_or_else(|| self.error(start, "the escape sequence needs more digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<Token> {
        match tokens(text).ok()?.as_slice() {
            [(token, _), (Token::End, _)] => Some(token.clone()),
            _ => None,
        }
    }

    #[track_caller]
    fn check_text(source: &str, wanted: &str) {
        assert_eq!(one(source), Some(Token::Str(wanted.into())), "{source}");
    }

    #[track_caller]
    fn check_bytes(source: &str, wanted: &[u8]) {
        assert_eq!(one(source), Some(Token::Bytes(wanted.into())), "{source}");
    }

    #[test]
    fn escapes_are_those_of_cel() {
        check_text(r#""\a\b\f\n\r\t\v\\\'\"\?\`""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}\\'\"?`");
        check_text(r"'\x41\X42\103\u00e9\U0001F600\377'", "ABC\u{e9}\u{1f600}\u{ff}");
        check_bytes(r"b'\xff\377\x00é'", b"\xff\xff\x00\xc3\xa9");
        for bad in [
            r"'\q'",
            r"'\ '",
            r"'\8'",
            r"'\1'",
            r"'\12'",
            r"'\400'",
            r"'\x4'",
            r"'\xg1'",
            r"'\u123'",
            r"'\uD800'",
            r"'\uD83D\uDE00'",
            r"'\U00110000'",
            r"b'\u0041'",
            r"b'\U00000041'",
            r"b'\400'",
            "'\\\n'",
        ] {
            assert_eq!(one(bad), None, "{bad}");
        }
    }

    #[test]
    fn raw_text_ends_at_the_first_quote() {
        check_text(r"r'\n\x'", r"\n\x");
        check_text(r"R'\\\'", r"\\\");
        check_bytes(r"br'\x'", br"\x");
        check_bytes(r"BR'\x'", br"\x");
        for bad in [r"r'\''", "rb'a'", "rr'a'", "bb'a'"] {
            assert_eq!(one(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_three_quotes_may_span_lines_and_line_ends_become_line_feeds() {
        check_text("'''a\r\nb\rc\nd'''", "a\nb\nc\nd");
        check_text("r'''a\r\n\\'''", "a\n\\");
        check_text(r"'''\r\n'''", "\r\n");
        check_text("''''a''b'''", "'a''b");
        check_text("''''''", "");
        check_text("'\u{b}\u{c}\u{85}\u{2028}\u{1}'", "\u{b}\u{c}\u{85}\u{2028}\u{1}");
        for bad in ["'a\nb'", "r'a\rb'", "'''a'", "'a'''b'", "'''a''''"] {
            assert_eq!(one(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, wanted) in [
            ("0xFF", Token::Int(255)),
            ("0xffffffffffffffffu", Token::UInt(u64::MAX)),
            ("007", Token::Int(7)),
            ("1U", Token::UInt(1)),
            ("1e5", Token::Double(1e5)),
            (".5E-1", Token::Double(0.05)),
            ("1e-400", Token::Double(0.0)),
        ] {
            assert_eq!(one(text), Some(wanted), "{text}");
        }
        for bad in
            ["0x", "0X1", "1.", "1e", "1e+", "1_0", "1e400", "1.5u", "0x10000000000000000", "1f"]
        {
            assert_eq!(one(bad), None, "{bad}");
        }
    }

    #[test]
    fn space_is_ascii_space() {
        assert_eq!(one(" \t\r\n\u{c}1 // x \r y"), Some(Token::Int(1)));
        for bad in ["1\u{b}", "1\u{a0}", "1\u{85}", "1\u{2028}", "\u{feff}1", "1\0", "1 /* */"] {
            assert_eq!(one(bad), None, "{bad}");
        }
    }
}

//! Classes of characters and escapes.

use std::fmt::Write as _;

use super::Rewriter;

/// Matches no text.
pub(super) const NOTHING: &str = r"[^\x00-\x{10FFFF}]";
const ESCAPE: &str = "invalid escape sequence";
pub(super) const RANGE: &str = "invalid character class range";

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Part of a class, as the `regex` crate writes it inside of brackets.
#[derive(Default)]
pub(super) struct Items {
    text: String,
    size: usize,
}

impl Items {
    pub(super) fn push(&mut self, text: &str, size: usize) {
        self.text.push_str(text);
        self.size = self.size.saturating_add(size);
    }

    /// Characters from `low` to `high`, without surrogates.
    fn range(&mut self, low: u32, high: u32) {
        let low = if (0xD800..0xE000).contains(&low) { 0xE000 } else { low };
        let high = if (0xD800..0xE000).contains(&high) { 0xD7FF } else { high };
        if low <= high {
            let _ = write!(self.text, r"\x{{{low:X}}}-\x{{{high:X}}}");
            self.size = self.size.saturating_add(if high < 0x80 { 1 } else { 6 });
        }
    }
}

impl<'p> Rewriter<'p> {
    /// After `[`.
    pub(super) fn class(&mut self, before: &'p str) -> Result<(), String> {
        let is_negated = self.eat("^");
        let mut items = Items::default();
        let mut is_first = true;
        while is_first || !self.eat("]") {
            is_first = false;
            if self.posix(&mut items)? || self.named(&mut items)? {
                continue;
            }
            let from = self.rest;
            let low = self.class_char(before)?;
            let mut high = low;
            if self.rest.starts_with('-') && self.rest.len() > 1 && !self.rest.starts_with("-]") {
                self.eat("-");
                high = self.class_char(before)?;
                if high < low {
                    return Err(self.error(RANGE, from));
                }
            }
            items.range(low, high);
        }
        let size = items.size + if is_negated { 8 } else { 1 };
        self.atom(size, |out| match (is_negated, items.text.is_empty()) {
            (false, true) => out.push_str(NOTHING),
            (true, true) => out.push_str("(?s:.)"),
            (false, false) => {
                let _ = write!(out, "[{}]", items.text);
            }
            (true, false) => {
                let _ = write!(out, "[^{}]", items.text);
            }
        });
        Ok(())
    }

    fn class_char(&mut self, class: &str) -> Result<u32, String> {
        let before = self.rest;
        match self.next() {
            None => Err(format!("missing closing ]: `{class}`")),
            Some('\\') => self.escape(before),
            Some(c) => Ok(u32::from(c)),
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`
    fn posix(&mut self, items: &mut Items) -> Result<bool, String> {
        let before = self.rest;
        let inside = before.strip_prefix("[:").and_then(|inside| inside.split_once(":]"));
        let Some((name, rest)) = inside else { return Ok(false) };
        self.rest = rest;
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(self.error(RANGE, before));
        }
        items.push(&format!("[:{name}:]"), 8);
        Ok(true)
    }

    /// `\d`, `\pL`, `\p{Greek}`
    fn named(&mut self, items: &mut Items) -> Result<bool, String> {
        let before = self.rest;
        let mut chars = before.chars();
        if chars.next() != Some('\\') {
            return Ok(false);
        }
        let perl = match chars.next() {
            Some('d') => "0-9",
            Some('D') => "[^0-9]",
            Some('w') => "0-9A-Za-z_",
            Some('W') => "[^0-9A-Za-z_]",
            // Without the vertical tab.
            Some('s') => r"\t\n\x0C\r ",
            Some('S') => r"[^\t\n\x0C\r ]",
            Some(sign @ ('p' | 'P')) => {
                self.rest = chars.as_str();
                return self.unicode(before, sign == 'P', items).map(|()| true);
            }
            _ => return Ok(false),
        };
        self.rest = chars.as_str();
        items.push(perl, 8);
        Ok(true)
    }

    /// After `\` outside of brackets.
    pub(super) fn escaped(&mut self, before: &'p str) -> Result<(), String> {
        let after = self.rest;
        match self.next() {
            Some('A') => self.atom(1, |out| out.push_str(r"\A")),
            Some('z') => self.atom(1, |out| out.push_str(r"\z")),
            Some('b') => self.atom(1, |out| out.push_str(r"(?-u:\b)")),
            Some('B') => self.atom(1, |out| out.push_str(r"(?-u:\B)")),
            Some('Q') => {
                let (text, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                text.chars().for_each(|c| self.literal(u32::from(c)));
            }
            Some('C') => return Err(self.error(ESCAPE, before)),
            _ => {
                self.rest = before;
                let mut items = Items::default();
                if self.named(&mut items)? {
                    let empty = items.text.is_empty();
                    self.atom(items.size, |out| {
                        let _ = match empty {
                            true => write!(out, "{NOTHING}"),
                            false => write!(out, "[{}]", items.text),
                        };
                    });
                } else {
                    self.rest = after;
                    let code = self.escape(before)?;
                    self.literal(code);
                }
            }
        }
        Ok(())
    }

    /// After `\`: one character.
    fn escape(&mut self, before: &str) -> Result<u32, String> {
        let Some(c) = self.next() else {
            return Err("trailing backslash at end of expression: ``".to_owned());
        };
        let code = match c {
            'a' => Some(7),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            'x' => self.hexadecimal(),
            // A digit alone would be a reference to a group.
            '1'..='7' if !self.rest.starts_with(|c| matches!(c, '0'..='7')) => None,
            '0'..='7' => {
                let mut code = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.rest.chars().next().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    self.next();
                    code = code * 8 + digit;
                }
                Some(code)
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
            _ => None,
        };
        code.ok_or_else(|| self.error(ESCAPE, before))
    }

    /// After `\x`: two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut code = None;
        loop {
            match self.next()? {
                '}' => return code,
                digit => {
                    let wider = code.unwrap_or(0) * 16 + digit.to_digit(16)?;
                    code = Some(wider).filter(|code| *code <= u32::from(char::MAX));
                    code?;
                }
            }
        }
    }
}

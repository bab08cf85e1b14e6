//! RE2's dialect, as Go reads it, for the `regex` crate (docs/semantics.md, rule F5).
//!
//! Both are automata with the same core; what differs is rewritten: Perl classes are ASCII, `\s` has no
//! vertical tab, `\Q..\E` and octal escapes exist, `{` may be a literal, and a class knows no set operations.

use regex::{Regex, RegexBuilder};

/// Memory that one compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;
const MAX_REPEAT: u32 = 1000;

/// # Errors
///
/// What is wrong with the pattern, in one line.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let rewritten =
        Rewriter { rest: pattern, out: String::with_capacity(pattern.len() + 16) }.rewrite()?;
    RegexBuilder::new(&rewritten).size_limit(SIZE_LIMIT).build().map_err(|error| {
        error.to_string().lines().last().unwrap_or("not a valid pattern").trim().to_owned()
    })
}

struct Rewriter<'p> {
    rest: &'p str,
    out: String,
}

impl Rewriter<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn rewrite(mut self) -> Result<String, String> {
        // Whether a repetition would apply to a repetition, which Go refuses.
        let mut after_repeat = false;
        let mut at_start = true;
        while let Some(c) = self.next() {
            let mut is_repeat = false;
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '*' | '+' | '?' => {
                    is_repeat = true;
                    self.out.push(c);
                }
                '{' => match self.repeat()? {
                    Some(repeat) => {
                        is_repeat = true;
                        self.out.push_str(&repeat);
                    }
                    None => self.out.push_str(r"\{"),
                },
                '}' => self.out.push_str(r"\}"),
                ']' => self.out.push_str(r"\]"),
                other => self.out.push(other),
            }
            if is_repeat {
                if after_repeat {
                    return Err("invalid nested repetition operator".to_owned());
                }
                if at_start {
                    return Err("missing argument to repetition operator".to_owned());
                }
                if self.eat("?") {
                    self.out.push('?');
                }
            }
            after_repeat = is_repeat;
            at_start = matches!(c, '|');
        }
        Ok(self.out)
    }

    /// `{n}`, `{n,}`, `{n,m}`; any other brace is a literal.
    fn repeat(&mut self) -> Result<Option<String>, String> {
        let Some((inside, rest)) = self.rest.split_once('}') else { return Ok(None) };
        let (low, high) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !is_number(low) || !(high.is_empty() || is_number(high)) {
            return Ok(None);
        }
        if [low, high]
            .iter()
            .filter(|t| !t.is_empty())
            .any(|t| t.parse::<u32>().map_or(true, |n| n > MAX_REPEAT))
        {
            return Err("invalid repeat count".to_owned());
        }
        let repeat = format!("{{{inside}}}");
        self.rest = rest;
        Ok(Some(repeat))
    }

    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if !self.eat("?") {
            return Ok(());
        }
        self.out.push('?');
        if self.rest.starts_with("P<") || self.rest.starts_with('<') {
            return Ok(());
        }
        let flags = self.rest.split([':', ')']).next().unwrap_or_default();
        if flags.chars().all(|c| matches!(c, 'i' | 'm' | 's' | 'U' | '-')) {
            Ok(())
        } else {
            Err("invalid or unsupported Perl syntax".to_owned())
        }
    }

    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(c) = self.next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        let class = |inside: &str, negated: bool| match (in_class, negated) {
            (true, false) => inside.to_owned(),
            (false, false) => format!("[{inside}]"),
            (_, true) => format!("[^{inside}]"),
        };
        match c {
            'd' | 'D' => self.out.push_str(&class("0-9", c == 'D')),
            'w' | 'W' => self.out.push_str(&class("0-9A-Za-z_", c == 'W')),
            's' | 'S' => self.out.push_str(&class(r"\t\n\x0C\r ", c == 'S')),
            'b' | 'B' if !in_class => {
                self.out.push_str(if c == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
            }
            'Q' => {
                let (text, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                text.chars().for_each(|c| self.literal(c));
            }
            'p' | 'P' => {
                if self.rest.get(..4).is_some_and(|t| t.starts_with("{Is") || t.starts_with("{^Is"))
                {
                    return Err("invalid character class range".to_owned());
                }
                self.out.push('\\');
                self.out.push(c);
                if let Some((name, rest)) =
                    self.rest.split_once('}').filter(|(name, _)| name.starts_with('{'))
                {
                    self.out.push_str(name);
                    self.out.push('}');
                    self.rest = rest;
                }
            }
            '0'..='7' => {
                let digits =
                    self.rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
                if c != '0' && digits == 0 {
                    return Err("invalid escape sequence".to_owned());
                }
                let octal: String =
                    std::iter::once(c).chain(self.rest.chars().take(digits)).collect();
                self.rest = self.rest.get(digits..).unwrap_or_default();
                let code = u32::from_str_radix(&octal, 8).ok().and_then(char::from_u32);
                self.literal(code.ok_or("invalid escape sequence")?);
            }
            'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'x' | 'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if c.is_ascii_punctuation() => self.literal(c),
            _ => return Err("invalid escape sequence".to_owned()),
        }
        Ok(())
    }

    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            if self.rest.starts_with("[:")
                && let Some((name, rest)) = self.rest.get(2..).and_then(|r| r.split_once(":]"))
                && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'^')
            {
                self.out.push_str(&format!("[:{name}:]"));
                self.rest = rest;
                first = false;
                continue;
            }
            match self.next() {
                None => return Err("missing closing ]".to_owned()),
                Some(']') if !first => break,
                Some('\\') => self.escape(true)?,
                // `&&`, `~~`, `--` and `[` would be set operations.
                Some(c @ ('[' | ']' | '&' | '~')) => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                Some('-') if self.rest.starts_with('-') => self.out.push_str(r"\-"),
                Some(c) => self.out.push(c),
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[track_caller]
    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text)
    }

    #[test]
    fn perl_classes_are_ascii() {
        assert!(!matches(r"^\d$", "\u{663}"));
        assert!(!matches(r"^\w$", "é"));
        assert!(matches(r"^\p{Greek}\P{Greek}$", "αa"));
        assert!(!matches(r"^\s$", "\u{b}"));
        assert!(matches(r"^\s$", "\u{c}"));
        assert!(matches(r"^[\d\s]+$", "1 2"));
    }

    #[test]
    fn what_only_go_knows_works() {
        assert!(matches(r"^\Qa.b\E$", "a.b"));
        assert!(!matches(r"^\Qa.b\E$", "axb"));
        assert!(matches(r"^\141$", "a"));
        assert!(matches(r"^a{,2}$", "a{,2}"));
        assert!(matches(r"^[a&&b]+$", "&ab"));
        assert!(matches(r"^[[a]+$", "[a"));
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for bad in ["a**", "(?x)a", r"\p{IsGreek}", "a{1001}", "(?=a)", r"(a)\1", "*a", "[a", r"\"]
        {
            assert!(compile(bad).is_err(), "{bad}");
        }
    }
}

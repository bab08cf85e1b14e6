//! RE2's dialect, as Go reads it, for the `regex` crate (docs/semantics.md, rule F5).
//!
//! Both are automata with the same core, and what a pattern matches is what the crate says. What is a pattern is said
//! here, in Go's words: the rewritten pattern is one that the crate reads the same way.

mod class;
mod flags;
mod repeat;
mod unicode;

use regex::{Regex, RegexBuilder};

use flags::Flags;

/// Bytes that one compiled pattern may take.
const SIZE_LIMIT: usize = 64 << 20;
/// Largest pattern, in units of [`Pattern::size`]. As Go's, which counts instructions.
const MAX_SIZE: usize = 3_000_000;
/// Groups inside of groups. Go allows 1000, and compiles with a stack that grows.
const MAX_DEPTH: usize = 250;

/// # Errors
///
/// What is wrong with the pattern, as Go says it.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    Pattern::read(pattern)?.build()
}

/// A pattern that is one.
pub(crate) struct Pattern {
    rewritten: String,
    size: usize,
    captures: usize,
}

impl Pattern {
    /// Takes time in proportion to the text.
    ///
    /// # Errors
    ///
    /// As [`compile`].
    pub(crate) fn read(pattern: &str) -> Result<Self, String> {
        Rewriter::new(pattern).rewrite()
    }

    /// The same pattern in the words of the `regex` crate.
    #[cfg(feature = "schema")]
    pub(crate) fn rewritten(&self) -> &str {
        &self.rewritten
    }

    /// What compiling costs, in characters that are looked for.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How many groups capture; the crate does not count those that `{0}` repeats.
    pub(super) fn captures(&self) -> usize {
        self.captures
    }

    /// # Errors
    ///
    /// The pattern is too large.
    pub(super) fn build(&self) -> Result<Regex, String> {
        let built = RegexBuilder::new(&self.rewritten).size_limit(SIZE_LIMIT).build();
        built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                format!("expression too large: `{}`", self.rewritten)
            }
            error => error.to_string().replace('\n', " "),
        })
    }
}

/// What a repetition applies to.
struct Atom {
    /// Where it begins in the output.
    start: usize,
    size: usize,
    /// How often its most repeated part is repeated.
    repeats: usize,
    is_repeated: bool,
}

/// An open group, or the whole pattern.
struct Group {
    start: usize,
    /// Flags outside of it.
    flags: Flags,
    written: Flags,
    size: usize,
    repeats: usize,
}

struct Rewriter<'p> {
    pattern: &'p str,
    rest: &'p str,
    out: String,
    flags: Flags,
    /// Flags as the output has set them.
    written: Flags,
    groups: Vec<Group>,
    size: usize,
    repeats: usize,
    captures: usize,
    last: Option<Atom>,
}

impl<'p> Rewriter<'p> {
    fn new(pattern: &'p str) -> Self {
        Self {
            pattern,
            rest: pattern,
            out: String::with_capacity(pattern.len() + 16),
            flags: Flags::default(),
            written: Flags::default(),
            groups: Vec::new(),
            size: 0,
            repeats: 1,
            captures: 0,
            last: None,
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// An error about what was read since `from`.
    fn error(&self, what: &str, from: &str) -> String {
        let read = from.get(..from.len() - self.rest.len()).unwrap_or(from);
        format!("{what}: `{read}`")
    }

    fn rewrite(mut self) -> Result<Pattern, String> {
        // Where the repetition begins that was read just now.
        let mut repeated: Option<&str> = None;
        loop {
            let before = self.rest;
            let Some(c) = self.next() else { break };
            let repeat = match c {
                '*' => Some((0, None)),
                '+' => Some((1, None)),
                '?' => Some((0, Some(1))),
                '{' => self.counts(before)?,
                _ => None,
            };
            if let Some((min, max)) = repeat {
                self.repeat(before, repeated, min, max)?;
                repeated = Some(before);
                continue;
            }
            repeated = None;
            match c {
                '(' => self.open(before)?,
                ')' => self.close()?,
                '|' => {
                    self.settle();
                    self.out.push('|');
                }
                '[' => self.class(before)?,
                '\\' => self.escaped(before)?,
                '^' | '$' => self.atom(1, |out| out.push(c)),
                '.' => self.atom(8, |out| out.push('.')),
                c => self.literal(u32::from(c)),
            }
            if self.size > MAX_SIZE {
                return Err(format!("expression too large: `{}`", self.pattern));
            }
        }
        if !self.groups.is_empty() {
            return Err(format!("missing closing ): `{}`", self.pattern));
        }
        self.settle();
        if self.size > MAX_SIZE {
            return Err(format!("expression too large: `{}`", self.pattern));
        }
        Ok(Pattern { rewritten: self.out, size: self.size, captures: self.captures })
    }

    /// Nothing repeats what came before.
    fn settle(&mut self) {
        if let Some(atom) = self.last.take() {
            self.size = self.size.saturating_add(atom.size);
            self.repeats = self.repeats.max(atom.repeats);
        }
    }

    /// Writes what may be repeated.
    fn atom(&mut self, size: usize, write: impl FnOnce(&mut String)) {
        self.settle();
        self.write_flags();
        let start = self.out.len();
        write(&mut self.out);
        self.last = Some(Atom { start, size, repeats: 1, is_repeated: false });
    }

    /// Flags are written before what they apply to, so that nothing comes between that and its repetition.
    fn write_flags(&mut self) {
        if self.written != self.flags {
            self.out.push_str(self.flags.setting());
            self.written = self.flags;
        }
    }

    fn literal(&mut self, code: u32) {
        let size = if code < 0x80 { 1 } else { 3 };
        self.atom(size, |out| match char::from_u32(code) {
            Some(c) => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            // A surrogate, which no text has.
            None => out.push_str(class::NOTHING),
        });
    }

    /// After `(`: a group, or flags.
    fn open(&mut self, before: &'p str) -> Result<(), String> {
        let (mut flags, mut is_group, mut captures) = (self.flags, true, true);
        if self.eat("?") {
            let named = self.rest.strip_prefix("P<").or_else(|| self.rest.strip_prefix('<'));
            // Go does not look for a name where there is no place for one.
            match named.filter(|name| !name.is_empty()) {
                Some(name) => self.name(before, name)?,
                None => {
                    (flags, is_group) = self.flags(before)?;
                    captures = false;
                }
            }
        }
        if !is_group {
            self.flags = flags;
            return Ok(());
        }
        if self.groups.len() >= MAX_DEPTH {
            return Err(format!("expression nests too deeply: `{}`", self.pattern));
        }
        self.settle();
        self.write_flags();
        self.groups.push(Group {
            start: self.out.len(),
            flags: self.flags,
            written: self.written,
            size: std::mem::replace(&mut self.size, 2),
            repeats: std::mem::replace(&mut self.repeats, 1),
        });
        self.flags = flags;
        self.captures += usize::from(captures);
        self.out.push_str(if captures { "(" } else { "(?:" });
        Ok(())
    }

    /// Names are of no use here, and Go takes some that the crate does not.
    fn name(&mut self, before: &str, from: &'p str) -> Result<(), String> {
        let Some((name, rest)) = from.split_once('>') else {
            return Err(format!("invalid named capture: `{before}`"));
        };
        self.rest = rest;
        if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
            return Err(self.error("invalid named capture", before));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        self.settle();
        let Some(group) = self.groups.pop() else {
            return Err(format!("unexpected ): `{}`", self.pattern));
        };
        self.out.push(')');
        self.last = Some(Atom {
            start: group.start,
            size: self.size,
            repeats: self.repeats,
            is_repeated: false,
        });
        (self.flags, self.written) = (group.flags, group.written);
        (self.size, self.repeats) = (group.size, group.repeats);
        Ok(())
    }
}
#[cfg(test)]
mod tests {
    use super::{Pattern, compile};

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
        assert!(matches(r"^\Qab\E+$", "abb"));
        assert!(matches(r"^\141\x62\x{63}$", "abc"));
        assert!(matches(r"^a{,2}a{01}$", "a{,2}a{01}"));
        assert!(matches(r"^[a&&b]+$", "&ab"));
        assert!(matches(r"^[[a]+$", "[a"));
        assert!(matches(r"^[]a-]+$", "]a-"));
        assert!(matches(r"^(?P<1>a)(?<n>b)(?<n>c)(?)$", "abc"));
    }

    #[test]
    fn classes_are_folded_as_go_folds_them() {
        for (pattern, text) in
            [(r"(?i)^\w$", "\u{17f}"), ("(?i)^k$", "\u{212a}"), (r"(?i)^\P{Lu}$", "1")]
        {
            assert!(matches(pattern, text), "{pattern}");
        }
        for (pattern, text) in
            [(r"(?i)^\W$", "\u{17f}"), ("(?i)^[^k]$", "\u{212a}"), (r"(?i)\bk\b", "\u{212a}")]
        {
            assert!(!matches(pattern, text), "{pattern}");
        }
    }

    #[test]
    fn flags_apply_until_their_group_ends() {
        assert!(matches("^(a(?i)b|c)C$", "CC") && !matches("^(a(?i)b|c)C$", "Cc"));
        assert!(matches("^a(?i)*$", "aa") && !matches("^a(?i)*$", "A"));
        assert_eq!(compile("(?U)a+").unwrap().find("aa").unwrap().as_str(), "a");
        assert_eq!(compile("(?U)a+?").unwrap().find("aa").unwrap().as_str(), "aa");
        // Not a lazy repetition, but a repeated one.
        assert_eq!(compile("a*(?i)?").unwrap().find("aa").unwrap().as_str(), "aa");
    }

    #[test]
    fn names_of_unicode_classes_are_gos() {
        for good in [
            "L",
            "letter",
            " Upper-case_letter",
            "^Greek",
            "GREEK",
            "LC",
            "Cn",
            "Cs",
            "Any",
            "digit",
        ] {
            assert!(compile(&format!(r"\p{{{good}}}")).is_ok(), "{good}");
        }
        for bad in
            ["Grek", "IsGreek", "Old_Italic", "sc=Greek", "Alphabetic", "White_Space", "L&", ""]
        {
            assert!(compile(&format!(r"\p{{{bad}}}")).is_err(), "{bad}");
        }
        assert!(!matches(r"\p{Cs}|[\x{D800}-\x{DFFF}]|\x{D800}", "\u{d7ff}\u{e000}"));
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        for (pattern, wanted) in [
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{2}?{3}?", "invalid nested repetition operator: `{2}?{3}?`"),
            ("(*)", "missing argument to repetition operator: `*`"),
            ("a|{2,3}", "missing argument to repetition operator: `{2,3}`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{2,1}", "invalid repeat count: `{2,1}`"),
            ("((a{10}){10}){11}", "invalid repeat count: `{11}`"),
            ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?i-)", "invalid or unsupported Perl syntax: `(?i-)`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?<n", "invalid named capture: `(?<n`"),
            ("(?P<a b>c)", "invalid named capture: `(?P<a b>`"),
            (r"(a)\1", r"invalid escape sequence: `\1`"),
            (r"\C", r"invalid escape sequence: `\C`"),
            (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
            (r"[\Qa\E]", r"invalid escape sequence: `\Q`"),
            (r"a\", "trailing backslash at end of expression: ``"),
            (r"\pX", r"invalid character class range: `\pX`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("b[a", "missing closing ]: `[a`"),
            ("a(b", "missing closing ): `a(b`"),
            ("a)b", "unexpected ): `a)b`"),
        ] {
            assert_eq!(compile(pattern).unwrap_err(), wanted, "{pattern}");
        }
    }

    #[test]
    fn hostile_patterns_end_within_bounds() {
        let deep = |depth: usize| "(?:a|(b".repeat(depth) + &"c)*d)*".repeat(depth);
        assert!(compile(&deep(30)).is_ok());
        assert!(compile(&deep(100)).is_err());
        assert!(compile(&deep(5_000)).unwrap_err().starts_with("expression nests too deeply"));
        assert!(
            compile(&"a{1000}".repeat(10_000)).unwrap_err().starts_with("expression too large")
        );
        assert!(compile(&("a*".to_owned() + &"(?)*".repeat(5_000))).is_err());
        // A repetition by zero hides what it repeats from Go's count.
        assert!(compile("((a{501}){0}){2}").is_ok());
        assert!(Pattern::read(r"\pL{1000}").unwrap().size() > 400_000);
    }
}

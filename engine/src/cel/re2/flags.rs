//! `(?flags)` and `(?flags:..)`.

use super::Rewriter;

/// Which flags are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    many_lines: bool,
    dot_is_all: bool,
    /// `U`. Repetitions are written with or without `?` accordingly, and the flag is not.
    pub(super) swap_greed: bool,
}

impl Flags {
    /// How the `regex` crate is told.
    pub(super) fn setting(self) -> &'static str {
        match (self.fold_case, self.many_lines, self.dot_is_all) {
            (false, false, false) => "(?-ims)",
            (true, false, false) => "(?i-ms)",
            (false, true, false) => "(?m-is)",
            (false, false, true) => "(?s-im)",
            (true, true, false) => "(?im-s)",
            (true, false, true) => "(?is-m)",
            (false, true, true) => "(?ms-i)",
            (true, true, true) => "(?ims)",
        }
    }
}

impl Rewriter<'_> {
    /// After `(?`: flags, and whether a group begins.
    pub(super) fn flags(&mut self, before: &str) -> Result<(Flags, bool), String> {
        let mut flags = self.flags;
        let (mut value, mut is_any) = (true, false);
        loop {
            let flag = match self.next() {
                Some('i') => &mut flags.fold_case,
                Some('m') => &mut flags.many_lines,
                Some('s') => &mut flags.dot_is_all,
                Some('U') => &mut flags.swap_greed,
                Some('-') if value => {
                    (value, is_any) = (false, false);
                    continue;
                }
                Some(end @ (':' | ')')) if value || is_any => return Ok((flags, end == ':')),
                _ => return Err(self.error("invalid or unsupported Perl syntax", before)),
            };
            *flag = value;
            is_any = true;
        }
    }
}

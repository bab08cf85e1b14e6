//! Paths as text, those of Unix and those of Windows alike (docs/semantics.md, rule F26).
//!
//! A backslash anywhere makes a path a Windows one. Paths are cleaned as Go's `filepath.Clean` does: `.` and empty
//! parts go, `..` takes the part before it along.

use std::borrow::Cow;

use smallvec::SmallVec;

/// A path, cleaned.
#[derive(Debug)]
pub(super) struct Path<'a> {
    text: &'a str,
    style: Style,
    /// Whether it begins with a separator; drives and shares do.
    is_rooted: bool,
    parts: SmallVec<[&'a str; 8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Unix,
    /// With backslashes, and neither of the others.
    Windows,
    /// `C:\a`; the drive is the first part.
    Drive,
    /// `\\host\share\a`
    Share,
}

impl<'a> Path<'a> {
    /// Reads a path. There is none for `C:a` and `C:/a`, which lack a backslash.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let is_windows = text.contains('\\');
        let style = match text {
            _ if text.starts_with(r"\\") => Style::Share,
            _ if has_drive(text) => (is_windows || text.len() == 2).then_some(Style::Drive)?,
            _ if is_windows => Style::Windows,
            _ => Style::Unix,
        };
        let is_rooted = style == Style::Drive || text.starts_with(['/', '\\']);
        let mut path = Self { text, style, is_rooted, parts: SmallVec::new() };
        text.split(['/', '\\']).for_each(|part| path.push(part));
        Some(path)
    }

    fn push(&mut self, part: &'a str) {
        match part {
            "" | "." => {}
            ".." if self.parts.last().is_some_and(|last| *last != "..") => {
                self.parts.pop();
            }
            ".." if self.is_rooted => {}
            _ => self.parts.push(part),
        }
    }

    /// The last part.
    pub(super) fn base(&self) -> &'a str {
        let whole = if self.is_rooted { "/" } else { "." };
        self.parts.last().copied().unwrap_or(whole)
    }

    /// What follows the last dot of the last part, with the dot.
    pub(super) fn extension(&self) -> &'a str {
        let base = self.base();
        base.rfind('.').and_then(|at| base.get(at..)).unwrap_or_default()
    }

    /// All but the last part. A Windows path of one part that is not rooted has none.
    pub(super) fn dir(&self) -> Option<Cow<'a, str>> {
        let parent = self.parts.split_last().map_or(&[][..], |(_, parent)| parent);
        Some(match self.style {
            Style::Unix => self.show(parent),
            Style::Windows if parent.is_empty() => self.is_rooted.then_some("")?.into(),
            Style::Windows => self.show(parent),
            // The root of a drive; not one that is left after cleaning.
            Style::Drive if self.text.len() <= 3 => self.show(&self.parts) + "\\",
            Style::Drive => self.show(parent),
            Style::Share if self.is_share() => self.show(&self.parts),
            Style::Share if parent.is_empty() => "\\".into(),
            Style::Share => self.show(parent),
        })
    }

    /// Whether it is `\\host\share` as written.
    fn is_share(&self) -> bool {
        self.text.get(2..).is_some_and(|rest| rest.matches('\\').count() == 1)
    }

    /// The path of another one below this one.
    pub(super) fn join(&mut self, below: &Self) {
        below.parts.iter().for_each(|part| self.push(part));
    }

    /// The path as its style writes it.
    pub(super) fn shown(&self) -> Cow<'a, str> {
        self.show(&self.parts)
    }

    /// The path with slashes, whatever its style.
    pub(super) fn slashed(&self) -> Cow<'a, str> {
        match self.style {
            Style::Unix => self.shown(),
            _ => write(if self.is_rooted { "/" } else { "" }, &self.parts, "/").into(),
        }
    }

    fn show(&self, parts: &[&'a str]) -> Cow<'a, str> {
        let (start, separator) = match self.style {
            Style::Unix if self.is_rooted => ("/", "/"),
            Style::Unix => ("", "/"),
            Style::Windows if self.is_rooted => ("\\", "\\"),
            Style::Windows | Style::Drive => ("", "\\"),
            Style::Share => ("\\\\", "\\"),
        };
        if parts.is_empty() && start.is_empty() && self.style != Style::Drive {
            return ".".into();
        }
        match self.beginning(start, parts, separator) {
            Some(borrowed) => borrowed.into(),
            None => write(start, parts, separator).into(),
        }
    }

    /// Part of the text, where that begins with what is to be shown.
    fn beginning(&self, start: &str, parts: &[&str], separator: &str) -> Option<&'a str> {
        let mut rest = self.text.strip_prefix(start)?;
        for (i, part) in parts.iter().enumerate() {
            rest = if i > 0 { rest.strip_prefix(separator)? } else { rest };
            rest = rest.strip_prefix(part)?;
        }
        self.text.get(..self.text.len() - rest.len())
    }

    /// How to get here from a base: parts to go up, and parts to go down. Not every path can be got to.
    pub(super) fn relative_to(&self, base: &Path<'_>) -> Option<(usize, &[&'a str])> {
        let shared = self.parts.iter().zip(&base.parts).take_while(|(a, b)| a == b).count();
        let up = base.parts.get(shared..).unwrap_or_default();
        let is_known = self.is_rooted == base.is_rooted && up.first() != Some(&"..");
        is_known.then(|| (up.len(), self.parts.get(shared..).unwrap_or_default()))
    }

    /// [`relative_to`](Self::relative_to) as text, in this path's style.
    pub(super) fn relative_text(&self, base: &Path<'_>) -> Option<Cow<'a, str>> {
        let separator = if self.style == Style::Unix { "/" } else { "\\" };
        Some(match self.relative_to(base)? {
            (0, []) => ".".into(),
            (0, [part]) => (*part).into(),
            (up, down) => {
                let parts: Vec<&str> =
                    std::iter::repeat_n("..", up).chain(down.iter().copied()).collect();
                parts.join(separator).into()
            }
        })
    }
}

fn write(start: &str, parts: &[&str], separator: &str) -> String {
    let parts = parts.join(separator);
    if start.is_empty() && parts.is_empty() { ".".to_owned() } else { [start, &parts].concat() }
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// `C:` or `\\host\share`, where a text begins with it.
pub(super) fn volume(text: &str) -> &str {
    let Some(share) = text.strip_prefix(r"\\") else {
        return if has_drive(text) { text.get(..2).unwrap_or_default() } else { "" };
    };
    let mut parts = share.splitn(3, '\\');
    match (parts.next(), parts.next()) {
        (Some(host), Some(name)) if !host.is_empty() && !name.is_empty() => {
            text.get(..2 + host.len() + 1 + name.len()).unwrap_or_default()
        }
        _ => "",
    }
}

//! The table for people.

use std::fmt;

use super::{
    super::{Access, Basis, Check, Route, Rule, Source},
    Manifest,
};

/// In the words of the table: `view on album with scope photos.read, loaded`, `any caller`, `public: liveness probe`.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(check) => check.fmt(f),
            Self::Authenticated { scope } => {
                f.write_str("any caller")?;
                with_scope(*scope, f)
            }
            Self::Public { reason } => write!(f, "public: {}", one_line(reason)),
            Self::All([]) => f.write_str("any caller"),
            Self::All(parts) => {
                for (position, part) in parts.iter().enumerate() {
                    if position > 0 {
                        f.write_str("; and ")?;
                    }
                    part.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

/// In the words of the table: `view on album with scope photos.read, loaded`.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", one_line(self.action()), one_line(self.resource()))?;
        with_scope(self.required_scope(), f)?;
        f.write_str(match self.basis() {
            Basis::Request => "",
            Basis::Loaded => ", loaded",
            Basis::Body => ", with its body",
            Basis::Changed => ", before and after the change",
        })?;
        if self.is_concealed() {
            f.write_str(", concealed")?;
        }
        let absent = absent(self).map(one_line).collect::<Vec<_>>();
        if !absent.is_empty() {
            write!(f, ", without {}", absent.join(" and "))?;
        }
        Ok(())
    }
}

/// In the words of the table: what the handler declares, or `unguarded: scraped on a private port`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(access) => access.fmt(f),
            Self::Unguarded(why) => write!(f, "unguarded: {}", one_line(why.reason())),
        }
    }
}

/// The attributes that are said never to be there.
pub(super) fn absent(check: &Check) -> impl Iterator<Item = &'static str> {
    let declared = check.attr_sources().iter();
    let declared = declared.filter(|(_, source)| *source == Source::Absent).map(|(name, _)| *name);
    let of_type = check.shape().map_or(&[][..], |shape| shape.absent);
    declared.chain(of_type.iter().copied())
}

fn with_scope(scope: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    scope.map_or(Ok(()), |scope| write!(f, " with scope {}", one_line(scope)))
}

/// A reason may have been written over several lines; a row has one, and nothing in it changes how others look.
pub(in crate::guard) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            // What writes from right to left, and what has no width.
            let is_hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
            match c.is_control() || is_hidden {
                true => line.extend(c.escape_unicode()),
                false => line.push(c),
            }
        }
    }
    line
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_location = !f.alternate();
        let header = ["METHOD", "PATH", "ACCESS", "LOCATION"].map(str::to_owned);
        let rows: Vec<[String; 4]> =
            std::iter::once(header).chain(self.routes().iter().map(row)).collect();
        let mut widths = [0; 4];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let [method, path, access, _] = widths;
        for (position, [a, b, c, d]) in rows.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{a:method$}  {b:path$}  ")?;
            match with_location {
                true => write!(f, "{c:access$}  {d}")?,
                false => f.write_str(c)?,
            }
        }
        Ok(())
    }
}

fn row(route: &Route) -> [String; 4] {
    let fallback = if route.is_fallback() { " (fallback)" } else { "" };
    let location = route.location();
    [
        method(route).to_owned(),
        format!("{}{fallback}", one_line(route.path())),
        route.rule().to_string(),
        format!("{}:{}", location.file(), location.line()),
    ]
}

/// The method, or `any`.
pub(super) fn method(route: &Route) -> &str {
    route.method().map_or("any", http::Method::as_str)
}

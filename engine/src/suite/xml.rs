//! Indented XML with Go's escapes (`&#34;`, `&#xA;`).
//!
//! A writer of our own: Cerbos' report has elements that JUnit does not know (`success`, `outputs`), which `quick-junit` cannot
//! write, and XML libraries escape in other ways, while reports are compared letter for letter.

use std::fmt::{self, Display, Formatter, Write as _};

/// Writes elements.
pub(super) struct Xml<'o, 'f> {
    out: &'o mut Formatter<'f>,
    depth: usize,
}

impl<'o, 'f> Xml<'o, 'f> {
    pub(super) fn new(out: &'o mut Formatter<'f>) -> Self {
        Self { out, depth: 0 }
    }
}

impl Xml<'_, '_> {
    fn open(&mut self, name: &str, attributes: &[(&'static str, String)]) -> fmt::Result {
        if self.depth > 0 {
            write!(self.out, "\n{:1$}", "", self.depth * 2)?;
        }
        write!(self.out, "<{name}")?;
        for (name, value) in attributes {
            write!(self.out, " {name}=\"{}\"", Escaped(value))?;
        }
        self.out.write_char('>')
    }

    /// An element with elements in it.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&'static str, String)],
        children: impl FnOnce(&mut Xml<'_, '_>) -> fmt::Result,
    ) -> fmt::Result {
        self.open(name, attributes)?;
        let depth = self.depth;
        children(&mut Xml { out: self.out, depth: depth + 1 })?;
        write!(self.out, "\n{:1$}</{name}>", "", depth * 2)
    }

    /// An element with text in it.
    pub(super) fn text(
        &mut self,
        name: &str,
        attributes: &[(&'static str, String)],
        text: &str,
    ) -> fmt::Result {
        self.open(name, attributes)?;
        write!(self.out, "{}</{name}>", Escaped(text))
    }

    /// An element with text that is not escaped.
    pub(super) fn data(&mut self, name: &str, text: &str) -> fmt::Result {
        self.open(name, &[])?;
        if !text.is_empty() {
            write!(self.out, "<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))?;
        }
        write!(self.out, "</{name}>")
    }
}

struct Escaped<'t>(&'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("&#34;")?,
                '\'' => f.write_str("&#39;")?,
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '\t' => f.write_str("&#x9;")?,
                '\n' => f.write_str("&#xA;")?,
                '\r' => f.write_str("&#xD;")?,
                // XML has no other control characters, and not these two.
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

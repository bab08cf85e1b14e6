//! How a diagnostic looks: plain text, in the manner of rustc.

use std::fmt;

use super::{Diagnostic, Severity};

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}[{}]: {}", self.severity, self.code.as_str(), self.message)?;
        if self.position.line == 0 {
            writeln!(f, "  --> {}", self.file)?;
        } else {
            writeln!(f, "  --> {}:{}:{}", self.file, self.position.line, self.position.column)?;
        }
        if let Some(excerpt) = &self.excerpt {
            let number = self.position.line.to_string();
            let gutter = " ".repeat(number.len());
            let indent: String = excerpt
                .chars()
                .take(self.position.column.saturating_sub(1))
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            writeln!(f, "{gutter} |")?;
            writeln!(f, "{number} | {excerpt}")?;
            writeln!(f, "{gutter} | {indent}^")?;
        }
        if !self.path.is_empty() {
            writeln!(f, "  = at {}", self.path)?;
        }
        if let Some(related) = self.related {
            writeln!(f, "  = first at {}:{}", related.line, related.column)?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "  = help: {help}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::{Code, Diagnostic, Position};

    #[test]
    fn a_diagnostic_shows_the_line_and_points_at_the_column() {
        let mut d = Diagnostic::error(
            Code::UnknownField,
            "album.yaml",
            Position { line: 2, column: 3 },
            "unknown field `foo`",
        )
        .at_path("$.resourcePolicy")
        .help("did you mean `rules`?");
        d.excerpt = Some("  foo: 1".into());
        assert_eq!(
            d.to_string(),
            "error[unknown-field]: unknown field `foo`\n  --> album.yaml:2:3\n  |\n2 |   foo: 1\n  |   ^\n  = at $.resourcePolicy\n  = help: did you mean `rules`?\n"
        );
    }
}

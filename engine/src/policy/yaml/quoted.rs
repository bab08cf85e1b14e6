//! `expr: "GB" in R.attr.x`: text after a quoted value.

use super::super::source::File;
use crate::diag::{Code, Diagnostic, Position};

/// YAML forbids text after a quoted scalar. It is the commonest slip in policies, so it gets words of its own
/// (rule Y6). Asked only about files that do not parse.
pub(super) fn find(file: &File) -> Vec<Diagnostic> {
    let mut block_indent = None;
    let mut found = Vec::new();
    for (number, line) in file.text().lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() || block_indent.is_some_and(|limit| indent > limit) {
            continue;
        }
        block_indent = None;
        let trimmed = line.trim_start().trim_start_matches("- ");
        let Some((_, value)) = trimmed.split_once(": ") else { continue };
        let value = value.trim();
        if value.starts_with(['|', '>']) {
            block_indent = Some(indent);
            continue;
        }
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        if trimmed.starts_with(['{', '[', '"', '\'', '#']) {
            continue;
        }
        let Some(rest) = after_quoted(value, quote) else { continue };
        let rest = rest.trim_start();
        if !rest.is_empty() && !rest.starts_with(['#', ',', ']', '}', ':']) {
            let column =
                line.find(value).map_or(1, |n| line.get(..n).map_or(0, |s| s.chars().count()) + 1);
            let position = Position { line: number + 1, column };
            found.push(
                file.problem(
                    Code::YamlSyntax,
                    position,
                    "a value that begins with a quoted string must end with it",
                )
                .help("put the expression in a block: `expr: |-` and the text indented on the next line"),
            );
            if found.len() >= super::MAX_PROBLEMS {
                break;
            }
        }
    }
    found
}

fn after_quoted(value: &str, quote: char) -> Option<&str> {
    let mut chars = value.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                chars.next();
            } else {
                return value.get(i + 1..);
            }
        }
    }
    None
}

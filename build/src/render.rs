//! The text of the modules.

use std::collections::BTreeMap;

use crate::{names, vocabulary::Kind};

/// The modules of all kinds, or which names cannot be told apart.
pub(crate) fn render(
    kinds: &BTreeMap<String, Kind>,
    crate_path: &str,
) -> Result<String, Vec<String>> {
    let mut same = Vec::new();
    let modules = distinct(kinds, names::module, &mut same, |a, b, name| {
        format!("the kinds `{a}` and `{b}` would both be the module `{name}`: rename one of them")
    });
    let mut text = String::from("// Written by `axum-authz-build` from the policies.\n");
    for (module, (name, kind)) in modules {
        let types = distinct(&kind.actions, names::type_name, &mut same, |a, b, ty| {
            let name = name.escape_debug();
            format!(
                "the actions `{a}` and `{b}` of `{name}` would both be the type `{ty}`: rename one of them"
            )
        });
        text.push_str(&format!("\n/// Actions on resources of the kind {}.\n", code(name)));
        for line in kind.descriptions.iter().flat_map(|description| prose(description)) {
            text.push_str(&comment(&line));
        }
        text.push_str(ALLOW);
        text.push_str(&format!("pub mod {module} {{\n"));
        text.push_str("    /// The kind, as policies name it.\n");
        text.push_str(&format!("    pub const KIND: &str = {name:?};\n\n"));
        text.push_str("    /// The names of all its actions, sorted.\n");
        text.push_str(&all(kind.actions.keys()));
        for (ty, (action, rules)) in types {
            text.push_str(&format!("\n    /// The action {}.\n", code(action)));
            if !rules.is_empty() {
                let rules: Vec<String> = rules.iter().map(|rule| code(rule)).collect();
                text.push_str("    ///\n");
                text.push_str(&format!("    /// Rules: {}.\n", rules.join(", ")));
            }
            text.push_str("    #[derive(Debug, Clone, Copy)]\n");
            text.push_str(&format!("    pub enum {ty} {{}}\n\n"));
            text.push_str(&format!("    impl {crate_path}::guard::Action for {ty} {{\n"));
            text.push_str("        const KIND: &'static str = KIND;\n");
            text.push_str(&format!("        const NAME: &'static str = {action:?};\n"));
            text.push_str("    }\n");
        }
        text.push_str("}\n");
    }
    if same.is_empty() { Ok(text) } else { Err(same) }
}

/// Not every service uses every action, and where the file is included decides who can reach the modules.
const ALLOW: &str = "\
#[allow(
    clippy::allow_attributes,
    clippy::doc_markdown,
    dead_code,
    rustdoc::bare_urls,
    unreachable_pub,
    reason = \"written from the policies, whatever the service uses of it\"
)]
";

/// The names in Rust, each with what has it; `problem` says which two would have the same.
fn distinct<'a, T>(
    named: &'a BTreeMap<String, T>,
    rename: fn(&str) -> String,
    problems: &mut Vec<String>,
    problem: impl Fn(&str, &str, &str) -> String,
) -> BTreeMap<String, (&'a str, &'a T)> {
    let mut distinct: BTreeMap<String, (&str, &T)> = BTreeMap::new();
    for (name, value) in named {
        let renamed = rename(name);
        if let Some((other, _)) = distinct.get(&renamed) {
            let (other, name) = (other.escape_debug().to_string(), name.escape_debug().to_string());
            problems.push(problem(&other, &name, &renamed));
        } else {
            distinct.insert(renamed, (name, value));
        }
    }
    distinct
}

/// The constant of all names, as rustfmt would have it.
fn all<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    let line = format!("    pub const ALL: &[&str] = &[{}];\n", names.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let lines: String = names.iter().map(|name| format!("        {name},\n")).collect();
    format!("    pub const ALL: &[&str] = &[\n{lines}    ];\n")
}

/// A name as code in a comment.
fn code(name: &str) -> String {
    format!("`{}`", name.escape_debug().to_string().replace('`', "'"))
}

/// A description as paragraphs that mean what they say: no markup, no links, no blocks of code.
fn prose(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = lines.map(|line| {
        let mut escaped = String::new();
        for c in line.chars() {
            let is_shown = c == ' ' || c == '\'' || c == '"' || c == '\\' || {
                // What can be shown needs no escape.
                let mut shown = c.escape_debug();
                shown.next() == Some(c) && shown.next().is_none()
            };
            if "\\`*_[]<>&~|".contains(c) {
                escaped.push('\\');
            }
            escaped.push(if is_shown { c } else { '\u{fffd}' });
        }
        let digits = escaped.chars().take_while(char::is_ascii_digit).count();
        let marker = if escaped.starts_with(['-', '+', '#', '=', ':']) {
            Some(0)
        } else {
            let after = escaped.chars().nth(digits);
            (digits > 0 && matches!(after, Some('.' | ')'))).then_some(digits)
        };
        if let Some(at) = marker {
            escaped.insert(at, '\\');
        }
        escaped
    });
    std::iter::once(String::new()).chain(lines).collect()
}

fn comment(line: &str) -> String {
    if line.is_empty() { "///\n".to_owned() } else { format!("/// {line}\n") }
}

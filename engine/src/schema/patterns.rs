//! Patterns mean what they mean to Go (rule F5). On the way through a file its bounds are looked at.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::documents::{DATA, NAMED};
use super::formats::REGEX;
use crate::cel::Pattern;

/// What the patterns of one schema may cost together, in units of [`Pattern::size`].
const MAX_SIZE: usize = 200_000;
/// How deep schemas may contain one another in a file. The validator of schemas takes up to 45 KiB of the stack for
/// each level, where nothing is optimized.
const MAX_LEVELS: usize = 24;

/// Patterns as they were written, by what has become of them.
#[derive(Default)]
pub(super) struct Patterns {
    written: BTreeMap<String, String>,
    size: usize,
}

impl Patterns {
    /// The pattern as it was written.
    pub(super) fn written<'p>(&'p self, rewritten: &'p str) -> &'p str {
        self.written.get(rewritten).map_or(rewritten, String::as_str)
    }

    /// Puts what the validator reads in the place of each pattern of a document.
    ///
    /// # Errors
    ///
    /// Go would refuse one of them, they are too much together, or the document nests too deeply.
    pub(super) fn rewrite(&mut self, document: &mut Value) -> Result<(), String> {
        self.schema(document, false, MAX_LEVELS)
    }

    fn schema(
        &mut self,
        value: &mut Value,
        members_are_named: bool,
        levels: usize,
    ) -> Result<(), String> {
        match value {
            Value::Array(items) => {
                items.iter_mut().try_for_each(|item| self.schema(item, false, levels))?;
            }
            Value::Object(fields) => {
                let below = if members_are_named { Some(levels) } else { levels.checked_sub(1) };
                let below = below
                    .ok_or_else(|| format!("there are more than {MAX_LEVELS} levels of schemas"))?;
                if !members_are_named {
                    if let Some(Value::String(pattern)) = fields.get_mut("pattern") {
                        *pattern = self.value(pattern)?;
                    }
                    if let Some(Value::String(format)) = fields.get_mut("format")
                        && format == "regex"
                    {
                        *format = REGEX.to_owned();
                    }
                    if let Some(Value::Object(by_pattern)) = fields.get_mut("patternProperties") {
                        self.names(by_pattern)?;
                    }
                }
                if !members_are_named {
                    move_values(fields);
                }
                for (name, field) in fields {
                    let is = |names: &[&str]| !members_are_named && names.contains(&name.as_str());
                    if !is(&DATA) {
                        self.schema(field, is(&NAMED), below)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Two patterns may become the same text, and still are two. One that stays as it is keeps its place.
    fn names(&mut self, by_pattern: &mut Map<String, Value>) -> Result<(), String> {
        let mut others = Vec::new();
        for (written, schema) in std::mem::take(by_pattern) {
            let rewritten = self.pattern(&written)?;
            if rewritten == written {
                by_pattern.insert(rewritten, schema);
            } else {
                others.push((rewritten, schema));
            }
        }
        for (rewritten, schema) in others {
            let from = by_pattern.len();
            by_pattern
                .insert(unique(rewritten, from, |name| by_pattern.contains_key(name)), schema);
        }
        Ok(())
    }

    /// What is told must be the text that was written.
    fn value(&mut self, written: &str) -> Result<String, String> {
        let rewritten = self.pattern(written)?;
        let taken = |text: &str| self.written.get(text).is_some_and(|other| other != written);
        let rewritten = unique(rewritten, self.written.len(), taken);
        self.written.insert(rewritten.clone(), written.to_owned());
        Ok(rewritten)
    }

    fn pattern(&mut self, written: &str) -> Result<String, String> {
        let pattern = Pattern::read(written)
            .map_err(|why| format!("`{written}` is not valid 'regex': {why}"))?;
        self.size = self.size.saturating_add(pattern.size());
        if self.size > MAX_SIZE {
            return Err(format!("the patterns are too large, `{written}` among them"));
        }
        Ok(pattern.rewritten().to_owned())
    }
}

/// The pattern itself, or one that matches the same and is not taken yet. Numbers below `from` are likely to be.
fn unique(pattern: String, from: usize, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&pattern) {
        return pattern;
    }
    // The empty text, any number of times, is in every text.
    let others = (from.max(1)..).map(|n| format!("{pattern}(?:){{{n}}}"));
    others.into_iter().find(|other| !taken(other)).unwrap_or(pattern)
}

/// The validator stops at a `const` or `enum` that fails, where Cerbos' goes on and tells the other mistakes as well. In
/// an `allOf` of their own they stop nothing.
fn move_values(fields: &mut Map<String, Value>) {
    const SAY_NOTHING_MORE: [&str; 6] =
        ["$comment", "const", "default", "description", "enum", "title"];
    let alone =
        fields.keys().filter(|name| !SAY_NOTHING_MORE.contains(&name.as_str()) && *name != "type");
    let both = fields.contains_key("const") && fields.contains_key("enum");
    if alone.count() == 0 && !both || !matches!(fields.get("allOf"), None | Some(Value::Array(_))) {
        return;
    }
    for keyword in ["const", "enum"] {
        if let Some(values) = fields.remove(keyword)
            && let Some(list) =
                fields.entry("allOf").or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
        {
            list.push(Value::Object([(keyword.to_owned(), values)].into_iter().collect()));
        }
    }
}

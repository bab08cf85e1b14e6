//! What has a name of its own in one file: `$id`, `$anchor` and their older spellings.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use url::Url;

use super::documents::{DATA, NAMED};

/// What has a name in one file.
#[derive(Default)]
pub(super) struct Index {
    /// Base URLs, by pointer.
    bases: BTreeMap<String, Url>,
    pub(super) ids: BTreeMap<Url, String>,
    pub(super) anchors: BTreeMap<(Url, String), String>,
    /// Names and pointers of what `$dynamicRef` may lead to.
    pub(super) dynamic: Vec<(String, String)>,
    /// Pointers of what `$recursiveRef` may lead to.
    pub(super) recursive: Vec<String>,
}

impl Index {
    pub(super) fn new(document: &Json, file: &Url) -> Self {
        let mut index = Self::default();
        index.ids.insert(file.clone(), String::new());
        index.schema(document, file, &mut String::new(), false);
        index
    }

    /// The URL that relative references at `pointer` are relative to.
    pub(super) fn base(&self, pointer: &str) -> Option<&Url> {
        let mut at = pointer;
        loop {
            if let Some(base) = self.bases.get(at) {
                return Some(base);
            }
            (at, _) = at.rsplit_once('/')?;
        }
    }

    fn schema(&mut self, value: &Json, base: &Url, pointer: &mut String, members_are_named: bool) {
        let mut base = base.clone();
        let length = pointer.len();
        match value {
            Json::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    pointer.push_str(&format!("/{i}"));
                    self.schema(item, &base, pointer, false);
                    pointer.truncate(length);
                }
            }
            Json::Object(fields) => {
                let text = |name: &str| {
                    fields.get(name).and_then(Json::as_str).filter(|_| !members_are_named)
                };
                for id in ["$id", "id"].into_iter().filter_map(text) {
                    match id.strip_prefix('#') {
                        Some(anchor) => self.anchor(&base, anchor, pointer),
                        None => {
                            if let Ok(mut url) = base.join(id) {
                                url.set_fragment(None);
                                self.ids.insert(url.clone(), pointer.clone());
                                self.bases.insert(pointer.clone(), url.clone());
                                base = url;
                            }
                        }
                    }
                }
                for anchor in ["$anchor", "$dynamicAnchor"].into_iter().filter_map(text) {
                    self.anchor(&base, anchor, pointer);
                }
                if let Some(name) = text("$dynamicAnchor") {
                    self.dynamic.push((name.to_owned(), pointer.clone()));
                }
                if fields.get("$recursiveAnchor").is_some_and(|flag| *flag == Json::Bool(true)) {
                    self.recursive.push(pointer.clone());
                }
                for (name, field) in fields {
                    let is = |names: &[&str]| !members_are_named && names.contains(&name.as_str());
                    if !is(&DATA) {
                        pointer.push('/');
                        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                        self.schema(field, &base, pointer, is(&NAMED));
                        pointer.truncate(length);
                    }
                }
            }
            _ => {}
        }
    }

    fn anchor(&mut self, base: &Url, name: &str, pointer: &str) {
        self.anchors.insert((base.clone(), name.to_owned()), pointer.to_owned());
    }
}

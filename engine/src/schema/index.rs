//! What has a name of its own in one file: `$id`, `$anchor` and their older spellings.
//!
//! The validator must find the same under a name, or what it does is not what has been measured. So names count where
//! they do for the validator: where keywords of the file's draft lead.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map as Object, Value as Json};
use url::Url;

use super::draft::{Draft, Holds};

/// What has a name in one file.
pub(super) struct Index {
    pub(super) draft: Draft,
    /// Whether the draft's own meta-schema is that of the file.
    pub(super) standard: bool,
    /// What has a URL, by pointer. The file is one.
    resources: BTreeMap<String, Url>,
    pub(super) ids: BTreeMap<Url, String>,
    /// By the pointer of the resource, and name.
    pub(super) anchors: BTreeMap<(String, String), String>,
    /// Names and pointers of what `$dynamicRef` may lead to.
    pub(super) dynamic: Vec<(String, String)>,
    /// Pointers of the resources that `$recursiveRef` may lead to.
    pub(super) recursive: BTreeSet<String>,
    /// Where keywords lead.
    known: BTreeSet<String>,
}

impl Index {
    pub(super) fn new(document: &Json, file: &Url, draft: Draft, standard: bool) -> Self {
        let mut index = Self {
            draft,
            standard,
            resources: BTreeMap::from([(String::new(), file.clone())]),
            ids: BTreeMap::new(),
            anchors: BTreeMap::new(),
            dynamic: Vec::new(),
            recursive: BTreeSet::new(),
            known: BTreeSet::new(),
        };
        index.schema(document, "", "");
        // The file's own URL is the file, whatever else is called so.
        index.ids.insert(file.clone(), String::new());
        index
    }

    /// The nearest thing with a URL around `pointer`, and that URL, to which references are relative.
    pub(super) fn resource<'p>(&self, pointer: &'p str) -> (&'p str, Option<&Url>) {
        let mut at = pointer;
        loop {
            if let Some(base) = self.resources.get(at) {
                return (at, Some(base));
            }
            match at.rsplit_once('/') {
                Some((above, _)) => at = above,
                None => return ("", None),
            }
        }
    }

    /// Whether a schema that a reference leads to, and no keyword, has something with a name in it. The validator learns
    /// of such a name when it comes along.
    pub(super) fn hides_names(&self, schema: &Json, pointer: &str, file: &Url) -> bool {
        if self.known.contains(pointer) {
            return false;
        }
        let inside = Self::new(schema, file, self.draft, self.standard);
        inside.resources.get("") != Some(file)
            || inside.resources.len() > 1
            || !(inside.anchors.is_empty() && inside.recursive.is_empty())
    }

    fn schema(&mut self, value: &Json, pointer: &str, resource: &str) {
        let Json::Object(fields) = value else { return };
        self.known.insert(pointer.to_owned());
        let resource = self.names(fields, pointer, resource);
        for (keyword, field) in fields {
            let Some(holds) = self.draft.holds(keyword) else { continue };
            match field {
                Json::Array(items) if matches!(holds, Holds::List | Holds::SchemaOrList) => {
                    for (i, item) in items.iter().enumerate() {
                        self.schema(item, &format!("{pointer}/{keyword}/{i}"), &resource);
                    }
                }
                Json::Object(members) if holds == Holds::Map => {
                    for (name, member) in members {
                        let name = name.replace('~', "~0").replace('/', "~1");
                        self.schema(member, &format!("{pointer}/{keyword}/{name}"), &resource);
                    }
                }
                one if matches!(holds, Holds::Schema | Holds::SchemaOrList) => {
                    self.schema(one, &format!("{pointer}/{keyword}"), &resource);
                }
                _ => {}
            }
        }
    }

    /// Takes the names of one schema; returns the resource it belongs to.
    fn names(&mut self, fields: &Object<String, Json>, pointer: &str, resource: &str) -> String {
        let mut resource = resource.to_owned();
        let text = |name: &str| fields.get(name).and_then(Json::as_str);
        let alone = self.draft.reference_stands_alone();
        if !(alone && fields.contains_key("$ref"))
            && let Some(id) = text(self.draft.id())
        {
            let (name, fragment) = id.split_once('#').unwrap_or((id, ""));
            let base = self.resources.get(&resource);
            if !name.is_empty()
                && let Some(Ok(url)) = base.map(|base| base.join(name))
            {
                self.ids.insert(url.clone(), pointer.to_owned());
                self.resources.insert(pointer.to_owned(), url);
                pointer.clone_into(&mut resource);
            }
            if alone && !fragment.is_empty() && !fragment.starts_with('/') {
                let name = percent_decode_str(fragment).decode_utf8_lossy();
                self.anchor(&resource, &name, pointer);
            }
        }
        if self.draft >= Draft::V2019
            && let Some(name) = text("$anchor")
        {
            self.anchor(&resource, name, pointer);
        }
        if self.draft >= Draft::V2020
            && let Some(name) = text("$dynamicAnchor")
        {
            self.anchor(&resource, name, pointer);
            self.dynamic.push((name.to_owned(), pointer.to_owned()));
        }
        if self.draft >= Draft::V2019
            && fields.get("$recursiveAnchor") == Some(&Json::Bool(true))
            && resource == pointer
        {
            self.recursive.insert(resource.clone());
        }
        resource
    }

    fn anchor(&mut self, resource: &str, name: &str, pointer: &str) {
        self.anchors.insert((resource.to_owned(), name.to_owned()), pointer.to_owned());
    }
}

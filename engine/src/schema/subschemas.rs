//! A schema as the subschemas it is made of, in all its files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map as Object, Value as Json};
use url::Url;

use super::compile::unreadable;
use super::documents::{Documents, Unreadable};
use super::graph::Node;
use super::index::Index;

/// Subschemas of one schema.
const MAX_NODES: usize = 4_000;

/// Keywords with a schema that applies to the same value.
const IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];
const IN_PLACE_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const IN_PLACE_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Of these the first that is there applies.
const OTHER_PROPERTIES: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
const ITEMS: [&str; 2] = ["prefixItems", "items"];
/// Each may apply to each item.
const EVERY_ITEM: [&str; 3] = ["contains", "additionalItems", "unevaluatedItems"];
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Why there is no graph.
pub(super) enum Refused {
    Unreadable(Url, Unreadable),
    Other(String),
}

impl Refused {
    pub(super) fn describe(&self, reference: &str, url: &Url) -> String {
        match self {
            Self::Unreadable(of, why) => unreadable(reference, url, why, of.path() == url.path()),
            Self::Other(why) => format!("jsonschema {reference} compilation failed: {why}"),
        }
    }
}

/// Where a subschema stands: a file and a JSON Pointer.
type Place = (Url, String);

/// Numbers of subschemas, by their places.
pub(super) type Places = HashMap<Place, usize>;

/// Follows references.
pub(super) struct Builder<'d> {
    documents: &'d mut Documents,
    indexes: BTreeMap<Url, Index>,
    known: Places,
    queue: Vec<Place>,
    nodes: Vec<Node>,
    /// Subschemas with a reference whose target depends on the way there, and its name.
    dynamic: Vec<(usize, Option<String>)>,
}

impl<'d> Builder<'d> {
    pub(super) fn new(documents: &'d mut Documents) -> Self {
        Self {
            documents,
            indexes: BTreeMap::new(),
            known: HashMap::new(),
            queue: Vec::new(),
            nodes: Vec::new(),
            dynamic: Vec::new(),
        }
    }

    /// The subschemas that can be reached from `url`, which is the first of them.
    pub(super) fn build(mut self, url: &Url) -> Result<(Vec<Node>, Places), Refused> {
        let mut file = url.clone();
        file.set_fragment(None);
        self.index(&file)?;
        let start = self.resolve(&file, url)?;
        self.enqueue(start)?;
        let mut next = 0;
        loop {
            while let Some(place) = self.queue.get(next).cloned() {
                let node = self.node(&place, next)?;
                if let Some(slot) = self.nodes.get_mut(next) {
                    *slot = node;
                }
                next += 1;
            }
            self.link_dynamic()?;
            if next == self.queue.len() {
                return Ok((self.nodes, self.known));
            }
        }
    }

    fn enqueue(&mut self, place: Place) -> Result<usize, Refused> {
        if let Some(number) = self.known.get(&place) {
            return Ok(*number);
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(Refused::Other(format!("it has more than {MAX_NODES} subschemas")));
        }
        self.known.insert(place.clone(), self.nodes.len());
        self.queue.push(place);
        self.nodes.push(Node::default());
        Ok(self.nodes.len() - 1)
    }

    fn index(&mut self, file: &Url) -> Result<Arc<Json>, Refused> {
        let document =
            self.documents.get(file).map_err(|why| Refused::Unreadable(file.clone(), why))?;
        if !self.indexes.contains_key(file) {
            self.indexes.insert(file.clone(), Index::new(&document, file));
        }
        Ok(document)
    }

    /// The place that a URL names; `from` is the file in which it stands.
    fn resolve(&mut self, from: &Url, url: &Url) -> Result<Place, Refused> {
        let fragment = url.fragment().unwrap_or_default();
        let fragment = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        let mut resource = url.clone();
        resource.set_fragment(None);
        let inside = self.indexes.get(from).and_then(|index| index.ids.get(&resource));
        let (file, pointer) = match inside {
            Some(pointer) => (from.clone(), pointer.clone()),
            None => {
                self.index(&resource)?;
                (resource.clone(), String::new())
            }
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok((file, pointer + &fragment));
        }
        let anchors = self.indexes.get(&file).map(|index| &index.anchors);
        let named = anchors.and_then(|anchors| anchors.get(&(resource, fragment)));
        named
            .map(|pointer| (file, pointer.clone()))
            .ok_or_else(|| Refused::Other(format!("{url} not found")))
    }

    fn node(&mut self, place: &Place, number: usize) -> Result<Node, Refused> {
        let (file, pointer) = place;
        let document = self.index(file)?;
        let Some(schema) = document.pointer(pointer) else {
            return Err(Refused::Other(format!("{file}#{pointer} not found")));
        };
        let mut node = Node { weight: 1, ..Node::default() };
        let Json::Object(fields) = schema else { return Ok(node) };
        let listed = |name: &str| fields.get(name).and_then(Json::as_array).map_or(0, Vec::len);
        let many = listed("enum") + listed("required") + listed("type");
        node.weight += many as u64 / 8 + u64::from(fields.contains_key("pattern")) * 4;
        for keyword in REFERENCES {
            if let Some(Json::String(reference)) = fields.get(keyword) {
                let to = self.reference(place, reference, keyword, number)?;
                node.in_place.push(to);
            }
        }
        let below = |steps: &[&str]| {
            let mut at = pointer.clone();
            for step in steps {
                at.push('/');
                at.push_str(&step.replace('~', "~0").replace('/', "~1"));
            }
            (file.clone(), at)
        };
        let has = |keyword: &str| fields.get(keyword).is_some_and(is_schema);
        let one = |builder: &mut Self, keywords: &[&str]| {
            let first = keywords.iter().find(|keyword| has(keyword));
            first.map(|keyword| builder.enqueue(below(&[keyword]))).transpose()
        };
        for keyword in IN_PLACE {
            node.in_place.extend(one(self, &[keyword])?);
        }
        for (keywords, edges) in
            [(&IN_PLACE_LISTS[..], &mut node.in_place), (&ITEMS[..], &mut node.items)]
        {
            for keyword in keywords {
                for i in 0..listed(keyword) {
                    edges.push(self.enqueue(below(&[keyword, &i.to_string()]))?);
                }
            }
        }
        for keyword in IN_PLACE_MAPS {
            for (name, _) in members(fields, keyword) {
                node.in_place.push(self.enqueue(below(&[keyword, name]))?);
            }
        }
        for (pattern, _) in members(fields, "patternProperties") {
            node.weight += 4;
            node.patterns.push(self.enqueue(below(&["patternProperties", pattern]))?);
        }
        for (name, _) in members(fields, "properties") {
            let to = self.enqueue(below(&["properties", name]))?;
            node.properties.insert(name.clone(), to);
        }
        node.other_properties = one(self, &OTHER_PROPERTIES)?;
        node.other_items = one(self, &["items"])?;
        node.names = one(self, &["propertyNames"])?;
        for keyword in EVERY_ITEM {
            node.every_item.extend(one(self, &[keyword])?);
        }
        // In older drafts `prefixItems` means nothing, and `items` applies to all.
        if document.get("$schema").and_then(Json::as_str).is_some_and(|s| !s.contains("2020-12")) {
            node.every_item.extend(node.items.iter().copied().chain(node.other_items));
        }
        node.content = one(self, &["contentSchema"])?;
        Ok(node)
    }

    fn reference(
        &mut self,
        (file, pointer): &Place,
        reference: &str,
        keyword: &str,
        number: usize,
    ) -> Result<usize, Refused> {
        let base =
            self.indexes.get(file).and_then(|index| index.base(pointer)).unwrap_or(file).clone();
        let url = if reference.is_empty() { Ok(base) } else { base.join(reference) }.map_err(
            |error| Refused::Other(format!("`{reference}` at {file}#{pointer}: {error}")),
        )?;
        let target = self.resolve(file, &url)?;
        match keyword {
            "$dynamicRef" => {
                self.dynamic.push((number, Some(url.fragment().unwrap_or_default().to_owned())));
            }
            "$recursiveRef" => self.dynamic.push((number, None)),
            _ => {}
        }
        self.enqueue(target)
    }

    /// A reference that is resolved on the way may lead to every subschema that has its name.
    fn link_dynamic(&mut self) -> Result<(), Refused> {
        for (number, name) in self.dynamic.clone() {
            let mut targets: Vec<Place> = Vec::new();
            for (file, index) in &self.indexes {
                let named = index.dynamic.iter().filter(|(n, _)| Some(n) == name.as_ref());
                let pointers = named.map(|(_, pointer)| pointer);
                let recursive = index.recursive.iter().filter(|_| name.is_none());
                targets.extend(pointers.chain(recursive).map(|p| (file.clone(), p.clone())));
            }
            for target in targets {
                let to = self.enqueue(target)?;
                if let Some(node) = self.nodes.get_mut(number)
                    && !node.in_place.contains(&to)
                {
                    node.in_place.push(to);
                }
            }
        }
        Ok(())
    }
}

fn is_schema(value: &Json) -> bool {
    matches!(value, Json::Object(_) | Json::Bool(_))
}

fn members<'j>(
    fields: &'j Object<String, Json>,
    keyword: &str,
) -> impl Iterator<Item = (&'j String, &'j Json)> {
    let members = fields.get(keyword).and_then(Json::as_object);
    members.into_iter().flatten().filter(|(_, schema)| is_schema(schema))
}

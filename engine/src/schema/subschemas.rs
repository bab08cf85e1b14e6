//! A schema as the subschemas it is made of, in all its files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map as Object, Value as Json};
use url::Url;

use super::compile::unreadable;
use super::documents::{Documents, Unreadable};
use super::draft::Draft;
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
    /// Where a reference leads into a resource that `$recursiveRef` may come back to: there, and not at its top.
    entries: Vec<Place>,
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
            entries: Vec::new(),
        }
    }

    /// The subschemas that can be reached from `url`, which is the first of them.
    pub(super) fn build(mut self, url: &Url) -> Result<(Vec<Node>, Places), Refused> {
        let mut file = url.clone();
        file.set_fragment(None);
        self.index(&file)?;
        let start = self.resolve(&file, &file, &fragment(url.fragment().unwrap_or_default()))?;
        self.entries.extend(self.entry(None, &start));
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
            let (draft, standard) = Draft::of(&document, self.documents)?;
            self.indexes.insert(file.clone(), Index::new(&document, file, draft, standard));
        }
        Ok(document)
    }

    /// The place that a URL and a fragment name; `from` is the file in which they stand.
    fn resolve(&mut self, from: &Url, resource: &Url, fragment: &str) -> Result<Place, Refused> {
        let inside = self.indexes.get(from).and_then(|index| index.ids.get(resource));
        let (file, pointer) = match inside {
            Some(pointer) => (from.clone(), pointer.clone()),
            None => {
                self.index(resource)?;
                (resource.clone(), String::new())
            }
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok((file, pointer + fragment));
        }
        let anchors = self.indexes.get(&file).map(|index| &index.anchors);
        let named = anchors.and_then(|anchors| anchors.get(&(pointer, fragment.to_owned())));
        named
            .map(|pointer| (file, pointer.clone()))
            .ok_or_else(|| Refused::Other(format!("{resource}#{fragment} not found")))
    }

    /// The place, if it is where a resource with `$recursiveAnchor` is entered from another.
    fn entry(&self, from: Option<&Place>, to: &Place) -> Option<Place> {
        let resource = |(file, pointer): &Place| {
            let index = self.indexes.get(file)?;
            let (at, _) = index.resource(pointer);
            Some((file.clone(), at.to_owned(), index.recursive.contains(at)))
        };
        let into = resource(to).filter(|(_, _, recursive)| *recursive);
        into.filter(|into| from.and_then(resource).as_ref() != Some(into)).map(|_| to.clone())
    }

    fn node(&mut self, place: &Place, number: usize) -> Result<Node, Refused> {
        let (file, pointer) = place;
        let document = self.index(file)?;
        let Some(schema) = document.pointer(pointer) else {
            return Err(Refused::Other(format!("{file}#{pointer} not found")));
        };
        let index = self.indexes.get(file);
        if index.is_some_and(|index| index.hides_names(schema, pointer, file)) {
            return Err(Refused::Other(format!(
                "{file}#{pointer} or a part of it has a name (`$id`, `$anchor`) where no keyword of its draft leads: move it to `$defs`, or `definitions` before 2019-09"
            )));
        }
        let older = index.is_none_or(|index| index.draft < Draft::V2020);
        let standard = index.is_some_and(|index| index.standard);
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
        if !standard {
            // Its meta-schema may leave out the vocabulary of the others.
            node.patterns.extend(one(self, &["unevaluatedProperties"])?);
        }
        node.other_items = one(self, &["items"])?;
        node.names = one(self, &["propertyNames"])?;
        for keyword in EVERY_ITEM {
            node.every_item.extend(one(self, &[keyword])?);
        }
        // In older drafts `prefixItems` means nothing, and `items` applies to all.
        if older || !standard {
            node.every_item.extend(node.items.iter().copied().chain(node.other_items));
        }
        node.content = one(self, &["contentSchema"])?;
        Ok(node)
    }

    fn reference(
        &mut self,
        place: &Place,
        reference: &str,
        keyword: &str,
        number: usize,
    ) -> Result<usize, Refused> {
        let (file, pointer) = place;
        let base = self.indexes.get(file).and_then(|index| index.resource(pointer).1);
        let base = base.unwrap_or(file).clone();
        // What is before the fragment is a URL, and the fragment is taken as it is written.
        let (url, name) = reference.split_once('#').unwrap_or((reference, ""));
        let url = if url.is_empty() { Ok(base) } else { base.join(url) }.map_err(|error| {
            Refused::Other(format!("`{reference}` at {file}#{pointer}: {error}"))
        })?;
        let name = fragment(name);
        let target = self.resolve(file, &url, &name)?;
        self.entries.extend(self.entry(Some(place), &target));
        match keyword {
            "$dynamicRef" => self.dynamic.push((number, Some(name))),
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
            if name.is_none() {
                targets.extend(self.entries.iter().cloned());
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

/// A fragment without its escapes.
fn fragment(escaped: &str) -> String {
    percent_decode_str(escaped).decode_utf8_lossy().into_owned()
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

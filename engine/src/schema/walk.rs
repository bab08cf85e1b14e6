//! A schema and the attributes it applies to, walked together without validating anything.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::graph::{Graph, MAX_LEVELS, MAX_STEPS, Node};

/// How much of a text is one step.
pub(super) const BYTES_PER_STEP: usize = 256;

/// How many members of a list or an object are one step: the validator counts and copies them for each subschema.
const MEMBERS_PER_STEP: usize = 8;

/// Values in a value; long texts and names count as several.
pub(super) fn size(value: &Json, bytes_per_step: usize) -> u64 {
    let below: u64 = match value {
        Json::Array(items) => items.iter().map(|item| size(item, bytes_per_step)).sum(),
        Json::Object(fields) => fields.values().map(|field| size(field, bytes_per_step)).sum(),
        _ => 0,
    };
    below + own_size(value, bytes_per_step)
}

fn own_size(value: &Json, bytes_per_step: usize) -> u64 {
    let (bytes, members) = match value {
        Json::String(text) => (text.len(), 0),
        Json::Array(items) => (0, items.len()),
        Json::Object(fields) => (fields.keys().map(String::len).sum(), fields.len()),
        _ => (0, 0),
    };
    1 + (bytes / bytes_per_step + members / MEMBERS_PER_STEP) as u64
}

/// Whether validating the value stays within bounds. Each pair of subschema and value is looked at once.
pub(super) fn affords(graph: &Graph, value: &Json) -> bool {
    Costs { graph, known: HashMap::new() }.of(0, value, 0).is_some()
}

/// A step into a value.
#[derive(Clone, Copy)]
enum Step<'j> {
    Property(&'j str),
    Item(usize),
}

/// Which subschemas apply to which parts of a value.
fn parts<'j>(node: &'j Node, value: &'j Json) -> impl Iterator<Item = (usize, Step<'j>, &'j Json)> {
    let fields = value.as_object().into_iter().flatten().flat_map(|(name, part)| {
        let own = node.properties.get(name).or(node.other_properties.as_ref());
        let all = own.into_iter().chain(&node.patterns);
        all.map(move |to| (*to, Step::Property(name), part))
    });
    let items = value.as_array().into_iter().flatten().enumerate().flat_map(|(i, item)| {
        let own = node.items.get(i).or(node.other_items.as_ref());
        own.into_iter().chain(&node.every_item).map(move |to| (*to, Step::Item(i), item))
    });
    fields.chain(items)
}

struct Costs<'g> {
    graph: &'g Graph,
    known: HashMap<(usize, *const Json), Cost>,
}

#[derive(Clone, Copy)]
struct Cost {
    steps: u64,
    /// Validations inside of this one, and itself.
    height: usize,
}

impl Costs<'_> {
    /// `None` when it is too much.
    fn of(&mut self, number: usize, value: &Json, level: usize) -> Option<Cost> {
        let key = (number, std::ptr::from_ref(value));
        if let Some(cost) = self.known.get(&key) {
            return (level + cost.height <= MAX_LEVELS).then_some(*cost);
        }
        if level >= MAX_LEVELS || self.known.len() as u64 > MAX_STEPS {
            return None;
        }
        let graph = self.graph;
        let node = graph.nodes.get(number)?;
        let steps = node.weight.saturating_mul(own_size(value, BYTES_PER_STEP));
        let mut sum = Cost { steps, height: 0 };
        let mut add = |cost: Cost, times: usize| {
            sum.steps = sum.steps.saturating_add(cost.steps.saturating_mul(times as u64));
            sum.height = sum.height.max(cost.height);
            (sum.steps <= MAX_STEPS).then_some(())
        };
        for to in &node.in_place {
            add(self.of(*to, value, level + 1)?, 1)?;
        }
        for (to, _, part) in parts(node, value) {
            add(self.of(to, part, level + 1)?, 1)?;
        }
        if let (Some(to), Some(fields)) = (node.names, value.as_object()) {
            let bytes: usize = fields.keys().map(String::len).sum();
            add(self.of(to, &Json::Null, level + 1)?, fields.len() + bytes / BYTES_PER_STEP)?;
        }
        let cost = Cost { steps: sum.steps, height: sum.height + 1 };
        self.known.insert(key, cost);
        Some(cost)
    }
}

/// Where the subschemas with rules for names of properties apply to objects.
///
/// All are found in one walk: a request decides how many names are refused, and may not decide how often its attributes
/// are looked through. Only for values that the graph [affords](affords).
pub(super) struct Named<'j> {
    /// Each step into the attributes, and the one before.
    trail: Vec<(Option<usize>, Step<'j>)>,
    /// By subschema and name: the objects with such a property, as the last step to them, in the order in which they are
    /// validated.
    objects: HashMap<(usize, &'j str), Vec<Option<usize>>>,
}

impl<'j> Named<'j> {
    pub(super) fn new(graph: &'j Graph, attributes: &'j Json) -> Self {
        let named = Self { trail: Vec::new(), objects: HashMap::new() };
        let mut search = Search { graph, named, seen: HashSet::new() };
        search.visit(0, attributes, None);
        search.named
    }

    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.trail.len()
    }

    /// The tokens of the pointer to the object that is `nth` among those with a property, or to the last.
    pub(super) fn object(&self, subschema: usize, property: &str, nth: usize) -> Vec<String> {
        let objects = self.objects.get(&(subschema, property));
        let object = objects.and_then(|objects| objects.get(nth).or(objects.last()));
        let mut at = object.copied().flatten();
        let mut tokens = Vec::new();
        while let Some((before, step)) = at.and_then(|at| self.trail.get(at)) {
            tokens.push(match step {
                Step::Property(name) => (*name).to_owned(),
                Step::Item(i) => i.to_string(),
            });
            at = *before;
        }
        tokens.reverse();
        tokens
    }
}

struct Search<'j> {
    graph: &'j Graph,
    named: Named<'j>,
    seen: HashSet<(usize, *const Json)>,
}

impl<'j> Search<'j> {
    fn visit(&mut self, number: usize, value: &'j Json, at: Option<usize>) {
        if !self.seen.insert((number, std::ptr::from_ref(value))) {
            return;
        }
        let graph = self.graph;
        let Some(node) = graph.nodes.get(number) else { return };
        if let (Some(_), Some(fields)) = (node.names, value.as_object()) {
            for name in fields.keys() {
                self.named.objects.entry((number, name)).or_default().push(at);
            }
        }
        for to in &node.in_place {
            self.visit(*to, value, at);
        }
        for (to, step, part) in parts(node, value) {
            self.named.trail.push((at, step));
            let last = self.named.trail.len() - 1;
            self.visit(to, part, Some(last));
        }
    }
}

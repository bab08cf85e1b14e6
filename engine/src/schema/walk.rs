//! A schema and the attributes it applies to, walked together without validating anything.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::graph::{Graph, MAX_LEVELS, MAX_STEPS, Node};

/// How much of a text is one step.
pub(super) const BYTES_PER_STEP: usize = 256;

/// Values in a value; long texts count as several.
pub(super) fn size(value: &Json, bytes_per_step: usize) -> u64 {
    let below: u64 = match value {
        Json::Array(items) => items.iter().map(|item| size(item, bytes_per_step)).sum(),
        Json::Object(fields) => fields.values().map(|field| size(field, bytes_per_step)).sum(),
        _ => 0,
    };
    below + text_weight(value, bytes_per_step)
}

fn text_weight(value: &Json, bytes_per_step: usize) -> u64 {
    1 + value.as_str().map_or(0, |text| (text.len() / bytes_per_step) as u64)
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
        let steps = node.weight.saturating_mul(text_weight(value, BYTES_PER_STEP));
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
            add(self.of(to, &Json::Null, level + 1)?, fields.len())?;
        }
        let cost = Cost { steps: sum.steps, height: sum.height + 1 };
        self.known.insert(key, cost);
        Some(cost)
    }
}

/// The pointers, as tokens, of the objects that a subschema applies to and that have the property, in the order in
/// which they are validated. Only for values that the graph [affords](affords).
pub(super) fn with_property<'j>(
    graph: &'j Graph,
    wanted: usize,
    property: &str,
    value: &'j Json,
) -> Vec<Vec<String>> {
    let mut search = Search {
        graph,
        wanted,
        property,
        seen: HashSet::new(),
        path: Vec::new(),
        found: Vec::new(),
    };
    search.visit(0, value);
    search.found
}

struct Search<'j, 'p> {
    graph: &'j Graph,
    wanted: usize,
    property: &'p str,
    seen: HashSet<(usize, *const Json)>,
    path: Vec<Step<'j>>,
    found: Vec<Vec<String>>,
}

impl<'j> Search<'j, '_> {
    fn visit(&mut self, number: usize, value: &'j Json) {
        if !self.seen.insert((number, std::ptr::from_ref(value))) {
            return;
        }
        let graph = self.graph;
        let Some(node) = graph.nodes.get(number) else { return };
        if number == self.wanted && value.get(self.property).is_some() {
            let tokens = self.path.iter().map(|step| match step {
                Step::Property(name) => (*name).to_owned(),
                Step::Item(i) => i.to_string(),
            });
            self.found.push(tokens.collect());
        }
        for to in &node.in_place {
            self.visit(*to, value);
        }
        for (to, step, part) in parts(node, value) {
            self.path.push(step);
            self.visit(to, part);
            self.path.pop();
        }
    }
}

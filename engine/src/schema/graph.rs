//! What a schema may cost, before the validator is let loose.
//!
//! The validator recurses with schema and attributes, and visits the same pair as often as the schema says so: a few
//! lines of `$ref` can ask for 2^64 visits. Here the subschemas are a graph, the cost of a pair is found once, and what
//! is too much is refused. Where the graph is not sure (`$dynamicRef`), it assumes the worst.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use url::Url;

use super::documents::Documents;
use super::subschemas::{Builder, Places, Refused};
use super::walk::{self, BYTES_PER_STEP, size};

/// Validations inside of validations. Each takes up to 11 KiB of the stack, where nothing is optimized.
pub(super) const MAX_LEVELS: usize = 64;
/// Visits, weighted, of one validation.
pub(super) const MAX_STEPS: u64 = 500_000;

pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    places: Places,
    /// What one value may cost at most, where no schema contains itself.
    flat_cost: Option<u64>,
    /// Whether texts are read as JSON.
    content: bool,
}

/// A subschema: which others it applies to what.
#[derive(Default)]
pub(super) struct Node {
    /// What it costs by itself.
    pub(super) weight: u64,
    /// To the same value.
    pub(super) in_place: Vec<usize>,
    /// To properties with a name of their own, and to all others.
    pub(super) properties: BTreeMap<String, usize>,
    pub(super) other_properties: Option<usize>,
    /// To properties with names of some form.
    pub(super) patterns: Vec<usize>,
    /// To the names of properties.
    pub(super) names: Option<usize>,
    /// To items with a place of their own, and to all others.
    pub(super) items: Vec<usize>,
    pub(super) other_items: Option<usize>,
    /// To each item besides.
    pub(super) every_item: Vec<usize>,
    /// To what a text is the JSON of.
    pub(super) content: Option<usize>,
}

impl Node {
    fn edges(&self) -> impl Iterator<Item = usize> {
        let lists = self.in_place.iter().chain(&self.patterns).chain(&self.items);
        let all = lists.chain(self.properties.values()).chain(&self.other_properties);
        let all = all.chain(&self.names).chain(&self.other_items).chain(&self.every_item);
        all.chain(&self.content).copied()
    }
}

impl Graph {
    /// Follows everything that the schema at `url` refers to.
    pub(super) fn new(url: &Url, documents: &mut Documents) -> Result<Self, Refused> {
        let (nodes, places) = Builder::new(documents).build(url)?;
        if order(&nodes, |node| node.in_place.clone()).is_none() {
            return Err(Refused::Other(
                "infinite loop: a schema refers to itself for the same value".to_owned(),
            ));
        }
        let flat_cost = order(&nodes, |node| node.edges().collect())
            .and_then(|sorted| flat_cost(&nodes, &sorted));
        let content = nodes.iter().any(|node| node.content.is_some());
        if content && flat_cost.is_none() {
            let why = "`contentSchema` in a schema that contains itself";
            return Err(Refused::Other(why.to_owned()));
        }
        Ok(Self { nodes, places, flat_cost, content })
    }

    /// Whether validating `value` stays within bounds.
    pub(super) fn affords(&self, value: &Json) -> bool {
        let per_step = if self.content { 1 } else { BYTES_PER_STEP };
        let flat = self.flat_cost.and_then(|cost| cost.checked_mul(size(value, per_step)));
        if self.content {
            return flat.is_some_and(|cost| cost <= MAX_STEPS);
        }
        flat.is_some_and(|cost| cost <= MAX_STEPS) || walk::affords(self, value)
    }

    /// The subschema that stands at a place.
    pub(super) fn at(&self, file: Url, pointer: String) -> Option<usize> {
        self.places.get(&(file, pointer)).copied()
    }
}

/// Nodes so that edges lead forward; `None` when there is a circle.
fn order(nodes: &[Node], edges: impl Fn(&Node) -> Vec<usize>) -> Option<Vec<usize>> {
    let mut incoming = vec![0_usize; nodes.len()];
    for to in nodes.iter().flat_map(&edges) {
        *incoming.get_mut(to)? += 1;
    }
    let mut ready: Vec<usize> =
        incoming.iter().enumerate().filter(|(_, n)| **n == 0).map(|(i, _)| i).collect();
    let mut sorted = Vec::with_capacity(nodes.len());
    while let Some(from) = ready.pop() {
        sorted.push(from);
        for to in edges(nodes.get(from)?) {
            let left = incoming.get_mut(to)?;
            *left -= 1;
            if *left == 0 {
                ready.push(to);
            }
        }
    }
    (sorted.len() == nodes.len()).then_some(sorted)
}

/// What all ways from the first node weigh together; `None` where one of them is too long.
fn flat_cost(nodes: &[Node], sorted: &[usize]) -> Option<u64> {
    let mut ways = vec![(0_u64, 0_usize); nodes.len()];
    if let Some(first) = ways.first_mut() {
        *first = (1, 1);
    }
    let mut total = 0_u64;
    for from in sorted {
        let (count, level) = *ways.get(*from)?;
        let node = nodes.get(*from)?;
        total = total.saturating_add(count.saturating_mul(node.weight));
        if level > MAX_LEVELS {
            return None;
        }
        for to in node.edges().filter(|_| count > 0) {
            let (ways, levels) = ways.get_mut(to)?;
            *ways = ways.saturating_add(count);
            *levels = (*levels).max(level + 1);
        }
    }
    Some(total)
}

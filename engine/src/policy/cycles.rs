//! Names that need each other.

use std::collections::{BTreeMap, HashMap};

/// The groups of names that need each other, directly or through others, and names that need themselves; each group
/// sorted, groups by their first name.
///
/// Tarjan's algorithm without recursion: a chain of references may be as long as a file.
pub(super) fn find<'n>(graph: &BTreeMap<&'n str, Vec<&'n str>>) -> Vec<Vec<&'n str>> {
    let mut search = Search { graph, known: HashMap::new(), stack: Vec::new(), found: Vec::new() };
    for name in graph.keys() {
        if !search.known.contains_key(name) {
            search.visit(name);
        }
    }
    search.found.sort();
    search.found
}

struct Search<'g, 'n> {
    graph: &'g BTreeMap<&'n str, Vec<&'n str>>,
    known: HashMap<&'n str, Visit>,
    stack: Vec<&'n str>,
    found: Vec<Vec<&'n str>>,
}

#[derive(Clone, Copy)]
struct Visit {
    /// When the name was first seen.
    index: usize,
    /// The earliest name on the stack that it leads to.
    low: usize,
    on_stack: bool,
}

impl<'g, 'n> Search<'g, 'n> {
    fn needs(&self, name: &str) -> &'g [&'n str] {
        self.graph.get(name).map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, name: &'n str) {
        let index = self.known.len();
        self.known.insert(name, Visit { index, low: index, on_stack: true });
        self.stack.push(name);
    }

    fn lower(&mut self, name: &str, to: usize) {
        if let Some(visit) = self.known.get_mut(name) {
            visit.low = visit.low.min(to);
        }
    }

    fn visit(&mut self, root: &'n str) {
        self.enter(root);
        let mut open = vec![(root, self.needs(root).iter())];
        while let Some((name, needs)) = open.last_mut() {
            let name = *name;
            match needs.next() {
                Some(next) if !self.graph.contains_key(next) => {}
                Some(next) => match self.known.get(next).copied() {
                    None => {
                        self.enter(next);
                        open.push((next, self.needs(next).iter()));
                    }
                    Some(Visit { index, on_stack: true, .. }) => self.lower(name, index),
                    Some(_) => {}
                },
                None => {
                    open.pop();
                    let Some(Visit { index, low, .. }) = self.known.get(name).copied() else {
                        continue;
                    };
                    if let Some((parent, _)) = open.last() {
                        self.lower(parent, low);
                    }
                    if low == index {
                        self.close(name);
                    }
                }
            }
        }
    }

    /// Takes the group of `name` from the stack.
    fn close(&mut self, name: &'n str) {
        let mut group = Vec::new();
        while let Some(member) = self.stack.pop() {
            if let Some(visit) = self.known.get_mut(member) {
                visit.on_stack = false;
            }
            group.push(member);
            if member == name {
                break;
            }
        }
        if group.len() > 1 || self.needs(name).contains(&name) {
            group.sort_unstable();
            self.found.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles<'n>(edges: &[(&'n str, &[&'n str])]) -> Vec<Vec<&'n str>> {
        find(&edges.iter().map(|(name, needs)| (*name, needs.to_vec())).collect())
    }

    #[test]
    fn groups_and_names_that_need_themselves_are_found() {
        let found = cycles(&[
            ("a", &["b", "c"]),
            ("b", &["a"]),
            ("c", &["a"]),
            ("d", &["d"]),
            ("e", &["a", "f"]),
            ("f", &[]),
        ]);
        assert_eq!(found, [vec!["a", "b", "c"], vec!["d"]]);
    }

    #[test]
    fn a_chain_is_no_cycle_and_may_be_long() {
        let names: Vec<String> = (0..100_000).map(|i| format!("v{i}")).collect();
        let mut graph: BTreeMap<&str, Vec<&str>> =
            names.windows(2).map(|w| (w[0].as_str(), vec![w[1].as_str()])).collect();
        graph.insert(names.last().unwrap(), vec![]);
        assert!(find(&graph).is_empty());
        graph.insert(names.last().unwrap(), vec!["v0"]);
        assert_eq!(find(&graph)[0].len(), 100_000);
    }
}

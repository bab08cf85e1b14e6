//! Which of a list of patterns a name matches, without a look at the others.

use std::collections::BTreeMap;

use super::names::{Id, Names};
use crate::policy::Glob;

/// A name that is asked about, and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'q> {
    pub(crate) name: &'q str,
    pub(crate) id: Id,
}

/// Names and patterns that are compared when an index is built. A policy with more of both goes without it.
const MAX_MATCHES: usize = 1_000_000;

/// Positions in a list, by the names that its patterns match.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// For every name that stands in the list: all positions that match it, patterns included. Sorted by number.
    known: Box<[(Id, Box<[u32]>)]>,
    /// Positions of patterns, for names that do not stand in the list; without an index, all positions.
    patterns: Box<[u32]>,
}

/// What an index says of a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'t> {
    /// In the order of the list.
    positions: &'t [u32],
    /// Whether all of them match. If not, each has to be tried.
    all_match: bool,
}

impl<'t> Found<'t> {
    /// Those of a list that match, in its order; `matches` is asked only where it is not known.
    #[inline]
    pub(crate) fn of<T>(
        self,
        list: &'t [T],
        matches: impl Fn(&T) -> bool,
    ) -> impl Iterator<Item = (u32, &'t T)> {
        let item = |at: &u32| Some((*at, list.get(usize::try_from(*at).ok()?)?));
        self.positions
            .iter()
            .filter_map(item)
            .filter(move |(_, item)| self.all_match || matches(item))
    }
}

impl Index {
    pub(super) fn new<'g>(
        globs: impl Iterator<Item = (u32, &'g Glob)> + Clone,
        names: &mut Names,
    ) -> Self {
        let mut exact: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut patterns: Vec<(u32, &Glob)> = Vec::new();
        for (at, glob) in globs.clone() {
            if glob.is_literal() {
                exact.entry(glob.as_str()).or_default().push(at);
            } else {
                patterns.push((at, glob));
            }
        }
        if exact.len().saturating_mul(patterns.len()) > MAX_MATCHES {
            let all = globs.map(|(at, _)| at).collect();
            return Self { known: Box::default(), patterns: all };
        }
        let mut known: Vec<(Id, Box<[u32]>)> = Vec::with_capacity(exact.len());
        for (name, mut matching) in exact {
            matching.extend(patterns.iter().filter(|(_, g)| g.matches(name)).map(|(at, _)| *at));
            matching.sort_unstable();
            known.push((names.add(name), matching.into()));
        }
        known.sort_unstable_by_key(|(id, _)| *id);
        let patterns = patterns.into_iter().map(|(at, _)| at).collect();
        Self { known: known.into(), patterns }
    }

    /// What there is for a name, in the order of the list.
    #[inline]
    pub(crate) fn find(&self, name: Named<'_>) -> Found<'_> {
        let known = self.known.binary_search_by_key(&name.id, |(id, _)| *id).ok();
        match known.and_then(|at| self.known.get(at)) {
            Some((_, positions)) => Found { positions, all_match: true },
            None => Found { positions: &self.patterns, all_match: false },
        }
    }
}

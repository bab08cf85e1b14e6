//! The rows of one policy, and which of them speak of an action.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Hash;
use crate::check::Effect;
use crate::policy::{Condition, Glob, Output};

/// One action for one role: what a rule says about it.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which rule of its policy.
    pub(crate) rule: u32,
    /// The first rule of the policy with the same name, and the derived role: rows that share both share one
    /// evaluation.
    pub(crate) first_of_name: u32,
    /// Whether further rules of the policy have this name.
    pub(crate) shares_name: bool,
    pub(crate) derived_role: Option<usize>,
    pub(crate) name: Box<str>,
    pub(crate) action: Glob,
    pub(crate) role: Glob,
    /// Principal policies: the resources that the rule is about.
    pub(crate) resource: Option<Glob>,
    pub(crate) effect: Effect,
    pub(crate) condition: Option<Arc<Condition>>,
    /// Whether the condition counts when it does not hold (rule S4).
    pub(crate) negated: bool,
    pub(crate) output: Option<Arc<Output>>,
}

impl Row {
    /// What the author wrote, also where it was turned around (rule S4).
    pub(crate) fn effect_as_written(&self) -> Effect {
        if self.negated { Effect::Allow } else { self.effect }
    }
}

/// Names and patterns that are compared when the index is built. A policy with more of both goes without it.
const MAX_MATCHES: usize = 1_000_000;

/// Rows in the order of the file, with an index by action.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: Vec<Row>,
    /// For every action that some rule names: all rows that match it, patterns included.
    by_action: Hash<Box<str>, Box<[u32]>>,
    /// Rows with a pattern for an action, for actions that no rule names; without an index, all rows.
    patterns: Box<[u32]>,
}

impl Rows {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        let mut exact: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut patterns: Vec<u32> = Vec::new();
        for (row, i) in rows.iter().zip(0_u32..) {
            if row.action.is_literal() {
                exact.entry(row.action.as_str()).or_default().push(i);
            } else {
                patterns.push(i);
            }
        }
        if exact.len().saturating_mul(patterns.len()) > MAX_MATCHES {
            let all = (0_u32..).take(rows.len()).collect();
            return Self { rows, by_action: Hash::default(), patterns: all };
        }
        let row = |i: &u32| rows.get(usize::try_from(*i).ok()?);
        let mut by_action: Hash<Box<str>, Box<[u32]>> = Hash::default();
        for (action, mut matching) in exact {
            let matches = |i: &&u32| row(i).is_some_and(|r| r.action.matches(action));
            matching.extend(patterns.iter().filter(matches));
            matching.sort_unstable();
            by_action.insert(action.into(), matching.into());
        }
        Self { rows, by_action, patterns: patterns.into() }
    }

    /// All rows, in the order of the file.
    pub(crate) fn all(&self) -> &[Row] {
        &self.rows
    }

    /// The rows for an action, in the order of the file.
    pub(crate) fn of<'t, 'q>(
        &'t self,
        action: &'q str,
    ) -> impl Iterator<Item = &'t Row> + use<'t, 'q> {
        let (numbers, known) = match self.by_action.get(action) {
            Some(numbers) => (numbers, true),
            None => (&self.patterns, false),
        };
        numbers
            .iter()
            .filter_map(|i| self.rows.get(usize::try_from(*i).ok()?))
            .filter(move |row| known || row.action.matches(action))
    }
}

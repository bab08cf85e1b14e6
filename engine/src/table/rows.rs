//! The rows of one policy, and which of them speak of an action.

use std::sync::Arc;

use super::Hash;
use crate::check::Effect;
use crate::policy::{Condition, Glob, Output};

/// One action for one role: what a rule says about it.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which rule of its policy.
    pub(crate) rule: u32,
    /// The first rule of the policy with the same name, and the derived role: rows that share both share one evaluation.
    pub(crate) first_of_name: u32,
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

/// Rows in the order of the file, with an index by action.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: Vec<Row>,
    /// For every action that some rule names: all rows that match it, patterns included.
    by_action: Hash<Box<str>, Box<[u32]>>,
    /// Rows with a pattern for an action, for actions that no rule names.
    patterns: Box<[u32]>,
}

impl Rows {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        let numbered = || rows.iter().zip(0_u32..);
        let mut by_action: Hash<Box<str>, Box<[u32]>> = Hash::default();
        for row in rows.iter().filter(|row| row.action.is_literal()) {
            let action = row.action.as_str();
            if !by_action.contains_key(action) {
                let matching =
                    numbered().filter(|(r, _)| r.action.matches(action)).map(|(_, i)| i).collect();
                by_action.insert(action.into(), matching);
            }
        }
        let patterns = numbered().filter(|(r, _)| !r.action.is_literal()).map(|(_, i)| i).collect();
        Self { rows, by_action, patterns }
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

//! The rows of one policy, and which of them speak of an action.

use std::sync::Arc;

use super::index::{Found, Index, Named};
use super::names::{Id, Names};
use crate::cel::Slots;
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
    /// Into [`Entry::derived_roles`](super::Entry).
    pub(crate) derived_role: Option<u32>,
    /// Whether further rules of the policy have this name.
    pub(crate) shares_name: bool,
    pub(crate) effect: Effect,
    /// Whether the condition counts when it does not hold (rule S4).
    pub(crate) negated: bool,
    /// Who it is for, as `role` says.
    pub(crate) who: Who,
    /// Variables that the condition reads.
    pub(crate) variables: Slots,
    pub(crate) condition: Option<Arc<Condition>>,
    /// Principal policies: the resources that the rule is about.
    pub(crate) resource: Option<Arc<Glob>>,
    pub(crate) output: Option<Arc<Output>>,
    pub(crate) role: Arc<Glob>,
    pub(crate) action: Arc<Glob>,
    pub(crate) name: Arc<str>,
}

/// Which roles a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Anybody,
    Role(Id),
    /// Those that match the pattern.
    Pattern,
}

impl Row {
    /// What the author wrote, also where it was turned around (rule S4).
    pub(crate) fn effect_as_written(&self) -> Effect {
        if self.negated { Effect::Allow } else { self.effect }
    }

    /// Whether the rule is about a kind of resources.
    pub(crate) fn is_about(&self, kind: &str) -> bool {
        self.resource.as_ref().is_none_or(|pattern| pattern.matches(kind))
    }
}

/// Rows in the order of the file, with an index by action.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: Box<[Row]>,
    by_action: Index,
}

impl Rows {
    pub(super) fn new(rows: Vec<Row>, actions: &mut Names) -> Self {
        let by_action =
            Index::new((0_u32..).zip(&rows).map(|(at, row)| (at, &*row.action)), actions);
        Self { rows: rows.into(), by_action }
    }

    /// All rows, in the order of the file.
    pub(crate) fn all(&self) -> &[Row] {
        &self.rows
    }

    /// Where the rows for an action are.
    #[inline]
    pub(crate) fn find(&self, action: Named<'_>) -> Found<'_> {
        self.by_action.find(action)
    }

    /// The rows that were found for an action, in the order of the file.
    #[inline]
    pub(crate) fn found<'t>(
        &'t self,
        found: Found<'t>,
        action: &str,
    ) -> impl Iterator<Item = &'t Row> {
        found.of(&self.rows, |row| row.action.matches(action)).map(|(_, row)| row)
    }
}

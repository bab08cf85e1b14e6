//! Role policies: allow lists (docs/semantics.md, section 5, rules R1 to R5).

use std::sync::Arc;

use super::index::{Index, Named};
use super::names::{Id, Names};
use crate::cel::Slots;
use crate::policy::{Condition, Glob, Output, Params};

/// An allow list for one role.
#[derive(Debug)]
pub(crate) struct RolePolicy {
    pub(crate) version: Id,
    pub(crate) role: Id,
    pub(crate) key: Arc<str>,
    pub(crate) file: Arc<str>,
    pub(crate) params: Arc<Params>,
    pub(crate) rules: Vec<RoleRule>,
    by_kind: Index,
}

#[derive(Debug)]
pub(crate) struct RoleRule {
    pub(crate) name: Box<str>,
    pub(crate) resource: Glob,
    pub(crate) actions: Vec<Glob>,
    pub(crate) condition: Option<Arc<Condition>>,
    /// Variables that the condition reads.
    pub(crate) variables: Slots,
    pub(crate) output: Option<Arc<Output>>,
}

impl RolePolicy {
    pub(super) fn new(
        (version, role): (Id, Id),
        (key, file): (Arc<str>, Arc<str>),
        params: Arc<Params>,
        rules: Vec<RoleRule>,
        kinds: &mut Names,
    ) -> Self {
        let globs = (0_u32..).zip(&rules).map(|(at, rule)| (at, &rule.resource));
        let by_kind = Index::new(globs, kinds);
        Self { version, role, key, file, params, rules, by_kind }
    }

    /// The rules about a kind, with their numbers, in the order of the file.
    pub(crate) fn rules_of<'t, 'q>(
        &'t self,
        kind: Named<'q>,
    ) -> impl Iterator<Item = (u32, &'t RoleRule)> + use<'t, 'q> {
        self.by_kind.find(kind).of(&self.rules, move |rule| rule.resource.matches(kind.name))
    }

    /// Whether any rule is about the kind.
    pub(crate) fn speaks_of(&self, kind: Named<'_>) -> bool {
        self.rules_of(kind).next().is_some()
    }
}

impl RoleRule {
    pub(crate) fn lists(&self, action: &str) -> bool {
        self.actions.iter().any(|glob| glob.matches(action))
    }
}

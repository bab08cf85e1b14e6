//! The words that policies know: kinds, actions, and the attributes that are read for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::speech;
use crate::check::Engine;
use crate::policy::{Glob, PolicySet, Written, sanitize};
use crate::suggest::closest;

/// Which kinds and actions policies speak of, and which attributes of the resource they read for them.
///
/// All versions and scopes count, the rules of principal policies and role policies as far as they speak of the kind,
/// and imported derived roles. Kinds are those with a resource policy; of others nothing is known. Names of kinds are
/// compared as those of requests are: `album:object` is `album_object`.
///
/// ```
/// use authz_engine::inspect;
/// use authz_engine::policy::{PolicySet, Source};
///
/// let policy = "
/// apiVersion: api.cerbos.dev/v1
/// description: Photos that belong together
/// resourcePolicy:
///   resource: album
///   version: default
///   rules:
///     - actions: [view]
///       effect: EFFECT_ALLOW
///       roles: [user]
///       condition: {match: {expr: '!R.attr.archived'}}
/// ";
/// let words = inspect::vocabulary(&PolicySet::load([Source::new("album.yaml", policy)])?);
/// assert_eq!(words.description("album"), Some("Photos that belong together"));
/// assert!(!words.knows_action("album", "veiw"));
/// assert_eq!(words.suggest_action("album", "veiw"), Some("view"));
/// assert_eq!(words.reads("album", "view")[0].to_string(), "album.yaml:8 reads `archived`");
/// # Ok::<(), authz_engine::diag::Diagnostics>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// By name as it is looked up.
    pub(super) kinds: BTreeMap<Box<str>, KindWords>,
}

/// What is said of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct KindWords {
    /// As written.
    pub(super) name: Box<str>,
    pub(super) description: Option<Box<str>>,
    pub(super) actions: BTreeSet<Box<str>>,
    pub(super) rules: Vec<Arc<RuleWords>>,
    /// What the derived roles of its resource policies read, for rules that look at `runtime`.
    pub(super) derived_roles: BTreeSet<Read>,
}

/// What one rule says.
#[derive(Debug)]
pub(super) struct RuleWords {
    /// Empty if the author gave none.
    pub(super) name: Box<str>,
    pub(super) actions: Vec<Glob>,
    pub(super) reads: BTreeSet<Read>,
    pub(super) looks_at_runtime: bool,
}

/// An attribute of the resource that is read, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Read {
    /// Name of the attribute.
    pub attribute: Box<str>,
    /// File of the rule or derived role.
    pub file: Arc<str>,
    /// Line at which the rule or derived role begins, from 1.
    pub line: usize,
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attribute, file, line } = self;
        write!(f, "{file}:{line} reads `{attribute}`")
    }
}

/// The words of a set of policies.
#[must_use]
pub fn vocabulary(set: &PolicySet) -> Vocabulary {
    spoken(&set.written)
}

fn spoken(written: &Written) -> Vocabulary {
    speech::vocabulary(written.in_use().iter().map(|policy| &**policy))
}

impl Engine {
    /// The words of the policies. They are collected anew by each call.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        spoken(&self.table.files)
    }
}

impl Vocabulary {
    /// Kinds that there is a resource policy for, as written there, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.kinds.values().map(|kind| &*kind.name).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// Whether there is a resource policy for the kind.
    #[must_use]
    pub fn knows_kind(&self, kind: &str) -> bool {
        self.kind(kind).is_some()
    }

    /// The description of the kind's resource policy; of several, that of the version `default` in the root scope is
    /// preferred.
    #[must_use]
    pub fn description(&self, kind: &str) -> Option<&str> {
        self.kind(kind)?.description.as_deref()
    }

    /// Actions of the kind that rules name, sorted. Patterns are none.
    pub fn actions<'v>(&'v self, kind: &str) -> impl Iterator<Item = &'v str> + use<'v> {
        self.kind(kind).into_iter().flat_map(|kind| &kind.actions).map(|action| &**action)
    }

    /// Names that authors gave to rules that speak of the action, sorted.
    pub fn rules<'v>(
        &'v self,
        kind: &str,
        action: &str,
    ) -> impl Iterator<Item = &'v str> + use<'v> {
        let names: BTreeSet<&'v str> =
            self.rules_of(kind, action).map(|rule| &*rule.name).filter(|n| !n.is_empty()).collect();
        names.into_iter()
    }

    /// Whether any rule speaks of the action: names it, or has a pattern that fits. A rule for `*` speaks of every
    /// action; whether it is named is asked of [`actions`](Self::actions).
    #[must_use]
    pub fn knows_action(&self, kind: &str, action: &str) -> bool {
        self.rules_of(kind, action).next().is_some()
    }

    /// The kind that was probably meant by one that is not known.
    #[must_use]
    pub fn suggest_kind(&self, kind: &str) -> Option<&str> {
        if self.knows_kind(kind) {
            return None;
        }
        closest(kind, &self.kinds().collect::<Vec<_>>())
    }

    /// The action that was probably meant by one that no rule names.
    #[must_use]
    pub fn suggest_action(&self, kind: &str, action: &str) -> Option<&str> {
        let known: Vec<&str> = self.actions(kind).collect();
        if known.contains(&action) { None } else { closest(action, &known) }
    }

    /// Attributes of the resource that are read by name, as `R.attr.x` or `R.attr["x"]`, for decisions on the
    /// action: by conditions and outputs of rules that speak of it, by their derived roles, and by the variables
    /// that these need. Sorted. What is done with `R.attr` as a whole, or with names that come from elsewhere, is
    /// not seen.
    #[must_use]
    pub fn reads(&self, kind: &str, action: &str) -> Vec<Read> {
        let mut reads: BTreeSet<&Read> = BTreeSet::new();
        for rule in self.rules_of(kind, action) {
            reads.extend(&rule.reads);
            if rule.looks_at_runtime {
                reads.extend(self.kind(kind).into_iter().flat_map(|kind| &kind.derived_roles));
            }
        }
        reads.into_iter().cloned().collect()
    }

    fn kind(&self, kind: &str) -> Option<&KindWords> {
        self.kinds.get(&*sanitize(kind))
    }

    fn rules_of<'v>(&'v self, kind: &str, action: &str) -> impl Iterator<Item = &'v RuleWords> {
        let rules = self.kind(kind).into_iter().flat_map(|kind| &kind.rules);
        let speaks = |rule: &&RuleWords| rule.actions.iter().any(|glob| glob.matches(action));
        rules.map(|rule| &**rule).filter(speaks)
    }
}

//! A closed set of policies: every name resolved, every expression compiled.
//!
//! Only [`super::resolve`] builds it; the rule table reads it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;

use super::ast::ScopePermissions;
use super::glob::Glob;
use super::schemas::SchemaRefs;
use super::source::{self, Source};
use super::written::Written;
use super::{load, names, write};
use crate::cel::{Program, Slots};
use crate::check::Effect;
use crate::diag::Diagnostics;
use crate::schema::Schema;
use crate::value::Map;

/// Policies that belong together and passed every check that loading makes.
#[derive(Debug)]
pub struct PolicySet {
    pub(crate) policies: Vec<Policy>,
    pub(crate) warnings: Diagnostics,
    pub(super) schema_refs: SchemaRefs,
    pub(crate) written: Written,
    /// The JSON Schemas that came with them.
    pub(super) schemas: Vec<Source>,
}

impl PolicySet {
    /// Reads policies from texts. A source whose name begins with `_schemas/` and ends with `.json` is a JSON Schema
    /// that policies may refer to (`cerbos:///album.json` is `_schemas/album.json`).
    ///
    /// # Errors
    ///
    /// All mistakes of all files, each with file, line and column.
    ///
    /// ```
    /// use authz_engine::policy::{PolicySet, Source};
    ///
    /// let broken = Source::new("album.yaml", "apiVersion: api.cerbos.dev/v1\nresourcePolcy: {}\n");
    /// let diagnostics = PolicySet::load([broken]).unwrap_err();
    /// assert!(diagnostics.to_string().contains("album.yaml:2:1"));
    /// ```
    pub fn load(sources: impl IntoIterator<Item = Source>) -> Result<Self, Diagnostics> {
        load::load(sources.into_iter().collect(), &[])
    }

    /// Reads all policies of a folder, as Cerbos' disk store does: `.yaml`, `.yml` and `.json` files, without
    /// hidden ones, `testdata` folders and `*_test` files; and the JSON Schemas in `_schemas`.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), and what could not be read.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self, Diagnostics> {
        let (sources, problems) = source::read_dir(path);
        load::load(sources, &problems.iter().cloned().collect::<Vec<_>>())
    }

    /// What loads but is probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// References to JSON Schemas that lead to none, each with the place of the `ref` that says so.
    ///
    /// They keep nothing from loading: an engine that enforces no schemas has no use for them, and one that does
    /// reports them for each request that they concern, as Cerbos' server does. `cerbos compile` refuses such
    /// policies, and so does `authz check`.
    #[must_use]
    pub fn schema_problems(&self) -> &Diagnostics {
        self.schema_refs.problems()
    }

    /// The policies as canonical JSON, one source for each, disabled ones too, and the JSON Schemas as they are. They
    /// load as a set that decides alike.
    ///
    /// ```
    /// use authz_engine::policy::{PolicySet, Source};
    ///
    /// let text = "apiVersion: api.cerbos.dev/v1\nrolePolicy: {role: clerk}\n";
    /// let set = PolicySet::load([Source::new("clerk.yaml", text)])?;
    /// let written = set.to_sources();
    /// assert_eq!(written[0].text(), "{\"apiVersion\":\"api.cerbos.dev/v1\",\"rolePolicy\":{\"role\":\"clerk\"}}\n");
    /// assert_eq!(PolicySet::load(written)?.len(), 1);
    /// # Ok::<(), authz_engine::diag::Diagnostics>(())
    /// ```
    #[must_use]
    pub fn to_sources(&self) -> Vec<Source> {
        let mut sources = write::sources(&self.written.policies());
        sources.extend(self.schemas.iter().cloned());
        sources
    }

    /// How many policies with rules the set holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether the set holds no policy with rules.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Principal,
    Resource,
    Role,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Resource => "resource",
            Self::Role => "role",
        }
    }
}

/// A policy with rules.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) kind: Kind,
    /// The name of its source.
    pub(crate) file: Arc<str>,
    /// Resource kind, principal id or role, as written.
    pub(crate) name: Box<str>,
    pub(crate) version: Box<str>,
    pub(crate) scope: Box<str>,
    pub(crate) scope_permissions: ScopePermissions,
    pub(crate) params: Arc<Params>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) parent_roles: Vec<Box<str>>,
    /// The derived roles that rules refer to.
    pub(crate) derived_roles: Vec<Arc<DerivedRole>>,
    pub(crate) schemas: Schemas,
}

/// What attributes are validated by.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    pub(crate) principal: Option<SchemaUse>,
    pub(crate) resource: Option<SchemaUse>,
}

#[derive(Debug)]
pub(crate) struct SchemaUse {
    pub(crate) schema: Arc<Schema>,
    /// Requests for nothing but such actions are not validated.
    pub(crate) ignored_actions: Vec<Glob>,
}

impl Policy {
    /// `resource.album.vdefault/acme`
    pub(crate) fn key(&self) -> String {
        names::policy_key(self.kind.as_str(), &self.name, &self.version, &self.scope)
    }
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: Box<str>,
    /// Principal and role policies: the resource pattern, as written.
    pub(crate) resource: Box<str>,
    pub(crate) actions: Vec<Box<str>>,
    pub(crate) roles: Vec<Box<str>>,
    /// Into [`Policy::derived_roles`].
    pub(crate) derived_roles: Vec<usize>,
    /// Rules of role policies have no effect of their own; theirs is `Allow`.
    pub(crate) effect: Effect,
    pub(crate) condition: Option<Arc<Condition>>,
    pub(crate) output: Option<Arc<Output>>,
}

#[derive(Debug)]
pub(crate) struct DerivedRole {
    /// Key of the file that defines it, and its number there.
    pub(crate) policy: Arc<str>,
    pub(crate) number: u32,
    pub(crate) name: Box<str>,
    pub(crate) parent_roles: Vec<Box<str>>,
    pub(crate) condition: Option<Arc<Condition>>,
    pub(crate) params: Arc<Params>,
}

/// The variables an expression may read, in the order in which they are evaluated.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) variables: Vec<Variable>,
    /// The constants among them, which are part of the programs.
    pub(crate) constants: Map,
    /// For each variable: itself and those it reads, directly or not.
    needs: Box<[Slots]>,
    /// Whether any of them looks at `runtime`, which changes on the way.
    pub(crate) use_runtime: bool,
    /// Of names and texts, so that what differs is told apart at once.
    fingerprint: u64,
}

impl Params {
    pub(crate) fn new(variables: Vec<Variable>, constants: Map) -> Self {
        let mut hasher = DefaultHasher::new();
        for variable in &variables {
            (&variable.name, &variable.source).hash(&mut hasher);
        }
        let mut needs: Vec<Slots> = Vec::with_capacity(variables.len());
        for (slot, variable) in variables.iter().enumerate() {
            // Those it reads come before it.
            let read = union(&needs, variable.program.variables());
            needs.push(read.and(Slots::one(slot)));
        }
        let use_runtime = variables.iter().any(|v| v.source.contains("runtime"));
        let fingerprint = hasher.finish();
        Self { variables, constants, needs: needs.into(), use_runtime, fingerprint }
    }

    /// What has to be evaluated for an expression that reads these variables.
    pub(crate) fn needed(&self, read: Slots) -> Slots {
        // The last slot stands for all that come after it.
        if self.needs.len() > 64 && !read.is_empty() {
            Slots::ALL
        } else {
            union(&self.needs, read)
        }
    }

    /// Whether the same variables and constants are used, of whichever policy (rule V6).
    pub(crate) fn same(&self, other: &Self) -> bool {
        let same = |(a, b): (&Variable, &Variable)| a.name == b.name && a.source == b.source;
        std::ptr::eq(self, other)
            || self.fingerprint == other.fingerprint
                && self.variables.len() == other.variables.len()
                && self.variables.iter().zip(&other.variables).all(same)
                && self.constants == other.constants
    }
}

fn union(needs: &[Slots], read: Slots) -> Slots {
    let read = needs.iter().enumerate().filter(|(slot, _)| read.has(*slot));
    read.fold(Slots::NONE, |all, (_, needed)| all.and(*needed))
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: Box<str>,
    pub(crate) source: Arc<str>,
    pub(crate) program: Program,
}

#[derive(Debug)]
pub(crate) enum Condition {
    Expr(Leaf),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
}

impl Condition {
    /// The variables that it may read.
    pub(crate) fn variables(&self) -> Slots {
        match self {
            Self::Expr(leaf) => leaf.program.variables(),
            Self::All(list) | Self::Any(list) | Self::None(list) => {
                list.iter().fold(Slots::NONE, |all, member| all.and(member.variables()))
            }
        }
    }
}

/// An expression and its text.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) source: Arc<str>,
    pub(crate) program: Program,
}

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) rule_activated: Option<Leaf>,
    pub(crate) condition_not_met: Option<Leaf>,
}

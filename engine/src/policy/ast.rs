//! A policy as it was written: every field typed, every name still a name.
//!
//! Built by [`super::decode`] only, so what is here has passed the field rules of
//! docs/semantics.md, section 2.

use std::sync::Arc;

use super::path::Path;
use super::source::File;
use super::yaml::Scalar;
use crate::diag::{Code, Diagnostic, Position};
use crate::value::{Map, Value};

/// Something and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// A place in a policy file: position and JSONPath.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: Arc<File>,
    position: Spot,
    mark: Spot,
    path: Path,
}

/// A position in less space. Files have fewer lines than fit.
#[derive(Debug, Clone, Copy)]
struct Spot {
    line: u32,
    column: u32,
}

impl From<Position> for Spot {
    fn from(position: Position) -> Self {
        let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Self { line: number(position.line), column: number(position.column) }
    }
}

impl From<Spot> for Position {
    fn from(spot: Spot) -> Self {
        let number = |n| usize::try_from(n).unwrap_or(usize::MAX);
        Self { line: number(spot.line), column: number(spot.column) }
    }
}

impl Place {
    /// A field at a position. `mark` is where Cerbos says that it stands: [`Diagnostic::field`].
    pub(crate) fn new(file: Arc<File>, position: Position, mark: Position, path: Path) -> Self {
        Self { file, position: position.into(), mark: mark.into(), path }
    }

    /// The same positions, another field.
    pub(crate) fn of(self, path: Path) -> Self {
        Self { path, ..self }
    }

    /// The same field, positions elsewhere.
    pub(crate) fn moved(&self, position: Position, mark: Position) -> Self {
        Self::new(Arc::clone(&self.file), position, mark, self.path.clone())
    }

    pub(crate) fn position(&self) -> Position {
        self.position.into()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong at this place.
    pub(crate) fn problem(&self, code: Code, message: impl Into<Box<str>>) -> Diagnostic {
        let mut problem =
            self.file.problem(code, self.position(), message).at_path(self.path.text());
        problem.field = self.mark.into();
        problem
    }

    /// The same field, and an exact position in its value.
    pub(crate) fn at(&self, position: Position) -> Self {
        Self { position: position.into(), ..self.clone() }
    }

    /// `album.yaml:7:3`, for messages about another place.
    pub(crate) fn describe(&self) -> String {
        let Position { line, column } = self.position();
        format!("{}:{line}:{column}", self.file.name())
    }
}

pub(crate) type Name = At<Box<str>>;

/// A file with a policy in it.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Whether nothing is wrong with the file by itself.
    pub(crate) is_intact: bool,
    pub(crate) disabled: bool,
    /// The document.
    pub(crate) place: Place,
    pub(crate) header: Header,
    pub(crate) body: Body,
}

/// A policy in a place of its own: a list of them is short, and each can be forgotten by itself.
pub(crate) type BoxedPolicy = Box<Policy>;

impl Policy {
    /// Whether it is one with rules, which is compiled by itself.
    pub(crate) fn has_rules(&self) -> bool {
        matches!(self.body, Body::Resource(_) | Body::Principal(_) | Body::Role(_))
    }

    /// The schemas that it names.
    pub(crate) fn schemas(&self) -> &Schemas {
        const NONE: &Schemas = &Schemas { principal: None, resource: None };
        match &self.body {
            Body::Resource(body) => &body.schemas,
            _ => NONE,
        }
    }

    /// Hands [`schemas`](Self::schemas) over.
    pub(crate) fn take_schemas(&mut self) -> Schemas {
        match &mut self.body {
            Body::Resource(body) => std::mem::take(&mut body.schemas),
            _ => Schemas::default(),
        }
    }
}

/// What every kind of policy may say of itself. Only [`super::write`] and `inspect` read it.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) api_version: Box<str>,
    pub(crate) schema: Box<str>,
    pub(crate) description: Box<str>,
    pub(crate) metadata: Option<Box<Metadata>>,
    /// Deprecated; counts as `variables.local` (rule P2).
    pub(crate) variables: Vec<Definition>,
}

#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) source_file: Box<str>,
    pub(crate) store_identifier: Box<str>,
    /// The deprecated `storeIdentifer`.
    pub(crate) store_identifer: Box<str>,
    pub(crate) hash: Option<u64>,
    pub(crate) annotations: Vec<(Box<str>, Box<str>)>,
    pub(crate) source_attributes: Map,
}

#[derive(Debug)]
pub(crate) enum Body {
    Resource(Executable),
    Principal(Executable),
    Role(Executable),
    DerivedRoles(DerivedRoles),
    ExportVariables { name: Name, definitions: Vec<Definition> },
    ExportConstants { name: Name, definitions: Vec<Constant> },
}

/// A policy with rules.
#[derive(Debug)]
pub(crate) struct Executable {
    /// Resource kind, principal id or role.
    pub(crate) name: Name,
    /// As written; role policies may leave it out.
    pub(crate) version: Box<str>,
    pub(crate) scope: Name,
    pub(crate) scope_permissions: ScopePermissions,
    pub(crate) import_derived_roles: Vec<Name>,
    pub(crate) parent_roles: Vec<Name>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) schemas: Schemas,
    pub(crate) definitions: Definitions,
}

impl Executable {
    pub(crate) fn version(&self) -> &str {
        if self.version.is_empty() { "default" } else { &self.version }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ScopePermissions {
    Unspecified,
    OverrideParent,
    RequireParentalConsent,
}

/// One rule. What a kind of policy does not have stays empty.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    /// As given; empty when not.
    pub(crate) name: Box<str>,
    /// The default name for a rule without one.
    pub(crate) default_name: Box<str>,
    /// Principal and role policies: the resource pattern.
    pub(crate) resource: Option<Name>,
    pub(crate) actions: Vec<Name>,
    pub(crate) roles: Vec<Name>,
    pub(crate) derived_roles: Vec<Name>,
    /// Role policies have none of their own.
    pub(crate) effect: Option<crate::check::Effect>,
    pub(crate) condition: Option<Box<Condition>>,
    pub(crate) output: Option<Box<Output>>,
}

#[derive(Debug)]
pub(crate) enum Condition {
    Expr(Expr),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    /// `script`, refused when the policy is resolved. The place is the condition's.
    Script {
        place: Place,
        text: Box<str>,
    },
}

/// The text of an expression, and the scalar it came from for the sake of positions.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) text: Arc<str>,
    pub(crate) place: Place,
    pub(crate) scalar: Scalar,
}

impl Expr {
    /// Where the byte `offset` of the text stands.
    pub(crate) fn place_of(&self, offset: usize) -> Place {
        self.place.at(self.scalar.locate(offset, &self.place.file))
    }
}

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) place: Place,
    /// Deprecated; `rule_activated` wins when both are given (rule O1).
    pub(crate) expr: Option<Expr>,
    pub(crate) rule_activated: Option<Expr>,
    pub(crate) condition_not_met: Option<Expr>,
}

#[derive(Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) variable_imports: Vec<Name>,
    pub(crate) variables: Vec<Definition>,
    pub(crate) constant_imports: Vec<Name>,
    pub(crate) constants: Vec<Constant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: Name,
    pub(crate) expr: Expr,
}

#[derive(Debug, Clone)]
pub(crate) struct Constant {
    pub(crate) name: Name,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) struct DerivedRoles {
    pub(crate) name: Name,
    pub(crate) roles: Vec<DerivedRole>,
    pub(crate) definitions: Definitions,
}

#[derive(Debug)]
pub(crate) struct DerivedRole {
    pub(crate) name: Name,
    pub(crate) parent_roles: Vec<Name>,
    pub(crate) condition: Option<Condition>,
}

/// References to JSON Schemas; enforcement is the engine's option and `none` by default (rule S1).
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    pub(crate) principal: Option<Box<SchemaRef>>,
    pub(crate) resource: Option<Box<SchemaRef>>,
}

#[derive(Debug)]
pub(crate) struct SchemaRef {
    pub(crate) reference: Name,
    pub(crate) ignore_when_actions: Vec<Box<str>>,
}

//! A policy as it was written: every field typed, every name still a name.
//!
//! Built by [`super::decode`] only, so what is here has passed the field rules of
//! docs/semantics.md, section 2.

use std::sync::Arc;

use super::yaml::Scalar;
use crate::diag::{Code, Diagnostic, Position};
use crate::value::Value;

/// Something and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// A place in a policy file: position and JSONPath.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) position: Position,
    pub(crate) path: Arc<str>,
}

impl Place {
    /// What is wrong at this place of a file.
    pub(super) fn problem(
        &self,
        code: Code,
        file: &str,
        text: &str,
        message: impl Into<Box<str>>,
        help: Option<String>,
    ) -> Diagnostic {
        let problem = Diagnostic::error(code, file, self.position, message).at_path(&*self.path);
        let problem = match help {
            Some(help) => problem.help(help),
            None => problem,
        };
        problem.excerpt_of(text)
    }
}

pub(crate) type Name = At<Box<str>>;

/// A file with a policy in it.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) file: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) disabled: bool,
    /// Where the body begins.
    pub(crate) place: Place,
    pub(crate) body: Body,
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
    pub(crate) version: Box<str>,
    pub(crate) scope: Name,
    pub(crate) scope_permissions: ScopePermissions,
    pub(crate) import_derived_roles: Vec<Name>,
    pub(crate) parent_roles: Vec<Box<str>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) schemas: Schemas,
    pub(crate) definitions: Definitions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    pub(crate) resource: Box<str>,
    pub(crate) actions: Vec<Box<str>>,
    pub(crate) roles: Vec<Box<str>>,
    pub(crate) derived_roles: Vec<Name>,
    /// Role policies have none of their own.
    pub(crate) effect: Option<crate::check::Effect>,
    pub(crate) condition: Option<Condition>,
    pub(crate) output: Option<Output>,
}

#[derive(Debug)]
pub(crate) enum Condition {
    Expr(Expr),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    /// `script`, refused when the policy is resolved.
    Script(Place),
}

/// The text of an expression, and the scalar it came from for the sake of positions.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) text: Arc<str>,
    pub(crate) place: Place,
    pub(crate) scalar: Scalar,
}

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) place: Place,
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
    pub(crate) parent_roles: Vec<Box<str>>,
    pub(crate) condition: Option<Condition>,
}

/// References to JSON Schemas; enforcement is the engine's option and `none` by default (rule S1).
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    pub(crate) principal: Option<SchemaRef>,
    pub(crate) resource: Option<SchemaRef>,
}

#[derive(Debug)]
pub(crate) struct SchemaRef {
    pub(crate) reference: Name,
    pub(crate) ignore_when_actions: Vec<Box<str>>,
}

//! CEL as Cerbos runs it: text -> tree -> [`Program`] -> value.
//!
//! Compiling resolves every name, so that evaluation only follows slots and borrows what the request holds.
//! Errors are results of evaluation, absorbed where CEL absorbs them (docs/semantics.md, section 7).
//!
//! ```
//! use authz_engine::cel::{Arena, Env, Expression};
//!
//! let program = Expression::parse("1 + 1 == 2")?.compile(&Env::bare())?;
//! let arena = Arena::new();
//! # let (principal, resource, globals) = Default::default();
//! # let activation = authz_engine::cel::Activation::new(&principal, &resource, &globals, &arena, authz_engine::cel::Timestamp::now());
//! assert_eq!(program.eval_bool(&activation), Ok(true));
//! # Ok::<(), authz_engine::cel::Error>(())
//! ```

mod access;
mod activation;
mod addr;
mod arithmetic;
mod ast;
mod bounds;
mod checker;
mod comparisons;
mod compile;
mod containers;
mod duration;
mod env;
mod error;
mod eval;
mod functions;
mod glob;
mod json;
mod lexer;
mod literal;
mod macros;
mod messages;
mod native;
mod numbers;
mod outlook;
mod parser;
mod path;
mod program;
mod quoted;
mod re2;
mod refusal;
mod spiffe;
mod template;
#[cfg(test)]
mod tests;
mod time;
mod truth;
mod types;
mod vals;
mod zone;

use std::ops::Range;
use std::sync::Arc;

pub use activation::Activation;
pub use checker::Checked;
pub use containers::{List, MapRef};
pub use env::Env;
pub use error::{Error, ErrorKind, EvalError};
pub use functions::{FunctionInfo, functions};
pub use literal::Literal;
pub(crate) use outlook::{Prospect, Truths, Unknown};
pub use program::Program;
pub(crate) use program::Slots;
pub(crate) use re2::compile as compile_regex;
pub use spiffe::Spiffe;
pub use time::Timestamp;
pub use vals::{Arena, Object, V};
#[cfg(feature = "schema")]
pub(crate) use {numbers::format_double, quoted::Quoted, re2::Pattern};

use ast::{Expr, ExprKind};

/// A parsed expression.
#[derive(Debug, Clone)]
pub struct Expression {
    source: Arc<str>,
    root: Expr,
}

/// The names that an expression reads, with the bytes at which it does so. `V.?x` does not count (rule E8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct References {
    /// `V.x`, `variables.x`
    pub variables: Vec<(Box<str>, Range<usize>)>,
    /// `C.x`, `constants.x`
    pub constants: Vec<(Box<str>, Range<usize>)>,
    /// `P.attr.x`, `request.principal.attr.x`
    pub principal_attributes: Vec<Box<str>>,
    /// `R.attr.x`, `request.resource.attr.x`
    pub resource_attributes: Vec<Box<str>>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// Text that is no expression, or one with more than 250 levels or 100,000 characters.
    pub fn parse(source: &str) -> Result<Self, Error> {
        Ok(Self { root: parser::parse(source)?, source: source.into() })
    }

    /// The text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Which variables, constants and attributes it reads by name.
    #[must_use]
    pub fn references(&self) -> References {
        let mut found = References::default();
        self.root.walk(&mut |expr| {
            let Some((operand, field)) = selection(expr) else { return };
            match &operand.kind {
                ExprKind::Ident(root) => match root.trim_start_matches('.') {
                    "V" | "variables" => found.variables.push((field.into(), expr.span.clone())),
                    "C" | "constants" => found.constants.push((field.into(), expr.span.clone())),
                    _ => {}
                },
                _ => match attributes_of(operand) {
                    Some("P" | "principal") => found.principal_attributes.push(field.into()),
                    Some("R" | "resource") => found.resource_attributes.push(field.into()),
                    _ => {}
                },
            }
        });
        found
    }

    /// The attributes of the resource that it looks at by name, however it says so: `R.attr.x`, `R.attr.?x`,
    /// `R.attr["x"]`, `"x" in R.attr`.
    pub(crate) fn attributes_of_resource(&self) -> Vec<Box<str>> {
        let mut found = Vec::new();
        self.root.walk(&mut |expr| {
            let named = match &expr.kind {
                ExprKind::Binary(ast::Binary::In, sides) => match &**sides {
                    [Expr { kind: ExprKind::Str(name), .. }, attributes] => {
                        Some((attributes, &**name))
                    }
                    _ => None,
                },
                _ => member(expr),
            };
            if let Some((attributes, name)) = named
                && let Some((owner, "attr")) = member(attributes)
                && is_resource(owner)
            {
                found.push(name.into());
            }
        });
        found
    }

    /// Resolves every name against `env` and finds the types.
    ///
    /// # Errors
    ///
    /// Names, fields and functions that do not exist; operands and arguments of the wrong type; literals that their
    /// function cannot take.
    pub fn check(&self, env: &Env) -> Result<Checked, Error> {
        checker::check(&self.root, env)
    }

    /// [`check`](Self::check) and [`Checked::compile`] in one.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn compile(&self, env: &Env) -> Result<Program, Error> {
        self.check(env).map(Checked::compile)
    }
}

impl Checked {
    /// Computes what is known already and prepares the rest for evaluation.
    #[must_use]
    pub fn compile(self) -> Program {
        compile::compile(self)
    }
}

/// `operand.name`, `operand["name"]`, and both with a question mark.
fn member(expr: &Expr) -> Option<(&Expr, &str)> {
    match &expr.kind {
        ExprKind::Select { operand, field, .. } => Some((operand, field)),
        ExprKind::Index { operand, index, .. } => match &index.kind {
            ExprKind::Str(name) => Some((operand, name)),
            _ => None,
        },
        _ => None,
    }
}

/// `R`, `request.resource`
fn is_resource(expr: &Expr) -> bool {
    let is_name = |expr: &Expr, name| matches!(&expr.kind, ExprKind::Ident(ident) if ident.trim_start_matches('.') == name);
    is_name(expr, "R")
        || member(expr).is_some_and(|(root, name)| name == "resource" && is_name(root, "request"))
}

fn selection(expr: &Expr) -> Option<(&Expr, &str)> {
    match &expr.kind {
        ExprKind::Select { operand, field, optional: false } => Some((operand, field)),
        _ => None,
    }
}

/// Whose attributes an expression names: of `P.attr` it is `P`, of `request.principal.attr` it is `principal`.
fn attributes_of(expr: &Expr) -> Option<&str> {
    let (owner, _) = selection(expr).filter(|(_, field)| *field == "attr")?;
    match &owner.kind {
        ExprKind::Ident(name) => Some(name.trim_start_matches('.')),
        _ => {
            let (root, name) = selection(owner)?;
            match &root.kind {
                ExprKind::Ident(root) if root.trim_start_matches('.') == "request" => Some(name),
                _ => None,
            }
        }
    }
}

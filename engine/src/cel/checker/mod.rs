//! The tree to a resolved one: every name stands for something, every operand has a type that its operator takes.
//!
//! What Cerbos refuses when it loads a policy is refused here (docs/semantics.md, section 10).

mod calls;
mod infer;
mod literals;
mod macros;
mod messages;
mod names;
mod operators;
#[cfg(test)]
mod tests;

use std::ops::Range;

use hashbrown::HashMap;

use super::ast::{Binary, Expr, ExprKind};
use super::env::Env;
use super::error::{Error, ErrorKind};
use super::literal::Literal;
use super::program::Node;
use super::types::{Signature, Type};
use infer::Inference;
use operators::OPERATORS;

/// An expression whose names are resolved and whose types fit.
#[derive(Debug)]
pub struct Checked {
    pub(super) root: Node,
    ty: Type,
}

impl Checked {
    /// The type of its value, as CEL writes types: `bool`, `list(string)`, `dyn`.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.ty.to_string()
    }
}

pub(super) fn check(expr: &Expr, env: &Env) -> Result<Checked, Error> {
    let mut checker =
        Checker { env, locals: Vec::new(), types: Inference::default(), elements: None };
    let (root, ty) = checker.expr(expr)?;
    let ty = checker.types.resolve(&ty);
    Ok(Checked { root, ty })
}

struct Checker<'e> {
    env: &'e Env,
    /// What macros have bound, innermost last.
    locals: Vec<(Box<str>, Type)>,
    types: Inference,
    /// The types of what literals of lists and maps hold, by where it is written; kept for `format` only.
    elements: Option<HashMap<Range<usize>, Type>>,
}

/// A node and the type of its value.
type Typed = Result<(Node, Type), Error>;

fn error(kind: ErrorKind, expr: &Expr, message: impl Into<Box<str>>) -> Error {
    Error::new(kind, expr.span.clone(), message)
}

/// Parts that a type may have.
const MAX_PARTS: u32 = 1_000;

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> Typed {
        let (node, ty) = self.any_expr(expr)?;
        if !self.types.is_within(&ty, &mut MAX_PARTS.clone()) {
            return Err(error(ErrorKind::Limit, expr, "the type of this is too large"));
        }
        Ok((node, ty))
    }

    fn any_expr(&mut self, expr: &Expr) -> Typed {
        Ok(match &expr.kind {
            ExprKind::Null => (Node::Const(Literal::Null), Type::Null),
            ExprKind::Bool(b) => (Node::Const(Literal::Bool(*b)), Type::Bool),
            ExprKind::Int(i) => (Node::Const(Literal::Int(*i)), Type::Int),
            ExprKind::UInt(u) => (Node::Const(Literal::UInt(*u)), Type::UInt),
            ExprKind::Double(d) => (Node::Const(Literal::Double(*d)), Type::Double),
            ExprKind::Str(s) => (Node::Const(Literal::Str((&**s).into())), Type::String),
            ExprKind::Bytes(b) => (Node::Const(Literal::Bytes((&**b).into())), Type::Bytes),
            ExprKind::Ident(name) => self.name(expr, name)?,
            ExprKind::Select { operand, field, optional } => {
                self.select(expr, operand, field, *optional)?
            }
            ExprKind::Index { operand, index, optional } => {
                self.index(expr, operand, index, *optional)?
            }
            ExprKind::Call { target: None, name, args } => self.function(expr, name, args)?,
            ExprKind::Call { target: Some(target), name, args } => {
                self.method(expr, target, name, args)?
            }
            ExprKind::List(items) => self.list(items)?,
            ExprKind::Map(entries) => self.map(entries)?,
            ExprKind::Message(name, fields) => self.message(expr, name, fields)?,
            ExprKind::And(operands) => (Node::And(self.booleans(operands)?), Type::Bool),
            ExprKind::Or(operands) => (Node::Or(self.booleans(operands)?), Type::Bool),
            ExprKind::Not(inner) => (Node::Not(Box::new(self.boolean(inner)?)), Type::Bool),
            ExprKind::Negate(inner) => self.negate(expr, inner)?,
            ExprKind::Conditional(parts) => self.conditional(expr, parts)?,
            ExprKind::Binary(op, sides) => self.binary(expr, *op, sides)?,
        })
    }

    fn booleans(&mut self, operands: &[Expr]) -> Result<Box<[Node]>, Error> {
        operands.iter().map(|operand| self.boolean(operand)).collect()
    }

    /// An operand of logic, or what a macro asks of each element.
    fn boolean(&mut self, expr: &Expr) -> Result<Node, Error> {
        let (node, ty) = self.expr(expr)?;
        self.expect(expr, &ty, &Type::Bool)?;
        Ok(node)
    }

    fn expect(&mut self, expr: &Expr, found: &Type, wanted: &Type) -> Result<(), Error> {
        if self.types.assign(found, wanted) {
            return Ok(());
        }
        let (found, wanted) = (self.types.resolve(found), self.types.resolve(wanted));
        Err(error(
            ErrorKind::Type,
            expr,
            format!("a `{wanted}` is needed here, and this is a `{found}`"),
        ))
    }

    #[inline(never)]
    fn negate(&mut self, expr: &Expr, inner: &Expr) -> Typed {
        let (node, ty) = self.expr(inner)?;
        match self.resolve(&OPERATORS.negate, &[ty]) {
            Ok(ty) => Ok((Node::Negate(Box::new(node)), ty)),
            Err(types) => {
                let message = format!("`-` does not take a `{}`", shown(types.first()));
                Err(error(ErrorKind::Type, expr, message))
            }
        }
    }

    #[inline(never)]
    fn conditional(&mut self, expr: &Expr, parts: &[Expr; 3]) -> Typed {
        let [condition, yes, no] = parts;
        let condition_node = self.boolean(condition)?;
        let ((yes, yes_type), (no, no_type)) = (self.expr(yes)?, self.expr(no)?);
        match self.resolve(&OPERATORS.conditional, &[Type::Bool, yes_type, no_type]) {
            Ok(ty) => Ok((Node::Conditional(Box::new([condition_node, yes, no])), ty)),
            Err(types) => Err(error(
                ErrorKind::Type,
                expr,
                format!(
                    "both results of `? :` have one type; these are `{}` and `{}`",
                    shown(types.get(1)),
                    shown(types.get(2))
                ),
            )
            .with_help(Some("wrap one of them in `dyn()` if that is meant".to_owned()))),
        }
    }

    #[inline(never)]
    fn binary(&mut self, expr: &Expr, op: Binary, sides: &[Expr; 2]) -> Typed {
        let [left, right] = sides;
        let ((left, left_type), (right, right_type)) = (self.expr(left)?, self.expr(right)?);
        match self.resolve(OPERATORS.binary(op), &[left_type, right_type]) {
            Ok(ty) => Ok((Node::Binary(op, Box::new([left, right])), ty)),
            Err(types) => {
                let (left, right) = (shown(types.first()), shown(types.get(1)));
                let message = format!("`{}` does not take `{left}` and `{right}`", op.symbol());
                let help = match op {
                    Binary::Eq | Binary::Ne => Some(
                        "values of different types are never equal; wrap one side in `dyn()` if that is meant",
                    ),
                    Binary::In => Some("`in` looks into a list of that type or the keys of a map"),
                    _ => None,
                };
                Err(error(ErrorKind::Type, expr, message).with_help(help.map(str::to_owned)))
            }
        }
    }

    #[inline(never)]
    fn index(&mut self, expr: &Expr, operand: &Expr, index: &Expr, optional: bool) -> Typed {
        let no_key = literals::no_key(index);
        let ((operand, operand_type), (index, index_type)) =
            (self.expr(operand)?, self.expr(index)?);
        let signatures = if optional { &OPERATORS.optional_index } else { &OPERATORS.index };
        match self.resolve(signatures, &[operand_type, index_type]) {
            Ok(ty) => {
                if let Some(name) = no_key {
                    let why = format!("invalid qualifier type: {name}");
                    return Ok((Node::Fails(why.into()), ty));
                }
                let sides = Box::new([operand, index]);
                let node = if optional { Node::OptionalIndex(sides) } else { Node::Index(sides) };
                Ok((node, ty))
            }
            Err(types) => {
                let (operand, index) = (shown(types.first()), shown(types.get(1)));
                let message = format!("a `{operand}` has no index of type `{index}`");
                Err(error(ErrorKind::Type, expr, message))
            }
        }
    }

    #[inline(never)]
    fn list(&mut self, items: &[(bool, Expr)]) -> Typed {
        let mut joined = None;
        let mut nodes = Vec::with_capacity(items.len());
        for (optional, item) in items {
            let (node, ty) = self.element(item, *optional)?;
            joined = Some(self.types.join(joined, ty));
            nodes.push((*optional, node));
        }
        let item = joined.unwrap_or_else(|| self.types.fresh());
        Ok((Node::List(nodes.into()), Type::list(item)))
    }

    #[inline(never)]
    fn map(&mut self, entries: &[(bool, Expr, Expr)]) -> Typed {
        let (mut keys, mut values) = (None, None);
        let mut nodes = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            let (key, key_type) = self.expr(key)?;
            keys = Some(self.types.join(keys, key_type));
            let (value, value_type) = self.element(value, *optional)?;
            values = Some(self.types.join(values, value_type));
            nodes.push((*optional, key, value));
        }
        let key = keys.unwrap_or_else(|| self.types.fresh());
        let value = values.unwrap_or_else(|| self.types.fresh());
        Ok((Node::Map(nodes.into()), Type::map(key, value)))
    }

    /// An element, or with `?` what an optional value holds.
    fn element(&mut self, expr: &Expr, optional: bool) -> Typed {
        let (node, ty) = self.expr(expr)?;
        if let Some(elements) = &mut self.elements {
            elements.insert(expr.span.clone(), ty.clone());
        }
        if !optional {
            return Ok((node, ty));
        }
        match self.types.resolve(&ty) {
            Type::Optional(inner) => Ok((node, (*inner).clone())),
            Type::Dyn => Ok((node, Type::Dyn)),
            other => Err(error(
                ErrorKind::Type,
                expr,
                format!("`?` takes an optional value, and this is a `{other}`"),
            )),
        }
    }

    /// The result type of the overloads that fit: the one they share, or `dyn`.
    ///
    /// # Errors
    ///
    /// The argument types, with what is known of them, when none fits.
    fn resolve<'s>(
        &mut self,
        signatures: impl IntoIterator<Item = &'s Signature>,
        args: &[Type],
    ) -> Result<Type, Vec<Type>> {
        let mut found: Option<Type> = None;
        for signature in signatures {
            if signature.args.len() != args.len() {
                continue;
            }
            let (params, result) = self.types.instantiate(signature);
            if !self.types.assign_all(args.iter().zip(&*params)) {
                continue;
            }
            let result = self.types.resolve(&result);
            found = Some(match found {
                Some(before) if before != Type::Dyn && before != result => Type::Dyn,
                Some(before) => before,
                None => result,
            });
        }
        found.ok_or_else(|| args.iter().map(|ty| self.types.resolve(ty)).collect())
    }
}

fn shown(ty: Option<&Type>) -> String {
    ty.map_or_else(String::new, ToString::to_string)
}

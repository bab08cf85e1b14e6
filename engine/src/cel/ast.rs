//! The tree that the parser builds: faithful to the text, with macros still as calls.

use std::ops::Range;

#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    pub(super) span: Range<usize>,
    /// Levels below and including this node.
    pub(super) depth: u16,
}

#[derive(Debug, Clone)]
pub(super) enum ExprKind {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Str(Box<str>),
    Bytes(Box<[u8]>),
    /// With a leading dot if it is written with one.
    Ident(Box<str>),
    /// `operand.field`, `operand.?field`
    Select {
        operand: Box<Expr>,
        field: Box<str>,
        optional: bool,
    },
    /// `operand[index]`, `operand[?index]`
    Index {
        operand: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    /// `name(args)`, `target.name(args)`
    Call {
        target: Option<Box<Expr>>,
        name: Box<str>,
        args: Vec<Expr>,
    },
    /// `[a, ?b]`
    List(Vec<(bool, Expr)>),
    /// `{k: v, ?k: v}`
    Map(Vec<(bool, Expr, Expr)>),
    /// `Name{field: value, ?field: value}`
    Message(Box<str>, Vec<(bool, Box<str>, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Conditional(Box<[Expr; 3]>),
    Binary(Binary, Box<[Expr; 2]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

impl Binary {
    /// Whether it gives something else than a boolean.
    pub(super) fn is_arithmetic(self) -> bool {
        matches!(self, Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Mod)
    }

    /// As it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
        }
    }
}

impl Expr {
    /// The name that a chain of selections spells, as in `google.protobuf.Duration`.
    pub(super) fn qualified_name(&self) -> Option<String> {
        match &self.kind {
            ExprKind::Ident(name) => Some(name.to_string()),
            ExprKind::Select { operand, field, optional: false } => {
                operand.qualified_name().map(|prefix| format!("{prefix}.{field}"))
            }
            _ => None,
        }
    }

    /// Calls `visit` on this node and all below it.
    pub(super) fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        visit(self);
        match &self.kind {
            ExprKind::Select { operand, .. }
            | ExprKind::Not(operand)
            | ExprKind::Negate(operand) => operand.walk(visit),
            ExprKind::Index { operand, index, .. } => {
                operand.walk(visit);
                index.walk(visit);
            }
            ExprKind::Call { target, args, .. } => {
                target.iter().for_each(|t| t.walk(visit));
                args.iter().for_each(|a| a.walk(visit));
            }
            ExprKind::List(items) => items.iter().for_each(|(_, e)| e.walk(visit)),
            ExprKind::Map(entries) => entries.iter().for_each(|(_, k, v)| {
                k.walk(visit);
                v.walk(visit);
            }),
            ExprKind::Message(_, fields) => fields.iter().for_each(|(.., e)| e.walk(visit)),
            ExprKind::And(list) | ExprKind::Or(list) => list.iter().for_each(|e| e.walk(visit)),
            ExprKind::Conditional(parts) => parts.iter().for_each(|e| e.walk(visit)),
            ExprKind::Binary(_, sides) => sides.iter().for_each(|e| e.walk(visit)),
            _ => {}
        }
    }
}

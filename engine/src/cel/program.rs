//! The compiled form: a tree of small nodes with every name resolved. Immutable, `Send + Sync`.

use regex::Regex;

use super::ast::Binary;
use super::functions::Overload;
use super::literal::Literal;
use super::messages::{Message, Written};
use crate::value::Key;

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    pub(super) root: Node,
    pub(super) is_boolean: bool,
    pub(super) variables: Slots,
}

impl Program {
    /// The variables that the expression may read.
    pub(crate) fn variables(&self) -> Slots {
        self.variables
    }
}

/// A set of slots of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slots(u64);

impl Slots {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// All slots from the 64th on are taken for one.
    pub(crate) fn one(slot: usize) -> Self {
        Self(1 << slot.min(63))
    }

    pub(crate) fn has(self, slot: usize) -> bool {
        self.0 & Self::one(slot).0 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

#[derive(Debug)]
pub(super) enum Node {
    Const(Literal),
    Request,
    Principal,
    Resource,
    AuxData,
    Runtime,
    PrincipalId,
    ResourceId,
    ResourceKind,
    Roles,
    DerivedRoles,
    /// `P.attr.name`
    PrincipalAttr(Key),
    /// `R.attr.name`
    ResourceAttr(Key),
    HasPrincipalAttr(Key),
    HasResourceAttr(Key),
    /// `V.name` in its slot.
    Variable(usize, Box<str>),
    Global(Box<str>),
    /// `V`, `G` as a whole.
    Variables(Box<[Box<str>]>),
    Globals,
    /// A conversion of a literal that fails, or a literal that is no key: the whole expression fails (rule E16).
    Fails(Box<str>),
    /// `V.?name`, `G.?name`
    Perhaps(Option<Box<Node>>),
    Binding(usize),
    Local(usize),
    Field(Box<Node>, Box<str>),
    OptionalField(Box<Node>, Box<str>),
    Has(Box<Node>, Box<str>),
    HasVariable(usize),
    HasGlobal(Box<str>),
    Index(Box<[Node; 2]>),
    OptionalIndex(Box<[Node; 2]>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Conditional(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    /// `x in ["a", "b"]` with strings known at load, sorted.
    InStrings(Box<Node>, Box<[Box<str>]>),
    /// `R.attr.owner == P.id`: an attribute and a text, and whether they are to be equal.
    AttrIsText(Attr, Text, bool),
    /// `x == "red"`, of what a macro has bound.
    LocalIsText(usize, Text, bool),
    /// `R.attr.public == true`, and whether they are to be equal.
    AttrIsBool(Attr, bool, bool),
    /// `R.attr.amount < 1000`
    AttrIsNumber(Attr, Binary, f64),
    /// `"admin" in P.roles`
    HasRole(Box<str>),
    /// `startsWith`, `endsWith`, `contains`
    TextTest(TextTest, Box<[Node; 2]>),
    Matches(Box<Node>, Regex),
    List(Box<[(bool, Node)]>),
    Map(Box<[(bool, Node, Node)]>),
    Call(&'static Overload, Box<[Node]>),
    /// `google.protobuf.Duration{seconds: 5}`
    Message(&'static Message, Written),
    Now,
    /// `timestamp(x)`
    Timestamp(Box<Node>),
    /// A macro over a list or map.
    Comprehension(Box<Comprehension>),
    /// `list.sortBy(x, key)`
    SortBy(Box<[Node; 2]>),
    /// `cel.bind(x, init, body)`: what the local holds, where it is seen.
    Bind(Box<[Node; 2]>),
    /// `o.optMap(x, f)`, `o.optFlatMap(x, f)`: optional, body, whether the body is optional itself.
    OptionalMap(Box<[Node; 2]>, bool),
}

/// An attribute that a comparison reads where it lies.
#[derive(Debug)]
pub(super) enum Attr {
    Principal(Key),
    Resource(Key),
}

/// A text that is at hand.
#[derive(Debug)]
pub(super) enum Text {
    Literal(Box<str>),
    PrincipalId,
    ResourceId,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug)]
pub(super) struct Comprehension {
    pub(super) kind: Macro,
    pub(super) range: Node,
    /// Whether the body names key (or index) and value.
    pub(super) two_variables: bool,
    /// `map` and the `transform` macros: which elements to take.
    pub(super) filter: Option<Node>,
    pub(super) body: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// `map`, `transformList`
    List,
    /// `transformMap`
    Map,
    /// `transformMapEntry`
    Entries,
    /// `size(list.filter(..))`: how many, without the list.
    Count,
}

impl Node {
    /// Whether [`Eval::truth`](super::eval::Eval::truth) computes it itself.
    pub(super) fn is_boolean(&self) -> bool {
        match self {
            Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::InStrings(..)
            | Self::Matches(..)
            | Self::TextTest(..)
            | Self::AttrIsText(..)
            | Self::AttrIsBool(..)
            | Self::AttrIsNumber(..)
            | Self::LocalIsText(..)
            | Self::HasRole(_)
            | Self::Has(..)
            | Self::HasPrincipalAttr(_)
            | Self::HasResourceAttr(_)
            | Self::HasVariable(_)
            | Self::HasGlobal(_) => true,
            Self::Binary(op, _) => !op.is_arithmetic(),
            Self::Comprehension(c) => {
                matches!(c.kind, Macro::All | Macro::Exists | Macro::ExistsOne)
            }
            _ => false,
        }
    }

    /// Calls `visit` on each node directly below.
    pub(super) fn each_child(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Perhaps(inner) => inner.iter_mut().for_each(|inner| visit(inner)),
            Self::Field(inner, _)
            | Self::OptionalField(inner, _)
            | Self::Has(inner, _)
            | Self::Not(inner)
            | Self::Negate(inner)
            | Self::InStrings(inner, _)
            | Self::Timestamp(inner)
            | Self::Matches(inner, _) => visit(inner),
            Self::TextTest(_, sides)
            | Self::Index(sides)
            | Self::OptionalIndex(sides)
            | Self::Binary(_, sides)
            | Self::SortBy(sides)
            | Self::Bind(sides)
            | Self::OptionalMap(sides, _) => sides.iter_mut().for_each(visit),
            Self::Conditional(parts) => parts.iter_mut().for_each(visit),
            Self::And(nodes) | Self::Or(nodes) | Self::Call(_, nodes) => {
                nodes.iter_mut().for_each(visit);
            }
            Self::Message(_, fields) => fields.iter_mut().for_each(|(.., value)| visit(value)),
            Self::List(items) => items.iter_mut().for_each(|(_, item)| visit(item)),
            Self::Map(entries) => entries.iter_mut().for_each(|(_, key, value)| {
                visit(key);
                visit(value);
            }),
            Self::Comprehension(c) => {
                visit(&mut c.range);
                c.filter.iter_mut().for_each(&mut *visit);
                visit(&mut c.body);
            }
            Self::Const(_)
            | Self::Request
            | Self::Principal
            | Self::Resource
            | Self::AuxData
            | Self::Runtime
            | Self::PrincipalId
            | Self::ResourceId
            | Self::ResourceKind
            | Self::Roles
            | Self::DerivedRoles
            | Self::PrincipalAttr(_)
            | Self::ResourceAttr(_)
            | Self::HasPrincipalAttr(_)
            | Self::HasResourceAttr(_)
            | Self::Variable(..)
            | Self::Global(_)
            | Self::Variables(_)
            | Self::Fails(_)
            | Self::Globals
            | Self::Binding(_)
            | Self::Local(_)
            | Self::HasVariable(_)
            | Self::HasGlobal(_)
            | Self::AttrIsText(..)
            | Self::AttrIsBool(..)
            | Self::AttrIsNumber(..)
            | Self::LocalIsText(..)
            | Self::HasRole(_)
            | Self::Now => {}
        }
    }
}

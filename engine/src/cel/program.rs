//! The compiled form: a tree of small nodes with every name resolved. Immutable, `Send + Sync`.

use regex::Regex;

use super::ast::Binary;
use super::functions::Function;
use crate::value::Value;

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    pub(super) root: Node,
}

#[derive(Debug)]
pub(super) enum Node {
    Const(Value),
    Timestamp(super::Timestamp),
    Duration(i64),
    Type(&'static str),
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
    PrincipalAttr(Box<str>),
    /// `R.attr.name`
    ResourceAttr(Box<str>),
    /// `V.name` in its slot.
    Variable(usize, Box<str>),
    Global(Box<str>),
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
    /// `x in ["a", "b"]` with strings known at load.
    InStrings(Box<Node>, Box<[Box<str>]>),
    Matches(Box<Node>, Regex),
    List(Box<[(bool, Node)]>),
    Map(Box<[(bool, Node, Node)]>),
    Call(Function, Box<[Node]>),
    Now,
    /// A macro over a list or map.
    Comprehension(Box<Comprehension>),
    /// `cel.bind(x, init, body)`: the local's slot, what it holds, where it is seen.
    Bind(Box<[Node; 2]>),
    /// `o.optMap(x, f)`, `o.optFlatMap(x, f)`: optional, body, whether the body is optional itself.
    OptionalMap(Box<[Node; 2]>, bool),
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
}

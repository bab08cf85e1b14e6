//! Comparisons that policies make most often, with nodes of their own: attributes are read where they lie.

use std::cmp::Ordering;

use super::ast::Binary;
use super::error::EvalError;
use super::eval::Eval;
use super::literal::Literal;
use super::program::{Attr, Node, Text};
use super::refusal;
use super::truth::Truth;
use super::vals::V;
use crate::value::{Key, Value};

/// Integers that a double holds exactly.
const EXACT: u64 = 1 << 53;

/// The node for a comparison of these two.
pub(super) fn special(op: Binary, [left, right]: [Node; 2]) -> Node {
    match (op, left, right) {
        (Binary::In, Node::Const(Literal::Str(role)), Node::Roles) => {
            Node::HasRole((&*role).into())
        }
        // Nothing is in an empty list, whatever it would be (rule E15).
        (Binary::In, _, Node::Const(Literal::List(items))) if items.is_empty() => {
            Node::Const(Literal::Bool(false))
        }
        (Binary::In, Node::Const(needle), Node::List(items)) if is_written_in(&needle, &items) => {
            Node::Const(Literal::Bool(true))
        }
        (Binary::In, needle, list) => match strings(&list) {
            Some(strings) => Node::InStrings(Box::new(needle), strings),
            None => Node::Binary(op, Box::new([needle, list])),
        },
        (Binary::Eq | Binary::Ne, left, right) => equality(op, left, right),
        (op, Node::ResourceAttr(key), Node::Const(number)) => {
            order(op, Attr::Resource(key), number)
        }
        (op, Node::PrincipalAttr(key), Node::Const(number)) => {
            order(op, Attr::Principal(key), number)
        }
        (op, left, right) => Node::Binary(op, Box::new([left, right])),
    }
}

/// Whether a constant is among the constants of a list, of which other items may fail (rule E15).
fn is_written_in(needle: &Literal, items: &[(bool, Node)]) -> bool {
    items.iter().any(|(optional, item)| match item {
        Node::Const(item) if !optional => V::from(needle).equals(&V::from(item)),
        _ => false,
    })
}

/// Equality has no sides where one is an attribute and the other a text or a boolean.
fn equality(op: Binary, left: Node, right: Node) -> Node {
    let equal = op == Binary::Eq;
    match (attribute(left), attribute(right)) {
        (Ok(attr), Err(other)) => match other {
            Node::Const(Literal::Bool(b)) => Node::AttrIsBool(attr, b, equal),
            other => match text(other) {
                Ok(text) => Node::AttrIsText(attr, text, equal),
                Err(other) => Node::Binary(op, Box::new([node(attr), other])),
            },
        },
        (Err(other), Ok(attr)) => match text(other) {
            Ok(text) => Node::AttrIsText(attr, text, equal),
            Err(other) => Node::Binary(op, Box::new([other, node(attr)])),
        },
        (Ok(left), Ok(right)) => Node::Binary(op, Box::new([node(left), node(right)])),
        (Err(Node::Local(slot)), Err(other)) => match text(other) {
            Ok(text) => Node::LocalIsText(slot, text, equal),
            Err(other) => Node::Binary(op, Box::new([Node::Local(slot), other])),
        },
        (Err(left), Err(right)) => Node::Binary(op, Box::new([left, right])),
    }
}

fn attribute(node: Node) -> Result<Attr, Node> {
    match node {
        Node::ResourceAttr(key) => Ok(Attr::Resource(key)),
        Node::PrincipalAttr(key) => Ok(Attr::Principal(key)),
        other => Err(other),
    }
}

fn node(attr: Attr) -> Node {
    match attr {
        Attr::Resource(key) => Node::ResourceAttr(key),
        Attr::Principal(key) => Node::PrincipalAttr(key),
    }
}

fn text(node: Node) -> Result<Text, Node> {
    match node {
        Node::Const(Literal::Str(text)) => Ok(Text::Literal((&*text).into())),
        Node::PrincipalId => Ok(Text::PrincipalId),
        Node::ResourceId => Ok(Text::ResourceId),
        other => Err(other),
    }
}

fn order(op: Binary, attr: Attr, literal: Literal) -> Node {
    let number = match literal {
        Literal::Double(d) => Some(d),
        Literal::Int(i) if i.unsigned_abs() <= EXACT => Some(i as f64),
        Literal::UInt(u) if u <= EXACT => Some(u as f64),
        _ => None,
    };
    match number {
        Some(number) if !op.is_arithmetic() => Node::AttrIsNumber(attr, op, number),
        _ => Node::Binary(op, Box::new([node(attr), Node::Const(literal)])),
    }
}

/// The strings of a list of strings, sorted.
fn strings(list: &Node) -> Option<Box<[Box<str>]>> {
    let Node::Const(Literal::List(items)) = list else { return None };
    let mut strings: Vec<Box<str>> = items
        .iter()
        .map(|item| if let Literal::Str(s) = item { Some((&**s).into()) } else { None })
        .collect::<Option<_>>()?;
    strings.sort();
    strings.dedup();
    Some(strings.into())
}

impl<'a> Eval<'a, '_> {
    #[inline(always)]
    fn attribute(&self, attr: &'a Attr) -> Result<&'a Value, EvalError<'a>> {
        let (attributes, key) = match attr {
            Attr::Resource(key) => (&self.activation.resource.attr, key),
            Attr::Principal(key) => (&self.activation.principal.attr, key),
        };
        attributes.get_key(key).ok_or(EvalError::NoSuchKey(Key::as_str(key)))
    }

    pub(super) fn attr_is_text(&mut self, attr: &'a Attr, text: &'a Text, equal: bool) -> Truth {
        let value = match self.attribute(attr) {
            Ok(value) => value,
            Err(why) => return self.fail(why),
        };
        // Values of other types are not equal to text.
        let same = matches!(value, Value::String(value) if **value == *self.text_of(text));
        (same == equal).into()
    }

    #[inline(always)]
    fn text_of(&self, text: &'a Text) -> &'a str {
        match text {
            Text::Literal(text) => text,
            Text::PrincipalId => &self.activation.principal.id,
            Text::ResourceId => &self.activation.resource.id,
        }
    }

    pub(super) fn local_is_text(&mut self, slot: usize, text: &'a Text, equal: bool) -> Truth {
        let text = self.text_of(text);
        match self.locals.get(slot) {
            Some(Ok(V::Str(local))) => ((*local == text) == equal).into(),
            Some(Ok(local)) => {
                let local = *local;
                let op = if equal { Binary::Eq } else { Binary::Ne };
                match self.compared(op, local, V::Str(text)) {
                    Ok(holds) => holds.into(),
                    Err(why) => self.fail(why),
                }
            }
            Some(Err(why)) => {
                let why = *why;
                self.fail(why)
            }
            None => self.fail(EvalError::NoSuchOverload),
        }
    }

    pub(super) fn attr_is_bool(&mut self, attr: &'a Attr, wanted: bool, equal: bool) -> Truth {
        match self.attribute(attr) {
            Ok(value) => (matches!(value, Value::Bool(b) if *b == wanted) == equal).into(),
            Err(why) => self.fail(why),
        }
    }

    pub(super) fn attr_is_number(&mut self, attr: &'a Attr, op: Binary, number: f64) -> Truth {
        let order = match self.attribute(attr) {
            Ok(Value::Double(d)) => d.partial_cmp(&number),
            Ok(other) => {
                return match self.compared(op, V::from(other), V::Double(number)) {
                    Ok(holds) => holds.into(),
                    Err(why) => self.fail(why),
                };
            }
            Err(why) => return self.fail(why),
        };
        is_in_order(op, order).into()
    }
}

/// Whether an operator of order holds; for NaN, which has none, it does not.
pub(super) fn is_in_order(op: Binary, order: Option<Ordering>) -> bool {
    match op {
        Binary::Lt => order == Some(Ordering::Less),
        Binary::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Binary::Gt => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

impl<'a> Eval<'a, '_> {
    pub(super) fn compared(
        &self,
        op: Binary,
        left: V<'a>,
        right: V<'a>,
    ) -> Result<bool, EvalError<'a>> {
        match op {
            Binary::Eq => match self.equals(left, right)? {
                false if left.has_no_equality_with(&right) => Err(EvalError::NoSuchOverload),
                equal => Ok(equal),
            },
            Binary::Ne => self.equals(left, right).map(|equal| !equal),
            Binary::In => self.contains(right, left),
            _ => match left.compare(&right) {
                order @ Some(_) => Ok(is_in_order(op, order)),
                None if refusal::is_nan_among(&left, &right) => Ok(false),
                None => Err(refusal::operator(op, &left)),
            },
        }
    }

    fn equals(&self, a: V<'a>, b: V<'a>) -> Result<bool, EvalError<'a>> {
        match (a, b) {
            (V::List(_), V::List(_)) | (V::Map(_), V::Map(_)) => drop(self.weigh(&a)?),
            (V::Str(a), V::Str(_)) => self.step(a.len() / 64)?,
            (V::Bytes(a), V::Bytes(_)) => self.step(a.len() / 64)?,
            _ => {}
        }
        Ok(a.equals(&b))
    }

    fn contains(&self, container: V<'a>, item: V<'a>) -> Result<bool, EvalError<'a>> {
        match container {
            V::List(items) => {
                let each = if let V::List(_) | V::Map(_) = item { self.weigh(&item)? } else { 1 };
                self.step(items.len().saturating_mul(each))?;
                Ok(items.contains(&item))
            }
            V::Map(map) => {
                self.step(map.search_cost())?;
                refusal::key(map, &item)?;
                Ok(map.get(item).is_some())
            }
            _ => Err(EvalError::NoSuchOverload),
        }
    }
}

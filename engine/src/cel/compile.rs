//! The resolved tree to a program: what is known at load is computed at load, and common shapes get a node of
//! their own.
//!
//! Nothing here changes a result. What fails when it is folded stays as it is, and fails when it is evaluated.

use super::activation::Activation;
use super::checker::Checked;
use super::comparisons;
use super::error::EvalError;
use super::literal::Literal;
use super::program::{Comprehension, Macro, Node, Program, Slots, TextTest};
use super::re2;
use super::time::Timestamp;
use super::vals::Arena;
use crate::request::{Principal, Resource};
use crate::value::{Key, Map};

/// Steps that folding one node may take. What takes more is left to evaluation.
const FOLD_STEPS: u32 = 10_000;

pub(super) fn compile(checked: Checked) -> Program {
    let mut root = checked.root;
    simplify(&mut root);
    if let Some(why) = failure(&mut root) {
        root = Node::Fails(why);
    }
    Program { is_boolean: root.is_boolean(), variables: variables(&mut root), root }
}

/// The variables that may be read.
fn variables(node: &mut Node) -> Slots {
    let mut found = match node {
        Node::Variable(slot, _) | Node::HasVariable(slot) => Slots::one(*slot),
        Node::Variables(_) => Slots::ALL,
        _ => Slots::NONE,
    };
    node.each_child(&mut |child| found = found.and(variables(child)));
    found
}

fn simplify(node: &mut Node) {
    node.each_child(&mut simplify);
    if is_foldable(node) {
        fold(node);
    }
    let taken = std::mem::replace(node, Node::Now);
    *node = special(taken);
}

/// What makes the whole expression fail, if it has not been found to be irrelevant (rule E16).
fn failure(node: &mut Node) -> Option<Box<str>> {
    if let Node::Fails(why) = node {
        return Some(why.clone());
    }
    let mut found = None;
    node.each_child(&mut |child| {
        if found.is_none() {
            found = failure(child);
        }
    });
    found
}

/// The value of what names nothing of a request.
pub(super) fn value_of(node: &Node) -> Result<Option<Literal>, String> {
    let (principal, resource, globals, arena) =
        (Principal::default(), Resource::default(), Map::default(), Arena::new());
    let now = Timestamp::EPOCH;
    let activation = Activation::bounded(&principal, &resource, &globals, &arena, now, FOLD_STEPS);
    match activation.value_of(node) {
        Ok(value) => Ok(Literal::keep(value)),
        Err(EvalError::StepsExhausted) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn is_const(node: &Node) -> bool {
    matches!(node, Node::Const(_))
}

/// Whether the value depends on nothing but constants.
fn is_foldable(node: &Node) -> bool {
    match node {
        Node::Field(inner, _)
        | Node::OptionalField(inner, _)
        | Node::Has(inner, _)
        | Node::Not(inner)
        | Node::Negate(inner) => is_const(inner),
        Node::Index(sides) | Node::OptionalIndex(sides) | Node::Binary(_, sides) => {
            sides.iter().all(is_const)
        }
        Node::Call(overload, args) => overload.pure && args.iter().all(is_const),
        Node::List(items) => items.iter().all(|(_, item)| is_const(item)),
        Node::Map(entries) => entries.iter().all(|(_, k, v)| is_const(k) && is_const(v)),
        Node::Message(_, fields) => fields.iter().all(|(.., value)| is_const(value)),
        Node::And(list) | Node::Or(list) => list.iter().all(is_const),
        _ => false,
    }
}

fn fold(node: &mut Node) {
    if let Ok(Some(value)) = value_of(node) {
        *node = Node::Const(value);
    }
}

fn special(node: Node) -> Node {
    match node {
        Node::Field(operand, name) => field(*operand, name),
        Node::Has(operand, name) => match *operand {
            Node::Field(object, attr) if &*attr == "attr" => match *object {
                Node::Principal => Node::HasPrincipalAttr(Key::new(name)),
                Node::Resource => Node::HasResourceAttr(Key::new(name)),
                object => Node::Has(Box::new(Node::Field(Box::new(object), attr)), name),
            },
            operand => Node::Has(Box::new(operand), name),
        },
        Node::Index(sides) => {
            let [operand, index] = *sides;
            match index {
                // `R.attr["name"]` is `R.attr.name`.
                Node::Const(Literal::Str(name)) if is_attributes(&operand) => {
                    field(operand, (&*name).into())
                }
                index => Node::Index(Box::new([operand, index])),
            }
        }
        Node::Binary(op, sides) => comparisons::special(op, *sides),
        Node::And(list) => logic(list, false),
        Node::Or(list) => logic(list, true),
        // What is bound fails where it is read, and here nobody reads it (rule E14).
        Node::Bind(parts) => match *parts {
            [_, body @ Node::Const(_)] => body,
            parts => Node::Bind(Box::new(parts)),
        },
        Node::Conditional(parts) => {
            let [condition, yes, no] = *parts;
            match condition {
                Node::Const(Literal::Bool(true)) => yes,
                Node::Const(Literal::Bool(false)) => no,
                condition => Node::Conditional(Box::new([condition, yes, no])),
            }
        }
        Node::Call(overload, args) => call(overload, args),
        other => other,
    }
}

fn is_attributes(node: &Node) -> bool {
    matches!(node, Node::Field(object, attr)
        if &**attr == "attr" && matches!(**object, Node::Principal | Node::Resource))
}

fn field(operand: Node, name: Box<str>) -> Node {
    match (operand, &*name) {
        (Node::Request, "principal") => Node::Principal,
        (Node::Request, "resource") => Node::Resource,
        (Node::Request, "auxData") => Node::AuxData,
        (Node::Principal, "id") => Node::PrincipalId,
        (Node::Principal, "roles") => Node::Roles,
        (Node::Resource, "id") => Node::ResourceId,
        (Node::Resource, "kind") => Node::ResourceKind,
        (Node::Runtime, "effectiveDerivedRoles") => Node::DerivedRoles,
        (Node::Field(object, attr), _) if &*attr == "attr" => match *object {
            Node::Principal => Node::PrincipalAttr(Key::new(name)),
            Node::Resource => Node::ResourceAttr(Key::new(name)),
            object => Node::Field(Box::new(Node::Field(Box::new(object), attr)), name),
        },
        (operand, _) => Node::Field(Box::new(operand), name),
    }
}

/// A constant that decides makes the rest irrelevant, whatever it is (rule E1).
fn logic(list: Box<[Node]>, decisive: bool) -> Node {
    let decides = |node: &Node| matches!(node, Node::Const(Literal::Bool(b)) if *b == decisive);
    if list.iter().any(decides) {
        return Node::Const(Literal::Bool(decisive));
    }
    if decisive { Node::Or(list) } else { Node::And(list) }
}

fn call(overload: &'static super::functions::Overload, args: Box<[Node]>) -> Node {
    match (overload.name, &*args) {
        ("now", []) => return Node::Now,
        ("matches", [_, Node::Const(Literal::Str(pattern))]) => {
            if let Ok(regex) = re2::compile(pattern) {
                let text = args.into_iter().next();
                return text.map_or(Node::Now, |text| Node::Matches(Box::new(text), regex));
            }
        }
        ("size", [Node::Comprehension(c)]) if is_countable(c) => {
            if let Some(Node::Comprehension(mut c)) = args.into_iter().next() {
                c.kind = Macro::Count;
                return Node::Comprehension(c);
            }
            return Node::Now;
        }
        ("timestamp", [_]) => {
            if let Some(text) = args.into_iter().next() {
                return Node::Timestamp(Box::new(text));
            }
            return Node::Now;
        }
        ("startsWith", [_, _]) => return text_test(overload, TextTest::StartsWith, args),
        ("endsWith", [_, _]) => return text_test(overload, TextTest::EndsWith, args),
        ("contains", [_, _]) => return text_test(overload, TextTest::Contains, args),
        _ => {}
    }
    Node::Call(overload, args)
}

fn text_test(
    overload: &'static super::functions::Overload,
    test: TextTest,
    args: Box<[Node]>,
) -> Node {
    match <Box<[Node; 2]>>::try_from(args) {
        Ok(sides) => Node::TextTest(test, sides),
        Err(args) => Node::Call(overload, args),
    }
}

/// Only `filter` is counted: its body is a boolean, and the list's items are not looked at.
fn is_countable(c: &Comprehension) -> bool {
    c.kind == Macro::Filter
}

//! Programs to booleans: logic, comparisons and what macros ask of each element.
//!
//! Most of what conditions do ends in a boolean, and [`Truth`] fits into a register. Why there is none is kept aside.

use std::cell::Cell;

use super::ast::Binary;
use super::error::EvalError;
use super::eval::Eval;
use super::literal::Literal;
use super::program::{Comprehension, Macro, Node, TextTest};
use super::vals::V;
use crate::value::Value;

/// Length of text that is compared without a look at the budget.
const SHORT: usize = 1024;

/// A boolean, or that there is none; [`Eval::failure`] says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    False,
    True,
    Failed,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl<'a> Eval<'a, '_> {
    pub(super) fn fail(&mut self, why: EvalError<'a>) -> Truth {
        self.failure = why;
        Truth::Failed
    }

    /// The node's value as a boolean. Another value is a failure, as it is for every operator of logic.
    pub(super) fn truth(&mut self, node: &'a Node) -> Truth {
        let request = self.activation;
        match node {
            Node::AttrIsText(attr, text, equal) => self.attr_is_text(attr, text, *equal),
            Node::AttrIsBool(attr, wanted, equal) => self.attr_is_bool(attr, *wanted, *equal),
            Node::AttrIsNumber(attr, op, number) => self.attr_is_number(attr, *op, *number),
            Node::LocalIsText(slot, text, equal) => self.local_is_text(*slot, text, *equal),
            Node::HasRole(role) => {
                request.principal.roles.iter().any(|held| **held == **role).into()
            }
            Node::Binary(op, sides) if !op.is_arithmetic() => self.comparison(*op, sides),
            Node::And(list) => self.logic(list, Truth::False),
            Node::Or(list) => self.logic(list, Truth::True),
            Node::Not(inner) => match self.truth(inner) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Failed => Truth::Failed,
            },
            Node::Const(Literal::Bool(b)) => (*b).into(),
            Node::ResourceAttr(key) => match request.resource.attr.get_key(key) {
                Some(Value::Bool(b)) => (*b).into(),
                Some(_) => self.fail(EvalError::NoSuchOverload),
                None => self.fail(EvalError::NoSuchKey(key.as_str())),
            },
            Node::HasResourceAttr(key) => request.resource.attr.get_key(key).is_some().into(),
            Node::HasPrincipalAttr(key) => request.principal.attr.get_key(key).is_some().into(),
            Node::InStrings(needle, strings) => self.in_strings(needle, strings),
            Node::Matches(text, regex) => match self.operand(text) {
                // A type has a text in Go, its name.
                Ok(V::Str(text) | V::Type(text)) => match self.step(text.len() / 16) {
                    Ok(()) => regex.is_match(text).into(),
                    Err(why) => self.fail(why),
                },
                Ok(_) => self.fail(EvalError::NoSuchOverload),
                Err(why) => self.fail(why),
            },
            Node::TextTest(test, sides) => self.text_test(*test, sides),
            Node::Comprehension(c) => self.quantifier(node, c),
            Node::Has(operand, field) => match self.has(operand, field) {
                Ok(is_there) => is_there.into(),
                Err(why) => self.fail(why),
            },
            Node::HasGlobal(name) => request.globals.get(name).is_some().into(),
            Node::HasVariable(slot) => {
                request.variables.get(*slot).and_then(Cell::get).is_some().into()
            }
            _ => self.value_as_truth(node),
        }
    }

    #[inline(never)]
    fn value_as_truth(&mut self, node: &'a Node) -> Truth {
        match self.eval(node) {
            Ok(V::Bool(b)) => b.into(),
            Ok(_) => self.fail(EvalError::NoSuchOverload),
            Err(why) => self.fail(why),
        }
    }

    /// What decides wins over failures, failures over the rest, in any order (rule E1).
    fn logic(&mut self, list: &'a [Node], decisive: Truth) -> Truth {
        let mut failure = None;
        for operand in list {
            match self.truth(operand) {
                Truth::Failed => {
                    if self.failure == EvalError::StepsExhausted {
                        return Truth::Failed;
                    }
                    failure = failure.or(Some(self.failure));
                }
                found if found == decisive => return decisive,
                _ => {}
            }
        }
        match failure {
            Some(why) => self.fail(why),
            None if decisive == Truth::True => Truth::False,
            None => Truth::True,
        }
    }

    #[inline(never)]
    fn in_strings(&mut self, needle: &'a Node, strings: &[Box<str>]) -> Truth {
        match self.operand(needle) {
            Ok(V::Str(s)) => is_among(strings, s).into(),
            Ok(V::Spiffe(name)) => strings.iter().any(|s| name.equals_text(s)).into(),
            Ok(_) => Truth::False,
            Err(why) => self.fail(why),
        }
    }

    #[inline(never)]
    fn text_test(&mut self, test: TextTest, sides: &'a [Node; 2]) -> Truth {
        let [text, part] = sides;
        match self.operand(text).and_then(|text| Ok((text, self.operand(part)?))) {
            Ok((V::Str(text), V::Str(part))) => match test {
                TextTest::StartsWith => text.starts_with(part).into(),
                TextTest::EndsWith => text.ends_with(part).into(),
                TextTest::Contains => match self.step(text.len() / 16) {
                    Ok(()) => text.contains(part).into(),
                    Err(why) => self.fail(why),
                },
            },
            Ok(_) => self.fail(EvalError::NoSuchOverload),
            Err(why) => self.fail(why),
        }
    }

    #[inline(never)]
    fn comparison(&mut self, op: Binary, sides: &'a [Node; 2]) -> Truth {
        let [left, right] = sides;
        let left = match self.operand(left) {
            Ok(left) => left,
            Err(why) => return self.fail(why),
        };
        let right = match self.operand(right) {
            Ok(right) => right,
            Err(why) => return self.fail(why),
        };
        match (op, left, right) {
            (Binary::Eq | Binary::Ne, V::Str(a), V::Str(b)) if a.len() <= SHORT => {
                ((a == b) == (op == Binary::Eq)).into()
            }
            (Binary::Eq, V::Bool(a), V::Bool(b)) => (a == b).into(),
            (Binary::In, V::Str(_), V::List(items)) => match self.step(items.len()) {
                Ok(()) => items.contains(&left).into(),
                Err(why) => self.fail(why),
            },
            (Binary::Gt, V::Timestamp(a), V::Timestamp(b)) => (a > b).into(),
            (Binary::Lt, V::Timestamp(a), V::Timestamp(b)) => (a < b).into(),
            (Binary::Lt, V::Double(a), V::Double(b)) => (a < b).into(),
            (Binary::Le, V::Double(a), V::Double(b)) => (a <= b).into(),
            (Binary::Gt, V::Double(a), V::Double(b)) => (a > b).into(),
            (Binary::Ge, V::Double(a), V::Double(b)) => (a >= b).into(),
            _ => match self.compared(op, left, right) {
                Ok(holds) => holds.into(),
                Err(why) => self.fail(why),
            },
        }
    }

    /// `all`, `exists` and `exists_one`, without a list. The first two absorb failures as logic does (rule E2).
    #[inline(never)]
    fn quantifier(&mut self, node: &'a Node, c: &'a Comprehension) -> Truth {
        let decisive = match c.kind {
            Macro::Exists => Truth::True,
            Macro::All => Truth::False,
            Macro::ExistsOne => return self.exactly_one(c),
            _ => return self.value_as_truth(node),
        };
        let mut failure = None;
        let found = self.each(c, |eval| match eval.truth(&c.body) {
            Truth::Failed if eval.failure == EvalError::StepsExhausted => Err(eval.failure),
            Truth::Failed => {
                failure = failure.or(Some(eval.failure));
                Ok(false)
            }
            truth => Ok(truth == decisive),
        });
        match (found, failure) {
            (Err(why), _) | (Ok(false), Some(why)) => self.fail(why),
            (Ok(true), _) => decisive,
            (Ok(false), None) if decisive == Truth::True => Truth::False,
            (Ok(false), None) => Truth::True,
        }
    }

    fn exactly_one(&mut self, c: &'a Comprehension) -> Truth {
        let (mut count, mut failure) = (0_usize, None);
        let done = self.each(c, |eval| match eval.truth(&c.body) {
            Truth::Failed if eval.failure == EvalError::StepsExhausted => Err(eval.failure),
            Truth::Failed => {
                failure = Some(eval.failure);
                Ok(false)
            }
            Truth::True => {
                count += 1;
                Ok(false)
            }
            Truth::False => Ok(false),
        });
        match (done, failure) {
            (Err(why), _) | (Ok(_), Some(why)) => self.fail(why),
            (Ok(_), None) => (count == 1).into(),
        }
    }
}

/// A short list is faster looked through than halved.
fn is_among(sorted: &[Box<str>], text: &str) -> bool {
    const SCAN: usize = 8;
    if sorted.len() <= SCAN {
        return sorted.iter().any(|known| **known == *text);
    }
    sorted.binary_search_by(|known| (**known).cmp(text)).is_ok()
}

//! Programs to values.
//!
//! Booleans go through [`truth`](super::truth), whose results fit into a register. Rare nodes live in functions of their
//! own, so that the common ones keep a small stack frame.

use std::cell::Cell;
use std::fmt;

use smallvec::SmallVec;

use super::activation::Activation;
use super::arithmetic::arithmetic;
use super::ast::Binary;
use super::containers::{List, MapRef, is_same_key};
use super::error::EvalError;
use super::functions::{self, Overload};
use super::program::Node;
use super::refusal;
use super::time::Timestamp;
use super::truth::Truth;
use super::vals::{Arena, Object, V};

pub(super) type Evaluated<'a> = Result<V<'a>, EvalError<'a>>;

pub(super) struct Eval<'a, 's> {
    pub(super) activation: &'s Activation<'a>,
    /// What macros have bound, outermost first. What failed fails where it is read (rule E14).
    pub(super) locals: SmallVec<[Evaluated<'a>; 4]>,
    /// Why [`Truth::Failed`] was given.
    pub(super) failure: EvalError<'a>,
}

impl<'a, 's> Eval<'a, 's> {
    pub(super) fn new(activation: &'s Activation<'a>) -> Self {
        Self { activation, locals: SmallVec::new(), failure: EvalError::NoSuchOverload }
    }
}

impl<'a> Eval<'a, '_> {
    pub(super) fn arena(&self) -> &'a Arena {
        self.activation.arena
    }

    /// An error with a text of its own.
    #[cold]
    pub(super) fn invalid(&self, text: fmt::Arguments<'_>) -> EvalError<'a> {
        EvalError::Invalid(self.text(text))
    }

    pub(super) fn text(&self, text: fmt::Arguments<'_>) -> &'a str {
        text.as_str().unwrap_or_else(|| self.arena().str(&text.to_string()))
    }

    #[inline]
    pub(super) fn step(&self, count: usize) -> Result<(), EvalError<'a>> {
        self.activation.step(count)
    }

    /// Why there was no truth.
    pub(super) fn failure(&self) -> EvalError<'a> {
        self.failure
    }

    /// As [`eval`](Self::eval), with what most operands are spelled out at the place of use.
    #[inline(always)]
    pub(super) fn operand(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        match node {
            Node::ResourceAttr(key) => request
                .resource
                .attr
                .get_key(key)
                .map(V::from)
                .ok_or(EvalError::NoSuchKey(key.as_str())),
            Node::PrincipalAttr(key) => request
                .principal
                .attr
                .get_key(key)
                .map(V::from)
                .ok_or(EvalError::NoSuchKey(key.as_str())),
            Node::Local(slot) => {
                self.locals.get(*slot).copied().unwrap_or(Err(EvalError::NoSuchOverload))
            }
            Node::Const(value) => Ok(V::from(value)),
            Node::PrincipalId => Ok(V::Str(&request.principal.id)),
            Node::Roles => Ok(V::List(List::Owned(&request.principal.roles))),
            Node::Now => Ok(V::Timestamp(request.now())),
            _ => self.eval(node),
        }
    }

    pub(super) fn eval(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        match node {
            Node::Const(_)
            | Node::ResourceAttr(_)
            | Node::PrincipalAttr(_)
            | Node::Local(_)
            | Node::PrincipalId
            | Node::Roles => self.leaf(node),
            Node::Binary(op, sides) if op.is_arithmetic() => self.arithmetic(*op, sides),
            node if node.is_boolean() => match self.truth(node) {
                Truth::True => Ok(V::Bool(true)),
                Truth::False => Ok(V::Bool(false)),
                Truth::Failed => Err(self.failure),
            },
            Node::Variable(slot, name) => {
                let value = request.variables.get(*slot).and_then(Cell::get);
                value.ok_or(EvalError::UndefinedField(name))
            }
            Node::Field(operand, field) => {
                let operand = self.operand(operand)?;
                self.field(operand, field)
            }
            Node::Call(overload, args) => self.call(overload, args),
            Node::Timestamp(inner) => {
                let value = self.operand(inner)?;
                if let V::Str(text) = value
                    && let Some(timestamp) = Timestamp::usual(text)
                {
                    return Ok(V::Timestamp(timestamp));
                }
                match functions::timestamp(self, &[value]) {
                    Err(EvalError::NoSuchOverload) => {
                        let name = value.type_name();
                        Err(self.invalid(format_args!("no such overload: timestamp({name})")))
                    }
                    result => result,
                }
            }
            Node::Comprehension(comprehension) => self.comprehension(comprehension),
            _ => self.rare(node),
        }
    }

    #[inline(never)]
    fn leaf(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        Ok(match node {
            Node::Const(value) => V::from(value),
            Node::ResourceAttr(key) => {
                let found = request.resource.attr.get_key(key).map(V::from);
                found.ok_or(EvalError::NoSuchKey(key.as_str()))?
            }
            Node::PrincipalAttr(key) => {
                let found = request.principal.attr.get_key(key).map(V::from);
                found.ok_or(EvalError::NoSuchKey(key.as_str()))?
            }
            Node::Local(slot) => {
                self.locals.get(*slot).copied().unwrap_or(Err(EvalError::NoSuchOverload))?
            }
            Node::PrincipalId => V::Str(&request.principal.id),
            _ => V::List(List::Owned(&request.principal.roles)),
        })
    }

    #[inline(never)]
    fn arithmetic(&mut self, op: Binary, sides: &'a [Node; 2]) -> Evaluated<'a> {
        let [left, right] = sides;
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        match (op, left, right) {
            (Binary::Add, V::Double(a), V::Double(b)) => Ok(V::Double(a + b)),
            (Binary::Sub, V::Double(a), V::Double(b)) => Ok(V::Double(a - b)),
            (Binary::Mul, V::Double(a), V::Double(b)) => Ok(V::Double(a * b)),
            (Binary::Add, V::Timestamp(t), V::Duration(d)) => {
                t.plus_nanos(d).map(V::Timestamp).ok_or(EvalError::Invalid("timestamp overflow"))
            }
            _ => arithmetic(self, op, left, right),
        }
    }

    #[inline(never)]
    fn rare(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        Ok(match node {
            Node::ResourceId => V::Str(&request.resource.id),
            Node::ResourceKind => V::Str(&request.resource.kind),
            Node::Request => V::Object(Object::Request),
            Node::Principal => V::Object(Object::Principal(request.principal)),
            Node::Resource => V::Object(Object::Resource(request.resource)),
            Node::AuxData => V::Object(Object::AuxData(request.aux_data)),
            Node::Runtime => {
                request.runtime()?;
                V::Object(Object::Runtime)
            }
            Node::DerivedRoles => V::List(List::Names(request.runtime()?)),
            Node::Now => V::Timestamp(request.now()),
            Node::Variables(names) => self.variables(names),
            Node::Globals => V::Map(MapRef::Attributes(request.globals)),
            Node::Global(name) => {
                request.globals.get(name).map(V::from).ok_or(EvalError::UndefinedField(name))?
            }
            Node::Binding(slot) => {
                request.bindings.get(*slot).copied().ok_or(EvalError::NoSuchOverload)?
            }
            Node::Negate(inner) => match self.eval(inner)? {
                V::Int(i) => V::Int(i.checked_neg().ok_or(EvalError::Invalid("integer overflow"))?),
                V::Double(d) => V::Double(-d),
                V::Duration(d) => {
                    V::Duration(d.checked_neg().ok_or(EvalError::Invalid("integer overflow"))?)
                }
                other => return Err(refusal::negation(&other)),
            },
            Node::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                match self.truth(condition) {
                    Truth::True => self.eval(yes)?,
                    Truth::False => self.eval(no)?,
                    Truth::Failed => return Err(self.failure),
                }
            }
            Node::Index(sides) => {
                let [operand, index] = &**sides;
                let (operand, index) = (self.eval(operand)?, self.eval(index)?);
                self.part(operand, index)?
            }
            Node::OptionalField(operand, field) => {
                let operand = self.eval(operand)?;
                self.optional_part(operand, V::Str(field))?
            }
            Node::OptionalIndex(sides) => {
                let [operand, index] = &**sides;
                let operand = self.eval(operand)?;
                if let V::Optional(None) = operand {
                    return Ok(operand);
                }
                let index = self.eval(index)?;
                self.optional_part(operand, index)?
            }
            Node::List(items) => self.list(items)?,
            Node::Map(entries) => self.map(entries)?,
            Node::Message(message, fields) => self.message(message, fields)?,
            Node::Fails(why) => return Err(EvalError::Invalid(why)),
            Node::Perhaps(None) => V::Optional(None),
            Node::Perhaps(Some(inner)) => match self.eval(inner) {
                Ok(value) => V::Optional(Some(self.arena().one(value))),
                Err(EvalError::UndefinedField(_)) => V::Optional(None),
                Err(error) => return Err(error),
            },
            Node::SortBy(parts) => {
                let [list, key] = &**parts;
                self.sort_by(list, key)?
            }
            Node::Bind(parts) => {
                let [init, body] = &**parts;
                let init = self.eval(init);
                if matches!(init, Err(EvalError::StepsExhausted)) {
                    return init;
                }
                self.locals.push(init);
                let result = self.eval(body);
                self.locals.pop();
                return result;
            }
            Node::OptionalMap(parts, flat) => {
                let [optional, body] = &**parts;
                match self.eval(optional)? {
                    V::Optional(None) => V::Optional(None),
                    V::Optional(Some(inner)) => match self.with_local(*inner, body)? {
                        mapped if !flat => V::Optional(Some(self.arena().one(mapped))),
                        // Not looked at again: what is no optional value goes through.
                        mapped => mapped,
                    },
                    // The macro asks for that first.
                    other => {
                        let of = other.type_name();
                        return Err(self.invalid(format_args!("no such overload: hasValue({of})")));
                    }
                }
            }
            // The common ones are in `eval`.
            _ => return Err(EvalError::NoSuchOverload),
        })
    }

    /// `V` as a whole: the variables that are set.
    fn variables(&self, names: &'a [Box<str>]) -> V<'a> {
        let values = self.activation.variables.iter();
        let set: SmallVec<[(V<'a>, V<'a>); 8]> = names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some((V::Str(name), value.get()?)))
            .collect();
        V::Map(MapRef::Built(self.arena().slice(&set)))
    }

    #[inline(never)]
    fn call(&mut self, overload: &'static Overload, args: &'a [Node]) -> Evaluated<'a> {
        if let [arg] = args {
            let arg = self.operand(arg)?;
            return match (overload.run)(self, &[arg]) {
                Err(EvalError::NoSuchOverload) => Err(functions::refused(self, overload, &[arg])),
                result => result,
            };
        }
        let mut values: SmallVec<[V<'a>; 4]> = SmallVec::new();
        for arg in args {
            // `optional.of(1).or(..)` does not look further, nor does what is no optional value.
            match values.as_slice() {
                [V::Optional(Some(_))] if overload.lazy => break,
                [V::Optional(None)] => {}
                [_] if overload.lazy => return Err(EvalError::NoSuchOverload),
                _ => {}
            }
            match self.eval(arg) {
                Ok(value) => values.push(value),
                Err(error @ EvalError::StepsExhausted) => return Err(error),
                Err(_) if overload.lenient => return Err(EvalError::NoSuchOverload),
                Err(error) => return Err(error),
            }
        }
        match (overload.run)(self, &values) {
            Err(EvalError::NoSuchOverload) => Err(functions::refused(self, overload, &values)),
            result => result,
        }
    }

    pub(super) fn with_local(&mut self, value: V<'a>, body: &'a Node) -> Evaluated<'a> {
        self.locals.push(Ok(value));
        let result = self.eval(body);
        self.locals.pop();
        result
    }

    fn list(&mut self, items: &'a [(bool, Node)]) -> Evaluated<'a> {
        self.step(items.len())?;
        let mut built: SmallVec<[V<'a>; 8]> = SmallVec::new();
        for (optional, item) in items {
            match (optional, self.eval(item)?) {
                (false, value) => built.push(value),
                (true, V::Optional(inner)) => built.extend(inner.copied()),
                (true, other) => return Err(refusal::optional_item(self, &other)),
            }
        }
        self.admit(V::List(List::Built(self.arena().slice(&built))))
    }

    fn map(&mut self, entries: &'a [(bool, Node, Node)]) -> Evaluated<'a> {
        let mut built: Vec<(V<'a>, V<'a>)> = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            self.step(1 + built.len() / 8)?;
            let key = self.eval(key)?;
            let value = match (optional, self.eval(value)?) {
                (false, value) => value,
                (true, V::Optional(Some(inner))) => *inner,
                // What is not there takes an earlier entry away.
                (true, V::Optional(None)) => {
                    built.retain(|(k, _)| !is_same_key(k, &key));
                    continue;
                }
                (true, other) => return Err(refusal::optional_entry(self, &key, &other)),
            };
            refusal::hashed(&key)?;
            match built.iter_mut().find(|(k, _)| is_same_key(k, &key)) {
                Some(entry) => entry.1 = value,
                None => built.push((key, value)),
            }
        }
        self.admit(V::Map(MapRef::Built(self.arena().slice(&built))))
    }
}

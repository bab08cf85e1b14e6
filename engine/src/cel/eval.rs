//! Programs to values.
//!
//! Rare arms live in functions of their own, so that the common ones keep a small stack frame.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;

use smallvec::SmallVec;

use super::ast::Binary;
use super::error::EvalError;
use super::functions::Overload;
use super::program::{Node, Program};
use super::refusal;
use super::time::Timestamp;
use super::vals::{Arena, List, MapRef, Object, V, is_same_key};
use crate::request::{AuxData, Principal, Resource};
use crate::value::Map;

/// Steps that one decision's expressions may take together.
const MAX_STEPS: u32 = 10_000_000;

/// What an expression sees.
#[derive(Debug)]
pub struct Activation<'a> {
    /// `request.principal`
    pub principal: &'a Principal,
    /// `request.resource`
    pub resource: &'a Resource,
    /// `request.auxData`
    pub aux_data: Option<&'a AuxData>,
    /// `globals`
    pub globals: &'a Map,
    /// `variables`, by slot; `None` for one whose evaluation failed.
    pub variables: &'a [Option<V<'a>>],
    /// Values of [`Env::bindings`](super::Env::bindings), by slot.
    pub bindings: &'a [V<'a>],
    /// `runtime.effectiveDerivedRoles`, sorted.
    pub derived_roles: &'a [&'a str],
    /// The instant of the whole call.
    pub now: Timestamp,
    /// Memory for what expressions build.
    pub arena: &'a Arena,
    steps: Cell<u32>,
}

impl<'a> Activation<'a> {
    /// Sees a request, and neither variables nor derived roles.
    #[must_use]
    pub fn new(
        principal: &'a Principal,
        resource: &'a Resource,
        globals: &'a Map,
        arena: &'a Arena,
        now: Timestamp,
    ) -> Self {
        Self::bounded(principal, resource, globals, arena, now, MAX_STEPS)
    }

    /// With another budget.
    pub(super) fn bounded(
        principal: &'a Principal,
        resource: &'a Resource,
        globals: &'a Map,
        arena: &'a Arena,
        now: Timestamp,
        steps: u32,
    ) -> Self {
        Self {
            principal,
            resource,
            aux_data: None,
            globals,
            variables: &[],
            bindings: &[],
            derived_roles: &[],
            now,
            arena,
            steps: Cell::new(steps),
        }
    }

    pub(super) fn value_of(&self, node: &'a Node) -> Evaluated<'a> {
        Eval { activation: self, locals: SmallVec::new() }.eval(node)
    }

    /// The same request with other variables and derived roles; steps are spent from the same budget.
    pub(crate) fn with(
        &self,
        variables: &'a [Option<V<'a>>],
        derived_roles: &'a [&'a str],
    ) -> Self {
        Self {
            principal: self.principal,
            resource: self.resource,
            aux_data: self.aux_data,
            globals: self.globals,
            variables,
            bindings: self.bindings,
            derived_roles,
            now: self.now,
            arena: self.arena,
            steps: Cell::new(self.steps.get()),
        }
    }

    /// Takes over what evaluation with `other` left of the budget.
    pub(crate) fn settle(&self, other: &Self) {
        self.steps.set(self.steps.get().min(other.steps.get()));
    }
}

impl Program {
    /// The expression's value.
    ///
    /// # Errors
    ///
    /// As CEL: a missing key, operands of the wrong type, numbers out of range …
    pub fn eval<'a>(&'a self, activation: &Activation<'a>) -> Result<V<'a>, EvalError<'a>> {
        activation.value_of(&self.root)
    }

    /// Whether the expression holds. What is not a boolean does not (rule C1).
    ///
    /// # Errors
    ///
    /// As [`eval`](Self::eval).
    pub fn eval_bool<'a>(&'a self, activation: &Activation<'a>) -> Result<bool, EvalError<'a>> {
        self.eval(activation).map(|v| matches!(v, V::Bool(true)))
    }
}

pub(super) type Evaluated<'a> = Result<V<'a>, EvalError<'a>>;

pub(super) struct Eval<'a, 's> {
    pub(super) activation: &'s Activation<'a>,
    pub(super) locals: SmallVec<[V<'a>; 4]>,
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

    pub(super) fn step(&self, count: usize) -> Result<(), EvalError<'a>> {
        let left = u32::try_from(count)
            .ok()
            .and_then(|count| self.activation.steps.get().checked_sub(count));
        self.activation.steps.set(left.unwrap_or(0));
        if left.is_some() { Ok(()) } else { Err(EvalError::StepsExhausted) }
    }

    pub(super) fn eval(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        Ok(match node {
            Node::Const(value) => V::from(value),
            Node::ResourceAttr(name) => attribute(&request.resource.attr, name)?,
            Node::PrincipalAttr(name) => attribute(&request.principal.attr, name)?,
            Node::HasResourceAttr(name) => V::Bool(request.resource.attr.get(name).is_some()),
            Node::HasPrincipalAttr(name) => V::Bool(request.principal.attr.get(name).is_some()),
            Node::PrincipalId => V::Str(&request.principal.id),
            Node::ResourceId => V::Str(&request.resource.id),
            Node::ResourceKind => V::Str(&request.resource.kind),
            Node::Roles => V::List(List::Owned(&request.principal.roles)),
            Node::Variable(slot, name) => request
                .variables
                .get(*slot)
                .copied()
                .flatten()
                .ok_or(EvalError::UndefinedField(name))?,
            Node::Local(slot) => {
                self.locals.get(*slot).copied().ok_or(EvalError::NoSuchOverload)?
            }
            Node::Binary(op, sides) => return self.binary(*op, sides),
            Node::And(list) => return self.and(list),
            Node::Or(list) => return self.or(list),
            Node::Not(inner) => match self.eval(inner)? {
                V::Bool(b) => V::Bool(!b),
                _ => return Err(EvalError::NoSuchOverload),
            },
            Node::InStrings(needle, strings) => V::Bool(match self.eval(needle)? {
                V::Str(s) => is_among(strings, s),
                V::Spiffe(name) => strings.iter().any(|s| name.equals_text(s)),
                _ => false,
            }),
            Node::Has(operand, field) => return self.has(operand, field),
            Node::Field(operand, field) => {
                let operand = self.eval(operand)?;
                return self.field(operand, field);
            }
            Node::Matches(text, regex) => match self.eval(text)? {
                V::Str(text) => {
                    self.step(text.len() / 16)?;
                    V::Bool(regex.is_match(text))
                }
                _ => return Err(EvalError::NoSuchOverload),
            },
            Node::Comprehension(comprehension) => return self.comprehension(comprehension),
            _ => return self.rare(node),
        })
    }

    #[inline(never)]
    fn rare(&mut self, node: &'a Node) -> Evaluated<'a> {
        let request = self.activation;
        Ok(match node {
            Node::Request => V::Object(Object::Request),
            Node::Principal => V::Object(Object::Principal(request.principal)),
            Node::Resource => V::Object(Object::Resource(request.resource)),
            Node::AuxData => V::Object(Object::AuxData(request.aux_data)),
            Node::Runtime => V::Object(Object::Runtime),
            Node::DerivedRoles => V::List(List::Names(request.derived_roles)),
            Node::Now => V::Timestamp(request.now),
            Node::Variables(names) => self.variables(names),
            Node::Globals => V::Map(MapRef::Attributes(request.globals)),
            Node::Global(name) => {
                request.globals.get(name).map(V::from).ok_or(EvalError::UndefinedField(name))?
            }
            Node::HasGlobal(name) => V::Bool(request.globals.get(name).is_some()),
            Node::HasVariable(slot) => {
                V::Bool(request.variables.get(*slot).copied().flatten().is_some())
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
                match self.eval(condition)? {
                    V::Bool(true) => self.eval(yes)?,
                    V::Bool(false) => self.eval(no)?,
                    _ => return Err(EvalError::NoSuchOverload),
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
                let (operand, index) = (self.eval(operand)?, self.eval(index)?);
                self.optional_part(operand, index)?
            }
            Node::List(items) => self.list(items)?,
            Node::Map(entries) => self.map(entries)?,
            Node::Call(overload, args) => self.call(overload, args)?,
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
                let init = self.eval(init)?;
                self.with_local(init, body)?
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
                    _ => return Err(EvalError::NoSuchOverload),
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
            .filter_map(|(name, value)| Some((V::Str(name), (*value)?)))
            .collect();
        V::Map(MapRef::Built(self.arena().slice(&set)))
    }

    fn call(&mut self, overload: &'static Overload, args: &'a [Node]) -> Evaluated<'a> {
        let mut values: SmallVec<[V<'a>; 4]> = SmallVec::new();
        for arg in args {
            // `optional.of(1).or(..)` does not look further.
            if overload.lazy && matches!(values.as_slice(), [V::Optional(Some(_))]) {
                break;
            }
            match self.eval(arg) {
                Ok(value) => values.push(value),
                Err(error @ EvalError::StepsExhausted) => return Err(error),
                Err(_) if overload.lenient => return Err(EvalError::NoSuchOverload),
                Err(error) => return Err(error),
            }
        }
        (overload.run)(self, &values)
    }

    pub(super) fn with_local(&mut self, value: V<'a>, body: &'a Node) -> Evaluated<'a> {
        self.locals.push(value);
        let result = self.eval(body);
        self.locals.pop();
        result
    }

    /// False wins over errors, errors over true; operands that are not booleans are errors (rule E1).
    fn and(&mut self, list: &'a [Node]) -> Evaluated<'a> {
        self.logic(list, false)
    }

    fn or(&mut self, list: &'a [Node]) -> Evaluated<'a> {
        self.logic(list, true)
    }

    fn logic(&mut self, list: &'a [Node], decisive: bool) -> Evaluated<'a> {
        let mut error = None;
        for operand in list {
            match self.eval(operand) {
                Ok(V::Bool(b)) if b == decisive => return Ok(V::Bool(decisive)),
                Ok(V::Bool(_)) => {}
                Err(EvalError::StepsExhausted) => return Err(EvalError::StepsExhausted),
                Ok(_) => error = error.or(Some(EvalError::NoSuchOverload)),
                Err(e) => error = error.or(Some(e)),
            }
        }
        error.map_or(Ok(V::Bool(!decisive)), Err)
    }

    fn binary(&mut self, op: Binary, sides: &'a [Node; 2]) -> Evaluated<'a> {
        let [left, right] = sides;
        let (left, right) = (self.eval(left)?, self.eval(right)?);
        Ok(match op {
            Binary::Eq => match self.equals(left, right)? {
                false if left.has_no_equality_with(&right) => {
                    return Err(EvalError::NoSuchOverload);
                }
                equal => V::Bool(equal),
            },
            Binary::Ne => V::Bool(!self.equals(left, right)?),
            Binary::Lt => compare(op, left, right, |o| o == Ordering::Less)?,
            Binary::Le => compare(op, left, right, |o| o != Ordering::Greater)?,
            Binary::Gt => compare(op, left, right, |o| o == Ordering::Greater)?,
            Binary::Ge => compare(op, left, right, |o| o != Ordering::Less)?,
            Binary::In => V::Bool(self.contains(right, left)?),
            _ => arithmetic(self, op, left, right)?,
        })
    }

    pub(super) fn equals(&self, a: V<'a>, b: V<'a>) -> Result<bool, EvalError<'a>> {
        if let (V::List(a), V::List(b)) = (a, b) {
            self.step(a.len().min(b.len()))?;
        }
        Ok(a.equals(&b))
    }

    pub(super) fn contains(&self, container: V<'a>, item: V<'a>) -> Result<bool, EvalError<'a>> {
        match container {
            V::List(items) => {
                self.step(items.len())?;
                Ok(items.iter().any(|v| item.equals(&v)))
            }
            V::Map(map) => {
                refusal::key(map, &item)?;
                Ok(map.get(item).is_some())
            }
            _ => Err(EvalError::NoSuchOverload),
        }
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
        Ok(V::List(List::Built(self.arena().slice(&built))))
    }

    fn map(&mut self, entries: &'a [(bool, Node, Node)]) -> Evaluated<'a> {
        let mut built: Vec<(V<'a>, V<'a>)> = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            self.step(1 + built.len() / 8)?;
            let key = self.eval(key)?;
            let value = match (optional, self.eval(value)?) {
                (false, value) => value,
                (true, V::Optional(Some(inner))) => *inner,
                (true, V::Optional(None)) => continue,
                (true, other) => return Err(refusal::optional_entry(self, &key, &other)),
            };
            if let V::Bytes(_) = key {
                return Err(refusal::BYTES_AS_KEY);
            }
            match built.iter_mut().find(|(k, _)| is_same_key(k, &key)) {
                Some(entry) => entry.1 = value,
                None => built.push((key, value)),
            }
        }
        Ok(V::Map(MapRef::Built(self.arena().slice(&built))))
    }
}

fn attribute<'a>(attributes: &'a Map, name: &'a str) -> Evaluated<'a> {
    attributes.get(name).map(V::from).ok_or(EvalError::NoSuchKey(name))
}

fn compare<'a>(
    op: Binary,
    left: V<'a>,
    right: V<'a>,
    wanted: fn(Ordering) -> bool,
) -> Evaluated<'a> {
    match left.compare(&right) {
        Some(order) => Ok(V::Bool(wanted(order))),
        None if left.are_numbers(&right) => Ok(V::Bool(false)),
        None => Err(refusal::operator(op, &left)),
    }
}

#[inline(never)]
fn arithmetic<'a>(eval: &Eval<'a, '_>, op: Binary, left: V<'a>, right: V<'a>) -> Evaluated<'a> {
    const INT: EvalError<'static> = EvalError::Invalid("integer overflow");
    const UINT: EvalError<'static> = EvalError::Invalid("unsigned integer overflow");
    const TIME: EvalError<'static> = EvalError::Invalid("timestamp overflow");
    Ok(match (op, left, right) {
        (Binary::Add, V::Int(a), V::Int(b)) => V::Int(a.checked_add(b).ok_or(INT)?),
        (Binary::Sub, V::Int(a), V::Int(b)) => V::Int(a.checked_sub(b).ok_or(INT)?),
        (Binary::Mul, V::Int(a), V::Int(b)) => V::Int(a.checked_mul(b).ok_or(INT)?),
        (Binary::Div, V::Int(_), V::Int(0)) | (Binary::Div, V::UInt(_), V::UInt(0)) => {
            return Err(EvalError::DivisionByZero);
        }
        (Binary::Mod, V::Int(_), V::Int(0)) | (Binary::Mod, V::UInt(_), V::UInt(0)) => {
            return Err(EvalError::ModulusByZero);
        }
        (Binary::Div, V::Int(a), V::Int(b)) => V::Int(a.checked_div(b).ok_or(INT)?),
        (Binary::Mod, V::Int(a), V::Int(b)) => V::Int(a.checked_rem(b).ok_or(INT)?),
        (Binary::Add, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_add(b).ok_or(UINT)?),
        (Binary::Sub, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_sub(b).ok_or(UINT)?),
        (Binary::Mul, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_mul(b).ok_or(UINT)?),
        (Binary::Div, V::UInt(a), V::UInt(b)) => V::UInt(a / b),
        (Binary::Mod, V::UInt(a), V::UInt(b)) => V::UInt(a % b),
        (Binary::Add, V::Double(a), V::Double(b)) => V::Double(a + b),
        (Binary::Sub, V::Double(a), V::Double(b)) => V::Double(a - b),
        (Binary::Mul, V::Double(a), V::Double(b)) => V::Double(a * b),
        (Binary::Div, V::Double(a), V::Double(b)) => V::Double(a / b),
        (Binary::Add, V::Str(a), V::Str(b)) => {
            eval.step((a.len() + b.len()) / 16)?;
            V::Str(eval.arena().str(&[a, b].concat()))
        }
        (Binary::Add, V::Bytes(a), V::Bytes(b)) => {
            eval.step((a.len() + b.len()) / 16)?;
            V::Bytes(eval.arena().slice(&[a, b].concat()))
        }
        (Binary::Add, V::List(a), V::List(b)) => {
            eval.step(a.len() + b.len())?;
            let all: Vec<V<'a>> = a.iter().chain(b.iter()).collect();
            V::List(List::Built(eval.arena().slice(&all)))
        }
        (Binary::Add, V::Timestamp(t), V::Duration(d))
        | (Binary::Add, V::Duration(d), V::Timestamp(t)) => {
            V::Timestamp(t.plus_nanos(d).ok_or(TIME)?)
        }
        (Binary::Sub, V::Timestamp(t), V::Duration(d)) => {
            V::Timestamp(t.plus_nanos(d.checked_neg().ok_or(INT)?).ok_or(TIME)?)
        }
        (Binary::Sub, V::Timestamp(a), V::Timestamp(b)) => {
            V::Duration(a.nanos_since(b).ok_or(INT)?)
        }
        (Binary::Add, V::Duration(a), V::Duration(b)) => V::Duration(a.checked_add(b).ok_or(INT)?),
        (Binary::Sub, V::Duration(a), V::Duration(b)) => V::Duration(a.checked_sub(b).ok_or(INT)?),
        _ => return Err(refusal::operator(op, &left)),
    })
}

/// A short list is faster looked through than halved.
fn is_among(sorted: &[Box<str>], text: &str) -> bool {
    const SCAN: usize = 8;
    if sorted.len() <= SCAN {
        return sorted.iter().any(|known| **known == *text);
    }
    sorted.binary_search_by(|known| (**known).cmp(text)).is_ok()
}

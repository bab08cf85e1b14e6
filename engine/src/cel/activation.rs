//! What an expression sees while it is evaluated, and what it may spend.

use std::cell::Cell;

use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::program::{Node, Program};
use super::time::Timestamp;
use super::truth::Truth;
use super::vals::{Arena, V};
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
    /// `variables`, by slot; `None` for one whose evaluation failed. Cells, because each is set while those after it
    /// wait.
    pub variables: &'a [Cell<Option<V<'a>>>],
    /// Values of [`Env::bindings`](super::Env::bindings), by slot.
    pub bindings: &'a [V<'a>],
    /// `runtime.effectiveDerivedRoles`, sorted.
    pub derived_roles: &'a [&'a str],
    /// Strict evaluation: the derived roles of which nobody knows whether they are active. Reading `runtime` fails
    /// when there are any.
    pub failed_derived_roles: &'a [&'a str],
    now: Timestamp,
    /// Memory for what expressions build.
    pub arena: &'a Arena,
    steps: Cell<u32>,
    clock_was_read: Cell<bool>,
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
            failed_derived_roles: &[],
            now,
            arena,
            steps: Cell::new(steps),
            clock_was_read: Cell::new(false),
        }
    }

    /// `runtime.effectiveDerivedRoles` (rule C4).
    pub(super) fn runtime(&self) -> Result<&'a [&'a str], EvalError<'a>> {
        if self.failed_derived_roles.is_empty() {
            return Ok(self.derived_roles);
        }
        let failed = self.failed_derived_roles.join(", ");
        let text = format!("failed to compute effective derived roles [{failed}]");
        Err(EvalError::Invalid(self.arena.str(&text)))
    }

    pub(super) fn value_of(&self, node: &'a Node) -> Evaluated<'a> {
        Eval::new(self).eval(node)
    }

    /// Spends from the budget.
    #[inline]
    pub(super) fn step(&self, count: usize) -> Result<(), EvalError<'a>> {
        let left = u32::try_from(count).ok().and_then(|count| self.steps.get().checked_sub(count));
        self.steps.set(left.unwrap_or(0));
        if left.is_some() { Ok(()) } else { Err(EvalError::StepsExhausted) }
    }

    pub(crate) fn steps_left(&self) -> u32 {
        self.steps.get()
    }

    pub(crate) fn set_steps_left(&self, steps: u32) {
        self.steps.set(steps);
    }

    /// The instant of the whole call.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock_was_read.set(true);
        self.now
    }

    /// Whether anything asked for [`now`](Self::now).
    #[must_use]
    pub fn read_the_clock(&self) -> bool {
        self.clock_was_read.get()
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
        if !self.is_boolean {
            return self.eval(activation).map(|v| matches!(v, V::Bool(true)));
        }
        let mut eval = Eval::new(activation);
        match eval.truth(&self.root) {
            Truth::True => Ok(true),
            Truth::False => Ok(false),
            Truth::Failed => Err(eval.failure()),
        }
    }
}

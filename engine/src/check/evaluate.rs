//! Conditions, variables and derived roles of one request (docs/semantics.md, sections 6 and 7).

use std::cell::Cell;

use super::Undecided;
use super::output::{EvaluationError, OutputEntry};
use super::question::{Check, DerivedRoles, Evaluated, Site};
use crate::cel::{EvalError, Slots, V};
use crate::policy::{Condition, DerivedRole, Kind, Leaf, Output, Params};
use crate::table::{Entry, UsableRole};

/// A condition's result: whether it holds, or, in strict evaluation, that it failed.
pub(super) enum Held {
    Yes,
    No,
    Failed,
}

impl From<bool> for Held {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Rule C2: a leaf that fails is false and the operators go on; strict evaluation ends instead.
    pub(super) fn condition(
        &mut self,
        condition: Option<&'t Condition>,
    ) -> Result<Held, Undecided> {
        Ok(match condition {
            None => Held::Yes,
            Some(Condition::Expr(leaf)) => match leaf.program.eval_bool(&self.base) {
                Ok(holds) => holds.into(),
                Err(EvalError::StepsExhausted) => return Err(Undecided::StepsExhausted),
                Err(error) => {
                    self.note_error(&leaf.source, &error);
                    if self.engine.options.strict_evaluation { Held::Failed } else { Held::No }
                }
            },
            Some(Condition::All(list)) => {
                for member in list {
                    match self.condition(Some(member))? {
                        Held::Yes => {}
                        other => return Ok(other),
                    }
                }
                Held::Yes
            }
            Some(Condition::Any(list)) => {
                for member in list {
                    match self.condition(Some(member))? {
                        Held::No => {}
                        other => return Ok(other),
                    }
                }
                Held::No
            }
            Some(Condition::None(list)) => {
                for member in list {
                    match self.condition(Some(member))? {
                        Held::No => {}
                        Held::Yes => return Ok(Held::No),
                        Held::Failed => return Ok(Held::Failed),
                    }
                }
                Held::Yes
            }
        })
    }

    /// Rule V5: variables are evaluated when the first row of their policy matches, once for a request, and
    /// one that fails stays unset. Those that nothing reads are left out where nobody is told of failures.
    #[inline]
    pub(super) fn variables(
        &mut self,
        params: &'t Params,
        read: Slots,
    ) -> Result<&'x [Cell<Option<V<'x>>>], Undecided> {
        // What looks at `runtime` would see another one later.
        let all = self.output.is_some() || params.use_runtime;
        match params.variables.is_empty() || read.is_empty() && !all {
            true => Ok(&[]),
            false => self.wanted_variables(params, if all { Slots::ALL } else { read }),
        }
    }

    fn wanted_variables(
        &mut self,
        params: &'t Params,
        wanted: Slots,
    ) -> Result<&'x [Cell<Option<V<'x>>>], Undecided> {
        let at = self.variables.iter().position(|known| known.params.same(params));
        let (values, done) = match at.and_then(|at| self.variables.get(at)) {
            Some(known) => (known.values, known.done),
            None => (self.base.arena.cells(params.variables.len()), Slots::NONE),
        };
        if !wanted.without(done).is_empty() {
            self.evaluate_variables(params, values, wanted.without(done), false)?;
            let known = Evaluated { params, values, done: done.and(wanted) };
            match at.and_then(|at| self.variables.get_mut(at)) {
                Some(place) => *place = known,
                None => self.variables.push(known),
            }
        }
        Ok(values)
    }

    fn evaluate_variables(
        &mut self,
        params: &'t Params,
        values: &'x [Cell<Option<V<'x>>>],
        wanted: Slots,
        failed_is_null: bool,
    ) -> Result<(), Undecided> {
        self.base.variables = values;
        for (slot, (variable, value)) in params.variables.iter().zip(values).enumerate() {
            if !wanted.has(slot) {
                continue;
            }
            value.set(match variable.program.eval(&self.base) {
                Ok(value) => Some(value),
                Err(EvalError::StepsExhausted) => return Err(Undecided::StepsExhausted),
                Err(error) => {
                    self.note_error(&variable.source, &error);
                    failed_is_null.then_some(V::Null)
                }
            });
        }
        Ok(())
    }

    /// Derived roles are computed when a scope is first visited (rule D1).
    pub(super) fn enter_scope(&mut self, at: usize, site: &Site<'t>) -> Result<(), Undecided> {
        let asked = |entry: &&Entry| {
            !entry.derived_roles.is_empty() && (entry.uses_runtime || self.output.is_some())
        };
        let Some(entry) = site.entry.filter(asked) else {
            self.see_roles((&[], &[]));
            return Ok(());
        };
        let known = self.derived.iter().find(|(site, _)| *site == at).map(|(_, roles)| *roles);
        let roles = match known {
            Some(roles) => roles,
            None => {
                let roles = self.compute_derived_roles(entry)?;
                self.derived.push((at, roles));
                roles
            }
        };
        self.see_roles(roles);
        Ok(())
    }

    pub(super) fn see_roles(&mut self, (active, failed): DerivedRoles<'x>) {
        self.base.derived_roles = active;
        self.base.failed_derived_roles = failed;
    }

    /// Rule D1: the derived roles that are active in a scope, for `runtime.effectiveDerivedRoles`. Their own conditions
    /// still see those of the scope visited before (rule Q15).
    fn compute_derived_roles(&mut self, entry: &'t Entry) -> Result<DerivedRoles<'x>, Undecided> {
        let (mut active, mut failed): (Vec<&'x str>, Vec<&'x str>) = (Vec::new(), Vec::new());
        for UsableRole { role, .. } in &entry.derived_roles {
            if !self.is_parent(role) {
                continue;
            }
            match self.derived_role_is_active(role)? {
                Held::Yes => {
                    self.note_derived_role(role);
                    active.push(&role.name);
                }
                Held::No => {}
                Held::Failed => failed.push(&role.name),
            }
        }
        for names in [&mut active, &mut failed] {
            names.sort_unstable();
            names.dedup();
        }
        if let Some(output) = self.output.as_mut() {
            output
                .effective_derived_roles
                .extend(active.iter().map(|name| Box::<str>::from(*name)));
        }
        Ok((self.base.arena.slice(&active), self.base.arena.slice(&failed)))
    }

    /// Parent roles are compared as text here, patterns only count in rows (rule D2).
    fn is_parent(&self, role: &DerivedRole) -> bool {
        role.parent_roles.iter().any(|parent| {
            &**parent == "*" || self.principal.roles.contains(parent) || self.inherits_any(parent)
        })
    }

    /// A failing variable is null here and unset in rows (rule Q12). In strict evaluation it is unset here too.
    fn derived_role_is_active(&mut self, role: &'t DerivedRole) -> Result<Held, Undecided> {
        let failed_is_null = !self.engine.options.strict_evaluation;
        let values = self.base.arena.cells(role.params.variables.len());
        self.evaluate_variables(&role.params, values, Slots::ALL, failed_is_null)?;
        self.condition(role.condition.as_deref())
    }

    /// Rules O1 and O2: what a row has to say about its being met or not.
    #[inline]
    pub(super) fn emit(
        &mut self,
        output: Option<&'t Output>,
        held: bool,
        source: (&str, &str),
        action: &str,
    ) {
        if let (Some(said), Some(_)) = (output, &self.output) {
            self.emit_one(said, held, source, action);
        }
    }

    fn emit_one(&mut self, said: &'t Output, held: bool, source: (&str, &str), action: &str) {
        let leaf = if held { &said.rule_activated } else { &said.condition_not_met };
        let Some(Leaf { program, .. }) = leaf else { return };
        let value = program.eval(&self.base).and_then(|value| value.to_value(&self.base));
        let value = value.map_err(|error| error.to_string().into());
        let (policy, rule) = source;
        let entry =
            OutputEntry { source: format!("{policy}#{rule}").into(), action: action.into(), value };
        if let Some(output) = self.output.as_mut() {
            output.outputs.push(entry);
        }
    }

    fn note_error(&mut self, expression: &str, error: &EvalError<'_>) {
        if let Some(output) = self.output.as_mut() {
            let message = error.to_string().into();
            output
                .evaluation_errors
                .push(EvaluationError { expression: expression.into(), message });
        }
    }

    fn inherits_any(&self, parent: &str) -> bool {
        self.roles(Kind::Resource).iter().any(|role| self.names_of(role).any(|name| name == parent))
    }
}

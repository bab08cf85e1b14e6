//! Conditions, variables and derived roles of one request (docs/semantics.md, sections 6 and 7).

use std::cell::Cell;

use super::output::{EvaluationError, OutputEntry};
use super::question::{Check, DerivedRoles};
use super::{Undecided, sanitize};
use crate::cel::{EvalError, V};
use crate::policy::{Condition, DerivedRole, Leaf, Output, Params};
use crate::table::Entry;

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
    /// one that fails stays unset.
    pub(super) fn variables(
        &mut self,
        params: &'t Params,
    ) -> Result<&'x [Cell<Option<V<'x>>>], Undecided> {
        if params.variables.is_empty() {
            return Ok(&[]);
        }
        if let Some((_, values)) = self.variables.iter().find(|(p, _)| p.same(params)) {
            return Ok(values);
        }
        let values = self.evaluate_variables(params, false)?;
        self.variables.push((params, values));
        Ok(values)
    }

    fn evaluate_variables(
        &mut self,
        params: &'t Params,
        failed_is_null: bool,
    ) -> Result<&'x [Cell<Option<V<'x>>>], Undecided> {
        let values = self.base.arena.cells(params.variables.len());
        self.base.variables = values;
        for (variable, value) in params.variables.iter().zip(values) {
            value.set(match variable.program.eval(&self.base) {
                Ok(value) => Some(value),
                Err(EvalError::StepsExhausted) => return Err(Undecided::StepsExhausted),
                Err(error) => {
                    self.note_error(&variable.source, &error);
                    failed_is_null.then_some(V::Null)
                }
            });
        }
        Ok(values)
    }

    /// Derived roles are computed when a scope is first visited (rule D1).
    pub(super) fn enter_scope(
        &mut self,
        entry: &'t Entry,
        scope: &'x str,
    ) -> Result<(), Undecided> {
        let known = self.computed_scopes.iter().find(|(s, _)| *s == scope).map(|(_, roles)| *roles);
        let roles = match known {
            Some(roles) => roles,
            None => {
                let roles = self.compute_derived_roles(entry)?;
                self.computed_scopes.push((scope, roles));
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
        if entry.derived_roles.is_empty() || !(entry.uses_runtime || self.output.is_some()) {
            return Ok((&[], &[]));
        }
        let (mut active, mut failed): (Vec<&'x str>, Vec<&'x str>) = (Vec::new(), Vec::new());
        for role in &entry.derived_roles {
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
        self.base.variables = self.evaluate_variables(&role.params, failed_is_null)?;
        self.condition(role.condition.as_deref())
    }

    /// Rules O1 and O2: what a row has to say about its being met or not.
    pub(super) fn emit(
        &mut self,
        output: Option<&'t Output>,
        held: bool,
        source: (&str, &str),
        action: &str,
    ) {
        if self.output.is_none() {
            return;
        }
        let leaf = output
            .and_then(|o| if held { &o.rule_activated } else { &o.condition_not_met }.as_ref());
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
        let scope = self.requested_scope;
        self.engine.table.has_parents(scope)
            && self
                .principal
                .roles
                .iter()
                .any(|role| self.closure(role).any(|inherited| inherited == parent))
    }
}

/// The kind as policies are looked up by.
pub(super) fn lookup_name(name: &str) -> std::borrow::Cow<'_, str> {
    sanitize(name)
}

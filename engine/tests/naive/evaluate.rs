//! Conditions, variables, derived roles and outputs (sections 6 to 8).

use std::cell::Cell;

use authz_engine::cel::V;
use serde_json::Value as Json;

use super::policies::{DerivedRole, Policy, Unit, list, output, text};
use super::question::{Question, Values};
use super::rows::consent_denies;

/// What becomes of a condition. Only strict evaluation knows failure (rule 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    No,
    Failed,
}

impl<'q> Question<'q> {
    /// Whether a rule is met through a derived role or none. `None` when the derived role is found not to be active
    /// (rule Q8).
    pub(super) fn rule(
        &mut self,
        policy: &'q Policy,
        rule: &'q Json,
        through: Option<usize>,
    ) -> Option<Held> {
        // Rule V5, though nothing may need them.
        self.variables_of(&policy.unit);
        let role = through.and_then(|index| policy.derived_roles.get(index));
        let name = role.map(|role| format!("through {}", role.name)).unwrap_or_default();
        let place = [policy.key.clone(), text(rule, "name"), name];
        if let Some(met) = self.results.get(&place) {
            return Some(if *met { Held::Yes } else { Held::No });
        }
        if let Some(role) = role {
            match self.condition(&role.unit, role.condition.as_ref()) {
                Held::Yes => {}
                Held::Failed => return Some(Held::Failed),
                Held::No => {
                    self.results.insert(place, false);
                    return None;
                }
            }
        }
        let held = self.condition(&policy.unit, rule.pointer("/condition/match"));
        let held = match held {
            Held::Yes if consent_denies(policy, rule) => Held::No,
            Held::No if consent_denies(policy, rule) => Held::Yes,
            held => held,
        };
        if held != Held::Failed {
            self.results.insert(place, held == Held::Yes);
        }
        Some(held)
    }

    /// Rules C1 and C2.
    pub(super) fn condition(&mut self, unit: &'q Unit, condition: Option<&Json>) -> Held {
        self.sees.variables = self.variables_of(unit);
        self.holds(unit, condition)
    }

    fn holds(&self, unit: &'q Unit, condition: Option<&Json>) -> Held {
        let Some(condition) = condition else { return Held::Yes };
        if let Some(program) = condition.get("expr").and_then(|e| unit.programs.get(e.as_str()?)) {
            return match program.eval(&self.sees) {
                Ok(V::Bool(true)) => Held::Yes,
                Ok(_) => Held::No,
                Err(_) if self.options.strict_evaluation => Held::Failed,
                Err(_) => Held::No,
            };
        }
        // The first member that is not as it should be decides.
        let decided = |name: &str, goes_on: Held| {
            let members = condition.get(name).map(|inner| list(inner, "of"))?;
            let results = members.iter().map(|member| self.holds(unit, Some(member)));
            Some(results.into_iter().find(|held| *held != goes_on).unwrap_or(goes_on))
        };
        if let Some(held) = decided("all", Held::Yes) {
            return held;
        }
        if let Some(held) = decided("any", Held::No) {
            return held;
        }
        match decided("none", Held::No) {
            Some(Held::No) => Held::Yes,
            Some(Held::Yes) => Held::No,
            _ => Held::Failed,
        }
    }

    /// Rules V5 and V6.
    fn variables_of(&mut self, unit: &'q Unit) -> Values<'q> {
        let mut what: Vec<String> = Vec::new();
        for (name, text, _) in &unit.variables {
            what.extend([name.clone(), text.clone()]);
        }
        what.sort();
        what.push(format!("{:?}", unit.constants));
        if let Some((_, values)) = self.variables.iter().find(|(known, _)| *known == what) {
            return values;
        }
        let values = self.evaluate(unit, false);
        self.variables.push((what, values));
        values
    }

    fn evaluate(&mut self, unit: &'q Unit, failed_is_null: bool) -> Values<'q> {
        let values: Values<'q> =
            self.store.alloc_slice_fill_with(unit.variables.len(), |_| Cell::new(None));
        self.sees.variables = values;
        for ((_, _, program), value) in unit.variables.iter().zip(values) {
            let result = program.eval(&self.sees).ok();
            value.set(result.or(failed_is_null.then_some(V::Null)));
        }
        values
    }

    /// Rules D1 and Q15: computed when a scope is first visited, with those of the scope before in sight.
    pub(super) fn enter(&mut self, policy: Option<&'q Policy>, scope: &str) {
        if !self.roles_of_scopes.contains_key(scope) {
            let (mut active, mut failed) = (Vec::new(), Vec::new());
            for role in policy.map_or(&[][..], |policy| &policy.derived_roles) {
                match self.is_active(role) {
                    Held::Yes => active.push(role.name.as_str()),
                    Held::No => {}
                    Held::Failed => failed.push(role.name.as_str()),
                }
            }
            active.sort_unstable();
            failed.sort_unstable();
            self.answer.derived_roles.extend(active.iter().map(|name| (*name).to_owned()));
            let roles = [active, failed].map(|names| &*self.store.alloc_slice_copy(&names));
            self.roles_of_scopes.insert(scope.to_owned(), roles);
        }
        if let Some([active, failed]) = self.roles_of_scopes.get(scope) {
            self.sees.derived_roles = active;
            self.sees.failed_derived_roles = failed;
        }
    }

    /// Rules D2, Q12 and C4.
    fn is_active(&mut self, role: &'q DerivedRole) -> Held {
        let mut roles = self.principal.roles.iter().flat_map(|role| self.with_inherited(role));
        if !role.parents.iter().any(|p| p == "*") && !roles.any(|r| role.parents.contains(&r)) {
            return Held::No;
        }
        drop(roles);
        self.sees.variables = self.evaluate(&role.unit, !self.options.strict_evaluation);
        self.holds(&role.unit, role.condition.as_ref())
    }

    /// Rule O2.
    pub(super) fn say(&mut self, policy: &'q Policy, rule: &Json, met: bool, action: &str) {
        let Some(program) = output(rule, met).and_then(|text| policy.unit.programs.get(&text))
        else {
            return;
        };
        self.sees.variables = self.variables_of(&policy.unit);
        let value = program.eval(&self.sees).and_then(|value| value.to_value(&self.sees));
        let value = value.ok().and_then(|value| serde_json::to_value(value).ok());
        let source = format!("{}#{}", policy.key, text(rule, "name"));
        self.answer.outputs.push((source, action.to_owned(), value));
    }
}

//! Conditions and variables before the resource is loaded (docs/semantics.md, rule B2).

use super::Undecided;
use super::foresight::{Foresight, Variables};
use crate::cel::{EvalError, Prospect, Truths, Unknown};
use crate::policy::{Condition, Params};

impl<'t: 'x, 'x> Foresight<'t, 'x> {
    /// What a condition may come to. It is found out once: the cases have in common all that it may look at.
    pub(super) fn condition(
        &mut self,
        params: &'t Params,
        condition: Option<&'t Condition>,
    ) -> Result<Truths, Undecided> {
        let Some(condition) = condition else { return Ok(Truths::HOLDS) };
        let key = std::ptr::from_ref(condition);
        if let Some(known) = self.conditions.get(&key) {
            return Ok(*known);
        }
        let (values, unknown) = self.variables(params)?;
        self.base.variables = values;
        self.unknown.variables = unknown;
        let truths = self.member(condition)?;
        self.conditions.insert(key, truths);
        Ok(truths)
    }

    /// Members are looked at in their order, and no further than to the first that decides.
    fn member(&self, condition: &'t Condition) -> Result<Truths, Undecided> {
        let (list, decides): (_, fn(Truths) -> Truths) = match condition {
            Condition::Expr(leaf) => {
                let truths = leaf.program.truths(&self.base, &self.unknown).map_err(spent)?;
                return Ok(self.as_evaluated(truths));
            }
            Condition::All(list) => (list, Truths::negated),
            Condition::Any(list) | Condition::None(list) => (list, |truths| truths),
        };
        // Whether any member decides.
        let mut any = Truths::NONE;
        let mut goes_on = true;
        for member in list {
            let truths = decides(self.member(member)?);
            any = any.or(Truths { does_not: false, ..truths });
            goes_on = truths.does_not;
            if !goes_on {
                break;
            }
        }
        any.does_not = goes_on;
        Ok(if matches!(condition, Condition::Any(_)) { any } else { any.negated() })
    }

    /// Rule C2: an expression that fails does not hold; strict evaluation ends instead.
    fn as_evaluated(&self, truths: Truths) -> Truths {
        if self.engine.options.strict_evaluation {
            return truths;
        }
        Truths { does_not: truths.does_not || truths.fails, fails: false, ..truths }
    }

    /// What anything unknown may come to.
    pub(super) fn any(&self) -> Truths {
        self.as_evaluated(Truths::ANY)
    }

    fn variables(&mut self, params: &'t Params) -> Result<Variables<'x>, Undecided> {
        let key = std::ptr::from_ref(params);
        if let Some(known) = self.variables.get(&key) {
            return Ok(*known);
        }
        let values = self.base.arena.cells(params.variables.len());
        self.base.variables = values;
        // None reads one that comes after it.
        let mut unknown = vec![true; params.variables.len()];
        for ((variable, value), slot) in params.variables.iter().zip(values).zip(0_usize..) {
            let seen = Unknown { variables: &unknown, ..self.unknown };
            let prospect = variable.program.prospect(&self.base, &seen).map_err(spent)?;
            if let Prospect::Value(known) = prospect {
                value.set(Some(known));
            }
            if let Some(is_unknown) = unknown.get_mut(slot) {
                *is_unknown = matches!(prospect, Prospect::Unknown);
            }
        }
        let found = (values, self.base.arena.slice(&unknown));
        self.variables.insert(key, found);
        Ok(found)
    }
}

/// Nothing but a spent budget comes up as an error.
fn spent(_: EvalError<'_>) -> Undecided {
    Undecided::StepsExhausted
}

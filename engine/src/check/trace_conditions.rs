//! Conditions for explanations: what each member came to, and the variables it read.

use std::collections::VecDeque;
use std::sync::Arc;

use super::question::Check;
use crate::cel::{EvalError, Expression};
use crate::explain::{ConditionTrace, VariableTrace};
use crate::policy::{Condition, Leaf, Params};

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// The condition once more, member by member. It spends nothing of the budget, so that a traced decision is
    /// the decision.
    pub(super) fn trace_condition(
        &self,
        params: &'t Params,
        condition: &'t Condition,
    ) -> ConditionTrace {
        let steps = self.base.steps_left();
        let trace = self.traced(params, condition);
        self.base.set_steps_left(steps);
        trace
    }

    fn traced(&self, params: &'t Params, condition: &'t Condition) -> ConditionTrace {
        let (text, list, decisive, decided) = match condition {
            Condition::Expr(leaf) => return self.traced_leaf(params, leaf),
            Condition::All(list) => ("all", list, false, false),
            Condition::Any(list) => ("any", list, true, true),
            Condition::None(list) => ("none", list, true, false),
        };
        let mut of = Vec::with_capacity(list.len());
        let mut result = None;
        for member in list {
            if result.is_some() {
                of.push(not_evaluated(member));
                continue;
            }
            let member = self.traced(params, member);
            if member.holds.is_none() {
                result = Some(None);
            } else if member.holds == Some(decisive) {
                result = Some(Some(decided));
            }
            of.push(member);
        }
        let holds = result.unwrap_or(Some(!decided));
        ConditionTrace { text: text.into(), holds, error: None, variables: Vec::new(), of }
    }

    fn traced_leaf(&self, params: &'t Params, leaf: &'t Leaf) -> ConditionTrace {
        let (holds, error) = match leaf.program.eval_bool(&self.base) {
            Ok(holds) => (Some(holds), None),
            Err(error) => {
                let ends = self.engine.options.strict_evaluation
                    || matches!(error, EvalError::StepsExhausted);
                ((!ends).then_some(false), Some(error.to_string().into()))
            }
        };
        let variables = self.variables_of(params, &leaf.source);
        ConditionTrace { text: (&*leaf.source).into(), holds, error, variables, of: Vec::new() }
    }

    /// The variables that an expression reads, those it names first.
    fn variables_of(&self, params: &'t Params, source: &str) -> Vec<VariableTrace> {
        let mut traces: Vec<VariableTrace> = Vec::new();
        let mut sources = VecDeque::from([Arc::<str>::from(source)]);
        while let Some(source) = sources.pop_front() {
            let Ok(expression) = Expression::parse(&source) else { continue };
            for (name, _) in expression.references().variables {
                let found = params.variables.iter().zip(self.base.variables);
                let Some((variable, value)) = found.clone().find(|(v, _)| v.name == name) else {
                    continue;
                };
                if traces.iter().any(|t| t.name == name) {
                    continue;
                }
                let value = match value.get() {
                    Some(value) => value.to_value(&self.base),
                    // It failed when it was evaluated; once more, to hear why.
                    None => variable.program.eval(&self.base).and_then(|v| v.to_value(&self.base)),
                };
                let error = value.as_ref().err().map(|error| error.to_string().into());
                let (text, value) = ((&*variable.source).into(), value.ok());
                traces.push(VariableTrace { name, text, value, error });
                sources.push_back(Arc::clone(&variable.source));
            }
        }
        traces
    }
}

fn not_evaluated(condition: &Condition) -> ConditionTrace {
    let (text, list) = match condition {
        Condition::Expr(leaf) => (&*leaf.source, [].as_slice()),
        Condition::All(list) => ("all", list.as_slice()),
        Condition::Any(list) => ("any", list.as_slice()),
        Condition::None(list) => ("none", list.as_slice()),
    };
    let of = list.iter().map(not_evaluated).collect();
    ConditionTrace { text: text.into(), holds: None, error: None, variables: Vec::new(), of }
}

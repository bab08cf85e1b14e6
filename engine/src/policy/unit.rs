//! Expressions that share one list of variables: read first, so that the list is known; compiled after.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::ast::{Condition as AstCondition, Expr, Output as AstOutput};
use super::definitions::{Definitions, Undefined, Uses, bad_expression, parse};
use super::problems::Problems;
use super::set::{Condition, Leaf, Output, Params, Variable};
use crate::cel::{Env, Expression};
use crate::diag::Code;
use crate::value::Value;

/// Collects expressions and what they read.
pub(super) struct Unit<'d, 'f> {
    definitions: &'d Definitions<'f>,
    pending: Vec<Option<Pending<'d>>>,
    uses: Uses,
}

struct Pending<'d> {
    expr: &'d Expr,
    parsed: Expression,
    undefined: Undefined,
}

impl<'d, 'f> Unit<'d, 'f> {
    pub(super) fn new(definitions: &'d Definitions<'f>) -> Self {
        Self { definitions, pending: Vec::new(), uses: Uses::default() }
    }

    fn add(&mut self, problems: &mut Problems, expr: &'d Expr) {
        let pending = parse(problems, expr).map(|parsed| {
            let (uses, undefined) = self.definitions.split(&parsed.references());
            self.uses.variables.extend(uses.variables);
            self.uses.constants.extend(uses.constants);
            Pending { expr, parsed, undefined }
        });
        self.pending.push(pending);
    }

    pub(super) fn add_condition(&mut self, problems: &mut Problems, condition: &'d AstCondition) {
        match condition {
            AstCondition::Expr(expr) => self.add(problems, expr),
            AstCondition::All(list) | AstCondition::Any(list) | AstCondition::None(list) => {
                list.iter().for_each(|c| self.add_condition(problems, c));
            }
            AstCondition::Script { place, .. } => {
                let message = "`script` conditions are not supported";
                let problem = place.problem(Code::ScriptUnsupported, message);
                problems.push(problem.help("write the condition as `match: {expr: ..}`"));
            }
        }
    }

    pub(super) fn add_output(&mut self, problems: &mut Problems, output: &'d AstOutput) {
        let written = [&output.expr, &output.rule_activated, &output.condition_not_met];
        if written.iter().all(|e| e.is_none()) {
            let problem = output.place.problem(Code::EmptyOutput, "the output says nothing");
            problems.push(problem.help("give `when.ruleActivated` or `when.conditionNotMet`"));
        }
        written.into_iter().flatten().for_each(|e| self.add(problems, e));
    }

    /// Orders the variables that the unit uses and compiles everything.
    pub(super) fn finish(self, problems: &mut Problems) -> Compiler {
        let definitions = self.definitions;
        let order = definitions.order(self.uses.variables.iter());
        let of_variables =
            order.iter().filter_map(|name| definitions.variables.get(name)).map(|v| &v.uses);
        let used: BTreeSet<&Box<str>> =
            of_variables.chain([&self.uses]).flat_map(|uses| &uses.constants).collect();
        let constants = definitions.values(used.iter().copied());
        // What is undefined has a place too, so that a mistake of another kind is found first, as in Cerbos.
        let undefined = || self.pending.iter().flatten().map(|p| &p.undefined);
        let known = constants.iter().map(|(name, value)| (Box::from(name), value.clone()));
        let unknown = undefined().flat_map(|u| &u.constants).map(|(n, _)| (n.clone(), Value::Null));
        let declared = known.chain(unknown).collect();
        // So have variables that need each other, which have been reported.
        let known: HashSet<&str> = order.iter().copied().collect();
        let cyclic = self.uses.variables.iter().filter(|name| !known.contains(&***name)).cloned();
        let names = order.iter().map(|name| Box::<str>::from(*name)).chain(cyclic);
        let env = Env::policy()
            .variables(names.chain(undefined().flat_map(|u| &u.variables).map(|(n, _)| n.clone())))
            .constants(declared);
        let mut variables = Vec::with_capacity(order.len());
        for name in &order {
            let Some(variable) = definitions.variables.get(name) else { continue };
            if let Some((parsed, _)) = &variable.checked.parsed {
                // One that does not compile refers to what is undefined, which has been reported.
                if let Ok(program) = parsed.compile(&env) {
                    variables.push(Variable {
                        name: (*name).into(),
                        source: Arc::clone(&variable.checked.expr.text),
                        program,
                    });
                }
            }
        }
        let mut programs = Vec::with_capacity(self.pending.len());
        for pending in self.pending {
            programs.push(pending.and_then(|Pending { expr, parsed, undefined }| {
                match parsed.compile(&env) {
                    Ok(program) => {
                        definitions.report_undefined(problems, expr, &undefined);
                        Some(Leaf { source: Arc::clone(&expr.text), program })
                    }
                    Err(error) => {
                        bad_expression(problems, expr, &error);
                        None
                    }
                }
            }));
        }
        let params = Arc::new(Params::new(variables, constants));
        Compiler { params, programs: programs.into_iter() }
    }
}

/// Hands the compiled expressions out, in the order in which they were added to the [`Unit`].
pub(super) struct Compiler {
    pub(super) params: Arc<Params>,
    programs: std::vec::IntoIter<Option<Leaf>>,
}

impl Compiler {
    fn leaf(&mut self) -> Option<Leaf> {
        self.programs.next().flatten()
    }

    pub(super) fn condition(&mut self, condition: &AstCondition) -> Option<Condition> {
        Some(match condition {
            AstCondition::Expr(_) => Condition::Expr(self.leaf()?),
            AstCondition::All(list) => Condition::All(self.conditions(list)?),
            AstCondition::Any(list) => Condition::Any(self.conditions(list)?),
            AstCondition::None(list) => Condition::None(self.conditions(list)?),
            AstCondition::Script { .. } => return None,
        })
    }

    fn conditions(&mut self, list: &[AstCondition]) -> Option<Vec<Condition>> {
        list.iter().map(|c| self.condition(c)).collect()
    }

    pub(super) fn output(&mut self, output: &AstOutput) -> Option<Output> {
        let mut take = |written: &Option<Expr>| match written {
            Some(_) => self.leaf().map(Some),
            None => Some(None),
        };
        let old = take(&output.expr)?;
        let rule_activated = take(&output.rule_activated)?;
        let condition_not_met = take(&output.condition_not_met)?;
        Some(Output { rule_activated: rule_activated.or(old), condition_not_met })
    }
}

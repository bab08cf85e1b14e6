//! Variables and constants of one policy: what is defined, what is used, and in which order it is evaluated
//! (docs/semantics.md, rules V1 to V5).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ast::{
    At, Condition as AstCondition, Constant, Definition, Expr, Output as AstOutput, Place,
};
use super::names::is_identifier;
use super::set::{Condition, Leaf, Output, Params, Variable};
use crate::cel::{Env, Expression};
use crate::diag::{Code, Diagnostic};
use crate::suggest::closest;
use crate::value::Map;

/// Reports what is wrong in one file.
pub(super) struct Reporter<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) problems: &'a mut Vec<Diagnostic>,
}

impl Reporter<'_> {
    pub(super) fn report(
        &mut self,
        code: Code,
        place: &Place,
        message: impl Into<Box<str>>,
        help: Option<String>,
    ) {
        self.problems.push(place.problem(code, self.file, self.text, message, help));
    }

    fn parse(&mut self, expr: &Expr) -> Option<Expression> {
        match Expression::parse(&expr.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.bad_expression(expr, &error);
                None
            }
        }
    }

    fn bad_expression(&mut self, expr: &Expr, error: &crate::cel::Error) {
        let place = self.place_in(expr, error.span().start);
        self.report(
            Code::InvalidExpression,
            &place,
            format!("invalid expression: {}", error.message()),
            error.help().map(str::to_owned),
        );
    }

    fn place_in(&self, expr: &Expr, offset: usize) -> Place {
        Place {
            position: expr.scalar.locate(offset, self.text),
            path: Arc::clone(&expr.place.path),
        }
    }
}

/// The definitions that the expressions of one policy may refer to.
pub(super) struct Definitions {
    variables: BTreeMap<Box<str>, Defined>,
    constants: BTreeMap<Box<str>, Constant>,
}

struct Defined {
    expr: Expr,
    /// `None` when it did not parse, which has been reported.
    parsed: Option<Expression>,
    uses: Uses,
}

/// What an expression reads.
#[derive(Default)]
struct Uses {
    variables: BTreeSet<Box<str>>,
    constants: BTreeSet<Box<str>>,
}

impl Definitions {
    /// Takes every definition in, checks names, repetitions, references and cycles. `origins` say where a
    /// definition came from, for the message about a repetition.
    pub(super) fn collect(
        r: &mut Reporter<'_>,
        variables: impl IntoIterator<Item = Definition>,
        constants: impl IntoIterator<Item = Constant>,
    ) -> Self {
        let mut all = Self { variables: BTreeMap::new(), constants: BTreeMap::new() };
        for constant in constants {
            let name = constant.name.clone();
            if !is_identifier(&name.value) {
                r.report(
                    Code::InvalidName,
                    &name.place,
                    format!("`{}` is no valid constant name", name.value),
                    None,
                );
            } else if let Entry::Vacant(slot) = all.constants.entry(name.value.clone()) {
                slot.insert(constant);
            } else {
                let message = format!("constant `{}` is defined twice", name.value);
                r.report(Code::ConstantRedefined, &name.place, message, None);
            }
        }
        for Definition { name, expr } in variables {
            if !is_identifier(&name.value) {
                r.report(
                    Code::InvalidName,
                    &name.place,
                    format!("`{}` is no valid variable name", name.value),
                    None,
                );
            } else if let Entry::Vacant(slot) = all.variables.entry(name.value.clone()) {
                let parsed = r.parse(&expr);
                slot.insert(Defined { expr, parsed, uses: Uses::default() });
            } else {
                let message = format!("variable `{}` is defined twice", name.value);
                r.report(Code::VariableRedefined, &name.place, message, None);
            }
        }
        let names: Vec<Box<str>> = all.variables.keys().cloned().collect();
        for name in &names {
            let uses = match all.variables.get(name) {
                Some(Defined { expr, parsed: Some(parsed), .. }) => all.references(r, expr, parsed),
                _ => continue,
            };
            if let Some(defined) = all.variables.get_mut(name) {
                defined.uses = uses;
            }
        }
        all.refuse_cycles(r);
        all
    }

    /// What `parsed` reads; what is undefined is reported.
    fn references(&self, r: &mut Reporter<'_>, expr: &Expr, parsed: &Expression) -> Uses {
        let found = parsed.references();
        let mut uses = Uses::default();
        for (name, span) in found.constants {
            if self.constants.contains_key(&name) {
                uses.constants.insert(name);
            } else {
                let known: Vec<&str> = self.constants.keys().map(|k| &**k).collect();
                let help = closest(&name, &known).map(|best| format!("did you mean `C.{best}`?"));
                let place = r.place_in(expr, span.start);
                r.report(
                    Code::UndefinedConstant,
                    &place,
                    format!("undefined constant `{name}`"),
                    help,
                );
            }
        }
        for (name, span) in found.variables {
            if self.variables.contains_key(&name) {
                uses.variables.insert(name);
            } else {
                let known: Vec<&str> = self.variables.keys().map(|k| &**k).collect();
                let help = closest(&name, &known).map(|best| format!("did you mean `V.{best}`?"));
                let place = r.place_in(expr, span.start);
                r.report(
                    Code::UndefinedVariable,
                    &place,
                    format!("undefined variable `{name}`"),
                    help,
                );
            }
        }
        uses
    }

    fn refuse_cycles(&mut self, r: &mut Reporter<'_>) {
        let ordered: BTreeSet<Box<str>> = self.order(self.variables.keys()).into_iter().collect();
        let stuck: Vec<Box<str>> =
            self.variables.keys().filter(|name| !ordered.contains(*name)).cloned().collect();
        for name in stuck {
            if let Some(defined) = self.variables.get(&name) {
                let message = format!("variable `{name}` needs itself, directly or through others");
                r.report(Code::CyclicalVariables, &defined.expr.place, message, None);
            }
        }
    }

    /// What `roots` need, each after what it needs itself, ties by name (rule V4). Cycles are left out.
    fn order<'n>(&self, roots: impl Iterator<Item = &'n Box<str>>) -> Vec<Box<str>> {
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = roots.map(|n| &**n).collect();
        while let Some(name) = open.pop() {
            if let Some((name, defined)) = self.variables.get_key_value(name)
                && needed.insert(name)
            {
                open.extend(defined.uses.variables.iter().map(|n| &**n));
            }
        }
        let mut ordered: Vec<Box<str>> = Vec::with_capacity(needed.len());
        let mut done: BTreeSet<&str> = BTreeSet::new();
        loop {
            let ready = needed.iter().copied().find(|name| {
                !done.contains(name)
                    && self
                        .variables
                        .get(*name)
                        .is_some_and(|d| d.uses.variables.iter().all(|u| done.contains(&**u)))
            });
            let Some(name) = ready else { return ordered };
            done.insert(name);
            ordered.push(name.into());
        }
    }

    /// A unit of compilation: the expressions whose variables are evaluated together.
    pub(super) fn unit(&self) -> Unit<'_> {
        Unit { definitions: self, pending: Vec::new(), uses: Uses::default() }
    }
}

/// Expressions that share one list of variables. Parsed first, so that the list is known; compiled after.
pub(super) struct Unit<'d> {
    definitions: &'d Definitions,
    pending: Vec<(Expr, Expression)>,
    uses: Uses,
}

impl Unit<'_> {
    /// Notes an expression and what it reads.
    pub(super) fn add(&mut self, r: &mut Reporter<'_>, expr: &Expr) {
        if let Some(parsed) = r.parse(expr) {
            let uses = self.definitions.references(r, expr, &parsed);
            self.uses.variables.extend(uses.variables);
            self.uses.constants.extend(uses.constants);
            self.pending.push((expr.clone(), parsed));
        }
    }

    pub(super) fn add_condition(&mut self, r: &mut Reporter<'_>, condition: &AstCondition) {
        match condition {
            AstCondition::Expr(expr) => self.add(r, expr),
            AstCondition::All(list) | AstCondition::Any(list) | AstCondition::None(list) => {
                list.iter().for_each(|c| self.add_condition(r, c));
            }
            AstCondition::Script(place) => r.report(
                Code::ScriptUnsupported,
                place,
                "`script` conditions are not supported",
                Some("write the condition as `match: {expr: ..}`".to_owned()),
            ),
        }
    }

    pub(super) fn add_output(&mut self, r: &mut Reporter<'_>, output: &AstOutput) {
        let both = [&output.rule_activated, &output.condition_not_met];
        if both.iter().all(|e| e.is_none()) {
            r.report(Code::EmptyOutput, &output.place, "the output says nothing", None);
        }
        both.into_iter().flatten().for_each(|e| self.add(r, e));
    }

    /// Orders the variables that the unit uses and compiles them.
    pub(super) fn finish(self, r: &mut Reporter<'_>) -> Compiler {
        let order = self.definitions.order(self.uses.variables.iter());
        let of_variables =
            order.iter().filter_map(|name| self.definitions.variables.get(name)).map(|d| &d.uses);
        let used: BTreeSet<&Box<str>> =
            of_variables.chain([&self.uses]).flat_map(|uses| &uses.constants).collect();
        let constants: Map = self
            .definitions
            .constants
            .iter()
            .filter(|(name, _)| used.contains(name))
            .map(|(name, constant)| (name.clone(), constant.value.clone()))
            .collect();
        let env = Env::policy().variables(order.iter().cloned()).constants(constants.clone());
        let mut variables = Vec::with_capacity(order.len());
        for name in &order {
            if let Some(Defined { expr, parsed: Some(parsed), .. }) =
                self.definitions.variables.get(name)
            {
                match parsed.compile(&env) {
                    Ok(program) => {
                        variables.push(Variable {
                            name: name.clone(),
                            source: Arc::clone(&expr.text),
                            program,
                        });
                    }
                    Err(error) => r.bad_expression(expr, &error),
                }
            }
        }
        let mut programs = Vec::with_capacity(self.pending.len());
        for (expr, parsed) in self.pending {
            match parsed.compile(&env) {
                Ok(program) => programs.push(Some(Leaf { source: expr.text, program })),
                Err(error) => {
                    // What is undefined has been reported with a suggestion.
                    if !matches!(
                        error.kind(),
                        crate::cel::ErrorKind::UndefinedVariable
                            | crate::cel::ErrorKind::UndefinedConstant
                    ) {
                        r.bad_expression(&expr, &error);
                    }
                    programs.push(None);
                }
            }
        }
        Compiler {
            params: Arc::new(Params { variables, constants }),
            programs: programs.into_iter(),
        }
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
            AstCondition::Script(_) => return None,
        })
    }

    fn conditions(&mut self, list: &[AstCondition]) -> Option<Vec<Condition>> {
        list.iter().map(|c| self.condition(c)).collect()
    }

    pub(super) fn output(&mut self, output: &AstOutput) -> Option<Output> {
        let rule_activated = match &output.rule_activated {
            Some(_) => Some(self.leaf()?),
            None => None,
        };
        let condition_not_met = match &output.condition_not_met {
            Some(_) => Some(self.leaf()?),
            None => None,
        };
        Some(Output { rule_activated, condition_not_met })
    }
}

/// An import, and where it is written.
pub(super) type Import = At<Box<str>>;

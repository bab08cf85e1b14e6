//! Variables and constants of one policy: what is defined, and in which order it is evaluated
//! (docs/semantics.md, rules V1 to V5).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use super::ast::{Constant, Definition, Expr, Name, Place};
use super::cycles;
use super::names::is_identifier;
use super::problems::Problems;
use crate::cel::{Env, Expression, References};
use crate::diag::Code;
use crate::suggest::{MAX_KNOWN, closest};
use crate::value::{Map, Value};

/// Where in a policy a definition came from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'f> {
    Import(&'f Name),
    Local,
    /// The deprecated `variables` beside the body.
    TopLevel,
}

/// A definition that was parsed and type-checked once, however many policies import it.
#[derive(Debug)]
pub(super) struct Checked<'f> {
    pub(super) name: &'f Name,
    pub(super) expr: &'f Expr,
    /// `None` when it does not parse or type-check, which has been reported.
    pub(super) parsed: Option<(Expression, References)>,
}

impl<'f> Checked<'f> {
    pub(super) fn new(problems: &mut Problems, definition: &'f Definition) -> Self {
        let Definition { name, expr } = definition;
        let parsed = parse(problems, expr).and_then(|parsed| {
            let references = parsed.references();
            let names = |list: &[(Box<str>, _)]| -> Vec<Box<str>> {
                list.iter().map(|(name, _)| name.clone()).collect()
            };
            let constants = names(&references.constants);
            let env = Env::policy()
                .variables(names(&references.variables))
                .constants(constants.into_iter().map(|name| (name, Value::Null)).collect());
            match parsed.check(&env) {
                Ok(_) => Some((parsed, references)),
                Err(error) => {
                    bad_expression(problems, expr, &error);
                    None
                }
            }
        });
        Self { name, expr, parsed }
    }
}

pub(super) fn parse(problems: &mut Problems, expr: &Expr) -> Option<Expression> {
    match Expression::parse(&expr.text) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            bad_expression(problems, expr, &error);
            None
        }
    }
}

pub(super) fn bad_expression(problems: &mut Problems, expr: &Expr, error: &crate::cel::Error) {
    let message = error.message();
    let problem = expr.place_of(error.span().start).problem(Code::InvalidExpression, message);
    problems.push(match error.help() {
        Some(help) => problem.help(help),
        None => problem,
    });
}

/// The definitions that the expressions of one policy may refer to.
pub(super) struct Definitions<'f> {
    pub(super) variables: BTreeMap<&'f str, Variable<'f>>,
    pub(super) constants: BTreeMap<&'f str, &'f Constant>,
}

pub(super) struct Variable<'f> {
    pub(super) checked: Arc<Checked<'f>>,
    pub(super) uses: Uses,
}

/// What an expression reads and the policy defines.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub(super) variables: BTreeSet<Box<str>>,
    pub(super) constants: BTreeSet<Box<str>>,
}

/// What an expression reads and nothing defines.
#[derive(Debug, Default)]
pub(super) struct Undefined {
    pub(super) variables: BTreeMap<Box<str>, usize>,
    pub(super) constants: BTreeMap<Box<str>, usize>,
}

impl<'f> Definitions<'f> {
    /// Takes every definition in; checks names, repetitions, references and cycles.
    pub(super) fn collect(
        problems: &mut Problems,
        variables: Vec<(Origin<'f>, Arc<Checked<'f>>)>,
        constants: Vec<(Origin<'f>, &'f Constant)>,
    ) -> Self {
        let mut all = Self { variables: BTreeMap::new(), constants: BTreeMap::new() };
        let mut constant_places = Repeated::new("constant", Code::ConstantRedefined);
        for (origin, constant) in constants {
            if constant_places.add(problems, origin, &constant.name) {
                all.constants.insert(&constant.name.value, constant);
            }
        }
        let mut variable_places = Repeated::new("variable", Code::VariableRedefined);
        for (origin, checked) in variables {
            if variable_places.add(problems, origin, checked.name) {
                let name = &*checked.name.value;
                all.variables.insert(name, Variable { checked, uses: Uses::default() });
            }
        }
        constant_places.report(problems);
        variable_places.report(problems);
        let names: Vec<&str> = all.variables.keys().copied().collect();
        for name in names {
            let Some(checked) = all.variables.get(name).map(|v| Arc::clone(&v.checked)) else {
                continue;
            };
            if let Some((_, references)) = &checked.parsed {
                let (uses, undefined) = all.split(references);
                all.report_undefined(problems, checked.expr, &undefined);
                if let Some(variable) = all.variables.get_mut(name) {
                    variable.uses = uses;
                }
            }
        }
        all.refuse_cycles(problems);
        all
    }

    /// What is read, by whether the policy defines it.
    pub(super) fn split(&self, references: &References) -> (Uses, Undefined) {
        let (mut uses, mut undefined) = (Uses::default(), Undefined::default());
        for (name, span) in &references.constants {
            if self.constants.contains_key(&**name) {
                uses.constants.insert(name.clone());
            } else {
                undefined.constants.entry(name.clone()).or_insert(span.start);
            }
        }
        for (name, span) in &references.variables {
            if self.variables.contains_key(&**name) {
                uses.variables.insert(name.clone());
            } else {
                undefined.variables.entry(name.clone()).or_insert(span.start);
            }
        }
        (uses, undefined)
    }

    pub(super) fn report_undefined(
        &self,
        problems: &mut Problems,
        expr: &Expr,
        undefined: &Undefined,
    ) {
        let mut report = |code, what: &str, short, name: &str, offset, known: Vec<&str>| {
            let place = expr.place_of(offset);
            let problem = place.problem(code, format!("undefined {what} `{name}`"));
            let best = if problems.may_suggest() { closest(name, &known) } else { None };
            problems.push(match best {
                Some(best) => problem.help(format!("did you mean `{short}.{best}`?")),
                None => problem,
            });
        };
        for (name, offset) in &undefined.constants {
            let known = self.constants.keys().copied().take(MAX_KNOWN).collect();
            report(Code::UndefinedConstant, "constant", "C", name, *offset, known);
        }
        for (name, offset) in &undefined.variables {
            let known = self.variables.keys().copied().take(MAX_KNOWN).collect();
            report(Code::UndefinedVariable, "variable", "V", name, *offset, known);
        }
    }

    fn refuse_cycles(&self, problems: &mut Problems) {
        let graph: BTreeMap<&str, Vec<&str>> = self
            .variables
            .iter()
            .map(|(name, v)| (*name, v.uses.variables.iter().map(|n| &**n).collect()))
            .collect();
        for cycle in cycles::find(&graph) {
            let Some(first) = cycle.first().and_then(|name| self.variables.get(name)) else {
                continue;
            };
            let message = match cycle.as_slice() {
                [one] => format!("variable `{one}` needs itself"),
                _ => format!("variables `{}` need each other", cycle.join("`, `")),
            };
            problems.push(first.checked.expr.place.problem(Code::CyclicalVariables, message));
        }
    }

    /// What `roots` need, each after what it needs itself, ties by name (rule V4). Cycles are left out.
    pub(super) fn order<'n>(&self, roots: impl Iterator<Item = &'n Box<str>>) -> Vec<&'f str> {
        let mut needed: HashMap<&'f str, usize> = HashMap::new();
        let mut needed_by: HashMap<&'f str, Vec<&'f str>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        let mut open: Vec<&str> = roots.map(|n| &**n).collect();
        while let Some(name) = open.pop() {
            let Some((name, variable)) = self.variables.get_key_value(name) else { continue };
            if needed.contains_key(name) {
                continue;
            }
            let uses = &variable.uses.variables;
            needed.insert(name, uses.len());
            if uses.is_empty() {
                ready.push(Reverse(*name));
            }
            for used in uses {
                if let Some((used, _)) = self.variables.get_key_value(&**used) {
                    needed_by.entry(used).or_default().push(name);
                }
                open.push(used);
            }
        }
        let mut ordered = Vec::with_capacity(needed.len());
        while let Some(Reverse(name)) = ready.pop() {
            ordered.push(name);
            for user in needed_by.get(name).into_iter().flatten() {
                if let Some(open) = needed.get_mut(user) {
                    *open -= 1;
                    if *open == 0 {
                        ready.push(Reverse(*user));
                    }
                }
            }
        }
        ordered
    }

    /// The values of those constants that `names` lists.
    pub(super) fn values<'n>(&self, names: impl Iterator<Item = &'n Box<str>>) -> Map {
        let found = names.filter_map(|name| self.constants.get_key_value(&**name));
        found.map(|(name, constant)| (Box::<str>::from(*name), constant.value.clone())).collect()
    }
}

/// Finds names that are no identifiers, and names that are defined more than once (rule V2).
struct Repeated<'f> {
    what: &'static str,
    code: Code,
    places: BTreeMap<&'f str, Vec<(Origin<'f>, &'f Place)>>,
}

impl<'f> Repeated<'f> {
    fn new(what: &'static str, code: Code) -> Self {
        Self { what, code, places: BTreeMap::new() }
    }

    /// Whether this is the first valid definition of the name.
    fn add(&mut self, problems: &mut Problems, origin: Origin<'f>, name: &'f Name) -> bool {
        if !is_identifier(&name.value) {
            let message = format!("`{}` is no valid {} name", name.value, self.what);
            let problem = name.place.problem(Code::InvalidName, message);
            problems.push(problem.help(
                "names are letters, digits and `_`, do not begin with a digit, and are no keywords",
            ));
            return false;
        }
        let places = self.places.entry(&name.value).or_default();
        places.push((origin, &name.place));
        places.len() == 1
    }

    fn report(self, problems: &mut Problems) {
        for (name, places) in self.places {
            if places.len() < 2 {
                continue;
            }
            let describe = |(origin, place): &(Origin<'_>, &Place)| match origin {
                Origin::Import(import) => {
                    format!("in the import `{}` ({})", import.value, place.describe())
                }
                Origin::Local => format!("in the policy ({})", place.describe()),
                Origin::TopLevel => {
                    format!("in the deprecated top-level `variables` ({})", place.describe())
                }
            };
            let all: Vec<String> = places.iter().map(describe).collect();
            let message =
                format!("{} `{name}` is defined more than once: {}", self.what, all.join(", "));
            // Of the places the one in the policy itself, or the import that brings the name in again.
            let own = places.iter().rev().find_map(|(origin, place)| match origin {
                Origin::Import(_) => None,
                Origin::Local | Origin::TopLevel => Some(*place),
            });
            let imported = places.last().map(|(origin, place)| match origin {
                Origin::Import(import) => &import.place,
                Origin::Local | Origin::TopLevel => *place,
            });
            if let Some(place) = own.or(imported) {
                problems.push(place.problem(self.code, message));
            }
        }
    }
}

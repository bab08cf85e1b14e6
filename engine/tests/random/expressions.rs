//! Expressions: about attributes that are there, missing, null or of another type; variables, constants, globals.

use super::dice::Dice;
use super::scenery::Scenery;

/// The names that expressions of one policy may refer to.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) variables: Vec<String>,
    pub(super) constants: Vec<String>,
    /// Whether `runtime` is worth looking at.
    pub(super) runtime: bool,
}

const PLAIN: &[&str] = &[
    "true",
    "false",
    "R.attr.a == 1",
    "R.attr.a > 1",
    "R.attr.b",
    "!R.attr.b",
    "R.attr.s == 'x'",
    "R.attr.owner == P.id",
    "'x' in R.attr.l",
    "size(R.attr.l) > 1",
    "R.attr.m.k == 1",
    "R.attr.n == null",
    "has(R.attr.n)",
    "has(R.attr.a)",
    "R.attr.missing == 1",
    "P.attr.dept == R.attr.dept",
    "P.attr.dept == 'it'",
    "P.attr.level >= 2",
    "has(P.attr.level)",
    "'admin' in P.roles",
    "P.roles.exists(r, r.startsWith('staff'))",
    "R.scope == 'acme'",
    "P.scope == ''",
    "R.policyVersion == ''",
    "R.kind == 'doc'",
    "R.id == 'r1'",
    "R.attr.s",
    "R.attr.a + 1.0 == 2.0",
    "R.attr.a + 1 == 2",
    "R.attr.s.startsWith('x')",
    "G.env == 'test'",
    "G.flag",
    "G.nope == 1",
    "G.nothing == null",
    "R.attr.l.all(i, i == 'x')",
];

const VALUES: &[&str] = &[
    "'text'",
    "R.attr.a",
    "R.attr.s",
    "R.attr.l",
    "R.attr.m",
    "R.attr.n",
    "R.attr",
    "R.attr.missing",
    "P.roles",
    "P.id",
    "R.id + ':' + R.kind",
    "{'a': R.attr.a, 'l': [1, 2.5]}",
    "null",
    "1",
    "[R.attr.b, true]",
    "R.attr.s + 1",
    "duration('90s')",
    "{1: 2}",
    "R.scope",
    "G.env",
];

/// What may or may not be a condition.
pub(super) fn boolean(dice: &mut Dice<'_>, names: &Names, depth: u32) -> String {
    match dice.below(if depth == 0 { 6 } else { 9 }) {
        0 | 1 => dice.pick(PLAIN).to_owned(),
        2 | 3 => match dice.pick_ref(&names.variables) {
            Some(name) => match dice.below(5) {
                0 => format!("has(V.{name})"),
                1 => format!("V.{name} == null"),
                2 => format!("!V.{name}"),
                3 => format!("variables.{name} == 1"),
                _ => format!("V.{name}"),
            },
            None => dice.pick(PLAIN).to_owned(),
        },
        4 => match dice.pick_ref(&names.constants) {
            Some(name) => match dice.below(3) {
                0 => format!("R.attr.a == C.{name}"),
                1 => format!("R.attr.s in C.{name}"),
                _ => format!("constants.{name} == 1"),
            },
            None => dice.pick(PLAIN).to_owned(),
        },
        5 if names.runtime => match dice.below(4) {
            0 => "runtime.effectiveDerivedRoles.size() > 0".to_owned(),
            1 => "'owner' in runtime.effectiveDerivedRoles".to_owned(),
            2 => "'manager' in runtime.effective_derived_roles".to_owned(),
            _ => "runtime.effectiveDerivedRoles == ['owner']".to_owned(),
        },
        6 => format!("{} && {}", part(dice, names, depth), part(dice, names, depth)),
        7 => format!("{} || {}", part(dice, names, depth), part(dice, names, depth)),
        8 => format!("!{}", part(dice, names, depth)),
        _ => dice.pick(PLAIN).to_owned(),
    }
}

/// An operand: what is known not to be boolean must not be one.
fn part(dice: &mut Dice<'_>, names: &Names, depth: u32) -> String {
    format!("({})", boolean(dice, names, depth - 1))
}

/// Any value.
pub(super) fn value(dice: &mut Dice<'_>, names: &Names) -> String {
    match dice.below(8) {
        0 => boolean(dice, names, 1),
        1 if names.runtime => "runtime.effectiveDerivedRoles".to_owned(),
        2 | 3 => match dice.pick_ref(&names.variables) {
            Some(name) => match dice.below(3) {
                0 => format!("[V.{name}, 'and']"),
                _ => format!("V.{name}"),
            },
            None => dice.pick(VALUES).to_owned(),
        },
        4 => match dice.pick_ref(&names.constants) {
            Some(name) => format!("C.{name}"),
            None => dice.pick(VALUES).to_owned(),
        },
        _ => dice.pick(VALUES).to_owned(),
    }
}

/// Definitions of variables: each may refer to those before it.
pub(super) fn definitions(
    dice: &mut Dice<'_>,
    names: &[&str],
    known: &mut Names,
) -> serde_json::Map<String, serde_json::Value> {
    let mut all = serde_json::Map::new();
    for name in names {
        let text = if dice.chance(50) { boolean(dice, known, 1) } else { value(dice, known) };
        all.insert((*name).to_owned(), text.into());
        known.variables.push((*name).to_owned());
    }
    all
}

/// Whether derived roles can be there to be looked at.
pub(super) fn may_look_at_runtime(scenery: &Scenery) -> bool {
    !scenery.derived_roles.is_empty()
}

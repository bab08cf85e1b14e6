//! Conditions and outputs.

use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::expressions::{self, Names};

/// `condition`, or none.
pub(super) fn condition(dice: &mut Dice<'_>, names: &Names) -> Option<Json> {
    dice.chance(45).then(|| json!({"match": matched(dice, names, 3)}))
}

fn matched(dice: &mut Dice<'_>, names: &Names, depth: u32) -> Json {
    if depth == 0 || !dice.chance(30) {
        return json!({"expr": expressions::boolean(dice, names, 1)});
    }
    let operator = dice.pick(&["all", "any", "none"]);
    let count = 1 + dice.below(3);
    let of: Vec<Json> = (0..count).map(|_| matched(dice, names, depth - 1)).collect();
    json!({operator: {"of": of}})
}

/// `output`, or none.
pub(super) fn output(dice: &mut Dice<'_>, names: &Names) -> Option<Json> {
    if !dice.chance(30) {
        return None;
    }
    let value = |dice: &mut Dice<'_>| expressions::value(dice, names);
    Some(match dice.below(6) {
        0 => json!({"expr": value(dice)}),
        1 => json!({"when": {"conditionNotMet": value(dice)}}),
        2 => json!({"expr": value(dice), "when": {"conditionNotMet": value(dice)}}),
        3 => json!({"expr": value(dice), "when": {"ruleActivated": value(dice)}}),
        4 => json!({"when": {"ruleActivated": value(dice)}}),
        _ => json!({"when": {"ruleActivated": value(dice), "conditionNotMet": value(dice)}}),
    })
}

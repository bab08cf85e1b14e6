//! Mistakes, one a set: what Cerbos refuses must be refused, and the reverse.

use serde_json::{Value as Json, json};

use super::dice::Dice;

/// Puts one mistake into one policy, or what looks like one.
pub(super) fn make_one(dice: &mut Dice<'_>, policies: &mut Vec<Json>) {
    let index = dice.below(policies.len());
    let Some(policy) = policies.get_mut(index) else { return };
    let Some((body, _)) =
        policy.as_object().and_then(|o| o.iter().find(|(k, _)| *k != "apiVersion"))
    else {
        return;
    };
    let body = body.clone();
    let copy = policy.clone();
    let inner = &mut policy[&body];
    match dice.below(21) {
        0 => policies.push(copy),
        1 => inner["variables"]["local"]["bad"] = "V.nowhere".into(),
        2 => inner["variables"]["local"]["bad"] = "V.bad".into(),
        3 => inner["variables"]["local"]["bad"] = "1 +".into(),
        4 => inner["variables"]["local"]["bad"] = "1 == 'x'".into(),
        5 => inner["variables"]["local"]["not-a-name"] = "1".into(),
        6 => inner["variables"]["import"] = json!(["nowhere"]),
        7 => inner["constants"]["import"] = json!(["nowhere"]),
        8 => inner["importDerivedRoles"] = json!(["nowhere"]),
        9 => first_rule(inner, |rule| rule["derivedRoles"] = json!(["nobody"])),
        10 => first_rule(inner, |rule| rule["output"] = json!({"when": {}})),
        11 => first_rule(inner, |rule| rule["condition"] = json!({"match": {"expr": "C.nowhere"}})),
        12 => first_rule(inner, |rule| rule["actions"] = json!([])),
        13 => first_rule(inner, |rule| rule["roles"] = json!(["user", "user"])),
        14 => inner["scope"] = "acme.gap.deep".into(),
        15 => inner["version"] = "v 1".into(),
        16 => inner["constants"]["local"]["true"] = 1.into(),
        17 => {
            inner["variables"]["local"]["same"] = "1".into();
            policy["variables"] = json!({"same": "2"});
        }
        18 => inner["scopePermissions"] = dice.pick(&[1, 2]).into(),
        19 => inner["scope"] = ".".into(),
        _ => policy["disabled"] = true.into(),
    }
}

fn first_rule(policy: &mut Json, change: impl FnOnce(&mut Json)) {
    if let Some(rule) = policy.get_mut("rules").and_then(|rules| rules.get_mut(0)) {
        change(rule);
    }
}

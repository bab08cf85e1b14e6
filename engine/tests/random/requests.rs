//! Requests about a scenery.

use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::scenery::Scenery;
use super::words;

/// The body of one request.
pub(super) fn random(dice: &mut Dice<'_>, scenery: &Scenery) -> Json {
    let count = match dice.below(8) {
        0..4 => 1,
        4..7 => 3,
        _ => 7,
    };
    let resources: Vec<Json> = (0..count).map(|_| resource(dice, scenery)).collect();
    json!({"includeMeta": true, "principal": principal(dice, scenery), "resources": resources})
}

fn principal(dice: &mut Dice<'_>, scenery: &Scenery) -> Json {
    let id =
        if dice.chance(80) { dice.pick(&scenery.principals) } else { dice.pick(words::PRINCIPALS) };
    let mut roles = dice.some(&scenery.roles, 1, 3);
    if dice.chance(10) {
        let other = dice.pick(words::ROLES);
        if !roles.contains(&other) {
            roles.push(other);
        }
    }
    let mut principal = json!({"id": id, "roles": roles});
    placed(dice, scenery, &mut principal);
    let mut attr = serde_json::Map::new();
    for (name, values) in [
        ("dept", &[json!("it"), json!("hr"), json!(1)][..]),
        ("level", &[json!(1), json!(2), json!(3.5), json!("high"), json!(null)]),
    ] {
        any_of(dice, &mut attr, name, values);
    }
    principal["attr"] = attr.into();
    principal
}

fn resource(dice: &mut Dice<'_>, scenery: &Scenery) -> Json {
    let kind = match dice.below(10) {
        9 => dice.pick(words::OTHER_KINDS),
        8 => dice.pick(words::KINDS),
        _ => dice.pick(&scenery.kinds),
    };
    let mut resource = json!({"kind": kind, "id": dice.pick(&["r1", "r2"])});
    placed(dice, scenery, &mut resource);
    let mut attr = serde_json::Map::new();
    for (name, values) in [
        ("a", &[json!(1), json!(2), json!("1"), json!(null)][..]),
        ("b", &[json!(true), json!(false), json!("true"), json!(true)]),
        ("s", &[json!("x"), json!("xy"), json!(3), json!("")]),
        ("l", &[json!(["x", "y"]), json!(["x"]), json!([]), json!("x")]),
        ("m", &[json!({"k": 1}), json!({"k": "x"}), json!({}), json!([1])]),
        ("n", &[json!(null), json!(1)]),
        ("owner", &[json!("alice"), json!("bob@x.com"), json!("ann:lee"), json!("1:joe")]),
        ("dept", &[json!("it"), json!("hr"), json!(null)]),
    ] {
        any_of(dice, &mut attr, name, values);
    }
    resource["attr"] = attr.into();
    let mut actions = dice.some(&scenery.actions, 1, 4);
    if dice.chance(20) {
        let other = dice.pick(words::ACTIONS);
        if !actions.contains(&other) {
            actions.push(other);
        }
    }
    json!({"actions": actions, "resource": resource})
}

/// Version and scope, which may be of this scenery or not.
fn placed(dice: &mut Dice<'_>, scenery: &Scenery, what: &mut Json) {
    let version = if dice.chance(75) {
        dice.pick(&scenery.versions)
    } else {
        dice.pick(words::ASKED_VERSIONS)
    };
    if !version.is_empty() {
        what["policyVersion"] = version.into();
    }
    let scope =
        if dice.chance(60) { dice.pick(&scenery.scopes).0 } else { dice.pick(words::ASKED_SCOPES) };
    if !scope.is_empty() {
        what["scope"] = scope.into();
    }
}

/// One of the values, mostly the first, or none.
fn any_of(
    dice: &mut Dice<'_>,
    attr: &mut serde_json::Map<String, Json>,
    name: &str,
    values: &[Json],
) {
    let index = if dice.chance(40) { 0 } else { dice.below(values.len()) };
    if let Some(value) = values.get(index)
        && !dice.chance(15)
    {
        attr.insert(name.to_owned(), value.clone());
    }
}

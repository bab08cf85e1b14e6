//! Schemas for the attributes that requests have.

use serde_json::{Value as Json, json};

use super::dice::Dice;

/// The two files that policies refer to.
pub(super) fn random(dice: &mut Dice<'_>) -> Vec<(String, Json)> {
    let principal = [
        ("dept", [json!({"type": "string"}), json!({"enum": ["it", "hr"]})]),
        ("level", [json!({"type": "number", "minimum": 2}), json!({"type": "integer"})]),
    ];
    let resource = [
        ("a", [json!({"type": "integer"}), json!({"const": 1})]),
        ("s", [json!({"type": "string", "minLength": 1}), json!({"pattern": "^x$"})]),
        ("l", [json!({"type": "array", "maxItems": 1}), json!({"items": {"type": "string"}})]),
        ("m", [json!({"type": "object", "required": ["k"]}), json!({"minProperties": 1})]),
        (
            "owner",
            [json!({"type": "string", "format": "email"}), json!({"type": ["string", "null"]})],
        ),
    ];
    vec![
        ("_schemas/principal.json".to_owned(), schema(dice, &principal)),
        ("_schemas/resource.json".to_owned(), schema(dice, &resource)),
    ]
}

fn schema(dice: &mut Dice<'_>, known: &[(&str, [Json; 2])]) -> Json {
    let mut properties = json!({});
    for (name, kinds) in known {
        if dice.chance(40)
            && let Some(kind) = dice.pick_ref(kinds)
        {
            properties[*name] = kind.clone();
        }
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if dice.chance(30) {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        schema["required"] = dice.some(&names, 1, 2).into();
    }
    if dice.chance(10) {
        schema["additionalProperties"] = false.into();
    }
    schema
}

//! Single expressions: Cerbos' library, probes of its dialect, the CEL specification.

use std::path::Path;

use authz_engine::cel::{Activation, Arena, Env, Expression, List, MapRef, Timestamp, V};
use authz_engine::{Map, Principal, Resource, Value};
use serde_json::{Value as Json, json};

use crate::report::Report;

/// What an expression came to, as far as a case can see: a value, or that there is none.
enum Outcome {
    Value { text: String, is_true: bool },
    None { why: String },
}

pub(crate) fn cerbos_lib(root: &Path, report: &mut Report) {
    for case in lines(&root.join("cerbos/cerbos_lib.jsonl")) {
        let expr = text(&case, "expr");
        let wants_error = case.get("wantErr").and_then(Json::as_bool).unwrap_or(false);
        let result =
            match evaluate(&expr, &Env::bare(), &Principal::default(), &Resource::default()) {
                Outcome::Value { is_true: true, .. } if !wants_error => Ok(()),
                Outcome::Value { text, .. } => Err(format!("got {text}")),
                Outcome::None { .. } if wants_error => Ok(()),
                Outcome::None { why } => Err(why),
            };
        report.check(&expr, result);
    }
}

pub(crate) fn probes(root: &Path, report: &mut Report) {
    let (principal, resource) = asked_about();
    for case in lines(&root.join("cerbos-cel/probes.jsonl")) {
        let expr = text(&case, "expr");
        let answer = text(&case, "answer");
        let wants_error = text(&case, "outcome") == "error";
        let result = match evaluate(&expr, &Env::policy(), &principal, &resource) {
            Outcome::None { .. } if wants_error => Ok(()),
            Outcome::None { why } => Err(why),
            Outcome::Value { text, .. } if !wants_error && same_text(&text, &answer) => Ok(()),
            Outcome::Value { text, .. } => Err(format!("Cerbos gives {answer}, got {text}")),
        };
        report.check(&expr, result);
    }
}

/// The request that the recorded answers were given for, as they imply it.
fn asked_about() -> (Principal, Resource) {
    let map = |json: Json| serde_json::from_value::<Map>(json).unwrap_or_default();
    let principal = Principal {
        id: "p1".into(),
        roles: vec!["admin".into(), "user".into()],
        attr: map(json!({"dept": "eng", "tags": ["b", "c"]})),
        ..Principal::default()
    };
    let resource = Resource {
        kind: "doc".into(),
        id: "d1".into(),
        attr: map(json!({
            "owner": "bob", "dept": "eng", "num": 5, "bool": true, "a-b": "dash",
            "list": ["a", "b"], "nested": {"x": {"y": 1}},
        })),
        ..Resource::default()
    };
    (principal, resource)
}

pub(crate) fn specification(root: &Path, report: &mut Report) {
    for case in lines(&root.join("cel-spec/simple.jsonl")) {
        let name =
            format!("{}/{} {}", text(&case, "section"), text(&case, "name"), text(&case, "expr"));
        report.check(&name, specified(&case));
    }
}

/// Where Cerbos differs from the specification, Cerbos wins. It has no containers: names are what they say.
fn specified(case: &Json) -> Result<(), String> {
    let bindings = case.get("bindings").and_then(Json::as_object).cloned().unwrap_or_default();
    let values: Vec<V<'_>> = bindings.values().map(typed).collect();
    let env = Env::bare().bindings(bindings.keys().map(|k| k.as_str().into()));
    let arena = Arena::new();
    let (principal, resource, globals) =
        (Principal::default(), Resource::default(), Map::default());
    let mut activation = Activation::new(&principal, &resource, &globals, &arena, Timestamp::now());
    activation.bindings = &values;
    let program = Expression::parse(&text(case, "expr")).and_then(|e| e.compile(&env));
    let got = match &program {
        Ok(program) => program.eval(&activation).map_err(|e| e.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let want = case.get("want").map(typed);
    let cerbos = text(case, "cerbos");
    match (cerbos.strip_prefix("differs: "), got) {
        (Some(answer), Err(_)) if answer.starts_with("ERROR") => Ok(()),
        (None, Err(_)) if want.is_none() => Ok(()),
        (_, Err(error)) => Err(error),
        (Some(answer), Ok(got)) => {
            // Where the specification wants a value, the answer is that of `expression == wanted`.
            let same = match want {
                Some(want) if matches!(answer, "true" | "false") => {
                    want.equals(&got) == (answer == "true")
                }
                _ => same_text(&as_repl(got, &activation), answer),
            };
            same.then_some(()).ok_or_else(|| format!("Cerbos gives {answer}, got {got}"))
        }
        (None, Ok(got)) => want
            .is_some_and(|want| {
                got.type_name() == want.type_name()
                    && (got.equals(&want) || got.to_string() == want.to_string())
            })
            .then_some(())
            .ok_or_else(|| format!("wanted {want:?}, got {got}")),
    }
}

fn evaluate(expr: &str, env: &Env, principal: &Principal, resource: &Resource) -> Outcome {
    let program = match Expression::parse(expr).and_then(|e| e.compile(env)) {
        Ok(program) => program,
        Err(error) => return Outcome::None { why: format!("refused: {error}") },
    };
    let (globals, arena) = (Map::default(), Arena::new());
    let activation = Activation::new(principal, resource, &globals, &arena, Timestamp::now());
    match program.eval(&activation) {
        Ok(value) => Outcome::Value {
            text: as_repl(value, &activation),
            is_true: matches!(value, V::Bool(true)),
        },
        Err(error) => Outcome::None { why: format!("failed: {error}") },
    }
}

/// As Cerbos' REPL prints values: JSON, durations in nanoseconds, null as the number of its enum.
fn as_repl<'a>(value: V<'a>, activation: &Activation<'a>) -> String {
    match value {
        V::Null => "0".to_owned(),
        V::Int(nanos) | V::Duration(nanos) => nanos.to_string(),
        V::UInt(u) => u.to_string(),
        V::Type(name) => format!("{name:?}"),
        other => other
            .to_value(activation)
            .ok()
            .and_then(|v| serde_json::to_string(&v).ok())
            .unwrap_or_else(|| other.to_string()),
    }
}

/// The REPL spreads values over several lines, and prints some as `<...>`.
fn same_text(ours: &str, answer: &str) -> bool {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    answer == "<...>"
        || squeeze(ours) == squeeze(answer)
        || json(ours).is_some_and(|value| Some(value) == json(answer))
}

fn typed(json: &Json) -> V<'static> {
    let value = json.get("v");
    let string = value.and_then(Json::as_str).unwrap_or_default();
    let keep = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    match text(json, "t").as_str() {
        "bool" => V::Bool(value.and_then(Json::as_bool).unwrap_or_default()),
        "int" => V::Int(string.parse().unwrap_or_default()),
        "uint" => V::UInt(string.parse().unwrap_or_default()),
        "double" => V::Double(match string {
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            number => number.parse().unwrap_or_default(),
        }),
        "string" => V::Str(keep(string)),
        "bytes" => {
            use base64::Engine as _;
            let bytes =
                base64::engine::general_purpose::STANDARD.decode(string).unwrap_or_default();
            V::Bytes(Box::leak(bytes.into_boxed_slice()))
        }
        "type" => V::Type(keep(string)),
        "list" => {
            let items: Vec<V<'static>> =
                value.and_then(Json::as_array).into_iter().flatten().map(|v| typed(v)).collect();
            V::List(List::Built(Box::leak(items.into_boxed_slice())))
        }
        "map" => {
            let entries: Vec<(V<'static>, V<'static>)> = value
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
                .filter_map(|pair| Some((typed(pair.get(0)?), typed(pair.get(1)?))))
                .collect();
            V::Map(MapRef::Built(Box::leak(entries.into_boxed_slice())))
        }
        _ => V::Null,
    }
}

fn lines(path: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn text(json: &Json, name: &str) -> String {
    json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

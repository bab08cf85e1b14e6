//! Single expressions: Cerbos' library, probes of its dialect, the CEL specification.

use std::path::Path;

use authz_engine::cel::{
    Activation, Arena, Env, ErrorKind, Expression, List, MapRef, Timestamp, V,
};
use authz_engine::{Map, Principal, Resource, Value};
use serde_json::Value as Json;

use crate::report::{Missing, Report};

/// What an expression came to, as far as a case can see.
enum Outcome {
    Value(String, bool),
    Refused(ErrorKind),
    Failed,
}

pub(crate) fn cerbos_lib(root: &Path, report: &mut Report) {
    for case in lines(&root.join("cerbos/cerbos_lib.jsonl")) {
        let expr = text(&case, "expr");
        let wants_error = case.get("wantErr").and_then(Json::as_bool).unwrap_or(false);
        judge(
            report,
            &expr,
            &Env::bare(),
            &Map::default(),
            |outcome| match outcome {
                Outcome::Value(_, is_true) => !wants_error && *is_true,
                _ => wants_error,
            },
            wants_error,
        );
    }
}

pub(crate) fn probes(root: &Path, report: &mut Report) {
    for case in lines(&root.join("cerbos-cel/probes.jsonl")) {
        let expr = text(&case, "expr");
        let answer = text(&case, "answer");
        let wants_error = text(&case, "outcome") == "error";
        let attributes: Map = serde_json::from_value(case.get("attr").cloned().unwrap_or_default())
            .unwrap_or_default();
        judge(
            report,
            &expr,
            &Env::policy(),
            &attributes,
            |outcome| match outcome {
                Outcome::Value(value, _) => !wants_error && same_text(value, &answer),
                _ => wants_error,
            },
            wants_error,
        );
    }
}

pub(crate) fn specification(root: &Path, report: &mut Report) {
    for case in lines(&root.join("cel-spec/simple.jsonl")) {
        let flag = |name: &str| case.get(name).and_then(Json::as_bool).unwrap_or(false);
        let cerbos = text(&case, "cerbos");
        // What only a protobuf registry or another container could answer is not asked of Cerbos either.
        // Cerbos' REPL prints bytes in a form that says nothing about these.
        if cerbos.starts_with("differs: false") && text(&case, "expr").starts_with('b') {
            report.skip(Missing::Request);
            continue;
        }
        if flag("check_only") {
            report.skip(Missing::TypeChecker);
            continue;
        }
        if !text(&case, "container").is_empty() || flag("disable_macros") {
            report.skip(Missing::Namespace);
            continue;
        }
        let expr = text(&case, "expr");
        let name = format!("{}/{} {expr}", text(&case, "section"), text(&case, "name"));
        let bindings = case.get("bindings").and_then(Json::as_object).cloned().unwrap_or_default();
        if bindings.keys().any(|name| name.contains('.')) {
            report.skip(Missing::Namespace);
            continue;
        }
        let wants_error = match cerbos.strip_prefix("differs: ") {
            Some(answer) => answer.to_ascii_lowercase().starts_with("error"),
            None => case.get("want_err").is_some(),
        };
        let arena = Arena::new();
        let values: Vec<V<'_>> = bindings.values().map(typed).collect();
        let env = Env::bare().bindings(bindings.keys().map(|k| k.as_str().into()));
        let want = case.get("want").map(|json| typed(json));
        let program = match Expression::parse(&expr).and_then(|e| e.compile(&env)) {
            Ok(program) => program,
            Err(_) if wants_error => {
                report.pass();
                continue;
            }
            Err(error) if error.kind() == ErrorKind::UnknownFunction => {
                report.skip(Missing::Function);
                continue;
            }
            Err(error) => {
                report.fail(&name, error.to_string());
                continue;
            }
        };
        let (principal, resource, globals) =
            (Principal::default(), Resource::default(), Map::default());
        let mut activation =
            Activation::new(&principal, &resource, &globals, &arena, Timestamp::now());
        activation.bindings = &values;
        match program.eval(&activation) {
            Err(_) if wants_error => report.pass(),
            Err(error) => report.fail(&name, error.to_string()),
            Ok(_) if wants_error => report.skip(Missing::TypeChecker),
            Ok(got) => match cerbos.strip_prefix("differs: ") {
                Some(answer) if same_text(&got.to_string(), answer) => report.pass(),
                Some(answer) => report.fail(&name, format!("Cerbos gives {answer}, got {got}")),
                None => {
                    let same = want.is_some_and(|want| {
                        got.type_name() == want.type_name()
                            && (got.equals(&want) || got.to_string() == want.to_string())
                    });
                    if same {
                        report.pass();
                    } else {
                        report.fail(&name, format!("wanted {want:?}, got {got}"));
                    }
                }
            },
        }
    }
}

fn judge(
    report: &mut Report,
    expr: &str,
    env: &Env,
    attributes: &Map,
    passes: impl Fn(&Outcome) -> bool,
    wants_error: bool,
) {
    let resource = Resource { attr: attributes.clone(), ..Resource::default() };
    let outcome = evaluate(expr, env, &resource);
    match &outcome {
        outcome if passes(outcome) => report.pass(),
        Outcome::Refused(ErrorKind::UnknownFunction) => report.skip(Missing::Function),
        Outcome::Value(..) if wants_error => report.skip(Missing::TypeChecker),
        _ if expr.contains("R.") || expr.contains("P.") => report.skip(Missing::Request),
        Outcome::Refused(ErrorKind::UndeclaredName) if expr.contains('{') => {
            report.skip(Missing::MessageLiteral);
        }
        Outcome::Value(value, _) => report.fail(expr, format!("got {value}")),
        Outcome::Refused(kind) => report.fail(expr, format!("refused: {kind:?}")),
        Outcome::Failed => report.fail(expr, "failed"),
    }
}

fn evaluate(expr: &str, env: &Env, resource: &Resource) -> Outcome {
    let program = match Expression::parse(expr).and_then(|e| e.compile(env)) {
        Ok(program) => program,
        Err(error) => return Outcome::Refused(error.kind()),
    };
    let (principal, globals, arena) = (Principal::default(), Map::default(), Arena::new());
    let activation = Activation::new(&principal, resource, &globals, &arena, Timestamp::now());
    match program.eval(&activation) {
        Ok(value) => Outcome::Value(as_repl(value), matches!(value, V::Bool(true))),
        Err(_) => Outcome::Failed,
    }
}

/// As Cerbos' REPL prints values: JSON, durations in nanoseconds, null as the number of its enum.
fn as_repl(value: V<'_>) -> String {
    match value {
        V::Null => "0".to_owned(),
        V::Int(nanos) | V::Duration(nanos) => nanos.to_string(),
        V::UInt(u) => u.to_string(),
        V::Type(name) => format!("{name:?}"),
        other => other
            .to_value()
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

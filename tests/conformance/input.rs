//! Requests and cases, as Cerbos' test data write them.

use std::path::Path;

use authz_engine::{AuxData, Map, Principal, Resource};
use serde_json::Value as Json;

pub(crate) fn principal(input: &Json) -> Principal {
    let p = input.get("principal").cloned().unwrap_or_default();
    Principal {
        id: text(&p, "id", "id"),
        roles: list(&p, "roles").iter().filter_map(Json::as_str).map(Into::into).collect(),
        attr: map(p.get("attr")),
        policy_version: text(&p, "policyVersion", "policy_version"),
        scope: text(&p, "scope", "scope"),
    }
}

pub(crate) fn resource(input: &Json) -> Resource {
    let r = input.get("resource").cloned().unwrap_or_default();
    Resource {
        kind: text(&r, "kind", "kind"),
        id: text(&r, "id", "id"),
        attr: map(r.get("attr")),
        policy_version: text(&r, "policyVersion", "policy_version"),
        scope: text(&r, "scope", "scope"),
    }
}

pub(crate) fn aux_data(input: &Json) -> AuxData {
    let aux = input.get("auxData").or(input.get("aux_data")).cloned().unwrap_or_default();
    let tokens = aux.get("jwts").and_then(Json::as_object).cloned().unwrap_or_default();
    AuxData {
        jwt: map(aux.get("jwt")),
        jwts: tokens.into_iter().map(|(name, t)| (name.into(), map(t.get("claims")))).collect(),
    }
}

pub(crate) fn map(json: Option<&Json>) -> Map {
    json.cloned().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default()
}

pub(crate) fn text(json: &Json, camel: &str, snake: &str) -> Box<str> {
    json.get(camel).or(json.get(snake)).and_then(Json::as_str).unwrap_or_default().into()
}

pub(crate) fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

pub(crate) fn either<'j>(json: &'j Json, camel: &str, snake: &str) -> &'j [Json] {
    if json.get(camel).is_some() { list(json, camel) } else { list(json, snake) }
}

/// All YAML and JSON files of a suite, sorted by name.
pub(crate) fn cases(dir: &Path) -> Vec<(String, Json)> {
    let mut cases: Vec<(String, Json)> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let case =
                serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), case)
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

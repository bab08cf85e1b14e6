//! A case in the engine's own types.

use authz_engine::check::SchemaEnforcement;
use authz_engine::policy::Source;
use authz_engine::{Map, Options, Principal, Resource};
use serde_json::Value as Json;

use super::Case;

/// The policies, as files.
pub fn sources(case: &Case) -> Vec<Source> {
    case.files.iter().map(|(name, policy)| Source::new(name.clone(), policy.to_string())).collect()
}

pub fn options(json: &Json) -> Options {
    let mut options = Options::default();
    options.globals = map(json.get("globals"));
    let text = |name: &str| json.get(name).and_then(Json::as_str).map(Into::into);
    if let Some(version) = text("defaultPolicyVersion") {
        options.default_policy_version = version;
    }
    if let Some(scope) = text("defaultScope") {
        options.default_scope = scope;
    }
    let set = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or_default();
    options.lenient_scope_search = set("lenientScopeSearch");
    options.strict_evaluation = set("strictEvaluation");
    options.schema_enforcement = match json.get("schemaEnforcement").and_then(Json::as_str) {
        Some("warn") => SchemaEnforcement::Warn,
        Some("reject") => SchemaEnforcement::Reject,
        _ => SchemaEnforcement::None,
    };
    options
}

pub fn principal(json: &Json) -> Principal {
    Principal {
        id: text(json, "id"),
        roles: json
            .get("roles")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(Into::into)
            .collect(),
        attr: map(json.get("attr")),
        policy_version: text(json, "policyVersion"),
        scope: text(json, "scope"),
    }
}

pub fn resource(json: &Json) -> Resource {
    Resource {
        kind: text(json, "kind"),
        id: text(json, "id"),
        attr: map(json.get("attr")),
        policy_version: text(json, "policyVersion"),
        scope: text(json, "scope"),
    }
}

fn map(json: Option<&Json>) -> Map {
    json.cloned().and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default()
}

fn text(json: &Json, name: &str) -> Box<str> {
    json.get(name).and_then(Json::as_str).unwrap_or_default().into()
}

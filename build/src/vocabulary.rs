//! What policies speak of: kinds of resources, their actions, and the rules about these.

use std::collections::{BTreeMap, BTreeSet};

use authz_engine::policy::PolicySet;
use serde_json::Value;

/// What the policies say about one kind of resource.
#[derive(Debug, Default)]
pub(crate) struct Kind {
    /// The descriptions of its resource policies, each once.
    pub(crate) descriptions: Vec<String>,
    /// Its actions, and the names of the rules that speak of each.
    pub(crate) actions: BTreeMap<String, BTreeSet<String>>,
}

/// Every kind that has a resource policy. Principal and role policies add actions, and no kinds.
pub(crate) fn kinds(set: &PolicySet) -> BTreeMap<String, Kind> {
    let policies: Vec<Value> = set
        .to_sources()
        .iter()
        .filter_map(|source| serde_json::from_str(source.text()).ok())
        .filter(|policy: &Value| policy.get("disabled") != Some(&Value::Bool(true)))
        .collect();
    let mut kinds = BTreeMap::new();
    for policy in &policies {
        let Some(body) = policy.get("resourcePolicy") else { continue };
        let kind: &mut Kind = kinds.entry(text(body, "resource").to_owned()).or_default();
        let description = text(policy, "description").trim();
        if !description.is_empty() && !kind.descriptions.iter().any(|known| known == description) {
            kind.descriptions.push(description.to_owned());
        }
        for rule in list(body, "rules") {
            for action in list(rule, "actions").filter_map(Value::as_str) {
                add(kind, action, text(rule, "name"));
            }
        }
    }
    for policy in &policies {
        for rule in policy.get("principalPolicy").into_iter().flat_map(|body| list(body, "rules")) {
            let Some(kind) = kinds.get_mut(text(rule, "resource")) else { continue };
            for action in list(rule, "actions") {
                add(kind, text(action, "action"), text(action, "name"));
            }
        }
        for rule in policy.get("rolePolicy").into_iter().flat_map(|body| list(body, "rules")) {
            let Some(kind) = kinds.get_mut(text(rule, "resource")) else { continue };
            for action in list(rule, "allowActions").filter_map(Value::as_str) {
                add(kind, action, text(rule, "name"));
            }
        }
    }
    kinds
}

fn add(kind: &mut Kind, action: &str, rule: &str) {
    // A pattern stands for actions that other rules name.
    if action.is_empty() || action.contains('*') {
        return;
    }
    let rules = kind.actions.entry(action.to_owned()).or_default();
    if !rule.is_empty() {
        rules.insert(rule.to_owned());
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

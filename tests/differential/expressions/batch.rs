//! Many expressions as the outputs of one policy, and what becomes of each.

use std::rc::Rc;

use serde_json::{Value as Json, json};

use super::request::Request;

/// Expressions that are asked about the same request. At most 500.
pub(crate) struct Batch {
    pub(crate) request: Rc<Request>,
    pub(crate) expressions: Vec<String>,
}

/// What became of one expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// It did not load.
    Refused(String),
    Value(Json),
    Failed(String),
    /// Its value is an infinity or no number, with which Cerbos' whole answer fails.
    NotFinite,
    /// The evaluator itself broke.
    Broken(String),
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(text) => write!(f, "refused: {text}"),
            Self::Value(value) => write!(f, "{value}"),
            Self::Failed(text) => write!(f, "error: {text}"),
            Self::NotFinite => f.write_str("not a finite number"),
            Self::Broken(text) => write!(f, "broken: {text}"),
        }
    }
}

/// The action that asks for all outputs at once.
pub(crate) const ALL: &str = "all";

/// The action that asks for the output of one expression.
pub(crate) fn action(index: usize) -> String {
    format!("a{index}")
}

/// A policy with one rule for each of the chosen expressions. It is written over many lines: Cerbos repeats the line
/// of every mistake.
pub(crate) fn policy(kind: &str, expressions: &[String], chosen: &[usize]) -> String {
    let rules: Vec<Json> = chosen
        .iter()
        .filter_map(|index| Some((index, expressions.get(*index)?)))
        .map(|(index, expression)| {
            json!({
                "name": format!("e{index}"),
                "actions": [ALL, action(*index)],
                "roles": ["*"],
                "effect": "EFFECT_ALLOW",
                "output": {"when": {"ruleActivated": expression}},
            })
        })
        .collect();
    let document = json!({"apiVersion": "api.cerbos.dev/v1", "resourcePolicy": {
        "resource": kind,
        "version": "default",
        "constants": {"local": {
            "limit": 10, "names": ["alice", "bob"], "config": {"a": 1, "b": {"a": "deep"}, "c": [1, 2]},
        }},
        "variables": {"local": {
            "sum": "1 + 2", "failing": "R.attr.nope", "owner": "R.attr.s1 == P.id",
        }},
        "rules": rules,
    }});
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// Which of the rules a JSONPath names.
pub(crate) fn rule_of_path(path: &str) -> Option<usize> {
    path.strip_prefix("$.resourcePolicy.rules[")?.split_once(']')?.0.parse().ok()
}

/// Which expression the source of an output names.
pub(crate) fn index_of_source(source: &str) -> Option<usize> {
    source.rsplit_once("#e")?.1.parse().ok()
}

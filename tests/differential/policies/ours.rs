//! What the engine says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use authz_engine::cel::Timestamp;
use authz_engine::policy::PolicySet;
use authz_engine::{Effect, Engine};
use serde_json::Value as Json;

use super::answer::{Answer, Checked};
use super::random::{self, Case};

pub(crate) fn ask(case: &Case) -> Answer {
    let load = || PolicySet::load(random::sources(case));
    let set = match catch_unwind(load) {
        Ok(Ok(set)) => set,
        Ok(Err(problems)) => {
            return Answer::Refused(
                problems
                    .iter()
                    .flat_map(|problem| reasons(problem.code.as_str()))
                    .map(str::to_owned)
                    .collect(),
            );
        }
        Err(_) => return Answer::Refused(["panic".to_owned()].into()),
    };
    let engine = Engine::new(set, random::options(&case.options));
    Answer::Loaded(
        case.requests
            .iter()
            .map(|request| {
                catch_unwind(AssertUnwindSafe(|| answer(&engine, request)))
                    .unwrap_or_else(|_| Err("panic".to_owned()))
            })
            .collect(),
    )
}

/// What Cerbos calls a kind of mistake.
fn reasons(code: &str) -> Vec<&str> {
    match code {
        "yaml-syntax" | "limit" | "duplicate-key" | "multiple-documents" | "unknown-field"
        | "missing-field" | "invalid-value" | "conflicting-fields" | "misplaced-schemas" => {
            vec!["load_failures"]
        }
        "duplicate-definition" => vec!["duplicate_defs", "load_failures"],
        "invalid-rule" => vec!["load_failures", "invalid resource rule"],
        "import-not-found" => vec!["missing_imports"],
        "missing-ancestor" => vec!["missing_scope_details"],
        "scope-permissions-conflict" => vec!["scope_permissions_conflicts"],
        "unknown-derived-role" => vec!["unknown derived role"],
        "ambiguous-derived-role" => vec!["ambiguous derived role"],
        "invalid-expression" => vec!["invalid expression"],
        "undefined-variable" => vec!["undefined variable"],
        "undefined-constant" => vec!["undefined constant"],
        "variable-redefined" => vec!["variable redefined"],
        "constant-redefined" => vec!["constant redefined"],
        "cyclical-variables" => vec!["cyclical variable definitions"],
        "script-unsupported" => vec!["scripts in conditions are no longer supported"],
        "empty-output" => vec!["empty output"],
        "invalid-name" => vec!["invalid constant name", "invalid variable name"],
        other => vec![other],
    }
}

fn answer(engine: &Engine, request: &Json) -> Result<Vec<Checked>, String> {
    let nothing = Json::Null;
    let principal = random::principal(request.get("principal").unwrap_or(&nothing));
    let resources = request.get("resources").and_then(Json::as_array).into_iter().flatten();
    resources
        .map(|entry| {
            let resource = random::resource(entry.get("resource").unwrap_or(&nothing));
            let actions = entry.get("actions").and_then(Json::as_array).into_iter().flatten();
            let actions: Vec<&str> = actions.filter_map(Json::as_str).collect();
            let output = engine
                .check(&principal, &resource, &actions, None, Timestamp::now())
                .map_err(|undecided| undecided.to_string())?;
            Ok(Checked {
                actions: output
                    .decisions
                    .iter()
                    .map(|(action, decision)| {
                        let effect = match decision.effect {
                            Effect::Allow => "EFFECT_ALLOW",
                            Effect::Deny => "EFFECT_DENY",
                        };
                        let policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
                        let scope = decision.scope.to_string();
                        (action.to_string(), [effect.into(), policy.into(), scope])
                    })
                    .collect(),
                derived_roles: output
                    .effective_derived_roles
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                outputs: output
                    .outputs
                    .iter()
                    .map(|entry| {
                        let value = entry.value.as_ref().ok();
                        let value = value.and_then(|value| serde_json::to_value(value).ok());
                        (entry.source.to_string(), entry.action.to_string(), value)
                    })
                    .collect(),
                validation: {
                    let mut all: Vec<_> = output
                        .validation_errors
                        .iter()
                        .map(|error| {
                            let source = format!("SOURCE_{}", error.source.as_str().to_uppercase());
                            [source, error.path.to_string(), error.message.to_string()]
                        })
                        .collect();
                    all.sort();
                    all
                },
            })
        })
        .collect()
}

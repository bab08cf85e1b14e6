//! `inspect`: what each policy uses and defines, in three views.

use std::path::Path;

use authz_engine::diag::{Diagnostic, Severity};
use authz_engine::inspect;
use authz_engine::policy::{PolicySet, Source};
use serde_json::{Value as Json, json};

use crate::compile::class;
use crate::findings::{Finding, mistakes, same};
use crate::index::compare_errors;
use crate::input::{cases, list, text};
use crate::report::Report;

pub(crate) fn inspect(root: &Path, report: &mut Report) {
    for (name, case) in cases(&root.join("cerbos/inspect")) {
        let inputs = list(&case, "inputs");
        let written =
            inspect::policies(inputs.iter().map(|p| Source::new("p.json", p.to_string())));
        let expected = case.get("policiesExpectation").cloned().unwrap_or_default();
        let got = serde_json::to_value(&written).unwrap_or_default();
        report.check(&format!("{name} policies"), equal(&expected, &got));

        // Cerbos' harness writes each policy to a file of its own, named after it, so positions are of this text.
        let sources: Vec<Source> = inputs.iter().map(source).collect();
        let set = PolicySet::load(sources.clone());
        for (view, field) in
            [("policySets", "policySetsExpectation"), ("ruleTables", "ruleTablesExpectation")]
        {
            let expected = case.get(field).cloned().unwrap_or_default();
            let result = match &set {
                Ok(set) => {
                    let all = if view == "policySets" {
                        inspect::policy_sets(set)
                    } else {
                        inspect::rule_tables(set)
                    };
                    equal(&expected, &json!({view: all}))
                }
                Err(_) => errors(&expected, &sources),
            };
            report.check(&format!("{name} {view}"), result);
        }
    }
}

fn source(policy: &Json) -> Source {
    let found = inspect::policies([Source::new("p.json", policy.to_string())]);
    let key = found.policies.keys().next().cloned().unwrap_or_default();
    let text = serde_yaml::to_string(policy).unwrap_or_default();
    Source::new(format!("{key}.yaml"), text)
}

fn errors(expected: &Json, sources: &[Source]) -> Result<(), String> {
    let found = mistakes(sources);
    let diagnostics: Vec<Diagnostic> =
        found.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    if let Some(want) = expected.get("indexBuildErrors") {
        // Cerbos stops at files that do not load.
        let of_files: Vec<Diagnostic> = diagnostics
            .iter()
            .filter(|d| crate::findings::kind_of(d.code).is_some())
            .cloned()
            .collect();
        return compare_errors(want, &of_files, sources);
    }
    let wanted: Vec<Finding> = expected
        .get("compileErrors")
        .map(|e| list(e, "compileErrors"))
        .unwrap_or_default()
        .iter()
        .map(|e| {
            Finding::wanted(&text(e, "file", "file"), &text(e, "error", "error"), e.get("position"))
        })
        .collect();
    let ours: Vec<Finding> = diagnostics.iter().map(|d| Finding::ours(d, &class(d))).collect();
    same(&wanted, &ours)
}

/// Lists of names are compared in any order, as in Cerbos.
fn equal(expected: &Json, got: &Json) -> Result<(), String> {
    let (expected, got) = (sorted(expected.clone()), sorted(got.clone()));
    if expected == got { Ok(()) } else { Err(format!("wanted {expected}, got {got}")) }
}

fn sorted(json: Json) -> Json {
    match json {
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(
                    |(name, value)| {
                        if name == "value" { (name, value) } else { (name, sorted(value)) }
                    },
                )
                .collect(),
        ),
        Json::Array(items) => {
            let mut items: Vec<Json> = items.into_iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Json::Array(items)
        }
        other => other,
    }
}

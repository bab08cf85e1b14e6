//! Attributes against JSON Schemas.

use std::path::Path;

use authz_engine::check::{CheckOutput, ValidationSource};
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Effect, Engine, Options, SchemaEnforcement, Value};
use serde_json::{Value as Json, json};

use crate::engine::{check, compare};
use crate::input::{cases, either, list, text};
use crate::report::Report;

/// `engine_schema_enforcement`: the store, with attributes warned about and rejected.
pub(crate) fn enforcement(root: &Path, report: &mut Report) {
    for (folder, enforcement) in
        [("warn", SchemaEnforcement::Warn), ("reject", SchemaEnforcement::Reject)]
    {
        let set = match PolicySet::from_dir(root.join("cerbos/store")) {
            Ok(set) => set,
            Err(diagnostics) => return report.fail("store", diagnostics.to_string()),
        };
        let mut options = Options::default();
        options.globals = [("environment", Value::from("test"))].into_iter().collect();
        options.schema_enforcement = enforcement;
        let engine = Engine::new(set, options);
        for (name, case) in cases(&root.join("cerbos/engine_schema_enforcement").join(folder)) {
            let pairs = list(&case, "inputs").iter().zip(list(&case, "wantOutputs"));
            for (i, (input, want)) in pairs.enumerate() {
                let output = check(&engine, input);
                let result = compare(&output, want)
                    .and_then(|()| compare_errors(&output, list(want, "validationErrors")));
                report.check(&format!("{folder}/{name}[{i}]"), result);
            }
        }
    }
}

/// `schema`: each case as the schemas of a policy for its kind, under every enforcement. Of a plan only the attributes
/// are looked at: required ones that a resource lacks may still come.
pub(crate) fn attributes(root: &Path, report: &mut Report) {
    let files: Vec<Source> = schema_files(&root.join("cerbos/schema/fs/_schemas"), "_schemas");
    for (name, case) in cases(&root.join("cerbos/schema/test_cases")) {
        let plan = case.get("planResourcesInput").is_some();
        let mut input = either_object(&case, "checkInput", "planResourcesInput");
        if let (true, Some(fields)) = (plan, input.as_object_mut()) {
            let action = fields.get("action").cloned().unwrap_or_default();
            fields.insert("actions".to_owned(), json!([action]));
        }
        let want = either(&case, "wantValidationErrors", "want_validation_errors");
        for enforcement in
            [SchemaEnforcement::None, SchemaEnforcement::Warn, SchemaEnforcement::Reject]
        {
            let mut sources = files.clone();
            sources.push(Source::new("case.yaml", policy(&case, &input).to_string()));
            let set = match PolicySet::load(sources) {
                Ok(set) => set,
                Err(diagnostics) => {
                    report.fail(&name, diagnostics.to_string());
                    continue;
                }
            };
            let mut options = Options::default();
            options.schema_enforcement = enforcement;
            let mut output = check(&Engine::new(set, options), &input);
            if plan {
                output.validation_errors.retain(|e| {
                    e.source == ValidationSource::Principal
                        || !e.message.starts_with("missing properties: ")
                });
            }
            let result = match enforcement {
                SchemaEnforcement::None => compare_errors(&output, &[]),
                _ => compare_errors(&output, want),
            };
            let denied = output.decisions.iter().all(|(_, d)| d.effect == Effect::Deny);
            let wants_denied = enforcement == SchemaEnforcement::Reject && !want.is_empty();
            let result = result.and_then(|()| {
                (denied == wants_denied || plan)
                    .then_some(())
                    .ok_or_else(|| format!("wanted denied: {wants_denied}, got {denied}"))
            });
            report.check(&format!("{name} {enforcement:?}"), result);
        }
    }
}

/// A policy with the schemas of a case that allows everything.
fn policy(case: &Json, input: &Json) -> Json {
    let resource = input.get("resource").cloned().unwrap_or_default();
    let version = text(&resource, "policyVersion", "policy_version");
    json!({
        "apiVersion": "api.cerbos.dev/v1",
        "resourcePolicy": {
            "resource": text(&resource, "kind", "kind"),
            "version": if version.is_empty() { "default".into() } else { version },
            "schemas": either_object(case, "schemaRefs", "schema_refs"),
            "rules": [{"actions": ["*"], "effect": "EFFECT_ALLOW", "roles": ["*"]}],
        },
    })
}

pub(crate) fn schema_files(folder: &Path, prefix: &str) -> Vec<Source> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files.extend(schema_files(&entry.path(), &name));
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            files.push(Source::new(name, text));
        }
    }
    files
}

fn either_object(json: &Json, one: &str, other: &str) -> Json {
    json.get(one).or(json.get(other)).cloned().unwrap_or_default()
}

/// Errors in the order of source and path; of a schema that does not load only that it does not, and which.
pub(crate) fn compare_errors(output: &CheckOutput, want: &[Json]) -> Result<(), String> {
    let source = |s: ValidationSource| match s {
        ValidationSource::Principal => "SOURCE_PRINCIPAL",
        ValidationSource::Resource => "SOURCE_RESOURCE",
    };
    let class = |message: &str| match message.split_once("\": ") {
        Some((failure, _)) if failure.starts_with("Failed to load ") => failure.to_owned(),
        _ => message.to_owned(),
    };
    let mut wanted: Vec<(String, String, String)> = want
        .iter()
        .map(|e| {
            let field = |name| text(e, name, name).into_string();
            (field("source"), field("path"), class(&field("message")))
        })
        .collect();
    let mut got: Vec<(String, String, String)> = output
        .validation_errors
        .iter()
        .map(|e| (source(e.source).to_owned(), e.path.to_string(), class(&e.message)))
        .collect();
    wanted.sort();
    got.sort();
    if wanted == got {
        Ok(())
    } else {
        Err(format!("validation errors: wanted {wanted:?}, got {got:?}"))
    }
}

//! `parser` and `policy_formats`: text to policies.

use std::path::Path;

use authz_engine::diag::Diagnostic;
use authz_engine::policy::{PolicySet, Source, read_stream};
use serde_json::Value as Json;

use crate::findings::{Finding, first_stage, same};
use crate::input::{cases, list, text};
use crate::report::Report;

/// Streams of policies: each as a message, or with what is wrong with it.
pub(crate) fn parser(root: &Path, report: &mut Report) {
    let dir = root.join("cerbos/parser");
    for (name, case) in cases(&dir) {
        let path = dir.join(format!("{name}.json.input"));
        let input = std::fs::read_to_string(&path).unwrap_or_default();
        report.check(&name, stream(&case, &input));
    }
}

fn stream(case: &Json, input: &str) -> Result<(), String> {
    let wanted = |errors: &[Json]| -> Vec<Finding> {
        let all = errors.iter();
        all.map(|e| Finding::wanted("input", &text(e, "kind", "kind"), e.get("position"))).collect()
    };
    let documents = match read_stream(Source::new("input", input)) {
        Ok(documents) => documents,
        Err(diagnostics) => {
            let all: Vec<&Diagnostic> = diagnostics.iter().collect();
            return same(&wanted(list(case, "wantErrors")), &first_stage(&all));
        }
    };
    let mut everything = Vec::new();
    let messages = list(case, "want");
    if documents.len() != messages.len() {
        return Err(format!("wanted {} documents, got {}", messages.len(), documents.len()));
    }
    for (i, (document, want)) in documents.iter().zip(messages).enumerate() {
        let all: Vec<&Diagnostic> = document.diagnostics.iter().collect();
        let ours = first_stage(&all);
        let errors = wanted(list(want, "errors"));
        same(&errors, &ours).map_err(|e| format!("document {i}: {e}"))?;
        let stopped = errors.iter().any(|e| e.class == "KIND_PARSE_ERROR");
        // Where Cerbos stops in the middle, its message ends there, and ours goes on.
        if !stopped {
            let message = without_empty(want.get("message").cloned().unwrap_or_default());
            let got = serde_json::to_value(&document.policy).map_err(|e| e.to_string())?;
            let got = without_empty(got);
            if got != message {
                return Err(format!("document {i}: wanted {message}, got {got}"));
            }
        }
        everything.extend(ours);
    }
    same(&wanted(list(case, "wantErrors")), &everything)
}

/// Messages do not tell what is empty from what is not there.
fn without_empty(json: Json) -> Json {
    match json {
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, without_empty(value)))
                .filter(|(_, value)| match value {
                    Json::Object(fields) => !fields.is_empty(),
                    Json::Array(items) => !items.is_empty(),
                    Json::String(text) => !text.is_empty(),
                    Json::Null => false,
                    _ => true,
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(without_empty).collect()),
        other => other,
    }
}

/// The same policy in YAML and in JSON, and files with something around the policy.
pub(crate) fn policy_formats(root: &Path, report: &mut Report) {
    let mut files: Vec<_> = std::fs::read_dir(root.join("cerbos/policy_formats"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let read = |path: &Path| -> Result<Vec<Json>, String> {
        let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
        let documents = read_stream(Source::new("p", text)).map_err(|d| d.to_string())?;
        documents
            .into_iter()
            .map(|d| match d.policy {
                Some(policy) if d.diagnostics.is_empty() => {
                    let mut policy = serde_json::to_value(policy).map_err(|e| e.to_string())?;
                    // Where editors find the schema is no part of the policy.
                    policy.as_object_mut().map(|fields| fields.remove("$schema"));
                    Ok(policy)
                }
                _ => Err(d.diagnostics.to_string()),
            })
            .collect()
    };
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let other = path.with_extension("json");
        let is_pair = name.ends_with(".yaml") && other.exists();
        if name.ends_with(".json") && path.with_extension("yaml").exists() {
            continue;
        }
        let result = read(&path).and_then(|policies| match policies.as_slice() {
            [_] if !is_pair => Ok(()),
            [policy] if [policy.clone()] == *read(&other)? => Ok(()),
            [policy] => Err(format!("the two differ: {policy}, {:?}", read(&other))),
            [_, _, ..] if name.starts_with("multiple") => {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                match PolicySet::load([Source::new("p", text)]) {
                    Ok(_) => Err("several policies in a file were taken".to_owned()),
                    Err(_) => Ok(()),
                }
            }
            found => Err(format!("{} policies", found.len())),
        });
        report.check(&name, result);
    }
}

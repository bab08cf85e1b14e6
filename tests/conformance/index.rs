//! `index`: files that do not load, what is there twice, missing or disabled, and which policies belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use authz_engine::diag::{Code, Diagnostic, Severity};
use authz_engine::inspect;
use authz_engine::policy::{PolicySet, Source, read_dir};
use serde_json::Value as Json;

use crate::findings::{Finding, first_stage, kind_of, same};
use crate::input::{cases, list, text};
use crate::report::Report;

pub(crate) fn index(root: &Path, report: &mut Report) {
    for (name, case) in cases(&root.join("cerbos/index")) {
        report.check(&name, run(&case));
    }
}

fn run(case: &Json) -> Result<(), String> {
    // Through a real folder, because which files count is a part of the question.
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (name, content) in case.get("files").and_then(Json::as_object).into_iter().flatten() {
        let path = dir.path().join(name);
        let parent = path.parent().unwrap_or(dir.path());
        std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        std::fs::write(&path, content.as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
    }
    let found = PolicySet::from_dir(dir.path());
    let diagnostics: Vec<Diagnostic> = match &found {
        Ok(_) => Vec::new(),
        Err(all) => all.iter().filter(|d| d.severity == Severity::Error).cloned().collect(),
    };
    let (sources, _) = read_dir(dir.path());
    compare_errors(case.get("wantErrList").unwrap_or(&Json::Null), &diagnostics, &sources)?;
    compare_units(list(case, "wantCompilationUnits"), sources)
}

/// `wantErrList`: one list for each class.
pub(crate) fn compare_errors(
    want: &Json,
    diagnostics: &[Diagnostic],
    sources: &[Source],
) -> Result<(), String> {
    let position = |e: &Json| e.get("position").cloned();
    let wanted: Vec<Finding> = list(want, "loadFailures")
        .iter()
        .map(|e| {
            let details = e.get("errorDetails").cloned().unwrap_or_default();
            let kind = text(&details, "kind", "kind");
            Finding::wanted(&text(e, "file", "file"), &kind, details.get("position"))
        })
        .collect();
    let mut by_file: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    // Conflicting fields of an export are a rule beyond fields in Cerbos.
    for d in diagnostics.iter().filter(|d| kind_of(d.code).is_some()) {
        by_file.entry(&d.file).or_default().push(d);
    }
    let mut ours: Vec<Finding> = by_file.values().flat_map(|all| first_stage(all)).collect();
    for finding in &mut ours {
        if finding.place.as_ref().is_some_and(|(.., path)| path == "$.variables") {
            finding.class.clear();
        }
    }
    same(&wanted, &ours).map_err(|e| format!("load failures: {e}"))?;

    let of = |code: Code, class: &dyn Fn(&Diagnostic) -> String| -> Vec<Finding> {
        let all = diagnostics.iter().filter(|d| d.code == code);
        all.map(|d| Finding::ours(d, &class(d))).collect()
    };
    let wanted_of = |name: &str, file: &str, class: &dyn Fn(&Json) -> String| -> Vec<Finding> {
        let all = list(want, name).iter();
        all.map(|e| Finding::wanted(&text(e, file, file), &class(e), position(e).as_ref()))
            .collect()
    };
    let first_quoted = |d: &Diagnostic| quoted(&d.message, 0);
    same(
        &wanted_of("duplicateDefs", "file", &|e| {
            format!("{} {}", text(e, "policy", "policy"), text(e, "otherFile", "other_file"))
        }),
        &of(Code::DuplicateDefinition, &|d| {
            format!("{} {}", quoted(&d.message, 0), quoted(&d.message, 1))
        }),
    )
    .map_err(|e| format!("duplicates: {e}"))?;
    same(
        &wanted_of("disabledDefs", "file", &|e| text(e, "policy", "policy").into()),
        &of(Code::DisabledDefinition, &first_quoted),
    )
    .map_err(|e| format!("disabled: {e}"))?;
    same(
        &wanted_of("missingImports", "importingFile", &|e| {
            let kind = match &*text(e, "importKind", "import_kind") {
                "derived roles" => "derivedRoles",
                "variables" => "exportVariables",
                _ => "exportConstants",
            };
            format!("{kind} {}", text(e, "importName", "import_name"))
        }),
        &of(Code::ImportNotFound, &|d| {
            format!("{} {}", quoted(&d.message, 0), quoted(&d.message, 1))
        }),
    )
    .map_err(|e| format!("imports: {e}"))?;
    let mut missing: BTreeSet<(String, String)> = BTreeSet::new();
    let policy_of: BTreeMap<String, String> = sources
        .iter()
        .flat_map(|s| {
            inspect::units([s.clone()]).into_iter().map(|u| (s.name().to_owned(), u.policy))
        })
        .collect();
    for d in diagnostics.iter().filter(|d| d.code == Code::MissingAncestor) {
        missing
            .insert((quoted(&d.message, 0), policy_of.get(&*d.file).cloned().unwrap_or_default()));
    }
    let mut wanted_missing: BTreeSet<(String, String)> = BTreeSet::new();
    for e in list(want, "missingScopeDetails") {
        for descendant in list(e, "descendants").iter().filter_map(Json::as_str) {
            let policy = text(e, "missingPolicy", "missing_policy");
            wanted_missing.insert((policy.into(), descendant.to_owned()));
        }
    }
    if missing != wanted_missing {
        return Err(format!("missing scopes: wanted {wanted_missing:?}, got {missing:?}"));
    }
    let conflicts = diagnostics.iter().filter(|d| d.code == Code::ScopePermissionsConflict).count();
    if conflicts != list(want, "scopePermissionsConflicts").len() {
        return Err(format!("{conflicts} scope permission conflicts"));
    }
    Ok(())
}

/// What stands in the `n`th pair of backticks.
fn quoted(message: &str, n: usize) -> String {
    message.split('`').nth(2 * n + 1).unwrap_or_default().to_owned()
}

fn compare_units(wanted: &[Json], sources: Vec<Source>) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let plain = |name: &str| name.strip_prefix("cerbos.").unwrap_or(name).to_owned();
    let keys = |unit: &Json, field: &str| -> BTreeSet<String> {
        list(unit, field).iter().filter_map(Json::as_str).map(plain).collect()
    };
    type Shown = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;
    let wanted: Shown = wanted
        .iter()
        .map(|u| {
            let main = plain(&text(u, "mainFqn", "main_fqn"));
            (main, (keys(u, "definitionFqns"), keys(u, "ancestorFqns")))
        })
        .collect();
    let ours: Shown = inspect::units(sources)
        .into_iter()
        .map(|u| (u.policy, (u.definitions, u.ancestors.into_iter().collect())))
        .collect();
    if wanted == ours { Ok(()) } else { Err(format!("units: wanted {wanted:?}, got {ours:?}")) }
}

//! `compile`: the mistakes of one policy and what it is compiled from; which definitions are kept.

use std::collections::BTreeSet;
use std::path::Path;

use authz_engine::diag::{Code, Diagnostic};
use authz_engine::inspect;
use authz_engine::policy::{PolicySet, Source};
use serde_json::Value as Json;

use crate::findings::{Finding, archive, mistakes, same};
use crate::input::{cases, list, text};
use crate::report::Report;
use crate::schema::schema_files;

pub(crate) fn compile(root: &Path, report: &mut Report) {
    let dir = root.join("cerbos/compile");
    let schemas = schema_files(&root.join("cerbos/schema/fs/_schemas"), "_schemas");
    for (name, case) in cases(&dir) {
        let sources = archive(&dir.join(format!("{name}.yaml.input")));
        let main = text(&case, "mainDef", "main_def");
        let unit = inspect::units(sources.clone())
            .into_iter()
            .find(|u| u.files.contains(&*main) && is_of(u, &sources, &main));
        let files: BTreeSet<String> =
            unit.map_or_else(|| [main.to_string()].into(), |unit| unit.files);
        let with_schemas: Vec<Source> = sources.iter().chain(&schemas).cloned().collect();
        let found = mistakes(&with_schemas);
        let unusable = PolicySet::load(with_schemas).map(|set| set.schema_problems().clone());
        let unusable = unusable.unwrap_or_default();
        let in_unit = || found.iter().chain(&unusable).filter(|d| files.contains(&*d.file));
        // Cerbos asks one policy for its ancestors, up to the first that has a mistake; we ask each for all of its own.
        let ancestor_is_wrong =
            in_unit().any(|d| d.code != Code::MissingAncestor && *d.file != *main);
        let ours: Vec<Finding> = in_unit()
            .filter(|d| d.code != Code::MissingAncestor || (*d.file == *main && !ancestor_is_wrong))
            .map(|d| Finding::ours(d, &class(d)))
            .collect();
        let wanted: Vec<Finding> = list(&case, "wantErrors")
            .iter()
            .map(|e| {
                let (file, class) = (text(e, "file", "file"), text(e, "error", "error"));
                Finding::wanted(&file, &class, e.get("position"))
            })
            .collect();
        report.check(&name, same(&wanted, &ours));
        let scopes = list(&case, "wantVariables");
        if !scopes.is_empty() {
            report.check(&format!("{name} variables"), kept(sources, &main, scopes));
        }
    }
}

/// Whether the unit is the one of the main policy, and does not only stand on it.
fn is_of(unit: &inspect::Unit, sources: &[Source], main: &str) -> bool {
    let alone = sources.iter().filter(|s| s.name() == main).cloned();
    inspect::units(alone).iter().any(|only| only.policy == unit.policy)
}

fn kept(sources: Vec<Source>, main: &str, scopes: &[Json]) -> Result<(), String> {
    let only = sources.iter().filter(|s| s.name() == main).cloned();
    let policy = inspect::units(only).into_iter().next().ok_or("no main policy")?.policy;
    let root = policy.split('/').next().unwrap_or_default().to_owned();
    let set = PolicySet::load(sources).map_err(|d| d.to_string())?;
    let kept = inspect::kept(&set);
    for want in scopes {
        let scope = text(want, "scope", "scope");
        let key = if scope.is_empty() { root.clone() } else { format!("{root}/{scope}") };
        let found = kept.iter().find(|k| k.policy == key).ok_or_else(|| format!("no {key}"))?;
        equal(&key, want, &found.variables, &found.constants)?;
        for role in list(want, "derivedRoles") {
            let name = text(role, "name", "name");
            let found = found.derived_roles.iter().find(|r| r.name == name);
            let found = found.ok_or_else(|| format!("{key}: no derived role {name}"))?;
            equal(&format!("{key} {name}"), role, &found.variables, &found.constants)?;
        }
    }
    Ok(())
}

fn equal(
    what: &str,
    want: &Json,
    variables: &[Box<str>],
    constants: &[Box<str>],
) -> Result<(), String> {
    for (field, ours) in [("variables", variables), ("constants", constants)] {
        let wanted: BTreeSet<&str> = list(want, field).iter().filter_map(Json::as_str).collect();
        let ours: BTreeSet<&str> = ours.iter().map(|n| &**n).collect();
        if wanted != ours {
            return Err(format!("{what}: wanted the {field} {wanted:?}, got {ours:?}"));
        }
    }
    Ok(())
}

/// What Cerbos calls a mistake.
pub(crate) fn class(diagnostic: &Diagnostic) -> String {
    let of_constants = diagnostic.path.contains("onstants");
    match diagnostic.code {
        Code::AmbiguousDerivedRole => "ambiguous derived role",
        Code::ConstantRedefined => "constant redefined",
        Code::CyclicalVariables => "cyclical variable definitions",
        Code::EmptyOutput => "empty output",
        Code::ImportNotFound => "import not found",
        Code::InvalidExpression => "invalid expression",
        Code::InvalidName if of_constants => "invalid constant name",
        Code::InvalidName => "invalid variable name",
        Code::InvalidRule => "invalid resource rule",
        Code::MissingAncestor => "missing policy definition",
        Code::ScriptUnsupported => "scripts in conditions are no longer supported",
        Code::UndefinedConstant => "undefined constant",
        Code::UndefinedVariable => "undefined variable",
        Code::UnknownDerivedRole => "unknown derived role",
        Code::VariableRedefined => "variable redefined",
        other => return other.as_str().replace("invalid-schema", "invalid schema"),
    }
    .to_owned()
}

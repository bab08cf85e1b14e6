//! Policy test suites: their results as JSON and as JUnit, and what one test is expanded to.

use std::path::Path;

use authz_engine::policy::{PolicySet, Source};
use authz_engine::suite::{Case, Filter, Options, Suites, TestResults, junit as report, run};
use authz_engine::{Effect, Engine, Value};
use serde_json::{Value as Json, json};

use crate::input::{cases, list, text};
use crate::report::Report;

/// `verify/cases`: suites against the policy store.
pub(crate) fn verify(root: &Path, report: &mut Report) {
    let dir = root.join("cerbos/verify/cases");
    let Some(engine) = engine(&root.join("cerbos/store"), report) else { return };
    for (name, case) in cases(&dir) {
        let result = results(&dir, &name, &case, &engine).and_then(|results| {
            let golden = read(&dir, &name, "golden")?;
            let wanted = serde_json::from_str(&golden).map_err(|e| e.to_string())?;
            let got = serde_json::to_value(&results).map_err(|e| e.to_string())?;
            same(&normal(wanted), &normal(got))
        });
        report.check(&name, result);
    }
}

/// `verify_junit`: the same as XML, compared as text.
pub(crate) fn junit(root: &Path, report: &mut Report) {
    let dir = root.join("cerbos/verify_junit/cases");
    let Some(engine) = engine(&root.join("cerbos/verify_junit/store"), report) else { return };
    for (name, case) in cases(&dir) {
        let result = results(&dir, &name, &case, &engine).and_then(|results| {
            let wanted = read(&dir, &name, "golden")?.trim().to_owned();
            let got = report::report(&results, true).to_string();
            if got == wanted { Ok(()) } else { Err(format!("wanted\n{wanted}\ngot\n{got}")) }
        });
        report.check(&name, result);
    }
}

/// `verify/test_suite_run_get_tests`: one test to its cases.
pub(crate) fn matrix(root: &Path, report: &mut Report) {
    for (name, case) in cases(&root.join("cerbos/verify/test_suite_run_get_tests")) {
        let table = case.get("table").cloned().unwrap_or_default();
        let suite = json!({"name": "suite", "tests": [table]});
        let suites = Suites::new([
            Source::new("case_test.json", suite.to_string()),
            Source::new("testdata/principals.json", principals().to_string()),
            Source::new("testdata/resources.json", resources().to_string()),
            Source::new(
                "testdata/auxdata.json",
                json!({"auxData": {"test_aux_data": {"jwt": {"answer": 42}}}}).to_string(),
            ),
        ]);
        let got = suites.cases("case_test.json").unwrap_or_else(|| Err("no suite".to_owned()));
        let result = match (text(&case, "wantErr", "want_err"), got) {
            (wanted, Ok(cases)) if wanted.is_empty() => {
                let got: Vec<Json> = cases.iter().map(expanded).collect();
                same(&normal(Json::from(list(&case, "wantTests"))), &normal(Json::from(got)))
            }
            (wanted, Err(got)) if !wanted.is_empty() && got.ends_with(&*wanted) => Ok(()),
            (wanted, got) => Err(format!("wanted {wanted:?}, got {:?}", got.map(|c| c.len()))),
        };
        report.check(&name, result);
    }
}

fn principals() -> Json {
    let one = |id: &str| json!({"id": id, "roles": ["user"]});
    json!({
        "principals": {
            "employee": one("employee"),
            "manager": one("manager"),
            "department_head": one("department_head"),
        },
        "principalGroups": {"management": {"principals": ["manager", "department_head"]}},
    })
}

fn resources() -> Json {
    let one = |id: &str| json!({"kind": "leave_request", "id": id});
    json!({
        "resources": {
            "employee_leave_request": one("employee"),
            "manager_leave_request": one("manager"),
            "department_head_leave_request": one("department_head"),
        },
        "resourceGroups": {
            "management_leave_requests":
                {"resources": ["manager_leave_request", "department_head_leave_request"]},
        },
    })
}

fn expanded(case: &Case<'_>) -> Json {
    let mut input = json!({
        "principal": {"id": &*case.principal.id, "roles": case.principal.roles},
        "resource": {"kind": &*case.resource.kind, "id": &*case.resource.id},
        "actions": case.actions,
    });
    if let (Some(aux), Some(input)) = (case.aux_data, input.as_object_mut()) {
        input.insert("auxData".to_owned(), json!({"jwt": aux.jwt}));
    }
    // An action that is not listed is expected to be denied; Cerbos writes that out where nothing is listed.
    let expected: serde_json::Map<String, Json> = case
        .actions
        .iter()
        .map(|action| {
            let allowed = case.effects.get(&**action) == Some(&Effect::Allow);
            let effect = if allowed { "EFFECT_ALLOW" } else { "EFFECT_DENY" };
            (action.to_string(), effect.into())
        })
        .collect();
    json!({
        "name": {
            "testTableName": case.test,
            "principalKey": case.principal_name,
            "resourceKey": case.resource_name,
        },
        "description": case.description,
        "input": input,
        "expected": expected,
    })
}

fn engine(store: &Path, report: &mut Report) -> Option<Engine> {
    match PolicySet::from_dir(store) {
        Ok(set) => Some(Engine::new(set, authz_engine::Options::default())),
        Err(diagnostics) => {
            report.fail("store", diagnostics.to_string());
            None
        }
    }
}

fn results(dir: &Path, name: &str, case: &Json, engine: &Engine) -> Result<TestResults, String> {
    let config = case.get("config").cloned().unwrap_or_default();
    let names = text(&config, "includedTestNamesRegexp", "included_test_names_regexp");
    let mut filter = Filter::default().names(&names).map_err(|e| e.to_string())?;
    let excluded = |name| list(&config, name).iter().filter_map(Json::as_str);
    for name in excluded("excludedResourcePolicyFqns") {
        filter = filter.without_resource_policy(name);
    }
    for name in excluded("excludedPrincipalPolicyFqns") {
        filter = filter.without_principal_policy(name);
    }
    let mut options = Options::default();
    options.filter = filter;
    let suites = Suites::new(archive(&read(dir, name, "input")?));
    Ok(run(engine, &suites, &options))
}

fn read(dir: &Path, name: &str, what: &str) -> Result<String, String> {
    let attached = ["yaml", "json"].map(|ext| dir.join(format!("{name}.{ext}.{what}")));
    let path = attached.iter().find(|path| path.is_file()).ok_or(format!("no {what}"))?;
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Files of a txtar archive: each begins with a line `-- name --`.
fn archive(text: &str) -> Vec<Source> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --"));
        match (marker, files.last_mut()) {
            (Some(name), _) => files.push((name.trim(), String::new())),
            (None, Some((_, content))) => content.push_str(line),
            (None, None) => {}
        }
    }
    files.into_iter().map(|(name, text)| Source::new(name, text)).collect()
}

/// Numbers as doubles, no-break spaces as spaces, suites and failed outputs sorted (Cerbos writes those in the order of a
/// hash map), and without traces, which are not made.
fn normal(json: Json) -> Json {
    let sorted = |mut items: Vec<Json>, by: &str| {
        items.sort_by_key(|item| text(item, by, by));
        Json::from(items)
    };
    match json {
        Json::String(s) => s.replace('\u{a0}', " ").into(),
        Json::Number(n) => n.as_f64().into(),
        Json::Array(items) => items.into_iter().map(normal).collect(),
        Json::Object(entries) => entries
            .into_iter()
            .filter(|(name, _)| !name.starts_with("engineTrace"))
            .map(|(name, value)| {
                let value = match (&*name, normal(value)) {
                    ("suites", Json::Array(items)) => sorted(items, "file"),
                    ("failure", Json::Object(mut failure)) => {
                        if let Some(Json::Array(items)) = failure.remove("outputs") {
                            failure.insert("outputs".to_owned(), sorted(items, "src"));
                        }
                        failure.into()
                    }
                    (_, value) => value,
                };
                (name, value)
            })
            .collect(),
        other => other,
    }
}

fn same(wanted: &Json, got: &Json) -> Result<(), String> {
    let value = |json: &Json| serde_json::from_value::<Value>(json.clone()).ok();
    if value(wanted) == value(got) {
        Ok(())
    } else {
        Err(format!("wanted\n{wanted:#}\ngot\n{got:#}"))
    }
}

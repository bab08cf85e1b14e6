//! Checks on Cerbos' policy store, and conditions that must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use authz_engine::cel::Timestamp;
use authz_engine::check::CheckOutput;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Effect, Engine, Options, Value};
use serde_json::{Value as Json, json};

use crate::input::{aux_data, cases, either, list, principal, resource};
use crate::report::Report;

/// `engine`: in strict and in lenient scope search alike.
pub(crate) fn engine(root: &Path, report: &mut Report) {
    on_the_store(root, "engine", &[false, true], report);
}

/// `engine_strict_scope_search`
pub(crate) fn strict_scope_search(root: &Path, report: &mut Report) {
    on_the_store(root, "engine_strict_scope_search", &[false], report);
}

/// `engine_lenient_scope_search`
pub(crate) fn lenient_scope_search(root: &Path, report: &mut Report) {
    on_the_store(root, "engine_lenient_scope_search", &[true], report);
}

/// On the store as it is, and once more on what is written of it.
fn on_the_store(root: &Path, suite: &str, modes: &[bool], report: &mut Report) {
    for (lenient, rewritten) in modes.iter().flat_map(|mode| [(*mode, false), (*mode, true)]) {
        let set = PolicySet::from_dir(root.join("cerbos/store"))
            .and_then(|set| if rewritten { PolicySet::load(set.to_sources()) } else { Ok(set) });
        let set = match set {
            Ok(set) => set,
            Err(diagnostics) => return report.fail("store", diagnostics.to_string()),
        };
        let mut options = Options::default();
        options.globals = [("environment", Value::from("test"))].into_iter().collect();
        options.lenient_scope_search = lenient;
        let engine = Engine::new(set, options);
        for (name, case) in cases(&root.join("cerbos").join(suite)) {
            let name = format!(
                "{name}{}{}",
                if lenient { " lenient" } else { "" },
                if rewritten { " rewritten" } else { "" }
            );
            let mut outputs = Vec::new();
            let wanted = either(&case, "wantOutputs", "want_outputs");
            for (i, (input, want)) in list(&case, "inputs").iter().zip(wanted).enumerate() {
                let output = check(&engine, input);
                report.check(&format!("{name}[{i}]"), compare(&output, want));
                outputs.push(output);
            }
            // What is written is called by other names of files, which logs show.
            let logs = either(&case, "wantDecisionLogs", "want_decision_logs");
            for log in logs.iter().filter(|_| !rewritten) {
                report.check(&format!("{name} log"), logged(&outputs, log));
            }
        }
    }
}

/// `cel_eval`: each case as the condition of a policy; each leaf of a list by itself as well.
pub(crate) fn cel_eval(root: &Path, report: &mut Report) {
    for (name, case) in cases(&root.join("cerbos/cel_eval")) {
        let want = case.get("want").and_then(Json::as_bool).unwrap_or(false);
        let condition = case.get("condition").cloned().unwrap_or_default();
        report.check(&name, holds(&case, &condition, want));
        let leaves = condition.pointer("/all/of").and_then(Json::as_array).filter(|_| want);
        for (i, leaf) in leaves.into_iter().flatten().enumerate() {
            report.check(&format!("{name}[{i}] {leaf}"), holds(&case, leaf, true));
        }
    }
}

fn holds(case: &Json, condition: &Json, want: bool) -> Result<(), String> {
    let request = case.get("request").cloned().unwrap_or_default();
    let mut resource = resource(&request);
    // Asked in the root scope of a policy for just this kind; conditions still see the scope that was sent.
    let kind = if resource.kind.is_empty() { "thing".into() } else { resource.kind.clone() };
    let version = if resource.policy_version.is_empty() {
        "default".into()
    } else {
        resource.policy_version.clone()
    };
    resource.kind.clone_from(&kind);
    let policy = json!({"apiVersion": "api.cerbos.dev/v1", "resourcePolicy": {
        "resource": kind, "version": version,
        "rules": [{"actions": ["do"], "effect": "EFFECT_ALLOW", "roles": ["*"], "condition": {"match": condition}}],
    }});
    let set = PolicySet::load([Source::new("condition.json", policy.to_string())])
        .map_err(|d| d.to_string())?;
    let mut options = Options::default();
    options.lenient_scope_search = true;
    let engine = Engine::new(set, options);
    let principal = principal(&request);
    let now = Timestamp::parse("2021-04-22T10:05:20.021-05:00").ok_or("no such time")?;
    let output = engine
        .check(&principal, &resource, &["do"], Some(&aux_data(&request)), now)
        .map_err(|e| e.to_string())?;
    let got = output.decisions.iter().all(|(_, d)| d.effect == Effect::Allow);
    if got == want {
        Ok(())
    } else {
        Err(format!("wanted {want}, got {got}: {:?}", output.evaluation_errors))
    }
}

pub(crate) fn check(engine: &Engine, input: &Json) -> CheckOutput {
    let actions: Vec<&str> = list(input, "actions").iter().filter_map(Json::as_str).collect();
    let aux = aux_data(input);
    engine
        .check(&principal(input), &resource(input), &actions, Some(&aux), Timestamp::now())
        .expect("the store's conditions end")
}

pub(crate) fn compare(got: &CheckOutput, want: &Json) -> Result<(), String> {
    let wanted = want.get("actions").and_then(Json::as_object).cloned().unwrap_or_default();
    let text =
        |v: &Json, name: &str| v.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    for (action, want) in &wanted {
        let decision = got
            .decisions
            .iter()
            .find(|(a, _)| **a == **action)
            .map(|(_, d)| d)
            .ok_or("no decision")?;
        let effect = if decision.effect == Effect::Allow { "EFFECT_ALLOW" } else { "EFFECT_DENY" };
        let policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
        let (w_effect, w_policy, w_scope) =
            (text(want, "effect"), text(want, "policy"), text(want, "scope"));
        if (effect, policy, &*decision.scope) != (&*w_effect, &*w_policy, &*w_scope) {
            return Err(format!(
                "{action}: wanted {w_effect} {w_policy} {w_scope:?}, got {effect} {policy} {:?}",
                decision.scope
            ));
        }
    }
    let roles: BTreeSet<&str> = either(want, "effectiveDerivedRoles", "effective_derived_roles")
        .iter()
        .filter_map(Json::as_str)
        .collect();
    let got_roles: BTreeSet<&str> = got.effective_derived_roles.iter().map(|r| &**r).collect();
    if roles != got_roles {
        return Err(format!("derived roles: wanted {roles:?}, got {got_roles:?}"));
    }
    let mut outputs: Vec<Json> = got
        .outputs
        .iter()
        .map(|o| match &o.value {
            Ok(value) => json!({"src": &*o.source, "action": &*o.action, "val": value}),
            Err(error) => json!({"src": &*o.source, "action": &*o.action, "error": &**error}),
        })
        .collect();
    let mut wanted_outputs: Vec<Json> = list(want, "outputs").to_vec();
    let source = |o: &Json| text(o, "src");
    outputs.sort_by_key(source);
    wanted_outputs.sort_by_key(source);
    if !same_outputs(&outputs, &wanted_outputs) {
        return Err(format!("outputs: wanted {wanted_outputs:?}, got {outputs:?}"));
    }
    let errors: Vec<(String, String)> = list(want, "evaluationErrors")
        .iter()
        .filter_map(|e| e.get("celError"))
        .map(|e| (text(e, "expression"), text(e, "message")))
        .collect();
    let got_errors: Vec<(String, String)> = got
        .evaluation_errors
        .iter()
        .map(|e| (e.expression.to_string(), e.message.to_string()))
        .collect();
    if errors == got_errors {
        Ok(())
    } else {
        Err(format!("errors: wanted {errors:?}, got {got_errors:?}"))
    }
}

/// The part of a decision log that the engine knows and the outputs do not say: which policies had a say.
fn logged(outputs: &[CheckOutput], log: &Json) -> Result<(), String> {
    let trail = log.get("auditTrail").or(log.get("audit_trail")).cloned().unwrap_or_default();
    let policies = trail.get("effectivePolicies").or(trail.get("effective_policies"));
    let wanted: BTreeMap<String, String> = policies
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .map(|(key, p)| {
            let source = p.pointer("/attributes/source").and_then(Json::as_str);
            (key.clone(), source.unwrap_or_default().to_owned())
        })
        .collect();
    let got: BTreeMap<String, String> = outputs
        .iter()
        .flat_map(|output| &output.effective_policies)
        .map(|p| (p.key.to_string(), p.source.to_string()))
        .collect();
    if wanted != got {
        return Err(format!("effective policies: wanted {wanted:?}, got {got:?}"));
    }
    let logged = log.pointer("/checkResources/outputs").and_then(Json::as_array);
    outputs
        .iter()
        .zip(logged.into_iter().flatten())
        .try_for_each(|(output, want)| compare(output, want))
}

/// Numbers compare as doubles, as in protobuf values.
fn same_outputs(a: &[Json], b: &[Json]) -> bool {
    let value = |v: &Json| serde_json::from_value::<Value>(v.clone()).ok();
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| value(a) == value(b))
}

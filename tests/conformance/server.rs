//! Requests to the three check APIs, as calls of the engine.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use authz_engine::cel::Timestamp;
use authz_engine::check::{CheckOutput, ValidationSource};
use authz_engine::policy::PolicySet;
use authz_engine::request::{InvalidField, validate_actions};
use authz_engine::{AuxData, Engine, Options, Principal, Resource, SchemaEnforcement};
use serde_json::{Map as Object, Value as Json, json};

use crate::input::{either, map, principal, resource, text};
use crate::report::Report;
use crate::token::Verifier;

/// As the server of the data is configured.
const MAX_RESOURCES: usize = 5;
const MAX_ACTIONS: usize = 5;

/// `server/checks`
pub(crate) fn checks(root: &Path, report: &mut Report) {
    let set = match PolicySet::from_dir(root.join("cerbos/store")) {
        Ok(set) => set,
        Err(diagnostics) => return report.fail("store", diagnostics.to_string()),
    };
    let mut options = Options::default();
    options.schema_enforcement = SchemaEnforcement::Reject;
    let verifier = match Verifier::new(&root.join("cerbos/auxdata/keys/verify_key.jwk")) {
        Ok(verifier) => verifier,
        Err(why) => return report.fail("verify_key.jwk", why),
    };
    let server = Server { engine: Engine::new(set, options), verifier };
    let folder = root.join("cerbos/server/checks");
    let mut folders: Vec<_> = std::fs::read_dir(&folder).into_iter().flatten().flatten().collect();
    folders.sort_by_key(std::fs::DirEntry::file_name);
    for folder in folders {
        for (name, case) in crate::input::cases(&folder.path()) {
            report.check(&name, server.case(&case));
        }
    }
}

struct Server {
    engine: Engine,
    verifier: Verifier,
}

/// One resource of a request, and what is asked about it.
struct Entry {
    resource: Resource,
    actions: Vec<Box<str>>,
}

impl Server {
    fn case(&self, case: &Json) -> Result<(), String> {
        type Call = fn(&Server, &Json) -> Result<Json, String>;
        let calls: [(&str, &str, Call); 3] = [
            ("checkResources", "check_resources", Self::check_resources),
            ("checkResourceSet", "check_resource_set", Self::check_resource_set),
            ("checkResourceBatch", "check_resource_batch", Self::check_resource_batch),
        ];
        let status = case.pointer("/wantStatus/httpStatusCode").and_then(Json::as_u64);
        for (camel, snake, call) in calls {
            let Some(body) = case.get(camel).or(case.get(snake)) else { continue };
            let answer = call(self, body.get("input").unwrap_or(&Json::Null));
            let got = if answer.is_ok() { 200 } else { 400 };
            if status.is_some_and(|wanted| wanted != got) {
                return Err(format!("wanted {status:?}, got {got}: {answer:?}"));
            }
            let Ok(answer) = answer else { return Ok(()) };
            let want = body.get("wantResponse").or(body.get("want_response"));
            let (want, got) = (normal(want.unwrap_or(&Json::Null)), normal(&answer));
            return if want == got { Ok(()) } else { Err(format!("wanted {want}, got {got}")) };
        }
        Err("a call of none of the check APIs".to_owned())
    }

    fn check_resources(&self, input: &Json) -> Result<Json, String> {
        let entries = entries(input);
        let with_meta = flag(input, "includeMeta", "include_meta");
        let outputs = self.check(input, &entries)?;
        let results = entries.iter().zip(&outputs).map(|(entry, output)| {
            json!({
                "resource": {
                    "id": &*entry.resource.id,
                    "kind": &*entry.resource.kind,
                    "policyVersion": &*entry.resource.policy_version,
                    "scope": &*entry.resource.scope,
                },
                "actions": actions(output),
                "validationErrors": validation_errors(output),
                "outputs": rule_outputs(output),
                "meta": if with_meta { meta(output) } else { Json::Null },
            })
        });
        Ok(json!({"requestId": request_id(input), "results": results.collect::<Vec<_>>()}))
    }

    fn check_resource_batch(&self, input: &Json) -> Result<Json, String> {
        let entries = entries(input);
        let outputs = self.check(input, &entries)?;
        let results = entries.iter().zip(&outputs).map(|(entry, output)| {
            json!({
                "resourceId": &*entry.resource.id,
                "actions": actions(output),
                "validationErrors": validation_errors(output),
            })
        });
        Ok(json!({"requestId": request_id(input), "results": results.collect::<Vec<_>>()}))
    }

    fn check_resource_set(&self, input: &Json) -> Result<Json, String> {
        let set = input.get("resource").cloned().unwrap_or_default();
        let instances = set.get("instances").and_then(Json::as_object).cloned().unwrap_or_default();
        let entries: Vec<Entry> = instances
            .iter()
            .map(|(id, instance)| Entry {
                resource: Resource {
                    id: id.as_str().into(),
                    attr: map(instance.get("attr")),
                    ..resource(input)
                },
                actions: strings(input, "actions"),
            })
            .collect();
        let outputs = self.check(input, &entries)?;
        let told = entries.iter().zip(&outputs);
        let by_id = |tell: &dyn Fn(&CheckOutput) -> Json| -> Object<String, Json> {
            told.clone()
                .map(|(entry, output)| (entry.resource.id.to_string(), tell(output)))
                .collect()
        };
        let with_meta = flag(input, "includeMeta", "include_meta");
        Ok(json!({
            "requestId": request_id(input),
            "resourceInstances": by_id(&|output| json!({
                "actions": actions(output),
                "validationErrors": validation_errors(output),
            })),
            "meta": if with_meta { json!({"resourceInstances": by_id(&meta)}) } else { Json::Null },
        }))
    }

    /// Everything that the APIs have in common. The error is what a client is told with status 400.
    fn check(&self, input: &Json, entries: &[Entry]) -> Result<Vec<CheckOutput>, String> {
        let principal = principal(input);
        let mut wrong: Vec<InvalidField> =
            principal.validate().into_iter().map(|f| f.inside("principal")).collect();
        for (i, entry) in entries.iter().enumerate() {
            let place = format!("resources[{i}]");
            wrong.extend(validate_actions(&entry.actions).into_iter().map(|f| f.inside(&place)));
            let place = format!("{place}.resource");
            wrong.extend(entry.resource.validate().into_iter().map(|f| f.inside(&place)));
        }
        if !wrong.is_empty() {
            return Err(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        }
        if entries.is_empty() {
            return Err("`resources` must not be empty".to_owned());
        }
        if entries.len() > MAX_RESOURCES {
            return Err(format!("more than {MAX_RESOURCES} resources"));
        }
        if entries.iter().any(|entry| entry.actions.len() > MAX_ACTIONS) {
            return Err(format!("more than {MAX_ACTIONS} actions"));
        }
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let aux = match input.get("auxData").or(input.get("aux_data")) {
            Some(aux) => self.verifier.aux_data(aux, since_1970.as_secs())?,
            None => AuxData::default(),
        };
        let now = Timestamp::now();
        entries.iter().map(|entry| self.one(&principal, entry, &aux, now)).collect()
    }

    fn one(
        &self,
        principal: &Principal,
        entry: &Entry,
        aux: &AuxData,
        now: Timestamp,
    ) -> Result<CheckOutput, String> {
        let actions: Vec<&str> = entry.actions.iter().map(|a| &**a).collect();
        self.engine
            .check(principal, &entry.resource, &actions, Some(aux), now)
            .map_err(|e| e.to_string())
    }
}

/// `resources` of a request.
fn entries(input: &Json) -> Vec<Entry> {
    let list = either(input, "resources", "resources").iter();
    list.map(|entry| Entry { resource: resource(entry), actions: strings(entry, "actions") })
        .collect()
}

fn strings(json: &Json, name: &str) -> Vec<Box<str>> {
    either(json, name, name).iter().filter_map(Json::as_str).map(Into::into).collect()
}

fn flag(json: &Json, camel: &str, snake: &str) -> bool {
    json.get(camel).or(json.get(snake)).and_then(Json::as_bool).unwrap_or(false)
}

fn request_id(input: &Json) -> Box<str> {
    text(input, "requestId", "request_id")
}

fn actions(output: &CheckOutput) -> Object<String, Json> {
    let effect = |allow| if allow { "EFFECT_ALLOW" } else { "EFFECT_DENY" };
    let decisions = output.decisions.iter();
    decisions.map(|(a, d)| (a.to_string(), json!(effect(d.effect.is_allow())))).collect()
}

fn meta(output: &CheckOutput) -> Json {
    let decisions: Object<String, Json> = output
        .decisions
        .iter()
        .map(|(action, decision)| {
            let policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
            (action.to_string(), json!({"matchedPolicy": policy, "matchedScope": &*decision.scope}))
        })
        .collect();
    json!({"actions": decisions, "effectiveDerivedRoles": &output.effective_derived_roles})
}

fn validation_errors(output: &CheckOutput) -> Vec<Json> {
    let source = |s| match s {
        ValidationSource::Principal => "SOURCE_PRINCIPAL",
        ValidationSource::Resource => "SOURCE_RESOURCE",
    };
    let errors = output.validation_errors.iter();
    errors
        .map(|e| json!({"path": &*e.path, "message": &*e.message, "source": source(e.source)}))
        .collect()
}

fn rule_outputs(output: &CheckOutput) -> Vec<Json> {
    let entry = |o: &authz_engine::check::OutputEntry| match &o.value {
        Ok(value) => json!({"src": &*o.source, "action": &*o.action, "val": value}),
        Err(error) => json!({"src": &*o.source, "action": &*o.action, "error": &**error}),
    };
    output.outputs.iter().map(entry).collect()
}

/// A message as its text says it: what is empty is not there, numbers of outputs are doubles, and what
/// has no order is sorted.
fn normal(json: &Json) -> Json {
    const UNORDERED: [&str; 3] = ["effectiveDerivedRoles", "outputs", "validationErrors"];
    let empty = |v: &Json| match v {
        Json::Null => true,
        Json::String(s) => s.is_empty(),
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.is_empty(),
        _ => false,
    };
    match json {
        Json::Object(fields) => {
            let fields =
                fields.iter().filter(|(name, _)| *name != "cerbosCallId").map(|(name, v)| {
                    let value = if name == "val" { doubles(v) } else { normal(v) };
                    let value = match value {
                        Json::Array(mut list) if UNORDERED.contains(&name.as_str()) => {
                            list.sort_by_key(ToString::to_string);
                            Json::Array(list)
                        }
                        value => value,
                    };
                    (name.clone(), value)
                });
            fields.filter(|(name, value)| name == "val" || !empty(value)).collect()
        }
        Json::Array(items) => items.iter().map(normal).collect(),
        other => other.clone(),
    }
}

fn doubles(json: &Json) -> Json {
    match json {
        Json::Number(n) => json!(n.as_f64()),
        Json::Array(items) => items.iter().map(doubles).collect(),
        Json::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), doubles(v))).collect(),
        other => other.clone(),
    }
}

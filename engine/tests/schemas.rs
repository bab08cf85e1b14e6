//! Schema enforcement, with the answers that the real Cerbos 0.55 gave.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use authz_engine::cel::Timestamp;
use authz_engine::check::{CheckOutput, ValidationSource};
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Effect, Engine, Map, Options, Principal, Resource, SchemaEnforcement};
use serde_json::{Value as Json, json};

const POLICIES: [(&str, &str); 7] = [
    ("_schemas/person.json", r#"{"properties": {"team": {"type": "string"}}}"#),
    (
        "_schemas/sub/doc.json",
        r#"{"required": ["owner"], "properties": {"n": {"type": "integer"}}}"#,
    ),
    (
        "doc.yaml",
        r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: doc
  version: default
  importDerivedRoles: [roles]
  schemas:
    principalSchema: {ref: "cerbos:///person.json"}
    resourceSchema:
      ref: cerbos:///sub/doc.json
      ignoreWhen: {actions: [create, "del:*"]}
  rules:
    - actions: ["*"]
      effect: EFFECT_ALLOW
      derivedRoles: [anybody]
      output: {when: {ruleActivated: "1"}}
"#,
    ),
    (
        "doc_acme.yaml",
        r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: doc
  version: default
  scope: acme
  schemas:
    resourceSchema: {ref: "cerbos:///nothing.json"}
  rules: []
"#,
    ),
    (
        "roles.yaml",
        "
apiVersion: api.cerbos.dev/v1
derivedRoles: {name: roles, definitions: [{name: anybody, parentRoles: ['*']}]}
",
    ),
    (
        "donald.yaml",
        "
apiVersion: api.cerbos.dev/v1
principalPolicy:
  principal: donald
  version: default
  rules: [{resource: doc, actions: [{action: '*', effect: EFFECT_ALLOW}]}]
",
    ),
    (
        "jr.yaml",
        "
apiVersion: api.cerbos.dev/v1
rolePolicy: {role: jr, scope: other, rules: [{resource: none, allowActions: ['*']}]}
",
    ),
];

fn sources() -> Vec<Source> {
    POLICIES.iter().map(|(name, text)| Source::new(*name, *text)).collect()
}

fn engine(enforcement: SchemaEnforcement) -> Engine {
    let set = PolicySet::load(sources()).unwrap_or_else(|d| panic!("{d}"));
    let mut options = Options::default();
    options.schema_enforcement = enforcement;
    Engine::new(set, options)
}

fn map(json: Json) -> Map {
    serde_json::from_value(json).unwrap()
}

struct Request {
    principal: Principal,
    resource: Resource,
}

fn request(id: &str, person: Json, doc: Json, scope: &str) -> Request {
    let (roles, kind) = (vec!["user".into()], "doc".into());
    Request {
        principal: Principal { id: id.into(), roles, attr: map(person), ..Principal::default() },
        resource: Resource {
            kind,
            id: "1".into(),
            attr: map(doc),
            scope: scope.into(),
            ..Resource::default()
        },
    }
}

fn check(engine: &Engine, request: &Request, actions: &[&str]) -> CheckOutput {
    let Request { principal, resource } = request;
    let output = engine.check(principal, resource, actions, None, Timestamp::now()).unwrap();
    for (action, decision) in &output.decisions {
        let alone = engine.check(principal, resource, &[action], None, Timestamp::now()).unwrap();
        let short = engine.decide(principal, resource, action, None, Timestamp::now()).unwrap();
        assert_eq!(short, alone.decisions[0].1, "`decide` and `check` differ on {action}");
        if actions.len() == 1 {
            assert_eq!(short, *decision);
        }
    }
    output
}

fn errors(output: &CheckOutput) -> Vec<String> {
    let source = |s| if s == ValidationSource::Principal { "P" } else { "R" };
    let text = |e: &authz_engine::check::ValidationError| {
        format!("{} {}: {}", source(e.source), e.path, e.message)
    };
    output.validation_errors.iter().map(text).collect()
}

fn told(output: &CheckOutput) -> Vec<(Effect, &str, &str)> {
    let told = |(_, d): &'_ (_, authz_engine::Decision)| d.effect;
    output
        .decisions
        .iter()
        .map(|d| (told(d), d.1.policy.as_ref().map_or("NO_MATCH", |p| p.as_str()), &*d.1.scope))
        .collect()
}

const WRONG: [&str; 2] =
    ["P /team: expected string, but got number", "R /: missing properties: 'owner'"];

#[test]
fn nobody_looks_unless_told_to() {
    let output = check(
        &engine(SchemaEnforcement::None),
        &request("p", json!({"team": 1}), json!({}), ""),
        &["view"],
    );
    assert_eq!(told(&output), [(Effect::Allow, "resource.doc.vdefault", "")]);
    assert_eq!(errors(&output), [""; 0]);
}

#[test]
fn warnings_leave_the_decision_as_it_is() {
    let request = request("p", json!({"team": 1}), json!({}), "");
    let output = check(&engine(SchemaEnforcement::Warn), &request, &["view"]);
    assert_eq!(told(&output), [(Effect::Allow, "resource.doc.vdefault", "")]);
    assert_eq!(errors(&output), WRONG);
    assert_eq!(output.outputs.len(), 1);
}

#[test]
fn rejected_attributes_deny_everything_and_evaluate_nothing() {
    let engine = engine(SchemaEnforcement::Reject);
    for who in ["p", "donald"] {
        let output =
            check(&engine, &request(who, json!({"team": 1}), json!({}), ""), &["view", "edit"]);
        assert_eq!(told(&output), [(Effect::Deny, "resource.doc.vdefault", ""); 2]);
        assert_eq!(errors(&output), WRONG);
        assert!(output.outputs.is_empty());
        assert!(output.effective_derived_roles.is_empty());
        assert!(output.effective_policies.is_empty());
    }
    let output = check(
        &engine,
        &request("p", json!({"team": "a"}), json!({"owner": "o", "n": 1}), ""),
        &["view"],
    );
    assert_eq!(told(&output), [(Effect::Allow, "resource.doc.vdefault", "")]);
    assert_eq!(errors(&output), [""; 0]);
}

#[test]
fn validation_is_left_out_only_if_every_action_asks_for_that() {
    let engine = engine(SchemaEnforcement::Reject);
    let request = request("p", json!({}), json!({}), "");
    let ignored = check(&engine, &request, &["create", "del:all"]);
    assert_eq!(told(&ignored), [(Effect::Allow, "resource.doc.vdefault", ""); 2]);
    let mixed = check(&engine, &request, &["create", "view"]);
    assert_eq!(told(&mixed), [(Effect::Deny, "resource.doc.vdefault", ""); 2]);
    assert_eq!(errors(&mixed), WRONG[1..]);
}

#[test]
fn only_the_schemas_of_the_root_count() {
    let engine = engine(SchemaEnforcement::Reject);
    let output = check(&engine, &request("p", json!({}), json!({}), "acme"), &["view"]);
    assert_eq!(told(&output), [(Effect::Deny, "resource.doc.vdefault/acme", "")]);
    assert_eq!(errors(&output), WRONG[1..]);
}

#[test]
fn a_scope_that_only_others_use_is_not_validated() {
    let engine = engine(SchemaEnforcement::Reject);
    let output = check(&engine, &request("p", json!({}), json!({}), "other"), &["view"]);
    assert_eq!(told(&output), [(Effect::Allow, "resource.doc.vdefault/other", "")]);
    assert_eq!(errors(&output), [""; 0]);
}

#[test]
fn references_to_no_schema_load_and_are_problems_of_the_set() {
    let set = PolicySet::load(sources()).unwrap();
    let problems: Vec<String> = set.schema_problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(
        "error[invalid-schema]: the resource schema `cerbos:///nothing.json` cannot be used: \
         schema _schemas/nothing.json doesn't exist\n  --> doc_acme.yaml:8:22\n"
    ));
    assert!(set.warnings().is_empty());
}

#[test]
fn a_schema_that_does_not_load_is_a_validation_error_without_a_path() {
    let mut sources = sources();
    sources.retain(|source| !source.name().ends_with("doc.json"));
    let mut options = Options::default();
    options.schema_enforcement = SchemaEnforcement::Reject;
    let engine = Engine::new(PolicySet::load(sources).unwrap(), options);
    let output = check(&engine, &request("p", json!({}), json!({"owner": "o"}), ""), &["view"]);
    assert_eq!(told(&output), [(Effect::Deny, "resource.doc.vdefault", "")]);
    assert_eq!(
        errors(&output),
        [
            "R : Failed to load resource schema \"cerbos:///sub/doc.json\": schema _schemas/sub/doc.json doesn't exist"
        ]
    );
    let ignored = check(&engine, &request("p", json!({}), json!({}), ""), &["create"]);
    assert_eq!(told(&ignored), [(Effect::Allow, "resource.doc.vdefault", "")]);
}

#[test]
fn folders_bring_their_schemas_along() {
    let folder = std::env::temp_dir().join(format!("authz-schemas-{}", std::process::id()));
    for (name, text) in POLICIES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(folder.join("_schemas/.hidden.json"), "{}").unwrap();
    std::fs::write(folder.join("_schemas/broken.yaml"), "{").unwrap();
    let set = PolicySet::from_dir(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    let set = set.unwrap_or_else(|d| panic!("{d}"));
    assert_eq!((set.len(), set.schema_problems().len()), (4, 1));
}

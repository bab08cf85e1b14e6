//! Explanations: every rule of the policies that were asked, and why it counted or not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use authz_engine::cel::Timestamp;
use authz_engine::explain::Explanation;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Map, Options, Principal, Resource};

const POLICIES: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: doc
  version: default
  importDerivedRoles: [people]
  variables: {local: {open: "!V.closed", closed: R.attr.closed}}
  rules:
    - {name: closed, actions: [edit], effect: EFFECT_DENY, roles: ["*"], condition: {match: {expr: "!V.open"}}}
    - {name: owner, actions: ["*"], effect: EFFECT_ALLOW, derivedRoles: [owner]}
    - {name: editor, actions: [edit], effect: EFFECT_ALLOW, roles: [editor]}
    - {name: reader, actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {any: {of: [{expr: R.attr.public}, {expr: R.attr.missing == 1}, {expr: "true"}, {expr: "false"}]}}}}
---"#;
const SCOPED: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: doc
  version: default
  scope: acme
  scopePermissions: SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS
  rules:
    - {name: narrow, actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.attr.level > 1}}}
"#;
const PEOPLE: &str = r#"
apiVersion: api.cerbos.dev/v1
derivedRoles:
  name: people
  definitions:
    - {name: owner, parentRoles: [user], condition: {match: {expr: R.attr.owner == P.id}}}
"#;
const GUEST: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: guest
  version: default
  parentRoles: [user]
  rules:
    - {name: looking, resource: doc, allowActions: [view], condition: {match: {expr: "true"}}}
"#;
const ALICE: &str = r#"
apiVersion: api.cerbos.dev/v1
principalPolicy:
  principal: alice
  version: default
  rules:
    - {resource: photo, actions: [{action: view, effect: EFFECT_ALLOW}]}
    - {resource: doc, actions: [{action: burn, effect: EFFECT_DENY}]}
"#;

fn explain(options: Options, roles: &[&str], scope: &str, attr: &str, action: &str) -> Explanation {
    let texts = [POLICIES, SCOPED, PEOPLE, GUEST, ALICE];
    let sources = texts.iter().enumerate().map(|(i, t)| Source::new(format!("{i}.yaml"), *t));
    let set = PolicySet::load(sources).unwrap_or_else(|d| panic!("{d}"));
    let engine = Engine::new(set, options);
    let principal = Principal {
        id: "alice".into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
        ..Principal::default()
    };
    let attr: Map = serde_json::from_str(attr).unwrap();
    let resource = Resource {
        kind: "doc".into(),
        id: "1".into(),
        attr,
        scope: scope.into(),
        ..Resource::default()
    };
    let now = Timestamp::now();
    let explained = engine.explain(&principal, &resource, &[action], None, now).unwrap();
    let checked = engine.check(&principal, &resource, &[action], None, now).unwrap();
    assert_eq!(explained.output.decisions, checked.decisions);
    assert_eq!(explained.output.evaluation_errors, checked.evaluation_errors);
    explained
}

#[track_caller]
fn tree(explanation: &Explanation, want: &str) {
    assert_eq!(explanation.to_string().trim_end(), want.trim(), "\n{explanation}");
}

#[test]
fn every_rule_says_why_it_did_or_did_not_count() {
    let attr = r#"{"owner": "bob", "public": false, "closed": false}"#;
    let got = explain(Options::default(), &["user"], "", attr, "view");
    tree(
        &got,
        "
view: ALLOW by resource.doc.vdefault
├─ principal, principal.alice.vdefault: says nothing
│  ├─ ALLOW photo_rule-001: is about `photo` (4.yaml:7:35)
│  └─ DENY doc_rule-001: is about `burn` (4.yaml:8:33)
└─ role `user`, resource.doc.vdefault: allows
   ├─ DENY closed: is about `edit` (0.yaml:9:7)
   ├─ ALLOW owner: its derived role is not active (0.yaml:10:7)
   │  └─ derived role `owner`
   │     └─ false   R.attr.owner == P.id
   ├─ ALLOW editor: is about `edit` (0.yaml:11:7)
   └─ ALLOW reader: applies (0.yaml:12:7)
      └─ true    any
         ├─ false   R.attr.public
         ├─ failed  R.attr.missing == 1
         │          no such key: missing
         ├─ true    true
         └─ skipped false",
    );
}

#[test]
fn variables_show_their_values_and_what_comes_after_a_denial_is_not_reached() {
    let attr = r#"{"owner": "alice", "closed": true}"#;
    let got = explain(Options::default(), &["user"], "", attr, "edit");
    let text = got.to_string();
    assert!(text.contains("DENY closed: applies"), "{text}");
    assert!(text.contains("V.open = !V.closed: false"), "{text}");
    assert!(text.contains("V.closed = R.attr.closed: true"), "{text}");
    assert!(text.contains("ALLOW owner: not reached"), "{text}");
    assert!(text.contains("ALLOW editor: is for `editor`"), "{text}");
}

#[test]
fn scopes_that_need_consent_say_who_decides() {
    let holds = explain(Options::default(), &["user"], "acme", r#"{"level": 2}"#, "view");
    let text = holds.to_string();
    assert!(text.contains("allows if the parent scope does"), "{text}");
    assert!(text.contains("ALLOW narrow: applies, and the parent scope decides"), "{text}");
    let fails = explain(Options::default(), &["user"], "acme", r#"{"level": 1}"#, "view");
    let text = fails.to_string();
    assert!(text.contains("ALLOW narrow: denies, because its condition does not hold"), "{text}");
    assert!(text.starts_with("view: DENY by resource.doc.vdefault/acme, decided in scope `acme`"));
}

#[test]
fn role_policies_show_their_allow_lists() {
    let got = explain(Options::default(), &["guest"], "", "{}", "view");
    let text = got.to_string();
    assert!(
        text.contains("allow list of role.guest.vdefault, looking: lists the action"),
        "{text}"
    );
    let got = explain(Options::default(), &["guest"], "", "{}", "burn");
    let text = got.to_string();
    assert!(!text.contains("allow list"), "the principal policy decides first: {text}");
    let got = explain(Options::default(), &["guest"], "", "{}", "edit");
    let text = got.to_string();
    assert!(text.starts_with("edit: DENY by role.guest.vdefault"), "{text}");
    assert!(text.contains("allow list of role.guest.vdefault: does not list the action"), "{text}");
}

#[test]
fn strict_evaluation_names_the_expression_that_failed() {
    let mut options = Options::default();
    options.strict_evaluation = true;
    let got = explain(options, &["user"], "", r#"{"owner": "bob", "public": false}"#, "view");
    let text = got.to_string();
    assert!(text.contains("denies, because an expression failed"), "{text}");
    assert!(text.contains("ALLOW reader: an expression failed"), "{text}");
    assert!(text.contains("skipped true"), "{text}");
}

#[test]
fn when_nobody_was_asked_it_says_why() {
    let got = explain(Options::default(), &["user"], "acme.zzz", "{}", "view");
    let note = got.actions[0].note.as_deref().unwrap();
    assert_eq!(
        note,
        "no resource or role policy uses the scope `acme.zzz`, and scope search is strict"
    );
}

#[test]
fn as_data_it_says_the_same() {
    let attr = r#"{"owner": "alice", "closed": false}"#;
    let got = explain(Options::default(), &["user"], "", attr, "edit");
    let json = serde_json::to_value(&got).unwrap();
    assert_eq!(json["actions"][0]["effect"], "EFFECT_ALLOW");
    assert_eq!(json["actions"][0]["matchedPolicy"], "resource.doc.vdefault");
    let rules = &json["actions"][0]["visits"][1]["rules"];
    assert_eq!(rules[0]["result"], "conditionNotMet");
    assert_eq!(rules[0]["condition"]["variables"][1]["value"], false);
    assert_eq!(rules[1]["derivedRole"]["name"], "owner");
    assert_eq!(rules[2]["result"]["otherRoles"][0], "editor");
    assert_eq!(json["effectiveDerivedRoles"][0], "owner");
}

#[test]
fn what_a_request_brings_does_not_reach_a_terminal_as_commands() {
    let got = explain(Options::default(), &["user"], "", "{}", "\u{1b}[2Jview");
    let text = got.to_string();
    assert!(text.starts_with("\\u{1b}[2Jview: DENY"), "{text}");
}

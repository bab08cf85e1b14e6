//! What policies speak of: kinds, actions, rules, and the attributes that are read.

#![expect(clippy::unwrap_used, reason = "tests")]

use authz_engine::inspect::{self, Vocabulary};
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Options};

const ALBUM: &str = "\
apiVersion: api.cerbos.dev/v1
description: Photos that belong together
resourcePolicy:
  resource: album:object
  version: default
  importDerivedRoles: [common]
  variables:
    import: [shared]
    local:
      open: V.fresh && R.attr.public
      unused: R.attr.unused
  rules:
    - name: everybody-sees
      actions: [view, share]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {any: {of: [{expr: V.open}, {none: {of: [{expr: request.resource.attr.hidden}]}}]}}}
    - actions: [edit]
      effect: EFFECT_ALLOW
      derivedRoles: [owner]
      output: {when: {ruleActivated: R.attr.title, conditionNotMet: P.attr.name}}
    - name: nobody-purges
      actions: ['purge:*']
      effect: EFFECT_DENY
      roles: ['*']
      condition: {match: {expr: R.attr.archived}}
    - actions: [audit]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: '\"owner\" in runtime.effectiveDerivedRoles'}}
";

const SCOPED: &str = "\
apiVersion: api.cerbos.dev/v1
description: Albums of Acme
resourcePolicy:
  resource: album:object
  version: default
  scope: acme
  rules:
    - name: in-acme
      actions: [view, stamp]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: R.attr.stamped}}
";

const NEXT: &str = "\
apiVersion: api.cerbos.dev/v1
description: Albums to come
resourcePolicy:
  resource: album:object
  version: next
  rules:
    - {actions: [dream], effect: EFFECT_ALLOW, roles: [user]}
";

const ROLES: &str = "\
apiVersion: api.cerbos.dev/v1
derivedRoles:
  name: common
  variables: {local: {mine: R.attr.owner == P.id, idle: R.attr.idle}}
  definitions:
    - name: owner
      parentRoles: [user]
      condition: {match: {expr: V.mine}}
    - {name: stranger, parentRoles: [user], condition: {match: {expr: '!V.mine && R.attr.strange'}}}
";

const SHARED: &str = "\
apiVersion: api.cerbos.dev/v1
exportVariables:
  name: shared
  definitions: {fresh: R.attr.age < 5, other: R.attr.other}
";

const PRINCIPAL: &str = "\
apiVersion: api.cerbos.dev/v1
principalPolicy:
  principal: auditor
  version: default
  rules:
    - resource: album:object
      actions:
        - {name: by-name, action: inspect, effect: EFFECT_ALLOW, condition: {match: {expr: R.attr.seen}}}
    - resource: 'alb*'
      actions: [{action: list, effect: EFFECT_ALLOW}]
    - resource: photo
      actions: [{action: develop, effect: EFFECT_ALLOW}]
";

const ROLE: &str = "\
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: clerk
  rules:
    - resource: '*'
      allowActions: ['{open,close}', file]
      condition: {match: {expr: R.attr.filed}}
    - {resource: 'album:object', allowActions: [never]}
";

const PHOTO: &str = "\
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: photo
  version: default
  rules:
    - {actions: ['*'], effect: EFFECT_ALLOW, roles: [admin], condition: {match: {expr: R.attr.size > 1}}}
    - {actions: [view], effect: EFFECT_ALLOW, roles: [user]}
";

fn set() -> PolicySet {
    let off = PHOTO.replace("resource: photo", "resource: film") + "disabled: true\n";
    let files = [
        ("album.yaml", ALBUM),
        ("acme.yaml", SCOPED),
        ("next.yaml", NEXT),
        ("roles.yaml", ROLES),
        ("shared.yaml", SHARED),
        ("auditor.yaml", PRINCIPAL),
        ("clerk.yaml", ROLE),
        ("photo.yaml", PHOTO),
        ("off.yaml", &off),
    ];
    PolicySet::load(files.map(|(name, text)| Source::new(name, text))).unwrap()
}

fn words() -> Vocabulary {
    inspect::vocabulary(&set())
}

fn list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn reads(kind: &str, action: &str, expected: &[&str]) {
    let found: Vec<String> = words().reads(kind, action).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn kinds_are_those_of_resource_policies_in_use() {
    let words = words();
    assert_eq!(list(words.kinds()), "album:object photo");
    assert!(words.knows_kind("album:object") && words.knows_kind("album_object"));
    assert!(!words.knows_kind("album") && !words.knows_kind("film"));
}

#[test]
fn the_description_is_that_of_the_default_version_at_the_root() {
    let words = words();
    assert_eq!(words.description("album_object"), Some("Photos that belong together"));
    assert_eq!(words.description("photo"), None);
    let later = [("a.yaml", NEXT), ("b.yaml", &SCOPED.replace("scope: acme", "scope: ''"))];
    let later = PolicySet::load(later.map(|(name, text)| Source::new(name, text))).unwrap();
    assert_eq!(inspect::vocabulary(&later).description("album_object"), Some("Albums of Acme"));
}

#[test]
fn actions_are_named_by_rules_of_all_scopes_versions_and_sorts_of_policies() {
    let words = words();
    assert_eq!(
        list(words.actions("album:object")),
        "audit dream edit file inspect list share stamp view"
    );
    // The principal's rule for photos is not about albums, and the other way round.
    assert_eq!(list(words.actions("photo")), "develop file view");
    assert_eq!(list(words.actions("film")), "");
}

#[test]
fn an_action_is_known_by_its_name_or_by_a_pattern() {
    let words = words();
    for action in ["view", "dream", "inspect", "list", "purge:all", "open", "close"] {
        assert!(words.knows_action("album:object", action), "{action}");
    }
    // A role policy's resource with a colon meets no kind (rule Q3), `purge:*` ends at the next colon.
    for action in ["develop", "never", "purge", "purge:a:b", "View"] {
        assert!(!words.knows_action("album:object", action), "{action}");
    }
    assert!(words.knows_action("photo", "anything") && !words.knows_action("film", "view"));
}

#[test]
fn rules_have_the_names_that_authors_gave() {
    let words = words();
    assert_eq!(list(words.rules("album:object", "view")), "everybody-sees in-acme");
    assert_eq!(list(words.rules("album:object", "purge:all")), "nobody-purges");
    assert_eq!(list(words.rules("album:object", "inspect")), "by-name");
    assert_eq!(list(words.rules("album:object", "edit")), "");
}

#[test]
fn what_was_probably_meant_is_suggested() {
    let words = words();
    assert_eq!(words.suggest_kind("album:objekt"), Some("album:object"));
    assert_eq!(words.suggest_kind("phto"), Some("photo"));
    assert_eq!(words.suggest_kind("photo"), None);
    assert_eq!(words.suggest_kind("something else"), None);
    assert_eq!(words.suggest_action("album:object", "veiw"), Some("view"));
    assert_eq!(words.suggest_action("album:object", "view"), None);
    // A rule for `*` knows the action, and nobody names it.
    assert_eq!(words.suggest_action("photo", "developp"), Some("develop"));
    assert_eq!(words.suggest_action("film", "view"), None);
}

#[test]
fn conditions_are_read_through_operators_and_variables_of_variables() {
    reads(
        "album:object",
        "view",
        &[
            "album.yaml:13 reads `age`",
            "album.yaml:13 reads `hidden`",
            "album.yaml:13 reads `public`",
            "acme.yaml:8 reads `stamped`",
        ],
    );
}

#[test]
fn attributes_are_read_in_whatever_way_they_are_named() {
    for (expr, expected) in [
        (r#"R.attr["frozen"]"#, "frozen"),
        (r#"R.attr["frozen"].since > 1 && R.attr["a-b"] == 1"#, "a-b frozen"),
        (r#"request.resource.attr["frozen"]"#, "frozen"),
        (r#"R.attr.?frozen.orValue(true)"#, "frozen"),
        (r#"R.attr[?"frozen"].orValue(true)"#, "frozen"),
        (r#""frozen" in R.attr"#, "frozen"),
        (r#"has(R.attr.frozen)"#, "frozen"),
        (r#"[1].exists(x, R.attr["frozen"] == x)"#, "frozen"),
        (r#"P.attr["frozen"] == "frozen" && "frozen" in P.attr"#, ""),
        (r#"R.attr["owner"] in P.attr["team"]"#, "owner"),
        (r#"R.attr[P.attr.name] == 1"#, ""),
    ] {
        let text = format!(
            "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: doc\n  version: default\n  rules:\n    \
             - {{actions: [view], effect: EFFECT_DENY, roles: [user], condition: {{match: {{expr: '{expr}'}}}}}}\n"
        );
        let set = PolicySet::load([Source::new("doc.yaml", text)]).unwrap();
        let reads = inspect::vocabulary(&set).reads("doc", "view");
        assert_eq!(list(reads.iter().map(|read| &*read.attribute)), expected, "{expr}");
    }
}

#[test]
fn derived_roles_are_read_where_they_stand_and_outputs_with_their_rule() {
    reads("album:object", "edit", &["roles.yaml:6 reads `owner`", "album.yaml:18 reads `title`"]);
}

#[test]
fn whoever_looks_at_runtime_reads_the_derived_roles_that_the_kind_names() {
    reads("album:object", "audit", &["roles.yaml:6 reads `owner`"]);
}

#[test]
fn patterns_principal_policies_and_role_policies_read_too() {
    reads("album:object", "purge:all", &["album.yaml:22 reads `archived`"]);
    reads("album:object", "inspect", &["auditor.yaml:8 reads `seen`"]);
    reads("album:object", "file", &["clerk.yaml:5 reads `filed`"]);
    reads("album:object", "open", &["clerk.yaml:5 reads `filed`"]);
    reads("photo", "view", &["photo.yaml:6 reads `size`"]);
    reads("film", "view", &[]);
}

#[test]
fn the_engine_knows_the_same_words() {
    let engine = Engine::new(set(), Options::default());
    assert_eq!(format!("{:?}", engine.vocabulary()), format!("{:?}", words()));
}

//! What the real Cerbos shows of the same policies.

use super::*;
use crate::policy::{PolicySet, Source};

const HEAD: &str = "apiVersion: api.cerbos.dev/v1\n";

fn sources() -> Vec<Source> {
    [
        ("a.yaml", r#"variables: {topv: R.attr.top}
resourcePolicy:
  resource: doc
  version: default
  importDerivedRoles: [dr]
  constants: {import: [ec], local: {lc: {a: 1}, unusedc: [x]}}
  variables: {import: [ev], local: {lv: V.exported && R.attr.lv, unusedv: R.attr.unusedAttr && V.exported2 && C.exportedConst2}}
  rules:
    - actions: [b, a]
      effect: EFFECT_ALLOW
      roles: [user]
      derivedRoles: [dr1]
      condition: {match: {expr: 'V.lv && P.attr.p1 && request.principal.attr["p2"] && request.resource.attr.r1.deep && R.attr["r-2"] && has(R.attr.hasd) && C.lc.a == 1 && V.topv && R.attr.?optd.orValue(true) && [1].exists(x, R.attr.inmacro == x) && P.attr[R.attr.dyn] == 1'}}
      output: {expr: R.attr.outAttr}
    - {actions: [b, "*"], effect: EFFECT_DENY, roles: [user]}
"#),
        ("s.yaml", "resourcePolicy: {resource: doc, version: default, scope: acme, rules: [{actions: [scoped], effect: EFFECT_ALLOW, roles: [user]}]}\n"),
        ("dr.yaml", "derivedRoles:\n  name: dr\n  variables: {import: [ev], local: {drv: R.attr.drv, drunused: R.attr.drunused}}\n  definitions:\n    - {name: dr1, parentRoles: [user], condition: {match: {expr: V.drv && V.exported}}}\n    - {name: dr2, parentRoles: [user], condition: {match: {expr: R.attr.dr2attr}}}\n"),
        ("ev.yaml", "metadata: {storeIdentifier: shown}\nexportVariables:\n  name: ev\n  definitions: {exported: R.attr.exported, exported2: R.attr.exported2, exported3: '1'}\n"),
        ("ec.yaml", "exportConstants:\n  name: ec\n  definitions: {exportedConst: 1, exportedConst2: 2}\n"),
        ("role.yaml", "rolePolicy:\n  role: jr\n  rules:\n    - {resource: doc, allowActions: [z, y], condition: {match: {expr: R.attr.rv}}}\n    - {resource: 'x*', allowActions: [y]}\n"),
        ("off.yaml", "disabled: true\nexportConstants:\n  name: off\n  definitions: {c: 1}\n"),
    ]
    .into_iter()
    .map(|(name, text)| Source::new(name, format!("{HEAD}{text}")))
    .collect()
}

fn names<'i>(items: impl Iterator<Item = &'i Box<str>>) -> String {
    items.map(|name| &**name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_policy_is_shown_with_what_its_expressions_read() {
    let found = policies(sources());
    assert!(found.diagnostics.is_empty() && found.missing_policies.is_empty());
    let doc = &found.policies["resource.doc.vdefault"];
    assert_eq!(&*doc.policy_id, "a.yaml");
    assert_eq!(names(doc.actions.iter()), "* a b");
    // Neither what is indexed nor what `.?` reads counts, in Cerbos either.
    assert_eq!(
        names(doc.attributes.iter().map(|a| &a.name)),
        "dyn exported exported2 hasd inmacro lv outAttr p1 r1 top unusedAttr"
    );
    let p1 = doc.attributes.iter().find(|a| &*a.name == "p1").unwrap();
    assert_eq!(p1.kind, AttributeKind::Principal);
    let constants: Vec<_> = doc.constants.iter().map(|c| (&*c.name, c.kind, c.used)).collect();
    assert_eq!(
        constants,
        [
            ("exportedConst2", Kind::Imported, true),
            ("lc", Kind::Local, true),
            ("unusedc", Kind::Local, false)
        ]
    );
    let variables: Vec<_> = doc.variables.iter().map(|c| (&*c.name, c.kind, c.used)).collect();
    assert_eq!(
        variables,
        [
            ("exported", Kind::Imported, true),
            ("exported2", Kind::Imported, true),
            ("lv", Kind::Local, true),
            ("topv", Kind::Local, true),
            ("unusedv", Kind::Local, false)
        ]
    );
    assert_eq!(&*doc.variables[0].source, "export_variables.ev");
    assert_eq!(names(doc.derived_roles.iter().map(|r| &r.name)), "dr1");
}

#[test]
fn exports_and_derived_roles_are_shown_too_and_disabled_policies_are_not() {
    let found = policies(sources());
    let keys: Vec<&str> = found.policies.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "derived_roles.dr",
            "export_constants.ec",
            "export_variables.ev",
            "resource.doc.vdefault",
            "resource.doc.vdefault/acme",
            "role.jr.vdefault"
        ]
    );
    let roles = &found.policies["derived_roles.dr"];
    assert_eq!(names(roles.derived_roles.iter().map(|r| &r.name)), "dr1 dr2");
    assert_eq!(names(roles.attributes.iter().map(|a| &a.name)), "dr2attr drunused drv exported");
    assert_eq!(&*found.policies["export_variables.ev"].policy_id, "shown");
    assert_eq!(names(found.policies["role.jr.vdefault"].actions.iter()), "y z");
}

#[test]
fn compiled_policies_keep_what_is_used_and_bring_their_ancestors() {
    let set = PolicySet::load(sources()).unwrap();
    let sets = policy_sets(&set);
    let doc = &sets["resource.doc.vdefault/acme"];
    assert_eq!(names(doc.actions.iter()), "* a b scoped");
    assert_eq!(names(doc.variables.iter().map(|v| &v.name)), "exported lv topv");
    assert!(doc.variables.iter().all(|v| v.kind == Kind::Unknown && v.used));
    assert!(doc.attributes.iter().any(|a| &*a.name == "drv"));
    assert!(rule_tables(&set)["resource.doc.vdefault"].variables.iter().all(|v| !v.used));
    let kept = kept(&set);
    let doc = kept.iter().find(|k| k.policy == "resource.doc.vdefault").unwrap();
    assert_eq!(names(doc.variables.iter()), "exported lv topv");
    assert_eq!(names(doc.constants.iter()), "lc");
    assert_eq!(names(doc.derived_roles[0].variables.iter()), "drv exported");
}

#[test]
fn a_unit_is_a_policy_with_its_ancestors_and_imports() {
    let units = units(sources());
    let acme = units.iter().find(|u| u.policy == "resource.doc.vdefault/acme").unwrap();
    assert_eq!(acme.ancestors, ["resource.doc.vdefault"]);
    assert_eq!(
        acme.definitions.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "derived_roles.dr",
            "export_constants.ec",
            "export_variables.ev",
            "resource.doc.vdefault",
            "resource.doc.vdefault/acme"
        ]
    );
    assert_eq!(units.len(), 3);
}

#[test]
fn what_is_missing_is_shown_as_such() {
    let text = format!(
        "{HEAD}resourcePolicy: {{resource: doc, version: default, variables: {{import: [nothing]}}, rules: [{{actions: [a], effect: EFFECT_ALLOW, derivedRoles: [who], condition: {{match: {{expr: V.x == C.y}}}}}}]}}\n"
    );
    let found = policies([Source::new("a.yaml", text)]);
    assert_eq!(found.missing_policies.iter().collect::<Vec<_>>(), ["export_variables.nothing"]);
    let json = serde_json::to_string(&found.policies["resource.doc.vdefault"]).unwrap();
    assert_eq!(
        json,
        r#"{"policyId":"a.yaml","actions":["a"],"constants":[{"name":"y","kind":"KIND_UNDEFINED","used":true}],"derivedRoles":[{"name":"who","kind":"KIND_UNDEFINED"}],"variables":[{"name":"x","value":"null","kind":"KIND_UNDEFINED","used":true}]}"#
    );
}

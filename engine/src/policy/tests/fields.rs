//! The rules about fields: what the real Cerbos 0.55 said of each, and where. A place of `0:0` means that Cerbos named
//! none, which it does where something is missing.

use super::load;

const RESOURCE: &str =
    "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: album\n  version: default\n";

/// Mistakes as `code line:column path`, by the positions that Cerbos reports.
fn found(text: &str) -> Vec<String> {
    let Err(diagnostics) = load(text) else { return Vec::new() };
    let mut all: Vec<String> = diagnostics
        .iter()
        .map(|d| {
            let code = d.code.as_str();
            format!("{code} {}:{} {}", d.field.line, d.field.column, d.path)
        })
        .collect();
    all.sort();
    all
}

/// `wanted` may leave out the place, where Cerbos names none.
#[track_caller]
fn check(text: &str, wanted: &[&str]) {
    let found = found(text);
    let fits = |(found, wanted): (&String, &&str)| match wanted.strip_suffix(" 0:0") {
        Some(code) => found.split(' ').next() == Some(code),
        None => found == wanted,
    };
    let mut wanted: Vec<&str> = wanted.to_vec();
    wanted.sort_unstable();
    assert!(
        found.len() == wanted.len() && found.iter().zip(&wanted).all(fits),
        "{text}\nwanted {wanted:#?}\nfound {found:#?}"
    );
}

/// A resource policy with more fields in its body.
#[track_caller]
fn body(more: &str, wanted: &[&str]) {
    check(&format!("{RESOURCE}{more}"), wanted);
}

/// A resource policy with fields before its body, which then begin in line 1.
#[track_caller]
fn header(more: &str, wanted: &[&str]) {
    check(&format!("{more}{RESOURCE}"), wanted);
}

#[track_caller]
fn policy(text: &str, wanted: &[&str]) {
    check(&format!("apiVersion: api.cerbos.dev/v1\n{text}"), wanted);
}

#[test]
fn rules_of_resource_policies() {
    const R: &str = "$.resourcePolicy.rules";
    let at = |code: &str, place: &str, path: &str| format!("{code} {place} {R}{path}");
    let cases: [(&str, &[String]); 22] = [
        ("    - {actions: [a], effect: EFFECT_ALLOW, roles: [a]}", &[]),
        (
            "    - actions: [view, view]\n      effect: EFFECT_ALLOW\n      roles: [a, a]",
            &[at("invalid-value", "6:7", "[0].actions"), at("invalid-value", "8:7", "[0].roles")],
        ),
        (
            "    - actions: ['', b]\n      effect: EFFECT_ALLOW\n      roles: [a, '']",
            &[
                at("invalid-value", "6:17", "[0].actions[0]"),
                at("invalid-value", "8:18", "[0].roles[1]"),
            ],
        ),
        ("    - {effect: EFFECT_ALLOW, roles: [a]}", &["missing-field 0:0".to_owned()]),
        (
            "    - actions: []\n      effect: EFFECT_ALLOW\n      roles: [a]",
            &[at("missing-field", "6:7", "[0].actions")],
        ),
        ("    - {actions: [a], roles: [a]}", &["missing-field 0:0".to_owned()]),
        ("    - {actions: [a], roles: [a], effect: 1}", &[]),
        (
            "    - {actions: [a], roles: [a], effect: 0}",
            &[at("invalid-value", "6:34", "[0].effect")],
        ),
        (
            "    - {actions: [a], roles: [a], effect: 7}",
            &[at("invalid-value", "6:34", "[0].effect")],
        ),
        (
            "    - {actions: [a], roles: [a], effect: EFFECT_NO_MATCH}",
            &[at("invalid-value", "6:34", "[0].effect")],
        ),
        (
            "    - {actions: [a], roles: [a], effect: null}",
            &[at("invalid-value", "6:34", "[0].effect")],
        ),
        (
            "    - {actions: [a], roles: [a], effect: BOGUS}",
            &[at("wrong-type", "6:42", "[0].effect")],
        ),
        (
            "    - {actions: [a], roles: [a], effect: effect_allow}",
            &[at("wrong-type", "6:42", "[0].effect")],
        ),
        (
            "    - {actions: [a], derivedRoles: ['x y'], effect: 1}",
            &[at("invalid-value", "6:37", "[0].derivedRoles[0]")],
        ),
        (
            "    - {actions: [a], name: 1a, roles: [a], effect: 1}",
            &[at("invalid-value", "6:22", "[0].name")],
        ),
        (
            "    - {actions: [a], name: \"a\\n\", roles: [a], effect: 1}",
            &[at("invalid-value", "6:22", "[0].name")],
        ),
        ("    - null", &[at("wrong-type", "6:7", "[0]")]),
        ("    - abc", &[at("wrong-type", "6:7", "[0]")]),
        (
            "    - {actions: view, effect: 1, roles: [a]}",
            &[at("wrong-type", "6:17", "[0].actions")],
        ),
        (
            "    - {actions: [~], effect: 1, roles: [a]}",
            &[at("invalid-value", "6:18", "[0].actions[0]")],
        ),
        ("    - {actions: [a], effect: 1}", &[at("invalid-rule", "6:7", "[0]")]),
        (
            "    - {actions: [a], effect: 1, roles: [a], name: n}\n    - actions: [a]\n      effect: 1\n      roles: [a]\n      name: n",
            &[at("duplicate-name", "7:14", "[1]")],
        ),
    ];
    for (rules, wanted) in cases {
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        body(&format!("  rules:\n{rules}\n"), &wanted);
    }
    body("  rules:\n", &["wrong-type 5:10 $.resourcePolicy.rules"]);
    body("  rules: {a: b}\n", &["wrong-type 5:10 $.resourcePolicy.rules"]);
    body("  rules: []\n", &[]);
}

#[test]
fn what_resource_policies_are_for() {
    let of = |fields: &str| format!("resourcePolicy:\n{fields}");
    policy(&of("  resource: album\n"), &["missing-field 0:0"]);
    policy(
        &of("  resource: album\n  version: ''\n"),
        &["missing-field 4:3 $.resourcePolicy.version"],
    );
    policy(
        &of("  resource: album\n  version: null\n"),
        &["missing-field 4:3 $.resourcePolicy.version"],
    );
    policy(
        &of("  resource: album\n  version: 1.5\n"),
        &["wrong-type 4:12 $.resourcePolicy.version"],
    );
    policy(&of("  resource: album\n  version: !!str 1.5\n"), &["wrong-type 0:0"]);
    policy(
        &of("  resource: album\n  version: [a]\n"),
        &["wrong-type 4:12 $.resourcePolicy.version"],
    );
    policy(
        &of("  resource: album\n  version: a-b\n"),
        &["invalid-value 4:3 $.resourcePolicy.version"],
    );
    policy(
        &of("  resource: album\n  version: -1\n"),
        &["invalid-value 4:3 $.resourcePolicy.version"],
    );
    policy(&of("  resource: album\n  version: true\n"), &[]);
    policy(&of("  version: default\n"), &["missing-field 0:0"]);
    policy(
        &of("  version: default\n  resource: a*\n"),
        &["invalid-value 4:3 $.resourcePolicy.resource"],
    );
    policy("resourcePolicy: {}\n", &["missing-field 0:0", "missing-field 0:0"]);
    policy("resourcePolicy:\n", &["wrong-type 2:17 $.resourcePolicy"]);
    policy("resourcePolicy: abc\n", &["wrong-type 2:17 $.resourcePolicy"]);
    body(
        "  importDerivedRoles: [x, x]\n",
        &["invalid-value 5:3 $.resourcePolicy.importDerivedRoles"],
    );
    body(
        "  importDerivedRoles: ['x y']\n",
        &["invalid-value 5:24 $.resourcePolicy.importDerivedRoles[0]"],
    );
    body("  scope: a..b\n", &["invalid-value 5:3 $.resourcePolicy.scope"]);
    body("  scope: .a\n", &["invalid-value 5:3 $.resourcePolicy.scope"]);
    body("  scopePermissions: 1\n", &[]);
    body(
        "  scopePermissions: SCOPE_PERMISSIONS_X\n",
        &["wrong-type 5:21 $.resourcePolicy.scopePermissions"],
    );
    body("  scopePermissions: true\n", &["wrong-type 5:21 $.resourcePolicy.scopePermissions"]);
    body("  wat: 1\n", &["unknown-field 5:3 $.resourcePolicy.wat"]);
    body(
        "  import_derivedRoles: []\n",
        &["unknown-field 5:3 $.resourcePolicy.import_derivedRoles"],
    );
    body(
        "  importDerivedRoles: []\n  import_derived_roles: []\n",
        &["duplicate-key 6:3 $.resourcePolicy.import_derived_roles"],
    );
    body("  version: other\n", &["duplicate-key 5:3 "]);
    body("  1: b\n", &["wrong-type 5:3 $.resourcePolicy.1"]);
    body("  ~: b\n", &["wrong-type 5:3 $.resourcePolicy.~"]);
}

#[test]
fn scope_permissions_beyond_those_that_exist_are_refused() {
    // Cerbos takes any number, and gives none of them a meaning.
    body("  scopePermissions: 3\n", &["invalid-value 5:3 $.resourcePolicy.scopePermissions"]);
}

#[test]
fn headers() {
    check("resourcePolicy: {resource: a, version: b}\n", &["missing-field 0:0"]);
    check(&RESOURCE.replace("v1", "v2"), &["invalid-value 1:1 $.apiVersion"]);
    policy("\n", &["missing-field 0:0"]);
    body(
        "principalPolicy:\n  principal: a\n  version: default\n",
        &["conflicting-fields 5:1 $.principalPolicy"],
    );
    body("principalPolicy:\n", &["conflicting-fields 5:1 $.principalPolicy"]);
    for value in ["'true'", "1", "yes"] {
        header(&format!("disabled: {value}\n"), &["wrong-type 1:11 $.disabled"]);
    }
    header("description: [a]\n", &["wrong-type 1:14 $.description"]);
    header("$schema: https://example.org\n", &[]);
    header("json_schema: abc\n", &[]);
    header("$schema: 1.5\n", &["wrong-type 1:10 $.'$schema'"]);
    header("jsonSchema: abc\n", &["unknown-field 1:1 $.jsonSchema"]);
    header(
        "metadata: {sourceFile: a, hash: 12, storeIdentifier: b, annotations: {a: b, c: 1, d: true, e: null}, sourceAttributes: {attributes: {x: 1}}}\n",
        &[],
    );
    header("metadata: {storeIdentifer: a, hash: '12'}\n", &[]);
    header("metadata: {hash: abc}\n", &["wrong-type 1:18 $.metadata.hash"]);
    header("metadata: {hash: -1}\n", &["wrong-type 1:18 $.metadata.hash"]);
    header("metadata: {hash: 1.5}\n", &["wrong-type 1:18 $.metadata.hash"]);
    header(
        "metadata: {sourceAttributes: {x: 1}}\n",
        &["unknown-field 1:31 $.metadata.sourceAttributes.x"],
    );
    header("metadata: {annotations: {a: [b]}}\n", &["wrong-type 1:29 $.metadata.annotations.a"]);
    header("metadata: {annotations: {a: 1.5}}\n", &["wrong-type 1:29 $.metadata.annotations.a"]);
    header("metadata: {annotations: [a]}\n", &["wrong-type 1:25 $.metadata.annotations"]);
    header("metadata: {wat: [a]}\n", &["unknown-field 1:12 $.metadata.wat"]);
    header("metadata: null\n", &["wrong-type 1:11 $.metadata"]);
    header("variables: [a]\n", &["wrong-type 1:12 $.variables"]);
    header("variables: {a: [b]}\n", &["wrong-type 1:16 $.variables.a"]);
    header("variables: {a: 1.5}\n", &["wrong-type 1:16 $.variables.a"]);
    header("variables: {a: null}\n", &["invalid-expression 1:16 $.variables.a"]);
    header("variables: {a: 1, b: true}\n", &[]);
}

#[test]
fn documents_that_are_no_policy() {
    for text in ["wat\n", "null\n", "- a\n", "1\n"] {
        check(text, &["wrong-type 1:1 $"]);
    }
    check("", &[]);
    check("# nothing\n", &[]);
    check(&format!("{RESOURCE}---\n{RESOURCE}"), &["multiple-documents 6:1 "]);
    check(&format!("{RESOURCE}---\n# nothing\n"), &[]);
}

#[test]
fn conditions() {
    const C: &str = "$.resourcePolicy.rules[0].condition";
    let rule = |condition: &str| {
        format!(
            "  rules:\n    - actions: [view]\n      effect: EFFECT_ALLOW\n      roles: [user]\n      condition: {condition}\n"
        )
    };
    let at = |code: &str, place: &str, path: &str| format!("{code} {place} {C}{path}");
    let cases: [(&str, Option<String>); 18] = [
        ("{}", Some("missing-field 0:0".to_owned())),
        ("null", Some(at("wrong-type", "9:18", ""))),
        ("{match: null}", Some(at("wrong-type", "9:26", ".match"))),
        ("{match: {}}", Some("missing-field 0:0".to_owned())),
        ("{match: {expr: ''}}", Some(at("invalid-expression", "9:27", ".match.expr"))),
        ("{match: {expr: null}}", Some(at("invalid-expression", "9:27", ".match.expr"))),
        ("{match: {expr: true}}", None),
        ("{match: {expr: 1}}", None),
        ("{match: {expr: 1.5}}", Some(at("wrong-type", "9:33", ".match.expr"))),
        (
            "{match: {expr: 'true', all: {of: [{expr: 'true'}]}}}",
            Some(at("conflicting-fields", "9:41", ".match.all")),
        ),
        ("{match: {all: {}}}", Some("missing-field 0:0".to_owned())),
        ("{match: {all: {of: []}}}", Some(at("missing-field", "9:33", ".match.all.of"))),
        ("{match: {all: {of: [{}]}}}", Some("missing-field 0:0".to_owned())),
        ("{match: {all: [{expr: 'true'}]}}", Some(at("wrong-type", "9:32", ".match.all"))),
        ("{match: {expr: 'true'}, script: x}", Some(at("conflicting-fields", "9:42", ".script"))),
        ("{script: ''}", Some(at("script-unsupported", "9:7", ""))),
        ("{script: x}", Some(at("script-unsupported", "9:7", ""))),
        ("{match: {expr: 'V.x || 1'}}", Some(at("invalid-expression", "9:27", ".match.expr"))),
    ];
    for (condition, wanted) in cases {
        body(&rule(condition), &wanted.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn outputs() {
    const O: &str = "$.resourcePolicy.rules[0].output";
    let rule = |output: &str| {
        format!(
            "  rules:\n    - actions: [view]\n      effect: EFFECT_ALLOW\n      roles: [user]\n      output: {output}\n"
        )
    };
    let at = |code: &str, place: &str, path: &str| format!("{code} {place} {O}{path}");
    let cases: [(&str, &[String]); 8] = [
        ("{}", &[at("empty-output", "9:7", "")]),
        ("{when: {}}", &[at("empty-output", "9:7", "")]),
        ("{expr: ''}", &[at("empty-output", "9:7", "")]),
        ("null", &[at("wrong-type", "9:15", "")]),
        ("{when: null}", &[at("wrong-type", "9:22", ".when")]),
        ("{expr: '1', when: {ruleActivated: '2'}}", &[]),
        ("{expr: '1 +', when: {ruleActivated: '2'}}", &[at("invalid-expression", "9:16", ".expr")]),
        (
            "{expr: '1 +', when: {conditionNotMet: '2 +'}}",
            &[
                at("invalid-expression", "9:16", ".expr"),
                at("invalid-expression", "9:36", ".when.conditionNotMet"),
            ],
        ),
    ];
    for (output, wanted) in cases {
        body(&rule(output), &wanted.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn variables_and_constants() {
    const V: &str = "$.resourcePolicy.variables";
    body("  variables: {}\n", &[]);
    body("  variables: {import: [a, a]}\n", &[&format!("invalid-value 5:15 {V}.import")]);
    body("  variables: {import: ['a b']}\n", &[&format!("invalid-value 5:24 {V}.import[0]")]);
    body("  variables: {import: [a]}\n", &[&format!("import-not-found 5:24 {V}.import[0]")]);
    body("  variables: {local: {a-b: '1'}}\n", &[&format!("invalid-name 5:23 {V}.local.a-b")]);
    body("  variables: {local: {'as': '1', 'for': '1', true_: '1'}}\n", &[]);
    body("  variables: {local: {'in': '1'}}\n", &[&format!("invalid-name 5:23 {V}.local.in")]);
    body("  variables: {local: {1: '1'}}\n", &[&format!("wrong-type 5:23 {V}.local.1")]);
    body("  variables: {local: {'a.b': '1'}}\n", &[&format!("invalid-name 5:23 {V}.local.'a.b'")]);
    body(
        "  variables: {local: {a: '1 + true'}}\n",
        &[&format!("invalid-expression 5:26 {V}.local.a")],
    );
    body(
        "  variables: {local: {a: '1', b: V.b}}\n",
        &[&format!("cyclical-variables 5:34 {V}.local.b")],
    );
    const C: &str = "$.resourcePolicy.constants";
    body("  constants: {local: {a: 1, b: [1, {c: 2}], d: null, e: 1.5, h: 2020-01-01}}\n", &[]);
    body("  constants: {local: {f: [.inf]}}\n", &[&format!("wrong-type 5:27 {C}.local.f[0]")]);
    body("  constants: {local: {f: {x: .nan}}}\n", &[&format!("wrong-type 5:30 {C}.local.f.x")]);
    body("  constants: {local: {a: {1: x}}}\n", &[&format!("wrong-type 5:27 {C}.local.a.1")]);
    body("  constants: {local: {a: {true: x}}}\n", &[&format!("wrong-type 5:27 {C}.local.a.true")]);
    body("  constants: {local: {a: {x: x, x: y}}}\n", &["duplicate-key 5:33 "]);
    body("  constants: {locals: {a: 1}}\n", &[&format!("unknown-field 5:15 {C}.locals")]);
    body("  constants: {local: {'true': 2}}\n", &[&format!("invalid-name 5:23 {C}.local.true")]);
}

#[test]
fn schemas() {
    const S: &str = "$.resourcePolicy.schemas.principalSchema";
    body("  schemas: {}\n", &[]);
    body("  schemas: {principalSchema: {}}\n", &["missing-field 0:0"]);
    body("  schemas: {principalSchema: {ref: ''}}\n", &[&format!("missing-field 5:31 {S}.ref")]);
    let ignore = |when: &str| {
        format!("  schemas: {{principalSchema: {{ref: a, ignoreWhen: {{{when}}}}}}}\n")
    };
    body(&ignore(""), &["missing-field 0:0"]);
    body(&ignore("actions: []"), &[&format!("missing-field 5:52 {S}.ignoreWhen.actions")]);
    body(&ignore("actions: [a, a]"), &[&format!("invalid-value 5:52 {S}.ignoreWhen.actions")]);
    body(&ignore("actions: ['']"), &[&format!("invalid-value 5:62 {S}.ignoreWhen.actions[0]")]);
}

#[test]
fn principal_policies() {
    const R: &str = "$.principalPolicy.rules";
    let of = |rules: &str| {
        format!("principalPolicy:\n  principal: bob\n  version: default\n  rules:\n{rules}\n")
    };
    let at = |code: &str, place: &str, path: &str| format!("{code} {place} {R}{path}");
    let cases: [(&str, Option<String>); 10] = [
        (
            "    - resource: a\n      actions:\n        - {action: x, effect: 1}\n    - resource: a\n      actions:\n        - {action: y, effect: 1}",
            Some(at("duplicate-name", "9:15", "[1]")),
        ),
        (
            "    - {resource: 'a:b', actions: [{action: x, effect: 1}]}\n    - {resource: a_b, actions: [{action: x, effect: 1}]}",
            None,
        ),
        ("    - {resource: a, actions: [{action: x, effect: 1}, {action: x, effect: 2}]}", None),
        (
            "    - {resource: a, actions: [{action: x, effect: 1, name: n}, {action: x, effect: 2, name: n}]}",
            Some(at("duplicate-name", "6:64", "[0].actions[1]")),
        ),
        (
            "    - {resource: a, actions: [{action: x, effect: 1, name: n}]}\n    - {resource: b, actions: [{action: x, effect: 2, name: n}]}",
            None,
        ),
        ("    - {resource: a}", Some("missing-field 0:0".to_owned())),
        ("    - {resource: a, actions: []}", Some(at("missing-field", "6:21", "[0].actions"))),
        ("    - {actions: [{action: x, effect: 1}]}", Some("missing-field 0:0".to_owned())),
        (
            "    - {resource: a, actions: [{action: '', effect: 1}]}",
            Some(at("missing-field", "6:32", "[0].actions[0].action")),
        ),
        (
            "    - {resource: '[a', actions: [{action: x, effect: 1, name: 'a b'}]}",
            Some(at("invalid-value", "6:57", "[0].actions[0].name")),
        ),
    ];
    for (rules, wanted) in cases {
        policy(&of(rules), &wanted.iter().map(String::as_str).collect::<Vec<_>>());
    }
    policy(
        "principalPolicy:\n  principal: '*'\n  version: default\n",
        &["invalid-value 3:3 $.principalPolicy.principal"],
    );
}

#[test]
fn role_policies() {
    let of = |more: &str| format!("rolePolicy:\n  role: boss\n{more}");
    policy(&of(""), &[]);
    policy(&of("  version: a-b\n"), &["invalid-value 4:3 $.rolePolicy.version"]);
    policy(&of("  version: ''\n"), &[]);
    policy(&of("  scopePermissions: 2\n"), &[]);
    policy(&of("  scopePermissions: 0\n"), &[]);
    for permissions in ["SCOPE_PERMISSIONS_OVERRIDE_PARENT", "1", "3"] {
        policy(
            &of(&format!("  scopePermissions: {permissions}\n")),
            &["invalid-value 4:3 $.rolePolicy.scopePermissions"],
        );
    }
    policy(&of("  parentRoles: [a, a]\n"), &["invalid-value 4:3 $.rolePolicy.parentRoles"]);
    policy(&of("  parentRoles: ['']\n"), &["invalid-value 4:17 $.rolePolicy.parentRoles[0]"]);
    policy(&of("  rules: [{resource: a}]\n"), &["missing-field 0:0"]);
    policy(
        &of("  rules: [{resource: a, allowActions: [x, x]}]\n"),
        &["invalid-value 4:25 $.rolePolicy.rules[0].allowActions"],
    );
    policy(
        &of("  rules: [{resource: a, allowActions: ['']}]\n"),
        &["invalid-value 4:40 $.rolePolicy.rules[0].allowActions[0]"],
    );
    policy(
        &of(
            "  rules: [{resource: a, allowActions: [x], name: n}, {resource: a, allowActions: [y], name: n}]\n",
        ),
        &[],
    );
    policy(
        &of("  rules: [{resource: '', allowActions: [x]}]\n"),
        &["missing-field 4:12 $.rolePolicy.rules[0].resource"],
    );
    policy(&of("  rules: [{allowActions: [x]}]\n"), &["missing-field 0:0"]);
    policy("rolePolicy:\n  rules: []\n", &["missing-field 0:0"]);
    policy("rolePolicy:\n  role: ''\n", &["missing-field 3:3 $.rolePolicy.role"]);
    policy("rolePolicy:\n  role: 'a*'\n", &["invalid-value 3:3 $.rolePolicy.role"]);
}

#[test]
fn derived_roles_and_exports() {
    const D: &str = "$.derivedRoles";
    let of = |more: &str| format!("derivedRoles:\n  name: dr\n{more}");
    policy(&of(""), &["missing-field 0:0"]);
    policy(&of("  definitions: []\n"), &[&format!("missing-field 4:3 {D}.definitions")]);
    policy(&of("  definitions: [{name: a}]\n"), &["missing-field 0:0"]);
    policy(
        &of("  definitions: [{name: a, parentRoles: [x, x]}]\n"),
        &[&format!("invalid-value 4:27 {D}.definitions[0].parentRoles")],
    );
    policy(
        &of("  definitions: [{name: a, parentRoles: ['']}]\n"),
        &[&format!("invalid-value 4:41 {D}.definitions[0].parentRoles[0]")],
    );
    policy(&of("  definitions: [{parentRoles: [x]}]\n"), &["missing-field 0:0"]);
    policy(
        &of("  definitions: [{name: a b, parentRoles: [x]}]\n"),
        &[&format!("invalid-value 4:18 {D}.definitions[0].name")],
    );
    policy(
        &of(
            "  definitions:\n    - {name: a, parentRoles: [x]}\n    - name: a\n      parentRoles: [y]\n",
        ),
        &[&format!("duplicate-name 6:11 {D}.definitions[1]")],
    );
    policy(
        &of("  version: x\n  definitions: [{name: a, parentRoles: [x]}]\n"),
        &[&format!("unknown-field 4:3 {D}.version")],
    );
    policy("exportVariables: {name: ev}\n", &[]);
    policy("exportVariables:\n  name: e v\n", &["invalid-value 3:3 $.exportVariables.name"]);
    policy("exportVariables:\n  name: ''\n", &["missing-field 3:3 $.exportVariables.name"]);
    policy("exportConstants: {name: ec, definitions: {a: {b: 1}}}\n", &[]);
    for export in ["exportVariables", "exportConstants"] {
        policy(
            &format!("variables: {{x: '1'}}\n{export}: {{name: e}}\n"),
            &["conflicting-fields 2:1 $.variables"],
        );
        policy(&format!("variables: {{}}\n{export}: {{name: e}}\n"), &[]);
    }
}

#[test]
fn disabled_policies_are_checked_for_their_fields_only() {
    let of = |rule: &str| format!("disabled: true\n{RESOURCE}  rules:\n    - {rule}\n");
    check(&of("{actions: [a], effect: 1}"), &[]);
    check(&of("{actions: [a], effect: 1, roles: [a], condition: {script: x}}"), &[]);
    check(&of("{actions: [a], effect: 1, roles: [a], condition: {match: {expr: 1 +}}}"), &[]);
    check(
        &of("{actions: [], effect: 1, roles: [a]}"),
        &["missing-field 7:8 $.resourcePolicy.rules[0].actions"],
    );
    check(
        "disabled: true\nvariables: {x: '1'}\napiVersion: api.cerbos.dev/v1\nexportConstants: {name: e}\n",
        &[],
    );
}

#[test]
fn paths_spell_keys_as_they_are_written() {
    policy(
        "resource_policy:\n  resource: a\n  version: default\n  rules:\n    - actions: [a]\n      derived_roles: [x, x]\n      effect: EFFECT_ALLOW\n",
        &["invalid-value 7:7 $.resource_policy.rules[0].derived_roles"],
    );
    policy(
        "resource_policy:\n  resource: a\n  version: default\n  rules:\n    - actions: [a]\n      roles: [x]\n      effect: EFFECT_ALLOW\n      output: {when: {rule_activated: '1+'}}\n",
        &["invalid-expression 9:23 $.resource_policy.rules[0].output.when.rule_activated"],
    );
}

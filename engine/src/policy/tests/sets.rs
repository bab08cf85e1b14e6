//! Rules between files: what the real Cerbos 0.55 said of each set.

use super::super::{PolicySet, Source};
use crate::diag::Severity;

const HEAD: &str = "apiVersion: api.cerbos.dev/v1\n";

fn resource(name: &str, more: &str) -> String {
    format!("{HEAD}resourcePolicy:\n  resource: {name}\n  version: default\n{more}")
}

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(name, text)| Source::new(*name, *text)).collect()
}

/// Mistakes, or else warnings, as `code file line:column`.
fn found(files: &[(&str, &str)], severity: Severity) -> Vec<String> {
    let loaded = PolicySet::load(sources(files));
    let all = match &loaded {
        Ok(set) => set.warnings(),
        Err(all) => all,
    };
    all.iter()
        .filter(|d| d.severity == severity)
        .map(|d| format!("{} {} {}:{}", d.code.as_str(), d.file, d.field.line, d.field.column))
        .collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], wanted: &[&str]) {
    let mut found = found(files, Severity::Error);
    found.sort();
    assert_eq!(found, wanted, "{files:#?}");
}

#[test]
fn a_policy_is_defined_once_after_its_name_is_sanitized() {
    let (a, b) = (resource("'a:b'", ""), resource("a_b", ""));
    check(&[("p", &a), ("q", &b)], &["duplicate-definition q 1:11"]);
    check(
        &[("q", &a), ("p", &b), ("r", &a)],
        &["duplicate-definition q 1:11", "duplicate-definition r 1:11"],
    );
    // Folders are walked entry by entry.
    check(&[("a.yaml", &a), ("a/z.yaml", &b)], &["duplicate-definition a.yaml 1:11"]);
    let (x, y) = (
        format!("{HEAD}rolePolicy: {{role: a}}\n"),
        format!("{HEAD}rolePolicy: {{role: a, version: default}}\n"),
    );
    check(&[("p", &x), ("q", &y)], &["duplicate-definition q 1:11"]);
}

#[test]
fn disabled_policies_are_not_there() {
    let (on, off) = (resource("a", ""), format!("disabled: true\n{}", resource("a", "")));
    check(&[("p", &on), ("q", &off), ("r", &off)], &[]);
}

#[test]
fn a_disabled_policy_that_is_needed_is_a_mistake_of_its_own() {
    let importer = resource("a", "  importDerivedRoles: [dr]\n");
    let roles = format!(
        "{HEAD}disabled: true\nderivedRoles: {{name: dr, definitions: [{{name: a, parentRoles: [b]}}]}}\n"
    );
    check(
        &[("d", &roles), ("p", &importer)],
        &["disabled-definition d 1:11", "import-not-found p 5:24"],
    );
    let (root, child) = (resource("a", ""), resource("a", "  scope: x.y\n"));
    let middle = format!("disabled: true\n{}", resource("a", "  scope: x\n"));
    check(
        &[("a", &root), ("b", &middle), ("c", &child)],
        &["disabled-definition b 1:9", "missing-ancestor c 5:3"],
    );
}

#[test]
fn imports_must_be_there_also_those_of_derived_roles_that_nobody_imports() {
    let all = resource(
        "a",
        "  importDerivedRoles: [x, y]\n  variables: {import: [v]}\n  constants: {import: [c]}\n",
    );
    check(
        &[("p", &all)],
        &[
            "import-not-found p 5:24",
            "import-not-found p 5:27",
            "import-not-found p 6:24",
            "import-not-found p 7:24",
        ],
    );
    let roles = format!(
        "{HEAD}derivedRoles:\n  name: dr\n  variables: {{import: [v]}}\n  definitions: [{{name: a, parentRoles: [b]}}]\n"
    );
    check(&[("d", &roles)], &["import-not-found d 4:24"]);
}

#[test]
fn a_scope_needs_all_of_its_ancestors() {
    let (three, four) = (resource("a", "  scope: a.b.c\n"), resource("a", "  scope: a.b.c.d\n"));
    let found = found(&[("p", &three), ("q", &four)], Severity::Error);
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|line| line.starts_with("missing-ancestor")));
    let dot = resource("a", "  scope: .\n");
    check(&[("p", &dot)], &["missing-ancestor p 5:3"]);
    check(&[("p", &dot), ("q", &resource("a", ""))], &[]);
}

#[test]
fn a_role_policy_excuses_a_missing_ancestor_with_a_warning() {
    let child = resource("album", "  scope: a\n");
    let role = format!(
        "{HEAD}rolePolicy: {{role: x, rules: [{{resource: 'alb*', allowActions: ['*']}}]}}\n"
    );
    let files = [("p", child.as_str()), ("r", &role)];
    check(&files, &[]);
    assert!(found(&files, Severity::Warning).contains(&"missing-ancestor p 5:3".to_owned()));
    assert_eq!(PolicySet::load(sources(&files)).unwrap().len(), 1);
}

#[test]
fn a_broken_file_brings_up_no_mistakes_of_other_files() {
    let importer = resource(
        "a",
        "  scope: x\n  importDerivedRoles: [dr]\n  rules: [{actions: [v], effect: 1, derivedRoles: [r]}]\n",
    );
    check(&[("p", &importer), ("q", "wat")], &["wrong-type q 1:1"]);
    let roles = format!("{HEAD}derivedRoles: {{name: dr, definitions: []}}\n");
    let root = resource("a", "  foo: 1\n");
    check(
        &[("d", &roles), ("p", &importer), ("q", &root)],
        &["missing-field d 2:26", "unknown-field q 5:3"],
    );
}

#[test]
fn mistakes_of_files_between_files_and_of_expressions_come_in_one_go() {
    let expression = resource(
        "a",
        "  rules: [{actions: [v], effect: 1, roles: [r], condition: {match: {expr: 1 +}}}]\n",
    );
    let orphan = resource("b", "  scope: x\n");
    let field = resource("c", "  foo: 1\n");
    check(
        &[("p", &expression), ("q", &orphan), ("r", &field)],
        &["invalid-expression p 5:69", "missing-ancestor q 5:3", "unknown-field r 5:3"],
    );
}

#[test]
fn exports_are_compiled_where_they_are_imported() {
    let broken = format!(
        "{HEAD}exportVariables:\n  name: ev\n  definitions: {{'a-b': '1', c: '1 +', d: V.nope + C.nope}}\n"
    );
    check(&[("e", &broken)], &[]);
    let importers = [
        resource("a", "  variables: {import: [ev]}\n"),
        resource("b", "  variables: {import: [ev]}\n"),
    ];
    check(
        &[("e", &broken), ("p", &importers[0]), ("q", &importers[1])],
        &[
            "invalid-expression e 4:32",
            "invalid-name e 4:17",
            "undefined-constant e 4:42",
            "undefined-variable e 4:42",
        ],
    );
}

#[test]
fn imported_variables_may_read_local_ones() {
    let export = format!("{HEAD}exportVariables: {{name: ev, definitions: {{b: V.a}}}}\n");
    check(
        &[("e", &export), ("p", &resource("a", "  variables: {import: [ev], local: {a: '1'}}\n"))],
        &[],
    );
    check(
        &[("e", &export), ("p", &resource("a", "  variables: {import: [ev], local: {a: V.b}}\n"))],
        &["cyclical-variables p 5:40"],
    );
}

#[test]
fn a_definition_that_is_there_twice_is_reported_in_the_policy_that_has_both() {
    let export =
        |name: &str| format!("{HEAD}exportVariables: {{name: {name}, definitions: {{b: '1'}}}}\n");
    let (one, two) = (export("ev"), export("ew"));
    let both = resource("a", "  variables: {import: [ev, ew]}\n");
    check(&[("e", &one), ("f", &two), ("p", &both)], &["variable-redefined p 5:28"]);
    let local = resource("a", "  variables: {import: [ev], local: {b: '2'}}\n");
    check(&[("e", &one), ("p", &local)], &["variable-redefined p 5:37"]);
    let set = PolicySet::load(sources(&[("e", &one), ("p", &local)]));
    let message = set.unwrap_err().to_string();
    assert!(message.contains("in the import `ev` (e:2:43), in the policy (p:5:37)"), "{message}");
    let top =
        format!("variables: {{a: '1'}}\n{}", resource("a", "  variables: {local: {a: '2'}}\n"));
    check(&[("p", &top)], &["variable-redefined p 1:13"]);
    let constants = format!("{HEAD}exportConstants: {{name: ec, definitions: {{b: 1}}}}\n");
    check(
        &[("e", &constants), ("p", &resource("a", "  constants: {import: [ec], local: {b: 2}}\n"))],
        &["constant-redefined p 5:37"],
    );
}

#[test]
fn derived_roles_that_are_unknown_or_ambiguous_are_reported_once_a_policy() {
    let roles = |name: &str| {
        format!(
            "{HEAD}derivedRoles: {{name: {name}, definitions: [{{name: r, parentRoles: [x]}}]}}\n"
        )
    };
    let (a, b) = (roles("a"), roles("b"));
    let policy = |role: &str| {
        resource(
            "doc",
            &format!(
                "  importDerivedRoles: [a, b]\n  rules:\n    - {{actions: [a], derivedRoles: [{role}], effect: 1}}\n    - {{actions: [b], derivedRoles: [{role}], effect: 1}}\n"
            ),
        )
    };
    check(&[("a", &a), ("b", &b), ("p", &policy("r"))], &["ambiguous-derived-role p 8:37"]);
    check(&[("a", &a), ("b", &b), ("p", &policy("q"))], &["unknown-derived-role p 8:37"]);
    // That both define it is no mistake as long as no rule names it.
    check(&[("a", &a), ("b", &b), ("p", &resource("doc", "  importDerivedRoles: [a, b]\n"))], &[]);
}

#[test]
fn an_unused_role_of_an_imported_file_is_compiled_and_a_file_that_nobody_imports_is_not() {
    let roles = format!(
        "{HEAD}derivedRoles:\n  name: dr\n  definitions: [{{name: a, parentRoles: [x], condition: {{match: {{expr: 1 +}}}}}}]\n"
    );
    check(&[("d", &roles)], &[]);
    check(
        &[("d", &roles), ("p", &resource("a", "  importDerivedRoles: [dr]\n"))],
        &["invalid-expression d 4:65"],
    );
}

/// Files `a`, `b`, .. of one scope, each with the permissions that a letter stands for: `U`nspecified, `O`verride, re`Q`uire.
fn scope_of(letters: &str) -> Vec<(String, String)> {
    letters
        .chars()
        .enumerate()
        .map(|(i, letter)| {
            let permissions = match letter {
                'O' => "  scopePermissions: SCOPE_PERMISSIONS_OVERRIDE_PARENT\n",
                'Q' => {
                    "  scopePermissions: SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS\n"
                }
                _ => "",
            };
            (format!("{}", char::from(b'a' + i as u8)), resource(&format!("r{i}"), permissions))
        })
        .collect()
}

fn conflicts(letters: &str) -> (usize, usize) {
    let files = scope_of(letters);
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let count = |severity| {
        let all = found(&files, severity);
        all.iter().filter(|line| line.starts_with("scope-permissions-conflict")).count()
    };
    (count(Severity::Error), count(Severity::Warning))
}

#[test]
fn scope_permissions_that_cerbos_refuses_under_any_names_are_refused() {
    for letters in ["OOQQ", "UOQ", "UOQU", "UUQQ", "UUOO", "QUUQ"] {
        assert_eq!(conflicts(letters), (1, 0), "{letters}");
    }
}

#[test]
fn scope_permissions_that_cerbos_takes_are_taken_and_a_mixture_is_a_warning() {
    // Cerbos does not see the first file, so that in these the others agree.
    for letters in ["UQ", "QO", "UQQ", "QUU"] {
        assert_eq!(conflicts(letters), (0, 1), "{letters}");
    }
    for letters in ["U", "UU", "QQQ", "UO", "OU", "OUU"] {
        assert_eq!(conflicts(letters), (0, 0), "{letters}");
    }
    // Whether Cerbos refuses these is a matter of their names; as they are named, it does.
    for letters in ["UUO", "UOU", "OOU", "QUQ", "QQU", "OQO"] {
        assert_eq!(conflicts(letters), (0, 1), "{letters}");
    }
}

#[test]
fn derived_roles_and_role_policies_count_as_unspecified_in_their_scope() {
    let roles = |name: &str| {
        format!(
            "{HEAD}derivedRoles: {{name: {name}, definitions: [{{name: a, parentRoles: [b]}}]}}\n"
        )
    };
    let require = |name: &str| resource(name, "  scopePermissions: 2\n");
    let (d, e, x, y) = (roles("d"), roles("e"), require("x"), require("y"));
    let has_conflict = |files: &[(&str, &str)]| {
        found(files, Severity::Error).iter().any(|l| l.starts_with("scope-permissions-conflict"))
    };
    assert!(has_conflict(&[("d", &d), ("e", &e), ("x", &x), ("y", &y)]));
    assert!(!has_conflict(&[("d", &d), ("x", &x), ("y", &y)]));
    let role = |name: &str| format!("{HEAD}rolePolicy: {{role: {name}, scopePermissions: 2}}\n");
    let (r, s) = (role("r"), role("s"));
    assert!(has_conflict(&[("r", &r), ("s", &s), ("x", &x), ("y", &y)]));
}

//! Each trap has its warning, and what is no trap has none.

use crate::policy::{PolicySet, Source};

/// Warnings as `code line`.
fn warnings(files: &[&str]) -> Vec<String> {
    let sources = files.iter().enumerate().map(|(i, text)| {
        Source::new(format!("{i}.yaml"), format!("apiVersion: api.cerbos.dev/v1\n{text}\n"))
    });
    let set = PolicySet::load(sources).unwrap();
    set.warnings()
        .iter()
        .map(|d| format!("{} {}:{}", d.code.as_str(), d.file, d.position.line))
        .collect()
}

#[track_caller]
fn check(files: &[&str], wanted: &[&str]) {
    assert_eq!(warnings(files), wanted, "{files:#?}");
}

fn role(rules: &str) -> String {
    format!("rolePolicy:\n  role: jr\n  rules:\n{rules}")
}

fn rule(actions: &str, roles: &str) -> String {
    format!(
        "resourcePolicy:\n  resource: album\n  version: default\n  rules:\n    - {{actions: [{actions}], effect: EFFECT_ALLOW, roles: [{roles}]}}"
    )
}

#[test]
fn resources_of_role_policies_that_no_kind_matches() {
    for resource in ["'album:object'", "my-album", "'a/b'"] {
        check(
            &[&role(&format!("    - {{resource: {resource}, allowActions: [view]}}"))],
            &["never-matches 0.yaml:5"],
        );
    }
    check(
        &[&role("    - {resource: 'album:*', allowActions: [view]}")],
        &["never-matches 0.yaml:5"],
    );
    // Not of the shape that is rewritten, so that it is looked up as it is.
    check(&[&role("    - {resource: 'arn:aws:1', allowActions: [view]}")], &[]);
    check(&[&role("    - {resource: album_object, allowActions: ['view:*']}")], &[]);
}

#[test]
fn patterns_of_principal_policies_that_no_kind_matches() {
    let principal = |resource: &str| {
        format!(
            "principalPolicy:\n  principal: bob\n  version: default\n  rules:\n    - resource: {resource}\n      actions: [{{action: a, effect: EFFECT_ALLOW}}, {{action: b, effect: EFFECT_ALLOW}}]"
        )
    };
    check(&[&principal("'album:*'")], &["never-matches 0.yaml:6"]);
    check(&[&principal("'album:object'")], &[]);
    check(&[&principal("'album_*'")], &[]);
}

#[test]
fn names_that_look_like_patterns() {
    check(&[&rule("'vie?'", "user")], &["literal-pattern 0.yaml:6"]);
    check(&[&rule("view", "'{a,b}'")], &["literal-pattern 0.yaml:6"]);
    check(&[&rule("'vie?*'", "user")], &[]);
    check(
        &[&role("    - {resource: 'albu?', allowActions: ['vie?']}")],
        &["literal-pattern 0.yaml:5"],
    );
    let derived = |role: &str| {
        format!(
            "derivedRoles:\n  name: dr\n  definitions:\n    - {{name: a, parentRoles: [{role}]}}"
        )
    };
    check(&[&derived("'adm*'")], &["literal-pattern 0.yaml:5"]);
    check(&[&derived("'*'")], &[]);
}

#[test]
fn patterns_that_do_not_compile() {
    check(&[&rule("'[a*'", "user")], &["broken-pattern 0.yaml:6"]);
    check(
        &[&role("    - {resource: album, allowActions: ['[a-c0-9]']}")],
        &["broken-pattern 0.yaml:5"],
    );
}

#[test]
fn patterns_that_match_more_in_cerbos() {
    check(&[&rule("'a:**:c'", "user")], &["overlapping-pattern 0.yaml:6"]);
    check(&[&rule("'a:*:c', 'a:**'", "user")], &[]);
}

#[test]
fn entries_whose_conditions_must_all_hold() {
    let both = |first: &str, second: &str| {
        role(&format!(
            "    - {{resource: album, allowActions: [{first}], condition: {{match: {{expr: 'true'}}}}}}\n    - {{resource: 'alb*', allowActions: [{second}]}}"
        ))
    };
    check(&[&both("view", "'v*'")], &["overlapping-entries 0.yaml:6"]);
    check(&[&both("view", "edit")], &[]);
    check(
        &[&role(
            "    - {resource: album, allowActions: [view]}\n    - {resource: album, allowActions: [view]}",
        )],
        &[],
    );
}

#[test]
fn parent_roles_that_narrower_scopes_do_not_see() {
    let role = |scope: &str, parents: &str| {
        format!(
            "rolePolicy:\n  role: jr\n  scope: '{scope}'\n  parentRoles: [{parents}]\n  rules: [{{resource: album, allowActions: [view]}}]"
        )
    };
    let album = |scope: &str| {
        rule("view", "user")
            .replace("version: default", &format!("version: default\n  scope: '{scope}'"))
    };
    let (wide, narrow) = (role("acme", "user"), role("acme.hr", "user"));
    let (root, acme, hr) = (album(""), album("acme"), album("acme.hr"));
    check(&[&wide, &root, &acme], &[]);
    check(&[&wide, &narrow, &root, &acme, &hr], &[]);
    check(&[&wide, &root, &acme, &hr], &["parent-roles-not-inherited 0.yaml:5"]);
    check(&[&wide.replace("resource: album", "resource: photo"), &root, &acme, &hr], &[]);
    check(&[&wide, &root, &album("acmehr")], &[]);
}

#[test]
fn role_policies_without_a_version_among_policies_with_one() {
    let role = role("    - {resource: album, allowActions: [view]}");
    let versioned = rule("view", "user").replace("version: default", "version: v1");
    check(&[&versioned, &role], &["default-version-only 1.yaml:1"]);
    check(&[&rule("view", "user"), &role], &[]);
    check(&[&versioned, &role.replace("role: jr", "role: jr\n  version: v1")], &[]);
}

#[test]
fn allows_in_the_root_that_need_consent() {
    let policy = rule("view", "user").replace("version: default", "version: default\n  scopePermissions: SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS");
    check(&[&policy], &["root-needs-consent 0.yaml:7"]);
    check(&[&policy.replace("EFFECT_ALLOW", "EFFECT_DENY")], &[]);
}

#[test]
fn a_scope_that_no_request_is_in() {
    let policy = rule("view", "user");
    let dot = policy.replace("version: default", "version: default\n  scope: .");
    check(&[&policy, &dot], &["never-matches 1.yaml:5"]);
}

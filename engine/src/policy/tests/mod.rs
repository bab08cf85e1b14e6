//! Bad input, as strictly as good: which mistake, at which line and column, under which path.

mod fields;
mod hostile;
mod sets;
mod threads;

use super::{PolicySet, Source};
use crate::diag::Diagnostics;

fn load(text: &str) -> Result<PolicySet, Diagnostics> {
    PolicySet::load([Source::new("p.yaml", text)])
}

/// Code, line, column and path of every mistake.
fn mistakes(text: &str) -> Vec<(String, usize, usize, String)> {
    match load(text) {
        Ok(_) => Vec::new(),
        Err(found) => found
            .iter()
            .map(|d| {
                (d.code.as_str().to_owned(), d.position.line, d.position.column, d.path.to_string())
            })
            .collect(),
    }
}

fn policy(rules: &str) -> String {
    format!(
        "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: album\n  version: default\n{rules}"
    )
}

#[track_caller]
fn one(text: &str, code: &str, line: usize, column: usize, path: &str) {
    assert_eq!(mistakes(text), [(code.to_owned(), line, column, path.to_owned())], "{text}");
}

#[test]
fn a_good_policy_loads() {
    let set =
        load(&policy("  rules:\n    - {actions: [view], effect: EFFECT_ALLOW, roles: [user]}\n"))
            .unwrap();
    assert_eq!(set.len(), 1);
    assert!(set.warnings().is_empty());
}

#[test]
fn unknown_fields_are_found_with_a_suggestion() {
    let text = policy("  ruls: []\n");
    one(&text, "unknown-field", 5, 3, "$.resourcePolicy.ruls");
    assert!(load(&text).unwrap_err().to_string().contains("did you mean `rules`?"));
}

#[test]
fn all_mistakes_of_a_file_come_at_once() {
    let text = policy(
        "  rules:\n    - {actions: [], effect: EFFECT_MAYBE}\n    - {effect: EFFECT_ALLOW, roles: [a, a]}\n",
    );
    let mut found: Vec<_> =
        mistakes(&text).into_iter().map(|(code, line, ..)| format!("{line} {code}")).collect();
    found.sort();
    let wanted =
        ["6 invalid-rule", "6 missing-field", "6 wrong-type", "7 invalid-value", "7 missing-field"];
    assert_eq!(found, wanted);
}

#[test]
fn a_broken_expression_is_found_where_it_breaks() {
    let text = policy(
        "  rules:\n    - actions: [view]\n      effect: EFFECT_ALLOW\n      roles: [user]\n      condition:\n        match:\n          expr: |-\n            R.attr.a == 1 &&\n            R.attr.b = 2\n",
    );
    one(&text, "invalid-expression", 13, 22, "$.resourcePolicy.rules[0].condition.match.expr");
}

#[test]
fn undefined_names_are_found_with_a_suggestion() {
    let text = policy(
        "  variables:\n    local:\n      is_owner: R.attr.owner == P.id\n  rules:\n    - {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: V.is_ovner}}}\n",
    );
    let column = text.lines().nth(8).and_then(|line| line.find("V.is_ovner")).unwrap() + 1;
    one(&text, "undefined-variable", 9, column, "$.resourcePolicy.rules[0].condition.match.expr");
    assert!(load(&text).unwrap_err().to_string().contains("did you mean `V.is_owner`?"));
}

#[test]
fn variables_that_need_each_other_are_refused() {
    let text = policy("  variables:\n    local:\n      a: V.b\n      b: V.a\n");
    one(&text, "cyclical-variables", 7, 7, "$.resourcePolicy.variables.local.a");
}

#[test]
fn imports_and_derived_roles_must_exist() {
    let text = policy(
        "  importDerivedRoles: [nobody]\n  rules:\n    - {actions: [view], effect: EFFECT_ALLOW, derivedRoles: [owner]}\n",
    );
    let codes: Vec<_> = mistakes(&text).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["import-not-found", "unknown-derived-role"]);
}

#[test]
fn a_rule_for_nobody_is_refused() {
    let text = policy("  rules:\n    - {actions: [view], effect: EFFECT_ALLOW}\n");
    one(&text, "invalid-rule", 6, 7, "$.resourcePolicy.rules[0]");
}

#[test]
fn a_scope_needs_its_ancestors() {
    let text = policy("  scope: a.b\n  rules: []\n");
    let found = mistakes(&text);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|(code, line, ..)| code == "missing-ancestor" && *line == 5));
}

#[test]
fn two_files_do_not_define_the_same_policy() {
    let text = policy("  rules: []\n");
    let found = PolicySet::load([
        Source::new("a.yaml", text.as_str()),
        Source::new("b.yaml", text.as_str()),
    ]);
    let found = found.unwrap_err();
    let only = found.iter().next().unwrap();
    assert_eq!((only.code.as_str(), &*only.file), ("duplicate-definition", "b.yaml"));
}

#[test]
fn a_disabled_policy_is_checked_and_left_out() {
    let text = format!("disabled: true\n{}", policy("  rules: []\n"));
    assert!(load(&text).unwrap().is_empty());
    assert!(load(&text.replace("rules", "ruls")).is_err());
}

#[test]
fn snake_case_and_numbers_for_text_are_accepted() {
    let text = "apiVersion: api.cerbos.dev/v1\nresource_policy:\n  resource: album\n  version: 20210210\n  import_derived_roles: []\n  rules: []\n";
    assert_eq!(load(text).unwrap().policies[0].key(), "resource.album.v20210210");
    one(&text.replace("20210210", "1.5"), "wrong-type", 4, 12, "$.resource_policy.version");
}

//! Policy test suites as Rust tests.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use axum_authz::test::{policy_suite, run_policy_suites};

policy_suite!(photos, "policies/photos");

/// What the run of a folder of files panics with.
fn failure(files: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let path = dir.path().to_owned();
    let panic = catch_unwind(move || run_policy_suites(&path, "")).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    message.replace(&format!("{}/", dir.path().display()), "DIR/")
}

const POLICY: (&str, &str) = (
    "album.yaml",
    "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, roles: [user], output: {when: {ruleActivated: '\"seen\"'}}}
",
);
const SUITE: (&str, &str) = (
    "album_test.yaml",
    "name: albums
principals: {alice: {id: alice, roles: [user]}}
resources: {holidays: {kind: album, id: '1'}}
tests:
  - name: looking
    input: {principals: [alice], resources: [holidays], actions: [view, edit]}
    expected:
      - principal: alice
        resource: holidays
        actions: {view: EFFECT_ALLOW, edit: EFFECT_ALLOW}
        outputs: [{action: view, expected: [{src: resource.album.vdefault#rule-001, val: unseen}]}]
",
);

#[test]
fn a_failing_suite_tells_everything_that_failed() {
    let broken = ("other_test.yaml", "name: other\ntets: []\n");
    assert_eq!(
        failure(&[POLICY, SUITE, broken]),
        "test suites in DIR/ fail

album_test.yaml: looking: `alice` on `holidays`, `view`: output `resource.album.vdefault#rule-001`: expected \"unseen\", got \"seen\"
album_test.yaml: looking: `alice` on `holidays`, `edit`: expected EFFECT_ALLOW, got EFFECT_DENY
other_test.yaml: failed to load test suite:
    2:1 unknown field \"tets\"
2 tests: 0 passed, 2 failed, 0 errored, 0 skipped"
    );
}

#[test]
fn a_folder_without_suites_fails() {
    assert_eq!(failure(&[POLICY]), "there are no test suites (`*_test.yaml`) in DIR/");
}

#[test]
fn policies_that_do_not_load_fail() {
    let message = failure(&[SUITE, ("album.yaml", "apiVersion: api.cerbos.dev/v1\n")]);
    assert!(
        message.starts_with("the policies in DIR/ do not load\n\nerror[missing-field]"),
        "{message}"
    );
}

#[test]
fn a_folder_that_is_not_there_fails() {
    let panic = catch_unwind(|| run_policy_suites(Path::new("/nowhere"), "at/all")).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("/nowhere/at/all"));
}

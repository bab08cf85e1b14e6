//! What the subcommands have in common: loading a folder.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

const POLICY: &str = "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: doc
  version: default
  schemas: {resourceSchema: {ref: 'cerbos:///doc.json'}}
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, roles: ['*']}
";
const SUITE: &str = "name: s
principals: {p: {id: p, roles: [user]}}
resources: {r: {id: r, kind: doc, attr: {size: large}}}
tests:
  - name: t
    input: {principals: [p], resources: [r], actions: [view]}
    expected: [{principal: p, resource: r, actions: {view: EFFECT_ALLOW}}]
";
const SCHEMA: &str = r#"{"properties": {"size": {"type": "number"}}}"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn authz(dir: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_authz"))
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn tests_run_with_schemas_enforced_unless_they_are_ignored() {
    let dir = folder(&[("p.yaml", POLICY), ("p_test.yaml", SUITE), ("_schemas/doc.json", SCHEMA)]);
    let (code, out, _) = authz(dir.path(), &["test", "."]);
    assert_eq!(code, Some(4));
    assert!(out.contains("expected: EFFECT_ALLOW, actual: EFFECT_DENY"), "{out}");
    assert_eq!(authz(dir.path(), &["test", ".", "--ignore-schemas"]).0, Some(0));
}

#[test]
fn schemas_that_are_not_there_are_mistakes_unless_they_are_ignored() {
    let dir = folder(&[("p.yaml", POLICY), ("p_test.yaml", SUITE)]);
    for command in ["check", "test"] {
        let (code, _, err) = authz(dir.path(), &[command, "."]);
        assert_eq!(code, Some(3), "{command}");
        assert!(err.contains("error[invalid-schema]") && err.contains("1 mistake\n"), "{err}");
        assert_eq!(authz(dir.path(), &[command, ".", "--ignore-schemas"]).0, Some(0), "{command}");
    }
}

#[test]
fn mistakes_are_there_for_programs_too() {
    let broken = POLICY.replace("effect: EFFECT_ALLOW", "effect: ALLOW");
    let dir = folder(&[("p.yaml", &broken)]);
    let (code, out, err) = authz(dir.path(), &["check", ".", "-o", "json"]);
    assert_eq!((code, &*err), (Some(3), ""));
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let at = |path: &str| found.pointer(path).unwrap();
    assert_eq!(at("/0/code"), "wrong-type");
    assert_eq!(at("/0/severity"), "error");
    assert_eq!((at("/0/file"), at("/0/position/line")), (&"p.yaml".into(), &7.into()));
    assert_eq!(at("/0/help"), "did you mean `EFFECT_ALLOW`?");
}

#[test]
fn a_folder_that_cannot_be_read_is_no_mistake_of_the_author() {
    let dir = folder(&[]);
    for command in ["check", "test"] {
        let (code, _, err) = authz(dir.path(), &[command, "missing"]);
        assert_eq!(code, Some(1), "{command}");
        assert!(err.contains("error[io]"), "{err}");
    }
}

#[test]
fn when_no_test_ran_somebody_is_told() {
    let dir = folder(&[("p.yaml", POLICY), ("p_test.yaml", SUITE)]);
    let (code, _, err) =
        authz(dir.path(), &["test", ".", "--ignore-schemas", "--test-filter", "principal=zzz"]);
    assert_eq!(code, Some(0));
    assert!(err.contains("warning: no test ran"), "{err}");
}

#[test]
fn requests_that_cerbos_refuses_are_refused() {
    let dir = folder(&[("p.yaml", POLICY)]);
    let explain = |request: &str| {
        std::fs::write(dir.path().join("request_test.json"), request).unwrap();
        authz(dir.path(), &["explain", ".", "--ignore-schemas", "--request", "request_test.json"])
    };
    let resources = r#"[{"actions": ["view"], "resource": {"kind": "doc", "id": "1"}}]"#;
    let principal = r#"{"id": "a", "roles": ["user"]}"#;
    let request = |rest: &str| explain(&format!("{{{rest}}}"));
    let good = request(&format!(
        r#""requestId": "x", "includeMeta": true, "principal": {principal}, "resources": {resources}"#
    ));
    assert_eq!(good.0, Some(0), "{}", good.2);
    for (rest, says) in [
        (format!(r#""principal": {principal}, "resources": []"#), "`resources` must not be empty"),
        (
            format!(r#""principal": {{"id": "", "roles": []}}, "resources": {resources}"#),
            "`principal.roles` must not be empty",
        ),
        (
            format!(r#""principal": {principal}, "resources": {resources}, "auxdata": {{}}"#),
            "unknown field `auxdata`",
        ),
        (
            format!(
                r#""principal": {principal}, "resources": {resources}, "auxData": {{"jwt": {{"token": "x"}}}}"#
            ),
            "the claims of the token",
        ),
    ] {
        let (code, _, err) = request(&rest);
        assert_eq!(code, Some(2), "{rest}");
        assert!(err.contains(says), "{err}");
    }
    let (code, _, err) = explain("plain text");
    assert_eq!(code, Some(2));
    assert!(err.contains("a request with `principal` and `resources`"), "{err}");
}

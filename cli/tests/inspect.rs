//! `authz inspect` as a program.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

use serde_json::{Value as Json, json};

const ALBUM: &str = "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  constants: {local: {limit: 3, other: 4}}
  variables: {import: [shared]}
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: V.public && R.attr.size < C.limit}}}
";
const SHARED: &str = "apiVersion: api.cerbos.dev/v1
exportVariables: {name: shared, definitions: {public: R.attr.public}}
";

fn inspect(files: &[(&str, &str)], arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_authz"))
        .args(["inspect", "."])
        .args(arguments)
        .current_dir(dir.path())
        .output()
        .unwrap()
}

const BOTH: [(&str, &str); 2] = [("album.yaml", ALBUM), ("shared.yaml", SHARED)];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn policies_are_shown_as_text() {
    let output = inspect(&BOTH, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "export_variables.shared (shared.yaml)
  attribute R.attr.public
  variable V.public = R.attr.public
resource.album.vdefault (album.yaml)
  actions: view
  attribute R.attr.public
  attribute R.attr.size
  constant C.limit = 3
  constant C.other = 4 (unused)
  variable V.public = R.attr.public (from export_variables.shared)
"
    );
}

#[test]
fn json_is_that_of_cerbos() {
    let output = inspect(&BOTH, &["-o", "json"]);
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        json["policies"]["resource.album.vdefault"],
        json!({
            "policyId": "album.yaml",
            "actions": ["view"],
            "attributes": [
                {"name": "public", "kind": "KIND_RESOURCE_ATTRIBUTE"},
                {"name": "size", "kind": "KIND_RESOURCE_ATTRIBUTE"}
            ],
            "constants": [
                {"name": "limit", "value": 3, "kind": "KIND_LOCAL", "source": "resource.album.vdefault", "used": true},
                {"name": "other", "value": 4, "kind": "KIND_LOCAL", "source": "resource.album.vdefault"}
            ],
            "variables": [{"name": "public", "value": "R.attr.public", "kind": "KIND_IMPORTED", "source": "export_variables.shared", "used": true}]
        })
    );
}

#[test]
fn compiled_policies_keep_what_is_used() {
    for (view, name, used) in
        [("policy-sets", "policySets", true), ("rule-tables", "ruleTables", false)]
    {
        let output = inspect(&BOTH, &["-o", "json", "--view", view]);
        let json: Json = serde_json::from_slice(&output.stdout).unwrap();
        let constants = &json[name]["resource.album.vdefault"]["constants"];
        assert_eq!(constants.as_array().unwrap().len(), 1);
        assert_eq!(constants[0].get("used").is_some(), used);
    }
}

#[test]
fn a_set_that_does_not_load_is_shown_as_far_as_it_can_be_read() {
    let output = inspect(&BOTH[..1], &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("variable V.public (undefined)"));
    assert_eq!(
        text(&output.stderr),
        "export_variables.shared is imported, and no file defines it\n"
    );
    assert_eq!(inspect(&BOTH[..1], &["--view", "policy-sets"]).status.code(), Some(3));

    let output = inspect(&[BOTH[1], ("broken.yaml", "wat")], &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("export_variables.shared"));
    assert!(text(&output.stderr).contains("broken.yaml:1:1"));
}

#[test]
fn bad_arguments_end_with_2() {
    assert_eq!(inspect(&BOTH, &["--view", "everything"]).status.code(), Some(2));
}

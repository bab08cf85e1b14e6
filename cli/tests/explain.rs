//! `authz explain` as a program.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

use serde_json::Value as Json;

const POLICY: &str = "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.attr.public && G.open}}}
";

fn explain(arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("album.yaml"), POLICY).unwrap();
    let request = "{principal: {id: bob, roles: [user]}, resources: [{actions: [view], resource: {kind: album, id: '7', attr: {public: true}}}]}";
    std::fs::write(dir.path().join("request_test.yaml"), request).unwrap();
    Command::new(env!("CARGO_BIN_EXE_authz"))
        .args(["explain", "."])
        .args(arguments)
        .current_dir(dir.path())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const BOB: [&str; 8] =
    ["--principal", "bob", "--role", "user", "--resource", "album/7", "--action", "view"];

#[test]
fn a_request_from_arguments_is_shown_as_a_tree() {
    let output = explain(
        &[&BOB[..], &["--attr", "public=true", "--globals", r#"{"open": false}"#]].concat(),
    );
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(
        shown.starts_with("album/7 for bob\nview: DENY by resource.album.vdefault\n"),
        "{shown}"
    );
    assert!(shown.contains("false   R.attr.public && G.open"), "{shown}");
}

#[test]
fn a_request_from_a_file_is_shown_as_json() {
    let output = explain(&[
        "--request",
        "request_test.yaml",
        "-o",
        "json",
        "--globals",
        r#"{"open": true}"#,
    ]);
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json.pointer("/0/kind").unwrap(), "album");
    assert_eq!(json.pointer("/0/actions/0/effect").unwrap(), "EFFECT_ALLOW");
}

#[test]
fn bad_arguments_and_bad_requests_end_with_2() {
    for arguments in [
        ["--request", "missing.yaml"].as_slice(),
        &["--request", "album.yaml"],
        &["--principal", "bob"],
        &[&BOB[..], &["--now", "yesterday"]].concat(),
        &[&BOB[..], &["--attr", "nameless"]].concat(),
    ] {
        let output = explain(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("error: "), "{arguments:?}");
    }
}

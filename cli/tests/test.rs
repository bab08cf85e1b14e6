//! `authz test` as a program: what it prints and how it exits.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

const POLICY: &str = "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [user]
    - actions: [fragile]
      effect: EFFECT_DENY
      roles: [user]
      condition: {match: {expr: R.attr.missing == 1}}
    - actions: [fragile]
      effect: EFFECT_ALLOW
      roles: [user]
";

/// A suite that expects these effects of `alice` and the one album.
fn suite(effects: &str) -> String {
    let actions: Vec<&str> =
        effects.split(", ").map(|e| e.split(':').next().unwrap_or_default()).collect();
    format!(
        "name: albums
principals: {{alice: {{id: alice, roles: [user]}}}}
resources: {{holidays: {{kind: album, id: '1'}}}}
tests:
  - name: looking
    input: {{principals: [alice], resources: [holidays], actions: [{}]}}
    expected: [{{principal: alice, resource: holidays, actions: {{{effects}}}}}]
",
        actions.join(", ")
    )
}

/// Runs the program on a folder of files.
fn authz(files: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(dir.path(), name, text);
    }
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_authz"))
        .arg("test")
        .args(args)
        .arg(dir.path())
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let text =
        |bytes| String::from_utf8(bytes).unwrap().replace(&*dir.path().to_string_lossy(), "DIR");
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn with(effects: &str, args: &[&str]) -> (i32, String, String) {
    authz(&[("album.yaml", POLICY), ("album_test.yaml", &suite(effects))], args)
}

const GOOD: &str = "view: EFFECT_ALLOW, edit: EFFECT_DENY";
const BAD: &str = "view: EFFECT_ALLOW, edit: EFFECT_ALLOW";

#[test]
fn what_passes_is_counted_and_the_exit_code_is_0() {
    let (code, out, err) = with(GOOD, &[]);
    assert_eq!(
        out,
        "Test results\n└──albums (album_test.yaml) [2 OK]\n\n2 tests executed [2 OK]\n"
    );
    assert_eq!((code, &*err), (0, ""));
}

#[test]
fn what_fails_is_shown_and_the_exit_code_is_4() {
    let (code, out, err) = with(BAD, &[]);
    let wanted = "Test results
└─┬albums (album_test.yaml) [1 OK] [1 FAILED]
  └─┬looking
    └─┬alice
      └─┬holidays
        └─┬edit [FAILED]
          └──OUTCOME: expected: EFFECT_ALLOW, actual: EFFECT_DENY

2 tests executed [1 OK] [1 FAILED]
";
    assert_eq!(out, wanted);
    assert_eq!((code, &*err), (4, "error: tests failed\n"));
}

#[test]
fn a_list_is_indented_and_verbose_shows_what_passed() {
    let (code, out, _) = with(BAD, &["--output", "list", "--verbose"]);
    let wanted = "Test results
albums (album_test.yaml) [1 OK] [1 FAILED]
  looking
    alice
      holidays
        view [OK]
          RESULT: EFFECT_ALLOW
        edit [FAILED]
          OUTCOME: expected: EFFECT_ALLOW, actual: EFFECT_DENY

2 tests executed [1 OK] [1 FAILED]
";
    assert_eq!((code, &*out), (4, wanted));
}

#[test]
fn json_is_that_of_cerbos() {
    let (code, out, _) = with(BAD, &["-o", "json"]);
    let got: serde_json::Value = serde_json::from_str(&out).unwrap();
    let counts = serde_json::json!([{"result": "RESULT_PASSED", "count": 1}, {"result": "RESULT_FAILED", "count": 1}]);
    let summary = serde_json::json!({"overallResult": "RESULT_FAILED", "testsCount": 2, "resultCounts": counts});
    let failure = serde_json::json!({"expected": "EFFECT_ALLOW", "actual": "EFFECT_DENY"});
    let wanted = serde_json::json!({
        "suites": [{
            "file": "album_test.yaml",
            "name": "albums",
            "summary": summary,
            "testCases": [{"name": "looking", "principals": [{"name": "alice", "resources": [{"name": "holidays", "actions": [
                {"name": "view", "details": {"result": "RESULT_PASSED", "success": {"effect": "EFFECT_ALLOW"}}},
                {"name": "edit", "details": {"result": "RESULT_FAILED", "failure": failure}},
            ]}]}]}],
        }],
        "summary": summary,
    });
    assert_eq!((code, got), (4, wanted));
}

#[test]
fn junit_is_xml() {
    let (code, out, _) = with(GOOD, &["-o", "junit"]);
    assert!(
        out.starts_with("<testsuites errors=\"0\" failures=\"0\" skipped=\"0\" tests=\"2\">\n"),
        "{out}"
    );
    assert!(out.contains("classname=\"alice.holidays.view\" name=\"looking\""), "{out}");
    assert_eq!(code, 0);
}

#[test]
fn a_broken_suite_fails_and_says_where() {
    let files = [("album.yaml", POLICY), ("sub/album_test.yaml", "name: x\ntets: []\n")];
    let (code, out, _) = authz(&files, &[]);
    let wanted = "Test results
└─┬Unknown (sub/album_test.yaml) [ERROR]
  └──failed to load test suite:
     2:1 unknown field \"tets\"

0 tests executed
";
    assert_eq!((code, &*out), (4, wanted));
}

#[test]
fn policies_that_do_not_load_are_exit_code_3() {
    let (code, out, err) =
        authz(&[("album.yaml", "apiVersion: api.cerbos.dev/v1\nresourcePolcy: {}\n")], &[]);
    assert_eq!((code, &*out), (3, ""));
    assert!(err.contains("album.yaml:2:1"), "{err}");
}

#[test]
fn bad_arguments_are_exit_code_2_and_bad_filters_1() {
    assert_eq!(with(GOOD, &["--output", "xml"]).0, 2);
    assert_eq!(with(GOOD, &["--min-coverage", "101"]).0, 2);
    let (code, _, err) = with(GOOD, &["--test-filter", "tset=x"]);
    assert_eq!(code, 1);
    assert!(err.contains("unknown filter dimension \"tset\""), "{err}");
    let (code, _, err) = with(GOOD, &["--run", "("]);
    assert_eq!(
        (code, &*err),
        (1, "error: invalid run specification: error parsing regexp: missing closing ): `(`\n")
    );
    assert_eq!(with(GOOD, &["--tests", "/nowhere/at/all"]).0, 1);
}

#[test]
fn tests_may_lie_in_another_folder() {
    let tests = tempfile::tempdir().unwrap();
    write(tests.path(), "sub/album_test.yaml", &suite(GOOD));
    let folder = tests.path().to_string_lossy();
    let (code, out, _) = authz(&[("album.yaml", POLICY)], &["--tests", &folder]);
    assert_eq!(code, 0);
    assert!(out.contains("albums (sub/album_test.yaml) [2 OK]"), "{out}");
}

#[test]
fn filters_leave_tests_out() {
    let (code, out, _) = with(BAD, &["--test-filter", "action=view"]);
    assert_eq!(code, 0);
    assert!(out.ends_with("1 tests executed [1 OK]\n"), "{out}");
    let (code, out, _) = with(BAD, &["--run", "^nothing$"]);
    assert_eq!(code, 0);
    assert!(
        out.ends_with("└──albums (album_test.yaml) [SKIPPED]\n\n2 tests executed [2 SKIPPED]\n"),
        "{out}"
    );
}

#[test]
fn strict_evaluation_denies_where_a_condition_fails() {
    assert_eq!(with("fragile: EFFECT_ALLOW", &[]).0, 0);
    assert_eq!(with("fragile: EFFECT_ALLOW", &["--strict-evaluation"]).0, 4);
}

#[test]
fn coverage_below_the_least_fails_and_names_the_rules() {
    let (code, out, err) = with(GOOD, &["--min-coverage", "50"]);
    let wanted = "1 of 3 rules covered (33.3%)
  album.yaml:9:7: resource.album.vdefault#rule-002 held for no test
  album.yaml:13:7: resource.album.vdefault#rule-003 held for no test
";
    assert!(out.ends_with(wanted), "{out}");
    assert_eq!((code, &*err), (4, "error: 33.3% of the rules are covered, less than 50%\n"));
    assert_eq!(with(GOOD, &["--min-coverage", "33%"]).0, 0);
    assert_eq!(with(GOOD, &["--coverage"]).0, 0);
    let (_, out, err) = with(GOOD, &["--coverage", "-o", "json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
    assert!(err.starts_with("1 of 3 rules covered"), "{err}");
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    assert!(!with(BAD, &[]).1.contains('\x1b'));
    assert!(with(BAD, &["--color", "always"]).1.contains("\x1b[31m[FAILED]\x1b[0m"));
    assert!(!with(BAD, &["--color", "always", "--no-color"]).1.contains('\x1b'));
}

#[test]
fn a_folder_without_tests_passes() {
    let (code, out, _) = authz(&[("album.yaml", POLICY)], &[]);
    assert_eq!((code, &*out), (0, "Test results\n\n0 tests executed\n"));
}

#[test]
#[cfg(unix)]
fn links_to_folders_are_not_followed_and_what_cannot_be_read_is_a_result() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "real/album.yaml", POLICY);
    write(dir.path(), "real/album_test.yaml", &suite(GOOD));
    std::fs::create_dir(dir.path().join("tests")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("real"), dir.path().join("tests/linked")).unwrap();
    std::os::unix::fs::symlink(".", dir.path().join("tests/loop")).unwrap();
    let real = dir.path().join("real/album_test.yaml");
    std::os::unix::fs::symlink(real, dir.path().join("tests/file_test.yaml")).unwrap();
    std::fs::write(dir.path().join("tests/bytes_test.yaml"), b"name: \xff").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_authz"))
        .args(["test", "--tests"])
        .args([dir.path().join("tests"), dir.path().join("real")])
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let wanted = "Test results
├─┬Unknown (bytes_test.yaml) [ERROR]
│ └──failed to load test suite:
│    cannot be read: the text is not UTF-8
└──albums (file_test.yaml) [2 OK]

2 tests executed [2 OK]
";
    assert_eq!((output.status.code(), &*out), (Some(4), wanted));
}

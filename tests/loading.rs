//! Folders of policies, and what may be wrong with their files.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use authz_engine::diag::{Code, Position};
use authz_engine::policy::{PolicySet, read_dir};

const POLICY: &str = "apiVersion: api.cerbos.dev/v1\nrolePolicy: {role: clerk}\n";

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}

fn names(dir: &Path) -> Vec<String> {
    read_dir(dir).0.iter().map(|s| s.name().to_owned()).collect()
}

#[test]
fn which_files_are_read() {
    let dir = folder(&[
        ("a.yaml", b""),
        ("b/c.YML", b""),
        ("d.json", b""),
        ("a_test.yaml", b""),
        ("a_TEST.yaml", b""),
        ("notes.txt", b""),
        (".hidden.yaml", b""),
        (".git/a.yaml", b""),
        ("testdata/a.yaml", b""),
        ("b/testdata/a.yaml", b""),
        ("Testdata/e.yaml", b""),
        ("_schemas/a.json", b""),
        ("_schemas/a.yaml", b""),
    ]);
    assert_eq!(
        names(dir.path()),
        ["Testdata/e.yaml", "_schemas/a.json", "a.yaml", "b/c.YML", "d.json"]
    );
}

#[test]
fn text_that_is_not_utf8_is_reported_where_it_ends_to_be() {
    let dir = folder(&[("a.yaml", b"apiVersion: api.cerbos.dev/v1\nx: \xc3\xa4\xff\n")]);
    let found = PolicySet::from_dir(dir.path()).unwrap_err();
    let all: Vec<_> = found.iter().map(|d| (d.code, d.position)).collect();
    assert_eq!(all, [(Code::YamlSyntax, Position { line: 2, column: 5 })]);
}

#[test]
fn a_file_of_more_than_64_mebibytes_is_not_read() {
    let dir = folder(&[("a.yaml", POLICY.as_bytes())]);
    let file = std::fs::File::create(dir.path().join("b.yaml")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let found = PolicySet::from_dir(dir.path()).unwrap_err();
    assert_eq!(
        found.iter().map(|d| (&*d.file, d.code)).collect::<Vec<_>>(),
        [("b.yaml", Code::Limit)]
    );
}

#[test]
#[cfg(unix)]
fn links_to_files_are_followed_and_links_to_folders_are_not() {
    let dir = folder(&[("real/a.yaml", POLICY.as_bytes())]);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("real/a.yaml"), dir.path().join("b.yaml")).unwrap();
    assert_eq!(names(dir.path()), ["b.yaml", "real/a.yaml"]);
}

#[test]
fn line_ends_of_windows_and_one_long_line_of_json_load() {
    let dir = folder(&[
        ("a.yaml", POLICY.replace('\n', "\r\n").as_bytes()),
        ("b.json", br#"{"apiVersion":"api.cerbos.dev/v1","rolePolicy":{"role":"boss"}}"#),
    ]);
    assert_eq!(PolicySet::from_dir(dir.path()).unwrap().len(), 2);
}

/// Cerbos refuses the folder as well. A policy that denies must not be passed over.
#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_name_is_no_text_is_reported() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"b\xff.yaml");
    std::fs::write(dir.path().join(name), "apiVersion: api.cerbos.dev/v1\n").unwrap();
    let problems = PolicySet::from_dir(dir.path()).unwrap_err();
    assert!(problems.to_string().contains("the name is not UTF-8"), "{problems}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("zero.yaml")).unwrap();
    let problems = PolicySet::from_dir(dir.path()).unwrap_err();
    assert!(problems.to_string().contains("it is no regular file"), "{problems}");
}

#[cfg(unix)]
#[test]
fn the_folder_of_schemas_may_be_a_link() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(elsewhere.path().join("doc.json"), "{}").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("_schemas")).unwrap();
    let policy = "{apiVersion: api.cerbos.dev/v1, resourcePolicy: {resource: doc, version: default, \
                  schemas: {resourceSchema: {ref: 'cerbos:///doc.json'}}}}";
    std::fs::write(dir.path().join("doc.yaml"), policy).unwrap();
    let set = PolicySet::from_dir(dir.path()).unwrap();
    assert!(set.schema_problems().is_empty(), "{}", set.schema_problems());
}

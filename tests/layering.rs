//! The direction of dependencies, as a table. An edge that is not in it fails.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

/// Module of the root crate, and the modules it may name.
const ROOT: &[(&str, &[&str])] = &[
    ("danger", &[]),
    ("token", &["danger", "principal"]),
    ("principal", &[]),
    ("policies", &["error", "principal"]),
    ("decide", &["policies", "principal"]),
    ("audit", &["layer", "policies", "principal"]),
    ("layer", &["audit", "decide", "principal", "token"]),
    ("resource", &["policies"]),
    ("guard", &["audit", "decide", "layer", "policies", "principal", "resource"]),
    ("extract", &["audit", "decide", "guard", "layer", "policies", "principal", "resource"]),
    ("endpoint", &["audit", "danger", "extract", "guard", "layer", "policies", "token"]),
    ("error", &["guard", "layer", "policies", "token"]),
    ("test", &["decide", "guard", "policies", "principal", "token"]),
];

/// Module of the engine, and the modules it may name.
const ENGINE: &[(&str, &[&str])] = &[
    ("suggest", &[]),
    ("value", &[]),
    ("request", &["value"]),
    ("diag", &["policy"]),
    ("cel", &["request", "suggest", "value"]),
    ("schema", &["cel", "value"]),
    ("policy", &["cel", "check", "diag", "schema", "suggest", "value"]),
    ("table", &["cel", "check", "policy"]),
    (
        "check",
        &["cel", "diag", "explain", "policy", "request", "schema", "suggest", "table", "value"],
    ),
    ("explain", &["check", "value"]),
    ("suite", &["cel", "check", "diag", "policy", "request", "value"]),
    ("inspect", &["cel", "check", "diag", "policy", "suggest", "value"]),
];

#[test]
fn modules_name_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for (src, table) in [(root.join("src"), ROOT), (root.join("engine/src"), ENGINE)] {
        let modules: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
        for (module, allowed) in table {
            let mut files = Vec::new();
            collect(&src.join(module), &mut files);
            collect(&src.join(format!("{module}.rs")), &mut files);
            assert!(!files.is_empty(), "{module} is in the table and not in {}", src.display());
            for (path, text) in files {
                for named in named(&text) {
                    if named != *module
                        && modules.contains(&named.as_str())
                        && !allowed.contains(&named.as_str())
                    {
                        wrong.push(format!("{}: {module} -> {named}", path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "edges that are not in the table:\n{}", wrong.join("\n"));
}

/// What stands behind `crate::`, in code. Nested imports are read one level deep.
fn named(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for part in code.split("crate::").skip(1) {
        let inside = match part.strip_prefix('{') {
            Some(group) => {
                let mut depth = 1;
                let end = group.find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth == 0
                });
                group.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
            }
            None => part
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let mut depth = 0;
        for name in inside.split_inclusive(['{', '}', ',']) {
            if depth == 0 {
                found.extend(
                    name.trim()
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .next()
                        .map(str::to_owned),
                );
            }
            depth += i32::from(name.ends_with('{')) - i32::from(name.ends_with('}'));
        }
    }
    found
}

fn collect(path: &Path, files: &mut Vec<(String, String)>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap().flatten() {
            collect(&entry.path(), files);
        }
    } else if path.is_file() && !path.ends_with("tests.rs") {
        files.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
    }
}

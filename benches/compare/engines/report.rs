//! Where results are kept, and which versions were compared.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

const LOCK: &str = include_str!("../../../Cargo.lock");

/// The version of a package that the workspace is locked to.
pub(crate) fn version(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    version.map(|version| version.trim_matches('"')).expect("the package is locked")
}

/// The folder of everything that is built and installed.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")
}

/// Adds lines to `target/bench/{name}.jsonl`.
pub(crate) fn append(name: &str, lines: &[Value]) {
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder).expect("a folder for results");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(format!("{name}.jsonl")));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("results can be written");
}

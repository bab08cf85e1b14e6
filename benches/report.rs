//! What the benchmarks of the token path print and keep.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

/// Adds lines to `target/bench/{bench}.jsonl`.
pub(crate) struct Report {
    bench: &'static str,
    lines: String,
}

impl Report {
    pub(crate) fn new(bench: &'static str) -> Self {
        Self { bench, lines: String::new() }
    }

    /// Prints a row of the table, with what it is compared to.
    pub(crate) fn row(&mut self, what: &str, ns: f64, note: &str) {
        println!("{what:<44} {ns:>10.0} ns   {note}");
        let line = serde_json::json!({
            "bench": self.bench, "what": what, "ns": (ns * 10.0).round() / 10.0, "note": note,
        });
        self.lines += &format!("{line}\n");
    }

    pub(crate) fn keep(self) -> std::io::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join(self.bench).with_extension("jsonl");
        OpenOptions::new().create(true).append(true).open(path)?.write_all(self.lines.as_bytes())
    }
}

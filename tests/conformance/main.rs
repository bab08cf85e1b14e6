//! Conformance: the engine on Cerbos' own test data and on the CEL specification's.
//!
//! The data lie outside the repository, in the directory that `AUTHZ_CONFORMANCE` names (default
//! `../shared/conformance`). Cases are discovered; none is listed here. `cargo test --test conformance -- engine`
//! runs one suite. Without the directory the runner says so and ends well, except under `CI=true`.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    reason = "a test program of its own: its output is the report"
)]

mod cel;
mod compile;
mod engine;
mod findings;
mod index;
mod input;
mod inspect;
mod parser;
mod report;
mod schema;
mod server;
mod suite;
mod token;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

/// Runs the cases below the directory.
type Suite = fn(&Path, &mut Report);

const SUITES: &[(&str, Suite)] = &[
    ("engine", engine::engine),
    ("engine_strict_scope_search", engine::strict_scope_search),
    ("engine_lenient_scope_search", engine::lenient_scope_search),
    ("engine_schema_enforcement", schema::enforcement),
    ("schema", schema::attributes),
    ("server/checks", server::checks),
    ("cel_eval", engine::cel_eval),
    ("compile", compile::compile),
    ("index", index::index),
    ("parser", parser::parser),
    ("policy_formats", parser::policy_formats),
    ("inspect", inspect::inspect),
    ("cerbos_lib", cel::cerbos_lib),
    ("cerbos-cel", cel::probes),
    ("cel-spec", cel::specification),
    ("verify", suite::verify),
    ("verify_matrix", suite::matrix),
    ("verify_junit", suite::junit),
];

fn main() -> ExitCode {
    let root = std::env::var_os("AUTHZ_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    if !root.is_dir() {
        println!("no conformance data at {}: skipped (set AUTHZ_CONFORMANCE)", root.display());
        return if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        };
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut total = Report::default();
    for &(name, run) in SUITES {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        let mut report = Report::of(name);
        run(&root, &mut report);
        report.print(name);
        total.add(&report);
    }
    println!("\n{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

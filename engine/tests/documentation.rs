//! `docs/cel.md` lists the functions that there are, as they are.
//!
//! `UPDATE_DOCS=1 cargo test -p authz-engine --test documentation` writes the list anew.

#![expect(clippy::expect_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;

use authz_engine::cel::{FunctionInfo, functions};

const START: &str = "<!-- functions: written by engine/tests/documentation.rs -->\n";
const END: &str = "<!-- end of functions -->\n";

#[test]
fn the_page_lists_every_function() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cel.md");
    let page = std::fs::read_to_string(&path).expect("docs/cel.md is there");
    let (before, rest) = page.split_once(START).expect("the list has a start");
    let (listed, after) = rest.split_once(END).expect("the list has an end");
    let wanted = list();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = format!("{before}{START}{wanted}{END}{after}");
        std::fs::write(&path, page).expect("docs/cel.md can be written");
    } else {
        assert!(listed == wanted, "the functions have changed: run with UPDATE_DOCS=1");
    }
}

fn list() -> String {
    let all: Vec<FunctionInfo> = functions().collect();
    let mut text = String::new();
    let mut library = "";
    for function in &all {
        if function.library != library {
            library = function.library;
            write!(text, "\n### {library}\n\n| function | example |\n|---|---|\n").expect("text");
        }
        let cell = |code: &str| format!("`{}`", code.replace('|', "\\|"));
        let (signature, example) = (cell(&function.signature), cell(function.example));
        writeln!(text, "| {signature} | {example} |").expect("text");
    }
    text.push('\n');
    text
}

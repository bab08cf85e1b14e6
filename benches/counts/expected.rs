//! What is checked in.

use std::{collections::BTreeMap, fs, process::ExitCode};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/expected.txt");
/// More than this part above what is expected fails.
const TOLERANCE: f64 = 0.03;
/// More than this part below it, and the expectation is out of date: it would let the gain be lost unnoticed.
const GAIN: f64 = 0.10;
const HEAD: &str = "\
# Instructions for one turn of each path, by `benches/counts/run --update`. What they are: `paths.rs`.
# What aws-lc does is not among them.
";

pub(crate) fn write(counts: &[(&'static str, u64)]) {
    let lines: String = counts.iter().map(|(name, count)| format!("{name} {count}\n")).collect();
    fs::write(FILE, format!("{HEAD}{lines}")).expect("the file is written");
    print!("{lines}");
}

/// Fails where a path takes more than it should.
pub(crate) fn compare(counts: &[(&'static str, u64)]) -> ExitCode {
    let text = fs::read_to_string(FILE).expect("benches/counts/expected.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let expected: BTreeMap<&str, u64> = lines
        .filter_map(|line| line.split_once(' ').and_then(|(name, n)| Some((name, n.parse().ok()?))))
        .collect();
    println!("{:<28}{:>12}{:>12}{:>10}", "", "expected", "counted", "change");
    let mut code = ExitCode::SUCCESS;
    for (name, count) in counts {
        let Some(before) = expected.get(name) else {
            println!(
                "{name:<28}{:>12}{count:>12}  NOT EXPECTED: run benches/counts/run --update",
                ""
            );
            code = ExitCode::FAILURE;
            continue;
        };
        let change = *count as f64 / *before as f64 - 1.0;
        let remark = if change > TOLERANCE {
            code = ExitCode::FAILURE;
            "  TOO MANY"
        } else if change < -GAIN {
            "  fewer: run benches/counts/run --update, so that it stays so"
        } else {
            ""
        };
        println!("{name:<28}{before:>12}{count:>12}{:>+9.1}%{remark}", change * 100.0);
    }
    code
}

//! Counting, by valgrind's callgrind.
//!
//! What aws-lc does by itself is left out. A hash or a signature takes so many instructions that those of our own would be
//! lost among them, they are not ours to make fewer, and valgrind lacks the ones that processors have for them. What such a check takes by the clock is measured elsewhere.

use std::{
    collections::HashSet,
    env, fs,
    process::{Command, Stdio},
};

use crate::paths::{Method, Path};

/// Instructions for one turn.
pub(crate) fn count(path: &Path) -> u64 {
    (0..path.processes).map(|_| once(path)).min().unwrap_or_default()
}

fn once(path: &Path) -> u64 {
    let turns = u64::from(path.turns);
    match path.method {
        Method::Inside => run(path, path.turns, Some("*turns_that_count*")) / turns,
        Method::Difference => {
            let (once, twice) = (run(path, path.turns, None), run(path, path.turns * 2, None));
            twice.saturating_sub(once) / turns
        }
    }
}

/// Instructions of a run: of all of it, or of what happens within a function.
fn run(path: &Path, turns: u32, within: Option<&str>) -> u64 {
    let program = env::current_exe().expect("this program has a path");
    let out = env::temp_dir().join(format!("authz-counts-{}.out", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args(within.map(|function| format!("--toggle-collect={function}")))
        .arg(program)
        .args(["--turn", path.name, &turns.to_string()])
        .stdout(Stdio::null());
    let output = command.output().expect("valgrind runs (apt-get install valgrind)");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} under valgrind:\n{errors}", path.name);
    let text = fs::read_to_string(&out).expect("valgrind writes its counts");
    _ = fs::remove_file(&out);
    let total = own(&text);
    assert!(total > 0, "{}: nothing was counted; is the program stripped of its names?", path.name);
    total
}

/// The sum of a profile without aws-lc. See "Callgrind Format Specification" in valgrind's manual.
fn own(profile: &str) -> u64 {
    let (mut foreign, mut is_foreign) = (HashSet::new(), false);
    let (mut own, mut all, mut is_inclusive) = (0, 0, false);
    for line in profile.lines() {
        if let Some(name) = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")) {
            // `(7) name` when a function is named for the first time, `(7)` from then on.
            let (id, name) = name.split_once(' ').unwrap_or((name, ""));
            if name.starts_with("aws_lc_") {
                foreign.insert(id);
            }
            if line.starts_with("fn=") {
                is_foreign = foreign.contains(id);
            }
        } else if line.starts_with("calls=") {
            // The next line is what the callee took, which is counted where it is itself.
            is_inclusive = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok());
            if !std::mem::take(&mut is_inclusive) {
                let cost = cost.unwrap_or(0);
                all += cost;
                own += if is_foreign { 0 } else { cost };
            }
        }
    }
    let sum = profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    assert_eq!(sum, Some(all), "valgrind writes its profiles in another way");
    own
}

//! Counting, by valgrind's callgrind.

use std::{
    env, fs,
    process::{Command, Stdio},
};

use crate::paths::{Method, Path};

/// Instructions for one turn.
pub(crate) fn count(path: &Path) -> u64 {
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
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    let total = total.expect("there is a sum");
    assert!(total > 0, "{}: nothing was counted; is the program stripped of its names?", path.name);
    total
}

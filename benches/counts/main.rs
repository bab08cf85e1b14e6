//! Instructions of the paths that must stay short, held against what is checked in: `benches/counts/run`.
//!
//! Counts do not depend on what else the machine does, so a change of a few percent can be seen where clocks would show
//! noise. The program starts itself under valgrind, once for each path: see [`valgrind`]. They depend on the compiler,
//! so a new one may ask for `--update`; hardly on the machine, because valgrind shows every program the same processor.
//!
//! | module | what |
//! |---|---|
//! | [`paths`] | what is counted |
//! | [`valgrind`] | how |
//! | [`expected`] | what it is held against |

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own: its output is the report"
)]

mod expected;
mod paths;
mod requests;
mod tokens;
mod valgrind;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        [] => expected::compare(&count()),
        ["--update"] => {
            expected::write(&count());
            ExitCode::SUCCESS
        }
        ["--spread", times] => {
            spread(times.parse().expect("how often"));
            ExitCode::SUCCESS
        }
        ["--turn", name, turns] => {
            paths::run(name, turns.parse().expect("how many turns"));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: authz-counts [--update | --spread TIMES]");
            ExitCode::FAILURE
        }
    }
}

/// Instructions for one turn of each path.
fn count() -> Vec<(&'static str, u64)> {
    paths::PATHS.iter().map(|path| (path.name, valgrind::count(path))).collect()
}

fn spread(times: u32) {
    println!("{:<28}{:>12}{:>12}{:>10}", "", "least", "most", "apart");
    for path in paths::PATHS {
        let counts: Vec<u64> = (0..times).map(|_| valgrind::count(path)).collect();
        let (least, most) = (counts.iter().min(), counts.iter().max());
        let (Some(least), Some(most)) = (least, most) else { return };
        let apart = (*most as f64 / *least as f64 - 1.0) * 100.0;
        println!("{:<28}{least:>12}{most:>12}{apart:>9.2}%", path.name);
    }
}

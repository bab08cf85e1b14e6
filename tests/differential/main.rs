//! Differential tests: the same questions to the real Cerbos and to the engine.
//!
//! `cargo test --test differential` asks about 1,000 random expressions and for 2,500 decisions of random sets of policies;
//! `-- policies` or `-- expressions` of one of the two. `AUTHZ_DIFFERENTIAL=20000 AUTHZ_SEED=7` about more and others; the same
//! seed asks the same. Cerbos is the binary that `CERBOS_BIN` names, or the one below `target/cerbos`; without it the
//! runner says so and ends well.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test program of its own: its output is the report"
)]

mod cerbos;
mod expressions;
mod policies;

use std::process::ExitCode;

use cerbos::Cerbos;

const SEED: u64 = 1;

type Run = fn(&Cerbos, usize, u64) -> Result<bool, String>;

/// What is compared, and of how many it is asked unless something else is wanted.
const FAMILIES: [(&str, usize, Run); 2] =
    [("expressions", 1000, expressions::run), ("policies", 2500, policies::run)];

fn main() -> ExitCode {
    let Some(cerbos) = Cerbos::find() else {
        println!("no Cerbos binary: skipped (set CERBOS_BIN, or run `.ci/run conformance`)");
        return ExitCode::SUCCESS;
    };
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let seed = number("AUTHZ_SEED", SEED);
    let mut good = true;
    for (name, count, run) in FAMILIES {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        let count = number("AUTHZ_DIFFERENTIAL", count);
        println!("{name}: {count} of seed {seed}");
        good &= run(&cerbos, count, seed).unwrap_or_else(|error| {
            println!("the comparison failed: {error}");
            false
        });
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    let Ok(text) = std::env::var(variable) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{variable} is no number"))
}

//! Differential tests: the same questions to the real Cerbos and to the engine.
//!
//! `cargo test --test differential` asks about 1,000 random expressions; `AUTHZ_DIFFERENTIAL=20000 AUTHZ_SEED=7` about
//! more and others. The same seed asks the same. Cerbos is the binary that `CERBOS_BIN` names, or the one below
//! `target/cerbos`; without it the runner says so and ends well.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test program of its own: its output is the report"
)]

mod cerbos;
mod expressions;

use std::process::ExitCode;

use cerbos::Cerbos;

const COUNT: usize = 1000;
const SEED: u64 = 1;

fn main() -> ExitCode {
    let Some(cerbos) = Cerbos::find() else {
        println!("no Cerbos binary: skipped (set CERBOS_BIN, or run `.ci/run conformance`)");
        return ExitCode::SUCCESS;
    };
    let (count, seed) = (number("AUTHZ_DIFFERENTIAL", COUNT), number("AUTHZ_SEED", SEED));
    println!("{count} expressions of seed {seed}");
    match expressions::run(&cerbos, count, seed) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("the comparison failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    let Ok(text) = std::env::var(variable) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{variable} is no number"))
}

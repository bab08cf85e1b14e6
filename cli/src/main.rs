//! `authz`: tools for authors of policies.

mod check;
mod exit;
mod explain;
mod inspect;
mod load;
mod request;
mod results;
mod style;
mod test;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "authz", about, version = concat!(env!("CARGO_PKG_VERSION"), " (policies as Cerbos 0.55)"))]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load the policies of a folder and report everything that is wrong with them.
    Check(check::Args),
    /// Decide a request and show which rules were looked at, and why each did or did not count.
    Explain(Box<explain::Args>),
    /// Run the test suites of a folder of policies.
    Test(test::Args),
    /// Show what each policy uses and defines: actions, attributes, variables, constants, derived roles.
    Inspect(inspect::Args),
}

fn main() -> ExitCode {
    let (out, err) = (&mut io::stdout().lock(), &mut io::stderr().lock());
    match Args::parse().command {
        Command::Check(args) => check::run(&args, out, err),
        Command::Explain(args) => explain::run(&args, out, err),
        Command::Test(args) => test::run(&args, out, err),
        Command::Inspect(args) => inspect::run(&args, out, err),
    }
    .unwrap_or_else(|error| {
        // Whoever closed the pipe has seen enough.
        if error.kind() != io::ErrorKind::BrokenPipe {
            let _ = writeln!(err, "error: cannot write: {error}");
        }
        exit::FAILED.into()
    })
}

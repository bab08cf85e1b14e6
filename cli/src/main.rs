//! `authz`: tools for authors of policies.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use authz_engine::policy::PolicySet;
use clap::{Parser, Subcommand};

/// Exit codes are those of `cerbos compile`.
const FAILED: u8 = 1;
const INVALID: u8 = 3;

#[derive(Parser)]
#[command(version, about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load the policies of a folder and report everything that is wrong with them.
    Check {
        /// The folder.
        dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let Args { command: Command::Check { dir } } = Args::parse();
    check(&dir, &mut io::stdout().lock(), &mut io::stderr().lock())
        .unwrap_or_else(|_| ExitCode::from(FAILED))
}

fn check(dir: &Path, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    match PolicySet::from_dir(dir) {
        Ok(set) => {
            write!(err, "{}", set.warnings())?;
            writeln!(out, "{}: {} policies", dir.display(), set.len())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(diagnostics) => {
            write!(err, "{diagnostics}")?;
            writeln!(err, "\n{}: {} mistakes", dir.display(), diagnostics.len())?;
            Ok(ExitCode::from(INVALID))
        }
    }
}

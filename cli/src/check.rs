//! `authz check`: what is wrong with the policies of a folder.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use authz_engine::policy::PolicySet;

use crate::exit;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder.
    dir: PathBuf,
    /// Take references to JSON Schemas as they are, without reading them.
    #[arg(long)]
    ignore_schemas: bool,
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    let dir = &args.dir;
    match PolicySet::from_dir(dir) {
        Ok(set) if !args.ignore_schemas && !set.schema_problems().is_empty() => {
            let problems = set.schema_problems();
            write!(err, "{}{problems}", set.warnings())?;
            writeln!(err, "\n{}: {} mistakes", dir.display(), problems.len())?;
            Ok(exit::INVALID.into())
        }
        Ok(set) => {
            write!(err, "{}", set.warnings())?;
            writeln!(out, "{}: {} policies", dir.display(), set.len())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(diagnostics) => {
            write!(err, "{diagnostics}")?;
            writeln!(err, "\n{}: {} mistakes", dir.display(), diagnostics.len())?;
            Ok(exit::INVALID.into())
        }
    }
}

//! `authz check`: what is wrong with the policies of a folder.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::load::Policies;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    policies: Policies,
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    match args.policies.load(err)? {
        Ok(set) => {
            let dir = args.policies.dir().display();
            writeln!(out, "{dir}: resource, principal and role policies: {}", set.len())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(code) => Ok(code),
    }
}

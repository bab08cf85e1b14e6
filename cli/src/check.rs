//! `authz check`: what is wrong with the policies of a folder.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::load::{Policies, code};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    policies: Policies,
    /// How to show what was found.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Output {
    /// For people, on standard error.
    Text,
    /// For programs: a list of mistakes or warnings, on standard output.
    Json,
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    match args.output {
        Output::Text => match args.policies.load(err)? {
            Ok(set) => {
                let dir = args.policies.dir().display();
                writeln!(out, "{dir}: resource, principal and role policies: {}", set.len())?;
                Ok(ExitCode::SUCCESS)
            }
            Err(code) => Ok(code),
        },
        Output::Json => {
            let (found, code) = match args.policies.read() {
                Ok(set) => (set.warnings().clone(), ExitCode::SUCCESS),
                Err(mistakes) => {
                    let code = code(&mistakes);
                    (mistakes, code)
                }
            };
            serde_json::to_writer_pretty(&mut *out, &found)?;
            writeln!(out)?;
            Ok(code)
        }
    }
}

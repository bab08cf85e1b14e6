//! Loading the policies of a folder, with what there is to say about it.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use authz_engine::diag::{Code, Diagnostics};
use authz_engine::policy::PolicySet;

use crate::exit;

#[derive(clap::Args)]
pub(crate) struct Policies {
    /// The folder with the policies.
    dir: PathBuf,
    /// Neither look at references to JSON Schemas nor validate attributes by them.
    #[arg(long)]
    pub(crate) ignore_schemas: bool,
}

impl Policies {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The policies, or the exit code that tells why there are none. Warnings and mistakes go to `err`.
    pub(crate) fn load(&self, err: &mut impl Write) -> io::Result<Result<PolicySet, ExitCode>> {
        let (set, mistakes) = match PolicySet::from_dir(&self.dir) {
            Ok(set) => {
                write!(err, "{}", set.warnings())?;
                let problems = set.schema_problems().clone();
                let mistakes = if self.ignore_schemas { Diagnostics::default() } else { problems };
                (Some(set), mistakes)
            }
            Err(mistakes) => (None, mistakes),
        };
        match set {
            Some(set) if mistakes.is_empty() => Ok(Ok(set)),
            _ => {
                write!(err, "{mistakes}")?;
                writeln!(err, "\n{}: {}", self.dir.display(), counted(mistakes.len(), "mistake"))?;
                Ok(Err(code(&mistakes)))
            }
        }
    }
}

/// What cannot be read is no mistake of an author, and Cerbos tells the two apart as well.
fn code(mistakes: &Diagnostics) -> ExitCode {
    let unreadable = mistakes.iter().all(|mistake| mistake.code == Code::Io);
    if unreadable { exit::FAILED.into() } else { exit::INVALID.into() }
}

/// `1 mistake`, `2 mistakes`.
pub(crate) fn counted(count: usize, what: impl Display) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

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

    /// The policies, or what is wrong with them.
    pub(crate) fn read(&self) -> Result<PolicySet, Diagnostics> {
        let set = PolicySet::from_dir(&self.dir)?;
        if self.ignore_schemas || set.schema_problems().is_empty() {
            Ok(set)
        } else {
            Err(set.schema_problems().clone())
        }
    }

    /// The policies, or the exit code that tells why there are none. Warnings and mistakes go to `err`.
    pub(crate) fn load(&self, err: &mut impl Write) -> io::Result<Result<PolicySet, ExitCode>> {
        match self.read() {
            Ok(set) => {
                write!(err, "{}", set.warnings())?;
                Ok(Ok(set))
            }
            Err(mistakes) => {
                write!(err, "{mistakes}")?;
                writeln!(err, "\n{}: {}", self.dir.display(), counted(mistakes.len(), "mistake"))?;
                Ok(Err(code(&mistakes)))
            }
        }
    }
}

/// What cannot be read is no mistake of an author, and Cerbos tells the two apart as well.
pub(crate) fn code(mistakes: &Diagnostics) -> ExitCode {
    let unreadable = mistakes.iter().all(|mistake| mistake.code == Code::Io);
    if unreadable { exit::FAILED.into() } else { exit::INVALID.into() }
}

/// `1 mistake`, `2 mistakes`.
fn counted(count: usize, what: impl Display) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

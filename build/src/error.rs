//! Why there is nothing to write.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use authz_engine::diag::Diagnostics;

/// Why the types could not be written.
///
/// `Debug` shows what `Display` does, because it is what Cargo shows of the error that a build script returns.
pub struct Error(Reason);

enum Reason {
    Policies { dir: PathBuf, found: Diagnostics },
    Names { dir: PathBuf, same: Vec<String> },
    CratePath(String),
    NoOutDir,
    Io { path: PathBuf, error: io::Error },
}

impl Error {
    pub(crate) fn policies(dir: &Path, found: Diagnostics) -> Self {
        Self(Reason::Policies { dir: dir.into(), found })
    }

    pub(crate) fn names(dir: &Path, same: Vec<String>) -> Self {
        Self(Reason::Names { dir: dir.into(), same })
    }

    pub(crate) fn crate_path(path: &str) -> Self {
        Self(Reason::CratePath(path.into()))
    }

    pub(crate) fn no_out_dir() -> Self {
        Self(Reason::NoOutDir)
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self(Reason::Io { path: path.into(), error })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Policies { dir, found } => {
                write!(f, "the policies in `{}` do not load\n\n{found}", dir.display())
            }
            Reason::Names { dir, same } => {
                write!(
                    f,
                    "names in the policies in `{}` cannot be told apart in Rust",
                    dir.display()
                )?;
                same.iter().try_for_each(|same| write!(f, "\n  {same}"))
            }
            Reason::CratePath(path) => write!(
                f,
                "`{path}` is not where a crate is found: write the name of a dependency or a path that begins with `crate::`"
            ),
            Reason::NoOutDir => f.write_str(
                "`OUT_DIR` is not set: call `write` from a build script, or use `render`",
            ),
            Reason::Io { path, error } => {
                write!(f, "`{}` cannot be written: {error}", path.display())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Reason::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

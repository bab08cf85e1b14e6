//! Writes the actions of the policies as types, from a build script.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     axum_authz_build::Actions::dir("policies").write()?;
//!     Ok(())
//! }
//! ```
//!
//! ```text
//! // src/main.rs
//! include!(concat!(env!("OUT_DIR"), "/actions.rs"));
//!
//! #[authorize(album::View, id = path("id"))]
//! async fn show() {}
//! ```
//!
//! For every kind with a resource policy there is a module, with `KIND`, `ALL` (the names of its actions) and one
//! type for each action, which implements `axum_authz::guard::Action`. The types' documentation has the policies'
//! `description` and the names of the rules. When an action is renamed in the policies, the handlers that name the
//! old one do not compile.
//!
//! # Names
//!
//! | in the policies | in Rust |
//! |---|---|
//! | kind `album`, `leave-request`, `LeaveRequest` | module `album`, `leave_request`, `leave_request` |
//! | action `view`, `view:public`, `bulk_edit` | type `View`, `ViewPublic`, `BulkEdit` |
//! | kind `type`, action `self` (keywords) | module `type_`, type `Self_` |
//! | kind or action `2fa` (begins with a digit) | module `n2fa`, type `N2fa` |
//! | action `prüfen` (letters beyond ASCII) | type `Pru00fcfen`: their numbers in Unicode |
//! | action `view:*`, `*` (patterns) | no type |
//!
//! Two names that become the same are a mistake, and so is everything that keeps the policies from loading.

mod error;
mod names;
mod render;
mod vocabulary;

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use authz_engine::policy::PolicySet;

pub use error::Error;

/// What to write, and from which policies.
#[derive(Debug, Clone)]
pub struct Actions {
    dir: PathBuf,
    file_name: String,
    crate_path: String,
}

impl Actions {
    /// The actions of the policies in this folder. A relative path begins at the folder of the package's
    /// `Cargo.toml`.
    ///
    /// Which files count is the same as when a service loads the folder.
    #[must_use]
    pub fn dir(path: impl Into<PathBuf>) -> Self {
        Self {
            dir: path.into(),
            file_name: "actions.rs".to_owned(),
            crate_path: "axum_authz".to_owned(),
        }
    }

    /// The name of the file in `OUT_DIR`; `actions.rs` when not given.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// Where `axum-authz` is found, when not under its own name: another name of the dependency, or a path that
    /// begins with `crate::`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), axum_authz_build::Error> {
    /// axum_authz_build::Actions::dir("policies").crate_path("crate::vendored::axum_authz").write()
    /// # }
    /// ```
    #[must_use]
    pub fn crate_path(mut self, path: impl Into<String>) -> Self {
        self.crate_path = path.into();
        self
    }

    /// The text that [`write`](Self::write) writes, the same for the same policies.
    ///
    /// # Errors
    ///
    /// Mistakes in policies, all of them, each with file, line and column; names that become the same; a crate path
    /// that is none.
    pub fn render(&self) -> Result<String, Error> {
        let Some(crate_path) = names::absolute(&self.crate_path) else {
            return Err(Error::crate_path(&self.crate_path));
        };
        let dir = self.path();
        let set = PolicySet::from_dir(&dir).map_err(|found| Error::policies(&dir, found))?;
        let kinds = vocabulary::kinds(&set);
        render::render(&kinds, &crate_path).map_err(|same| Error::names(&dir, same))
    }

    /// Writes the text to a file in `OUT_DIR`, and tells Cargo to run the build script again when anything in the
    /// folder changes.
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render); not called by a build script; a file that cannot be written.
    pub fn write(&self) -> Result<(), Error> {
        let watched = format!("cargo:rerun-if-changed={}\n", self.path().display());
        std::io::stdout()
            .write_all(watched.as_bytes())
            .map_err(|error| Error::io(Path::new("stdout"), error))?;
        let Some(out) = env::var_os("OUT_DIR") else { return Err(Error::no_out_dir()) };
        let path = Path::new(&out).join(&self.file_name);
        fs::write(&path, self.render()?).map_err(|error| Error::io(&path, error))
    }

    fn path(&self) -> PathBuf {
        match env::var_os("CARGO_MANIFEST_DIR") {
            Some(package) => Path::new(&package).join(&self.dir),
            None => self.dir.clone(),
        }
    }
}

//! Where policies come from: texts with names, or a folder.

use std::path::Path;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Position};

/// The text of one policy file and the name under which diagnostics speak of it.
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
}

impl Source {
    /// A file's `name` (usually a path relative to the policy folder) and its text, YAML or JSON.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// All policy files below `root`, sorted by name (docs/semantics.md, rule Y1): `.yaml`, `.yml` and `.json`;
/// not hidden ones, not `testdata` folders, not `*_test` files, not the root's `_schemas`.
pub(super) fn read_dir(root: &Path) -> (Vec<Source>, Vec<Diagnostic>) {
    let mut walk = Walk { sources: Vec::new(), problems: Vec::new() };
    walk.folder(root, "");
    walk.sources.sort_by(|a, b| a.name.cmp(&b.name));
    (walk.sources, walk.problems)
}

struct Walk {
    sources: Vec<Source>,
    problems: Vec<Diagnostic>,
}

impl Walk {
    fn folder(&mut self, path: &Path, prefix: &str) {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(&path.to_string_lossy(), &error),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(prefix, &error);
                    continue;
                }
            };
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else { continue };
            if file_name.starts_with('.') {
                continue;
            }
            let name = if prefix.is_empty() {
                file_name.to_owned()
            } else {
                format!("{prefix}/{file_name}")
            };
            let path = entry.path();
            if path.is_dir() {
                match file_name {
                    "testdata" => {}
                    "_schemas" if prefix.is_empty() => self.schemas(&path, &name),
                    "_schemas" => self.problems.push(
                        Diagnostic::error(
                            Code::MisplacedSchemas,
                            &name,
                            Position::default(),
                            "`_schemas` must stand at the root of the policy folder",
                        )
                        .help("move the folder, or name it otherwise"),
                    ),
                    _ => self.folder(&path, &name),
                }
            } else if is_policy_file(&path) {
                match std::fs::read_to_string(&path) {
                    Ok(text) => self.sources.push(Source::new(name, text)),
                    Err(error) => self.unreadable(&name, &error),
                }
            }
        }
    }

    /// The JSON Schemas below the root's `_schemas` (rule J3).
    fn schemas(&mut self, path: &Path, prefix: &str) {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries.flatten(),
            Err(error) => return self.unreadable(prefix, &error),
        };
        for entry in entries {
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let (path, name) = (entry.path(), format!("{prefix}/{file_name}"));
            // Links to folders are not followed: they may lead around in circles.
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                self.schemas(&path, &name);
            } else if file_name.ends_with(".json") && !path.is_dir() {
                match std::fs::read(&path) {
                    Ok(bytes) => {
                        let text = String::from_utf8_lossy(&bytes);
                        self.sources.push(Source::new(name, &*text));
                    }
                    Err(error) => self.unreadable(&name, &error),
                }
            }
        }
    }

    fn unreadable(&mut self, name: &str, error: &std::io::Error) {
        self.problems.push(Diagnostic::error(
            Code::Io,
            name,
            Position::default(),
            format!("cannot be read: {error}"),
        ));
    }
}

fn is_policy_file(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let is_test =
        path.file_stem().and_then(|s| s.to_str()).is_none_or(|stem| stem.ends_with("_test"));
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json")) && !is_test
}

//! Where policies come from: texts with names, or a folder.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::parallel;
use crate::diag::{Code, Diagnostic, Diagnostics, Position};

/// The text of one policy file and the name under which diagnostics speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A source that places refer to, with an index of its lines.
#[derive(Debug)]
pub(crate) struct File {
    source: Source,
    /// Where each line begins, found when the first mistake is.
    lines: OnceLock<Box<[usize]>>,
}

/// What is shown of a line that a diagnostic points at; longer lines are not.
const MAX_EXCERPT: usize = 400;

impl File {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, lines: OnceLock::new() }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn name(&self) -> &str {
        &self.source.name
    }

    pub(crate) fn text(&self) -> &str {
        &self.source.text
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let after_breaks = self.text().bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(after_breaks.map(|(i, _)| i + 1)).collect()
        })
    }

    /// The 1-based position of a byte of the text.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.lines().partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|n| self.lines().get(n)).copied().unwrap_or(0);
        let before = self.text().get(start..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// What is wrong at a place of this file.
    pub(crate) fn problem(
        &self,
        code: Code,
        position: Position,
        message: impl Into<Box<str>>,
    ) -> Diagnostic {
        let mut problem = Diagnostic::error(code, self.name(), position, message);
        let start = position.line.checked_sub(1).and_then(|n| self.lines().get(n));
        let line = start.and_then(|start| self.text().get(*start..)?.lines().next());
        problem.excerpt = line.filter(|line| line.len() <= MAX_EXCERPT).map(Into::into);
        problem
    }
}

/// Bytes that a file may have.
const MAX_BYTES: u64 = 64 << 20;

/// All policy files below `root`, sorted by name, as Cerbos' disk store finds them: `.yaml`, `.yml` and `.json`; not
/// hidden ones, not `testdata` folders, not `*_test` files (docs/semantics.md, rule Y1); and the JSON Schemas in the root's
/// `_schemas`. With them comes what could not be read.
pub fn read_dir(root: impl AsRef<Path>) -> (Vec<Source>, Diagnostics) {
    let mut walk = Walk { files: Vec::new(), problems: Vec::new() };
    walk.folder(root.as_ref(), "");
    let Walk { mut files, mut problems } = walk;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let read = |files: &[Listed]| files.iter().map(Listed::read).collect::<Vec<_>>();
    let mut sources = Vec::with_capacity(files.len());
    for text in parallel::in_parts(parallel::threads(), &files, read).into_iter().flatten() {
        match text {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(*problem),
        }
    }
    (sources, Diagnostics::new(problems))
}

struct Walk {
    files: Vec<Listed>,
    problems: Vec<Diagnostic>,
}

/// A file that has been found and not been read.
struct Listed {
    path: PathBuf,
    name: String,
    /// What is no UTF-8 in a schema is no mistake here: perhaps nobody needs it.
    is_schema: bool,
}

impl Listed {
    fn read(&self) -> Result<Source, Box<Diagnostic>> {
        let name = self.name.as_str();
        if !self.is_schema {
            return read(&self.path, name).map(|text| Source::new(name, text));
        }
        match read_bytes(&self.path) {
            Ok(bytes) => Ok(Source::new(name, &*String::from_utf8_lossy(&bytes))),
            Err(error) => Err(Box::new(unreadable(name, &error))),
        }
    }
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
            let Some(file_name) = file_name.to_str() else {
                self.unnamed(&entry.path());
                continue;
            };
            if file_name.starts_with('.') {
                continue;
            }
            let name = if prefix.is_empty() {
                file_name.to_owned()
            } else {
                format!("{prefix}/{file_name}")
            };
            let path = entry.path();
            // As in Cerbos, links to folders are not followed, so that no loop of links is walked.
            let is_root_schemas = prefix.is_empty() && file_name == "_schemas";
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) || is_root_schemas && path.is_dir()
            {
                match file_name {
                    "testdata" => {}
                    _ if is_root_schemas => self.schemas(&path, &name),
                    "_schemas" => self.problems.push(misplaced_schemas(&name)),
                    _ => self.folder(&path, &name),
                }
            } else if is_policy_file(&name) {
                self.files.push(Listed { path, name, is_schema: false });
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
            let Some(file_name) = file_name.to_str() else {
                self.unnamed(&entry.path());
                continue;
            };
            if file_name.starts_with('.') {
                continue;
            }
            let (path, name) = (entry.path(), format!("{prefix}/{file_name}"));
            // Links to folders are not followed: they may lead around in circles.
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                self.schemas(&path, &name);
            } else if file_name.ends_with(".json") && !path.is_dir() {
                self.files.push(Listed { path, name, is_schema: true });
            }
        }
    }

    /// A file or folder that nothing can be called by. It may hold policies, so it is not passed over.
    fn unnamed(&mut self, path: &Path) {
        let error = std::io::Error::other("the name is not UTF-8");
        self.unreadable(&path.to_string_lossy(), &error);
    }

    fn unreadable(&mut self, name: &str, error: &std::io::Error) {
        self.problems.push(unreadable(name, error));
    }
}

fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(Code::Io, name, Position::default(), format!("cannot be read: {error}"))
}

fn misplaced_schemas(name: &str) -> Diagnostic {
    let message = "`_schemas` must stand at the root of the policy folder";
    Diagnostic::error(Code::MisplacedSchemas, name, Position::default(), message)
        .help("move the folder, or name it otherwise")
}

/// The bytes of a file, of which there may be [`MAX_BYTES`].
///
/// # Errors
///
/// What cannot be read, what is no file (a pipe would be waited for), and `FileTooLarge`.
pub(crate) fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    // One byte more, so that the end is found without asking for more space.
    let size = metadata.len().min(MAX_BYTES) + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("the file has more than {MAX_BYTES} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

fn read(path: &Path, name: &str) -> Result<String, Box<Diagnostic>> {
    let bytes = read_bytes(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            let message = error.to_string();
            Box::new(Diagnostic::error(Code::Limit, name, Position::default(), message))
        }
        _ => Box::new(unreadable(name, &error)),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let text = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
        let file = File::new(Source::new(name, &*text));
        let message = "the text is not UTF-8 from here on";
        let problem = file.problem(Code::YamlSyntax, file.position(valid), message);
        Box::new(problem.help("save the file as UTF-8"))
    })
}

/// Whether Cerbos reads a file of this name as a policy (rule Y1).
fn is_policy_file(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let Some((stem, extension)) = file.rsplit_once('.') else { return false };
    let lower = |s: &str| s.to_ascii_lowercase();
    matches!(&*lower(extension), "yaml" | "yml" | "json") && !lower(stem).ends_with("_test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_in_any_line() {
        let file = File::new(Source::new("f", "ab\n\nçd"));
        assert_eq!(file.position(1), Position { line: 1, column: 2 });
        assert_eq!(file.position(3), Position { line: 2, column: 1 });
        assert_eq!(file.position(6), Position { line: 3, column: 2 });
    }

    #[test]
    fn which_files_are_policies() {
        for name in ["a.yaml", "b/a.YML", "a.json", "a.b.yaml", "test.yaml"] {
            assert!(is_policy_file(name), "{name}");
        }
        for name in ["a.txt", "a", "a_test.yaml", "b/a_TEST.yml", "a.yaml.bak", "yaml"] {
            assert!(!is_policy_file(name), "{name}");
        }
    }
}

//! Which files are suites and which are fixtures (docs/semantics.md, section 14).

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::decode;
use super::matrix::missing_member;
use super::model::{Fixtures, Suite};
use super::reader::{Field, Reader, not_a_document};
use crate::diag::Position;
use crate::policy::{Source, read_bytes};

/// The folder of fixtures beside suites.
const FIXTURES: &str = "testdata";

/// Suites of a folder and the fixtures beside them, read and checked.
///
/// What is wrong with a suite is no error here: it becomes the result of that suite.
#[derive(Debug, Default)]
pub struct Suites {
    pub(super) suites: Vec<SuiteFile>,
    fixtures: BTreeMap<Box<str>, Result<Fixtures, String>>,
    none: Fixtures,
}

#[derive(Debug)]
pub(super) struct SuiteFile {
    pub(super) file: Box<str>,
    pub(super) suite: Result<Suite, String>,
}

impl Suites {
    /// Reads the suites of a folder, all folders below included: files whose stem ends in `_test`, and what lies
    /// in the folders `testdata` beside them. Links to folders are not followed.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read. What is wrong with a file becomes a result of [`run`](super::run).
    pub fn from_dir(root: impl AsRef<Path>) -> io::Result<Self> {
        let mut files = Vec::new();
        walk(root.as_ref(), "", &mut files)?;
        Ok(Self::build(files))
    }

    /// Suites from texts. Names are paths with `/`; the order does not matter, and what is neither suite nor fixture is
    /// left out.
    ///
    /// ```
    /// use authz_engine::policy::Source;
    /// use authz_engine::suite::Suites;
    ///
    /// let suites = Suites::new([
    ///     Source::new("album_test.yaml", "name: albums\ntests: []\n"),
    ///     Source::new("testdata/principals.yaml", "principals: {}\n"),
    ///     Source::new("album.yaml", ""),
    /// ]);
    /// assert_eq!(suites.len(), 1);
    /// ```
    #[must_use]
    pub fn new(sources: impl IntoIterator<Item = Source>) -> Self {
        let text = |source: Source| File { name: (&*source.name).into(), text: Ok(source.text) };
        Self::build(sources.into_iter().map(text).collect())
    }

    fn build(mut files: Vec<File>) -> Self {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut all = Self::default();
        let mut beside: BTreeMap<Box<str>, Vec<&File>> = BTreeMap::new();
        for file in &files {
            if let Some(folder) = fixture_folder(&file.name) {
                beside.entry(folder.into()).or_default().push(file);
            } else if is_suite(&file.name) {
                all.suites.push(SuiteFile { file: file.name.clone(), suite: read_suite(file) });
            }
        }
        all.fixtures =
            beside.into_iter().map(|(folder, files)| (folder, fixtures(&files))).collect();
        all
    }

    /// How many suites there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.suites.len()
    }

    /// Whether there is no suite.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.suites.is_empty()
    }

    /// The fixtures beside a suite.
    pub(super) fn beside(&self, suite: &str) -> Result<&Fixtures, String> {
        let folder = match suite.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{FIXTURES}"),
            None => FIXTURES.to_owned(),
        };
        match self.fixtures.get(&*folder) {
            None => Ok(&self.none),
            Some(Ok(fixtures)) => Ok(fixtures),
            Some(Err(problem)) => {
                Err(format!("failed to load test fixtures from {folder}: {problem}"))
            }
        }
    }
}

/// A file and its text, or why there is none.
struct File {
    name: Box<str>,
    text: Result<Arc<str>, String>,
}

impl File {
    fn read<T: Default>(
        &self,
        decode: impl FnOnce(&mut Reader<'_>, &Field<'_>) -> T,
    ) -> Result<T, String> {
        let text = self.text.as_ref().map_err(|error| format!("cannot be read: {error}"))?;
        Reader::read(&self.name, text, decode)
    }
}

fn read_suite(file: &File) -> Result<Suite, String> {
    let suite = file.read(|r, root| Some(decode::suite(r, root)));
    let start = Position { line: 1, column: 1 };
    let suite = suite.and_then(|suite| suite.ok_or_else(|| not_a_document(start)));
    suite.map_err(|problem| format!("failed to load test suite:\n{problem}"))
}

/// Reads one kind of fixtures: its fields, and where it goes.
type Decode = fn(&mut Reader<'_>, &Field<'_>) -> Fixtures;

/// The files of one folder, of which the first with a name counts.
fn fixtures(files: &[&File]) -> Result<Fixtures, String> {
    let read = |names: &[&str], what: &str, decode: Decode| {
        let named = |name: &&str| files.iter().find(|file| stem(&file.name) == *name);
        let Some(file) = names.iter().find_map(named) else { return Ok(Fixtures::default()) };
        file.read(decode).map_err(|problem| format!("failed to load {what}:\n{problem}"))
    };
    let principals = read(&["principals"], "principals", decode::principals)?;
    missing_member(&principals.principal_groups, |name| principals.principals.contains_key(name))
        .map_err(|problem| format!("failed to load principals: {problem}"))?;
    let resources = read(&["resources"], "resources", decode::resources)?;
    missing_member(&resources.resource_groups, |name| resources.resources.contains_key(name))
        .map_err(|problem| format!("failed to load resources: {problem}"))?;
    let aux_data = read(&["auxdata", "auxData", "aux_data"], "aux data", decode::aux_data)?;
    Ok(Fixtures {
        resources: resources.resources,
        resource_groups: resources.resource_groups,
        aux_data: aux_data.aux_data,
        ..principals
    })
}

/// Hidden files and folders count, other than for policies; folders of fixtures hold no suites.
fn walk(path: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    let place =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    for entry in std::fs::read_dir(path).map_err(place)? {
        let entry = entry.map_err(place)?;
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else {
            return Err(place(io::Error::other("a name in it is not UTF-8")));
        };
        let name =
            if prefix.is_empty() { file_name.to_owned() } else { format!("{prefix}/{file_name}") };
        if entry.file_type().map_err(place)?.is_dir() {
            // Below fixtures there is nothing but themselves.
            if !prefix.split('/').any(|part| part == FIXTURES) {
                walk(&entry.path(), &name, files)?;
            }
        } else if is_suite(&name) || fixture_folder(&name).is_some() {
            let text = read_bytes(&entry.path()).and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| io::Error::other("the text is not UTF-8"))
            });
            let text = text.map(Into::into).map_err(|error| error.to_string());
            files.push(File { name: name.into(), text });
        }
    }
    Ok(())
}

/// The folder, if the file lies in one of fixtures.
fn fixture_folder(name: &str) -> Option<&str> {
    let (folder, file) = name.rsplit_once('/')?;
    let last = folder.rsplit('/').next()?;
    (last == FIXTURES && extension(file).is_some()).then_some(folder)
}

/// `_test` and the extension are compared without regard to case.
fn is_suite(name: &str) -> bool {
    let inside = name.split('/').rev().skip(1).any(|folder| folder == FIXTURES);
    !inside && extension(name).is_some() && stem(name).to_ascii_lowercase().ends_with("_test")
}

fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    matches!(extension.as_str(), "yaml" | "yml" | "json").then_some(extension)
}

/// The name of a file without folder and extension.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

//! What is wrong with policies, in Cerbos' terms and in ours.

use std::path::Path;

use authz_engine::diag::{Code, Diagnostic, Diagnostics};
use authz_engine::policy::{PolicySet, Source};
use serde_json::Value as Json;

use crate::input::text;

/// File, class, line, column and path. Line 0 and an empty path where Cerbos names no place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) class: String,
    pub(crate) place: Option<(u64, u64, String)>,
}

impl Finding {
    /// What Cerbos' test data want; `position` is the object that has `line`, `column` and `path`.
    pub(crate) fn wanted(file: &str, class: &str, position: Option<&Json>) -> Self {
        let place = position.map(|p| {
            let number = |name: &str| p.get(name).and_then(Json::as_u64).unwrap_or_default();
            (number("line"), number("column"), text(p, "path", "path").into())
        });
        Self { file: file.to_owned(), class: class.to_owned(), place }
    }

    pub(crate) fn ours(diagnostic: &Diagnostic, class: &str) -> Self {
        let place = (
            diagnostic.field.line as u64,
            diagnostic.field.column as u64,
            diagnostic.path.to_string(),
        );
        Self { file: diagnostic.file.to_string(), class: class.to_owned(), place: Some(place) }
    }
}

/// Whether both lists are the same in any order. Where Cerbos names no place, or no path, ours may be any.
pub(crate) fn same(wanted: &[Finding], ours: &[Finding]) -> Result<(), String> {
    let mut left: Vec<&Finding> = ours.iter().collect();
    for want in wanted {
        let fits = |got: &&Finding| {
            got.file == want.file
                && got.class == want.class
                && match (&want.place, &got.place) {
                    (None, _) => true,
                    (Some((line, column, path)), Some(got)) => {
                        (line, column) == (&got.0, &got.1) && (path.is_empty() || *path == got.2)
                    }
                    (Some(_), None) => false,
                }
        };
        match left.iter().position(fits) {
            Some(at) => drop(left.remove(at)),
            None => return Err(format!("wanted {want:?}, got {left:?}")),
        }
    }
    if left.is_empty() { Ok(()) } else { Err(format!("not wanted: {left:?}")) }
}

/// How Cerbos' parser calls a mistake of one file: `KIND_PARSE_ERROR`, `KIND_VALIDATION_ERROR`, or nothing for rules that
/// go beyond the form of fields. `None` for mistakes that are not of one file by itself.
pub(crate) fn kind_of(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::YamlSyntax
        | Code::Limit
        | Code::DuplicateKey
        | Code::UnknownField
        | Code::WrongType
        | Code::ConflictingFields => "KIND_PARSE_ERROR",
        Code::MissingField | Code::InvalidValue => "KIND_VALIDATION_ERROR",
        Code::InvalidRule
        | Code::DuplicateName
        | Code::MultipleDocuments
        | Code::MisplacedSchemas => "",
        _ => return None,
    })
}

/// Of the mistakes of one document those that Cerbos would list: it stops at the first that concerns structure, then at
/// rules about fields. We go on.
pub(crate) fn first_stage(diagnostics: &[&Diagnostic]) -> Vec<Finding> {
    let of = |kind: &str| -> Vec<Finding> {
        let all = diagnostics.iter().filter(|d| kind_of(d.code) == Some(kind));
        all.map(|d| Finding::ours(d, kind)).collect()
    };
    let (syntax, fields) = (of("KIND_PARSE_ERROR"), of("KIND_VALIDATION_ERROR"));
    if let Some(first) = syntax.first() {
        // What the YAML reader finds, it finds in the whole file.
        let is_syntax =
            |d: &&&Diagnostic| d.code == Code::YamlSyntax || d.code == Code::DuplicateKey;
        return if diagnostics.iter().any(|d| is_syntax(&d)) {
            syntax
        } else {
            vec![first.clone()]
        };
    }
    if fields.is_empty() { of("") } else { fields }
}

/// The files of a txtar archive.
pub(crate) fn archive(path: &Path) -> Vec<Source> {
    let all = std::fs::read_to_string(path).unwrap_or_default();
    let mut files: Vec<(String, String)> = Vec::new();
    for line in all.split_inclusive('\n') {
        let marker = line.trim_end().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --"));
        match (marker, files.last_mut()) {
            (Some(name), _) => files.push((name.trim().to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    files.into_iter().map(|(name, text)| Source::new(name, text)).collect()
}

/// The mistakes of a set, or none when it loads.
pub(crate) fn mistakes(sources: &[Source]) -> Diagnostics {
    PolicySet::load(sources.to_vec()).err().unwrap_or_default()
}

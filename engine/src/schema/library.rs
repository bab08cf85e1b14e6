//! The files of `_schemas`, and how policies refer to them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The folder, at the root of the policies.
const FOLDER: &str = "_schemas";

/// The schemas at hand, by their paths below `_schemas`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Library(
    #[cfg_attr(not(feature = "schema"), expect(dead_code, reason = "there is no validator"))]
    Arc<BTreeMap<Box<str>, Arc<str>>>,
);

impl Library {
    /// The schemas among files, which are given by name and text.
    pub(crate) fn new<'s>(files: impl IntoIterator<Item = (&'s str, Arc<str>)>) -> Self {
        let files = files.into_iter().filter_map(|(name, text)| {
            Some((below(name).filter(|path| is_schema_file(path))?.into(), text))
        });
        Self(Arc::new(files.collect()))
    }

    #[cfg(feature = "schema")]
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(|text| &**text)
    }
}

/// Whether a name is that of something in the folder of schemas.
pub(crate) fn is_schema(name: &str) -> bool {
    below(name).is_some()
}

fn below(name: &str) -> Option<&str> {
    name.strip_prefix(FOLDER)?.strip_prefix('/')
}

/// Rule J3: only `.json` files count, and no hidden ones.
fn is_schema_file(path: &str) -> bool {
    path.ends_with(".json")
        && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// What a policy's reference says, as a URL of the scheme `cerbos` (rule J1).
#[cfg(feature = "schema")]
pub(super) fn location(reference: &str) -> Result<String, String> {
    let elsewhere = |what: &str, name: &str| {
        Err(format!(
            "`{reference}` is {what}: put the schema into `_schemas` and write `cerbos:///{name}`"
        ))
    };
    let last = reference.rsplit('/').next().unwrap_or_default();
    let Some((scheme, rest)) = reference.split_once(':') else {
        let path = reference.trim_start_matches("./").trim_start_matches('/');
        return elsewhere("a path of the file system, which is not read", path);
    };
    match scheme.to_ascii_lowercase().as_str() {
        "cerbos" => {}
        "file" => return elsewhere("a path of the file system, which is not read", last),
        _ => return elsewhere("not fetched", last),
    }
    let (url, fragment) = match rest.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (rest, None),
    };
    // A host, and what stands behind a question mark, have no meaning.
    let path = url.split('?').next().unwrap_or_default();
    let path = match path.strip_prefix("//") {
        Some(authority) => authority.split_once('/').map(|(_, path)| path),
        None => path.strip_prefix('/'),
    };
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Err(format!("`{reference}` names no file: write `cerbos:///name.json`"));
    };
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!("`{reference}` is no plain path below `_schemas`"));
    }
    Ok(match fragment {
        Some(fragment) => format!("cerbos:///{path}#{fragment}"),
        None => format!("cerbos:///{path}"),
    })
}

#[cfg(feature = "schema")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_file_below_the_folder() {
        for (reference, wanted) in [
            ("cerbos:///a.json", "cerbos:///a.json"),
            ("cerbos:///sub/a.json#/$defs/d", "cerbos:///sub/a.json#/$defs/d"),
            ("cerbos:/a.json", "cerbos:///a.json"),
            ("CERBOS:///a.json", "cerbos:///a.json"),
            ("cerbos://host/a.json?x=1", "cerbos:///a.json"),
        ] {
            assert_eq!(location(reference).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        for reference in [
            "a.json",
            "/etc/a.json",
            "./a.json",
            "file:///etc/a.json",
            "https://example.org/a.json",
            "ftp://x/a.json",
            "urn:a:b",
            "cerbos:///../a.json",
            "cerbos:///sub/../a.json",
            "cerbos://a.json",
            "cerbos:a.json",
            "",
        ] {
            assert!(location(reference).is_err(), "{reference}");
        }
        assert_eq!(
            location("a.json").unwrap_err(),
            "`a.json` is a path of the file system, which is not read: put the schema into `_schemas` and write `cerbos:///a.json`"
        );
    }

    #[test]
    fn hidden_files_and_other_endings_are_no_schemas() {
        assert!(is_schema_file("sub/a.json"));
        for path in ["a.yaml", ".a.json", ".sub/a.json", "a.JSON", "sub//a.json"] {
            assert!(!is_schema_file(path), "{path}");
        }
    }
}

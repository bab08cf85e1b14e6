//! Every code has a section in `docs/diagnostics.md`, with an example that brings it up and one that does not.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use authz_engine::diag::{Code, Diagnostic};
use authz_engine::policy::PolicySet;

/// A section: its code, and its examples, each a list of file names and texts.
struct Section {
    code: String,
    broken: Option<Example>,
    mended: Option<Example>,
}

type Example = Vec<(String, String)>;

fn sections() -> Vec<Section> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics.md");
    let page = std::fs::read_to_string(path).unwrap();
    page.split("\n### `")
        .skip(1)
        .map(|text| {
            let (code, rest) = text.split_once('`').unwrap();
            let example = |kind: &str| {
                let (_, from) = rest.split_once(&format!("\n```yaml {kind}\n"))?;
                let (block, _) = from.split_once("\n```").unwrap();
                Some(files(block))
            };
            Section { code: code.to_owned(), broken: example("broken"), mended: example("mended") }
        })
        .collect()
}

fn files(block: &str) -> Example {
    block
        .split("# file: ")
        .skip(1)
        .map(|file| {
            let (name, text) = file.split_once('\n').unwrap();
            (name.to_owned(), format!("{text}\n"))
        })
        .collect()
}

/// What a folder with these files brings up, and whether it loads.
fn load(example: &Example) -> (bool, Vec<Diagnostic>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in example {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    match PolicySet::from_dir(dir.path()) {
        Ok(set) => {
            let found = set.warnings().iter().chain(set.schema_problems());
            (true, found.cloned().collect())
        }
        Err(found) => (false, found.iter().cloned().collect()),
    }
}

#[test]
fn every_code_has_a_section_and_every_section_a_code() {
    let written: BTreeSet<String> = sections().into_iter().map(|s| s.code).collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|c| c.as_str().to_owned()).collect();
    assert_eq!(written, codes);
}

#[test]
fn broken_examples_bring_up_their_code_and_mended_ones_nothing() {
    let mut checked = 0;
    for Section { code, broken, mended } in sections() {
        let (Some(broken), Some(mended)) = (broken, mended) else {
            // A folder that does not exist cannot be written down.
            assert_eq!(code, "io", "`{code}` has no examples");
            continue;
        };
        let (_, found) = load(&broken);
        assert!(found.iter().any(|d| d.code.as_str() == code), "{code}: broken gives {found:#?}");
        let (loads, found) = load(&mended);
        assert!(loads && found.is_empty(), "{code}: mended gives {found:#?}");
        checked += 1;
    }
    assert!(checked > 30, "the page has examples");
}

#[test]
fn what_cannot_be_read_is_reported() {
    let found = PolicySet::from_dir("no/such/folder").unwrap_err();
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::Io]);
}

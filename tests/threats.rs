//! The threat model names tests; each of them is there.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path};

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let named: Vec<(&str, &str)> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_once("::"))
        .filter(|(_, test)| test.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    let missing: Vec<_> = named
        .iter()
        .filter(|(file, test)| {
            let tests = root.join("tests").join(file);
            let places = [root.join(file), tests.with_extension("rs"), tests];
            let mut text = String::new();
            places.iter().for_each(|place| read(place, &mut text));
            !text.contains(&format!("fn {test}("))
        })
        .collect();
    assert!(named.len() > 50, "the page names tests: {named:?}");
    assert!(missing.is_empty(), "not there: {missing:?}");
}

fn read(path: &Path, text: &mut String) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().flatten().for_each(|entry| read(&entry.path(), text));
    } else if path.extension().is_some_and(|ending| ending == "rs") {
        text.push_str(&fs::read_to_string(path).unwrap_or_default());
    }
}

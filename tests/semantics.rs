//! Every rule that the engine cites is written in `docs/semantics.md`.

use std::path::Path;

#[test]
fn cited_rules_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/semantics.md")).unwrap_or_default();
    let mut missing = Vec::new();
    let mut cited = 0;
    visit(&root.join("engine/src"), &mut |path, text| {
        for part in text
            .split("rule ")
            .chain(text.split("Rule "))
            .chain(text.split("rules "))
            .chain(text.split("Rules "))
            .skip(1)
        {
            let rule: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
            let mut chars = rule.chars();
            let is_name = chars.next().is_some_and(|c| c.is_ascii_uppercase());
            if is_name && rule.len() > 1 && chars.all(|c| c.is_ascii_digit()) {
                cited += 1;
                if !page.contains(&format!("**{rule}**")) {
                    missing.push(format!("{path}: rule {rule}"));
                }
            }
        }
    });
    assert!(cited > 20, "the engine cites its rules");
    assert!(missing.is_empty(), "not in docs/semantics.md:\n{}", missing.join("\n"));
}

fn visit(path: &Path, found: &mut impl FnMut(&str, &str)) {
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, found);
        } else {
            found(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

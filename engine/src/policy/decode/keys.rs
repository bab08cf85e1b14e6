//! How fields are spelled.

use std::sync::Arc;

/// The JSONPath of a field below `parent`, in the spelling of Cerbos.
pub(super) fn child(parent: &str, name: &str) -> Arc<str> {
    if name.contains(['$', '*', '.', '[', ']']) {
        format!("{parent}.'{name}'").into()
    } else {
        format!("{parent}.{name}").into()
    }
}

/// `scope_permissions` and `scopePermissions` name the same field; no mixture does (rule Y2).
pub(super) fn canonical(name: &str) -> String {
    if name == "json_schema" {
        return "$schema".to_owned();
    }
    if !name.contains('_') || name.contains(|c: char| c.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for (i, word) in name.split('_').enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if i > 0 && first.is_ascii_lowercase() => {
                out.push(first.to_ascii_uppercase());
                out.push_str(chars.as_str());
            }
            Some(_) if i == 0 => out.push_str(word),
            _ => return name.to_owned(),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{canonical, child};

    #[test]
    fn only_the_two_spellings_of_a_field_count() {
        assert_eq!(canonical("import_derived_roles"), "importDerivedRoles");
        assert_eq!(canonical("importDerivedRoles"), "importDerivedRoles");
        assert_eq!(canonical("json_schema"), "$schema");
        for name in ["import_derivedRoles", "_scope", "scope_", "a__b", "ImportDerivedRoles"] {
            assert_eq!(canonical(name), name);
        }
    }

    #[test]
    fn paths_quote_what_has_a_meaning_in_them() {
        assert_eq!(&*child("$", "a b"), "$.a b");
        assert_eq!(&*child("$", "$schema"), "$.'$schema'");
        assert_eq!(&*child("$.x", "a.b"), "$.x.'a.b'");
    }
}

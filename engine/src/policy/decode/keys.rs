//! How fields are spelled.

use std::borrow::Cow;

/// `scope_permissions` and `scopePermissions` name the same field; no mixture does (rule Y2).
pub(super) fn canonical(name: &str) -> Cow<'_, str> {
    if name == "json_schema" {
        return "$schema".into();
    }
    if !name.contains('_') || name.contains(|c: char| c.is_ascii_uppercase()) {
        return name.into();
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
            _ => return name.into(),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn only_the_two_spellings_of_a_field_count() {
        assert_eq!(canonical("import_derived_roles"), "importDerivedRoles");
        assert_eq!(canonical("importDerivedRoles"), "importDerivedRoles");
        assert_eq!(canonical("json_schema"), "$schema");
        for name in ["import_derivedRoles", "_scope", "scope_", "a__b", "ImportDerivedRoles"] {
            assert_eq!(canonical(name), name);
        }
    }
}

//! Where in a document a field stands: a JSONPath in the spelling of Cerbos.

use std::sync::Arc;

/// A path. Everything that is read has one, and hardly any is ever looked at: most are a few bytes, without an
/// allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Each step a byte: of a name its number among [`NAMES`], of an item [`ITEM`] and its number.
    Short { steps: [u8; MAX_STEPS], len: u8 },
    /// As it is spelled. A thin pointer, so that the whole stays small.
    Long(Arc<Box<str>>),
}

const MAX_STEPS: usize = 14;
/// What an item's number is added to.
const ITEM: u8 = 0x80;

/// Names of fields, sorted.
const NAMES: [&str; 50] = [
    "$schema",
    "action",
    "actions",
    "all",
    "allowActions",
    "annotations",
    "any",
    "apiVersion",
    "attributes",
    "condition",
    "conditionNotMet",
    "constants",
    "definitions",
    "derivedRoles",
    "description",
    "disabled",
    "effect",
    "exportConstants",
    "exportVariables",
    "expr",
    "hash",
    "ignoreWhen",
    "import",
    "importDerivedRoles",
    "local",
    "match",
    "metadata",
    "name",
    "none",
    "of",
    "output",
    "parentRoles",
    "principal",
    "principalPolicy",
    "principalSchema",
    "ref",
    "resource",
    "resourcePolicy",
    "resourceSchema",
    "role",
    "rolePolicy",
    "roles",
    "ruleActivated",
    "rules",
    "schemas",
    "scope",
    "scopePermissions",
    "script",
    "variables",
    "version",
];

impl Path {
    /// `$`
    pub(crate) const ROOT: Self = Self(Form::Short { steps: [0; MAX_STEPS], len: 0 });

    /// The field `name` of what stands here.
    pub(crate) fn child(&self, name: &str) -> Self {
        let number = NAMES.binary_search(&name).ok().and_then(|number| u8::try_from(number).ok());
        let short = number.and_then(|number| self.step(number));
        short.unwrap_or_else(|| Self::long(named(self.text(), name)))
    }

    /// An item of the list that stands here.
    pub(crate) fn item(&self, number: usize) -> Self {
        let step = u8::try_from(number).ok().and_then(|number| ITEM.checked_add(number));
        let short = step.and_then(|step| self.step(step));
        short.unwrap_or_else(|| Self::long(format!("{}[{number}]", self.text())))
    }

    fn long(text: String) -> Self {
        Self(Form::Long(Arc::new(text.into())))
    }

    /// One step further, if it has a place.
    fn step(&self, step: u8) -> Option<Self> {
        let Form::Short { mut steps, len } = self.0 else { return None };
        *steps.get_mut(usize::from(len))? = step;
        Some(Self(Form::Short { steps, len: len + 1 }))
    }

    /// As it is spelled.
    pub(crate) fn text(&self) -> String {
        match &self.0 {
            Form::Long(text) => text.to_string(),
            Form::Short { steps, len } => {
                let steps = steps.iter().take(usize::from(*len));
                steps.fold("$".to_owned(), |text, step| match step.checked_sub(ITEM) {
                    Some(number) => format!("{text}[{number}]"),
                    None => named(text, NAMES.get(usize::from(*step)).unwrap_or(&"")),
                })
            }
        }
    }
}

/// Quotes stand around what has a meaning in paths.
fn named(mut parent: String, name: &str) -> String {
    if name.contains(['$', '*', '.', '[', ']']) {
        parent.extend([".'", name, "'"]);
    } else {
        parent.extend([".", name]);
    }
    parent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_quote_what_has_a_meaning_in_them() {
        assert_eq!(Path::ROOT.child("a b").text(), "$.a b");
        assert_eq!(Path::ROOT.child("$schema").text(), "$.'$schema'");
        assert_eq!(Path::ROOT.child("x").child("a.b").text(), "$.x.'a.b'");
    }

    #[test]
    fn short_and_long_ones_are_spelled_alike() {
        for names in [["rules", "roles"], ["roles", "mine"], ["mine", "rules"]] {
            for number in [0, 1, 127, 128, 255, 256, 70_000] {
                let [first, second] = names;
                let path = Path::ROOT.child(first).item(number).child(second).item(3);
                assert_eq!(path.text(), format!("$.{first}[{number}].{second}[3]"));
            }
        }
        let deep = (0..20).fold(Path::ROOT, |path, _| path.child("all").child("of").item(7));
        assert_eq!(deep.text(), format!("${}", ".all.of[7]".repeat(20)));
    }

    #[test]
    fn every_name_is_found_and_fits_beside_items() {
        assert!(NAMES.is_sorted() && NAMES.len() <= usize::from(ITEM));
        for name in NAMES {
            assert!(matches!(Path::ROOT.child(name).0, Form::Short { len: 1, .. }), "{name}");
        }
        assert_eq!(size_of::<Path>(), 16);
    }
}

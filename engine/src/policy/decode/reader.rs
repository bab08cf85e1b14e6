//! Reads fields out of nodes, and notes everything that is wrong on the way.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::keys::canonical;
use crate::diag::{Code, Diagnostic};
use crate::policy::ast::{At, Name, Place};
use crate::policy::path::Path;
use crate::policy::source::File;
use crate::policy::yaml::{Content, Key, MAX_PROBLEMS, Meaning, Node, Scalar};
use crate::suggest::closest;

/// Collects what is wrong with one file.
pub(super) struct Reader {
    file: Arc<File>,
    problems: Vec<Diagnostic>,
    /// Mistakes that do not count in a disabled policy (rule P1).
    semantic: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn new(file: Arc<File>) -> Self {
        Self { file, problems: Vec::new(), semantic: Vec::new() }
    }

    pub(super) fn root<'n>(&self, node: &'n Node) -> Field<'n> {
        let file = Arc::clone(&self.file);
        let place = Place::new(file, node.position, node.mark, Path::ROOT);
        Field { node, place }
    }

    pub(super) fn into_problems(mut self, disabled: bool) -> Vec<Diagnostic> {
        if !disabled {
            let room = MAX_PROBLEMS.saturating_sub(self.problems.len());
            self.problems.extend(self.semantic.into_iter().take(room));
        }
        self.problems
    }

    pub(super) fn report(&mut self, code: Code, place: &Place, message: impl Into<Box<str>>) {
        self.push(place.problem(code, message));
    }

    pub(super) fn push(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Reports what is only wrong in a policy that is not disabled.
    pub(super) fn semantic(&mut self, code: Code, place: &Place, message: impl Into<Box<str>>) {
        if self.semantic.len() < MAX_PROBLEMS {
            self.semantic.push(place.problem(code, message));
        }
    }

    /// The field takes no value of this type.
    pub(super) fn wrong_type(&mut self, field: &Field<'_>, needed: &str) {
        let message = format!("{needed} is needed here, not {}", field.node.content.describe());
        let place = field.value_place();
        let mut problem = place.problem(Code::WrongType, message);
        if let Content::Scalar(s) = &field.node.content
            && needed == "text"
        {
            problem = problem.help(format!("put the value in quotes: `\"{}\"`", s.text));
        }
        self.push(problem);
    }

    /// The fields of a mapping, under their camelCase names.
    pub(super) fn object<'n>(&mut self, field: &Field<'n>) -> Option<Object<'n>> {
        let Content::Mapping(entries) = &field.node.content else {
            self.wrong_type(field, "a mapping");
            return None;
        };
        let mut object = Object {
            fields: Vec::with_capacity(entries.len()),
            numbers: (entries.len() > FEW).then(HashMap::new),
            place: field.place.clone(),
        };
        for (key, node) in entries {
            let place = field.place_of(key);
            if !self.is_text(key, &place) {
                continue;
            }
            let name = canonical(&key.name);
            if object.number(&name).is_some() {
                self.report(Code::DuplicateKey, &place, format!("`{name}` is given twice"));
                continue;
            }
            if let Some(numbers) = &mut object.numbers {
                numbers.insert(name.clone(), object.fields.len());
            }
            object.fields.push((name, Some(Field { node, place })));
        }
        Some(object)
    }

    /// Reports keys that look like a number, a boolean or null (rule Y7).
    fn is_text(&mut self, key: &Key, place: &Place) -> bool {
        if !key.is_text {
            let message = format!("`{}` is no text, and a key must be", key.name);
            let problem = place.problem(Code::WrongType, message);
            self.push(problem.help("write the key itself, in quotes where it looks like a number"));
        }
        key.is_text
    }

    /// What is left in `object` is not known to any policy.
    pub(super) fn finish(&mut self, object: Object<'_>, known: &[&str]) {
        for (name, field) in object.fields {
            if let Some(field) = field {
                let problem =
                    field.place.problem(Code::UnknownField, format!("unknown field `{name}`"));
                self.push(match closest(&name, known) {
                    Some(best) => problem.help(format!("did you mean `{best}`?")),
                    None => problem,
                });
            }
        }
    }

    pub(super) fn missing(&mut self, object: &Object<'_>, name: &str) {
        self.report(Code::MissingField, &object.place, format!("`{name}` is missing"));
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, field: &Field<'n>) -> Vec<Field<'n>> {
        let Content::Sequence(items) = &field.node.content else {
            self.wrong_type(field, "a list");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(i, node)| Field {
                node,
                place: field.place.moved(node.position, node.mark).of(field.place.path().item(i)),
            })
            .collect()
    }

    /// The entries of a map whose keys are the author's own.
    pub(super) fn entries<'n>(&mut self, field: &Field<'n>) -> Vec<(Name, Field<'n>)> {
        let Content::Mapping(entries) = &field.node.content else {
            self.wrong_type(field, "a mapping");
            return Vec::new();
        };
        let mut all = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let place = field.place_of(key);
            if self.is_text(key, &place) {
                let of_value = place.moved(key.position, node.mark);
                let name = At { value: (&*key.name).into(), place };
                all.push((name, Field { node, place: of_value }));
            }
        }
        all
    }

    /// The scalar of a text field. Fractions are refused (rule Y4).
    pub(super) fn scalar<'n>(&mut self, field: &Field<'n>) -> Option<&'n Scalar> {
        match &field.node.content {
            Content::Scalar(s)
                if !matches!(s.meaning(), Meaning::Float(_) | Meaning::NotFinite) =>
            {
                Some(s)
            }
            _ => {
                self.wrong_type(field, "text");
                None
            }
        }
    }

    /// Text: integers count as their decimal digits, booleans as they are spelled, null as empty (rule Y4).
    pub(super) fn text(&mut self, field: &Field<'_>) -> Box<str> {
        self.scalar(field).map_or_else(|| "".into(), text_of)
    }

    pub(super) fn name(&mut self, field: &Field<'_>) -> Name {
        At { value: self.text(field), place: field.place.clone() }
    }

    /// A list of distinct names, each accepted by `valid`. Repetition is a mistake of the list, and said once.
    pub(super) fn names(&mut self, field: &Field<'_>, valid: fn(&str) -> bool) -> Vec<Name> {
        let items = self.items(field);
        let mut names: Vec<Name> = Vec::with_capacity(items.len());
        // Of a few names each is held against all others.
        let mut seen: Option<HashSet<Box<str>>> = (items.len() > FEW).then(HashSet::new);
        let mut repeated = false;
        for item in items {
            if self.scalar(&item).is_none() {
                continue;
            }
            let name = self.name(&item);
            if !valid(&name.value) {
                let message = format!("`{}` is no valid name here", name.value);
                self.report(Code::InvalidValue, &name.place, message);
            }
            let is_new = match &mut seen {
                Some(seen) => seen.insert(name.value.clone()),
                None => names.iter().all(|other| other.value != name.value),
            };
            if is_new {
                names.push(name);
            } else if !repeated {
                repeated = true;
                let place = field.place.at(name.place.position());
                self.report(
                    Code::InvalidValue,
                    &place,
                    format!("`{}` is listed twice", name.value),
                );
            }
        }
        names
    }

    pub(super) fn bool(&mut self, field: &Field<'_>) -> bool {
        if let Content::Scalar(s) = &field.node.content
            && let Meaning::Bool(value) = s.meaning()
        {
            return value;
        }
        self.wrong_type(field, "`true` or `false`");
        false
    }

    /// One of an enumeration, by name or by number; null is its first.
    pub(super) fn choice<T: Copy>(
        &mut self,
        field: &Field<'_>,
        choices: &[(&str, i128, T)],
    ) -> Option<T> {
        let listed = || {
            let names: Vec<_> = choices.iter().map(|(name, ..)| format!("`{name}`")).collect();
            names.join(", ")
        };
        let Content::Scalar(scalar) = &field.node.content else {
            self.wrong_type(field, "a name");
            return None;
        };
        let (found, code, place) = match scalar.meaning() {
            Meaning::Integer(n) => {
                let found = choices.iter().find(|(_, number, _)| *number == n);
                (found, Code::InvalidValue, field.place.clone())
            }
            Meaning::Null => {
                let found = choices.iter().find(|(_, number, _)| *number == 0);
                (found, Code::MissingField, field.place.clone())
            }
            _ => {
                let found = choices.iter().find(|(name, ..)| *name == &*scalar.text);
                (found, Code::WrongType, field.value_place())
            }
        };
        if found.is_none() {
            let message = format!("`{}` is none of {}", scalar.text, listed());
            let wanted = format!("_{}", scalar.text.to_ascii_uppercase());
            let meant = choices.iter().map(|(name, ..)| *name).find(|n| n.ends_with(&*wanted));
            let problem = place.problem(code, message);
            self.push(match meant {
                Some(name) => problem.help(format!("did you mean `{name}`?")),
                None => problem,
            });
        }
        found.map(|(.., value)| *value)
    }
}

pub(super) fn text_of(scalar: &Scalar) -> Box<str> {
    match scalar.meaning() {
        Meaning::Null => "".into(),
        Meaning::Integer(n) => n.to_string().into(),
        _ => (&*scalar.text).into(),
    }
}

/// A value and the key or item it stands under.
#[derive(Clone)]
pub(super) struct Field<'n> {
    pub(super) node: &'n Node,
    pub(super) place: Place,
}

impl Field<'_> {
    pub(super) fn is_empty_list(&self) -> bool {
        matches!(&self.node.content, Content::Sequence(items) if items.is_empty())
    }

    /// Where the field of a key stands.
    fn place_of(&self, key: &Key) -> Place {
        let path = self.place.path().child(&key.name);
        self.place.moved(key.position, key.position).of(path)
    }

    /// The same field, positions at its value.
    pub(super) fn value_place(&self) -> Place {
        self.place.moved(self.node.position, self.node.mark)
    }
}

/// Fields or names that are compared one by one; of more than that a table is made.
const FEW: usize = 16;

/// A mapping whose fields are taken one by one.
pub(super) struct Object<'n> {
    /// In the order of the file; those that are left are still there.
    fields: Vec<(Cow<'n, str>, Option<Field<'n>>)>,
    /// Where each name is, if there are many.
    numbers: Option<HashMap<Cow<'n, str>, usize>>,
    pub(super) place: Place,
}

impl<'n> Object<'n> {
    fn number(&self, name: &str) -> Option<usize> {
        match &self.numbers {
            Some(numbers) => numbers.get(name).copied(),
            None => self.fields.iter().position(|(known, _)| *known == *name),
        }
    }

    /// Takes a field out; what nobody takes is reported by [`Reader::finish`].
    pub(super) fn take(&mut self, name: &str) -> Option<Field<'n>> {
        let number = self.number(name)?;
        self.fields.get_mut(number)?.1.take()
    }

    /// Which of `names` are there, in the order of the file.
    pub(super) fn present(&self, names: &[&'static str]) -> Vec<&'static str> {
        let found = self.fields.iter().filter(|(_, field)| field.is_some());
        found.filter_map(|(name, _)| names.iter().copied().find(|n| *n == &**name)).collect()
    }
}

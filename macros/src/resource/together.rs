//! What fields may not say together.

use proc_macro2::Span;
use syn::{Error, LitStr};

use super::{container::Container, field::Field};
use crate::problems::Problems;

pub(super) fn check(container: &Container, fields: &[Field<'_>], problems: &mut Problems) {
    one("id", fields.iter().map(|field| (field, field.id)), problems);
    one("version", fields.iter().map(|field| (field, field.version)), problems);
    one("scope", fields.iter().map(|field| (field, field.scope)), problems);

    let mut names: Vec<(&LitStr, &Field<'_>)> = Vec::new();
    for field in fields {
        let Some(attr) = &field.attr else { continue };
        let name = attr.name.value();
        if let Some((_, first)) = names.iter().find(|(given, _)| given.value() == name) {
            let text = format!(
                "attribute `{name}` is field `{}` already: write `#[attr(name = \"..\")]` with another name",
                first.ident
            );
            problems.push(Error::new(attr.name.span(), text));
        }
        names.push((&attr.name, field));
    }
    for absent in &container.absent {
        let name = absent.value();
        if let Some((_, field)) = names.iter().find(|(given, _)| given.value() == name) {
            let text = format!(
                "attribute `{name}` is not absent: field `{}` has it. Remove it from one of the two",
                field.ident
            );
            problems.push(Error::new(absent.span(), text));
        }
    }
}

/// At most one field is the identifier, and so on.
fn one<'f>(
    role: &str,
    fields: impl Iterator<Item = (&'f Field<'f>, Option<Span>)>,
    problems: &mut Problems,
) {
    let mut said = fields.filter_map(|(field, span)| Some((field, span?)));
    let Some((first, _)) = said.next() else { return };
    for (_, span) in said {
        let text = format!("`#[{role}]` is field `{}` already: a resource has one", first.ident);
        problems.push(Error::new(span, text));
    }
}

//! `#[resource(..)]`, which stands on the struct.

use proc_macro2::{Group, Span};
use syn::{
    DeriveInput, Error, Ident, LitStr, Path, Result, Token, parse::ParseStream, spanned::Spanned,
    token::Paren,
};

use super::keys;
use crate::{
    keys::{self as arguments, Slot, each},
    problems::Problems,
};

/// What the struct says as a whole.
#[derive(Default)]
pub(super) struct Container {
    /// Where `axum-authz` is found, when not under its own name.
    pub(super) krate: Slot<Path>,
    pub(super) kind: Option<LitStr>,
    pub(super) table: Option<LitStr>,
    pub(super) conceal: bool,
    pub(super) absent: Vec<LitStr>,
}

const KEYS: &[&str] = &["kind", "table", "conceal", "absent", "crate"];

impl Container {
    pub(super) fn read(input: &DeriveInput, problems: &mut Problems) -> Self {
        let (mut kind, mut table, mut krate) = (Slot::default(), Slot::default(), Slot::default());
        let (mut conceal, mut absent) = (Slot::default(), Slot::default());
        let (mut place, mut found) = (input.ident.span(), Problems::default());
        for attribute in &input.attrs {
            let Some(word) = attribute.path().get_ident() else { continue };
            if ["attr", "no_attr", "id", "version", "scope"].iter().any(|name| word == name) {
                found.push(Error::new(word.span(), format!("`#[{word}]` stands on a field")));
            }
            if word != "resource" {
                continue;
            }
            place = word.span();
            keys::read(attribute, &mut found, |key, input| {
                let span = key.span();
                match key.to_string().as_str() {
                    "kind" => kind.fill("`kind`", span, keys::text(key, input, "album")),
                    "table" => table.fill("`table`", span, keys::text(key, input, "albums")),
                    "conceal" => conceal.fill("`conceal`", span, keys::flag(key, input)),
                    "absent" => absent.fill("`absent`", span, names(key, input)),
                    "crate" => krate.fill("`crate`", span, path(key, input)),
                    _ => Err(keys::unknown("resource", key, KEYS)),
                }
            });
        }
        // That it is missing goes without saying while another key may be a misspelt one.
        if !kind.is_given() && found.is_empty() {
            found.push(missing_kind(place));
        }
        if let Err(errors) = found.finish() {
            problems.push(errors);
        }
        for lifetime in input.generics.lifetimes() {
            let text = "a resource owns its values: a type with lifetimes cannot be one";
            problems.push(Error::new(lifetime.span(), text));
        }
        Self {
            krate,
            kind: kind.value,
            table: table.value,
            conceal: conceal.is_given(),
            absent: absent.value.unwrap_or_default(),
        }
    }
}

fn missing_kind(span: Span) -> Error {
    let text = "`kind` is missing: write `#[resource(kind = \"album\")]`, with the kind as policies name it";
    Error::new(span, text)
}

/// `crate = some::path`
fn path(key: &Ident, input: ParseStream<'_>) -> Result<Path> {
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), "write `crate = some::path`"));
    }
    arguments::path(input)
}

/// `absent("frozen", "legal_hold")`
fn names(key: &Ident, input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    const EXAMPLE: &str = "write `absent(\"frozen\", \"legal_hold\")`";
    if !input.peek(Paren) {
        return Err(Error::new(key.span(), EXAMPLE));
    }
    let content: Group = input.parse()?;
    let mut names: Vec<LitStr> = Vec::new();
    let mut problems = Problems::default();
    each(content.stream(), &mut problems, |input| {
        let name: LitStr = input.parse().map_err(|error| Error::new(error.span(), EXAMPLE))?;
        if name.value().trim().is_empty() {
            return Err(Error::new(name.span(), "the name of an attribute is empty"));
        }
        if names.iter().any(|given| given.value() == name.value()) {
            return Err(Error::new(name.span(), format!("`{}` is given twice", name.value())));
        }
        names.push(name);
        Ok(())
    });
    problems.finish()?;
    if names.is_empty() {
        return Err(Error::new(content.span(), EXAMPLE));
    }
    Ok(names)
}

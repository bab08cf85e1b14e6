//! What stands on a field.

use proc_macro2::Span;
use syn::{
    Error, Ident, LitStr, Path, Result, Token, Type, ext::IdentExt, parse::ParseStream,
    spanned::Spanned,
};

use super::keys;
use crate::{
    keys::{Slot, path},
    problems::Problems,
};

/// A field, and what it is of the resource.
pub(super) struct Field<'i> {
    pub(super) ident: &'i Ident,
    pub(super) ty: &'i Type,
    pub(super) attr: Option<Attr>,
    /// Where `#[id]`, `#[version]` and `#[scope]` stand.
    pub(super) id: Option<Span>,
    pub(super) version: Option<Span>,
    pub(super) scope: Option<Span>,
    column: Option<LitStr>,
}

/// `#[attr(..)]`, read.
pub(super) struct Attr {
    pub(super) name: LitStr,
    pub(super) none: Option<NoneIs>,
    pub(super) convert: Convert,
}

#[derive(Clone, Copy)]
pub(super) enum NoneIs {
    Omitted,
    Null,
}

/// How a field becomes a value.
pub(super) enum Convert {
    Itself,
    Display,
    With(Path),
}

impl<'i> Field<'i> {
    /// Reads the attributes of a field that has a name.
    pub(super) fn read(field: &'i syn::Field, problems: &mut Problems) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let (mut attr, mut no_attr) = (Slot::default(), Slot::default());
        let (mut id, mut version, mut scope) = (Slot::default(), Slot::default(), Slot::default());
        let mut column = Slot::default();
        for attribute in &field.attrs {
            let Some(word) = attribute.path().get_ident() else { continue };
            let (name, span) = (word.to_string(), word.span());
            let mut only = |slot: &mut Slot<()>, column: Option<&mut Slot<LitStr>>| {
                read_column(&name, attribute, column, problems);
                slot.fill(&format!("`#[{name}]`"), span, Ok(()))
            };
            let result = match name.as_str() {
                "attr" => {
                    let read = Attr::read(ident, &field.ty, attribute, &mut column, problems);
                    attr.fill("`#[attr]`", span, Ok(read))
                }
                "no_attr" => only(&mut no_attr, None),
                "id" => only(&mut id, Some(&mut column)),
                "version" => only(&mut version, Some(&mut column)),
                "scope" => only(&mut scope, None),
                "resource" => Err(Error::new(span, "`#[resource(..)]` stands on the struct")),
                _ => Ok(()),
            };
            problems.push_err(result);
        }
        if let (true, Some(span)) = (attr.is_given(), no_attr.span) {
            let text = format!(
                "`{ident}` says both `#[attr]` and `#[no_attr]`: policies may read it, or they may not"
            );
            problems.push(Error::new(span, text));
        }
        let says = [attr.span, no_attr.span, id.span, version.span, scope.span];
        if says.iter().all(Option::is_none) {
            let text = format!(
                "`{ident}` does not say whether policies may read it: write `#[attr]` if they may, `#[no_attr]` if not"
            );
            problems.push(Error::new(ident.span(), text));
        }
        Some(Self {
            ident,
            ty: &field.ty,
            attr: attr.value,
            id: id.span,
            version: version.span,
            scope: scope.span,
            column: column.value,
        })
    }

    /// The column it is in: the one that was given, or one of its own name.
    pub(super) fn column(&self) -> LitStr {
        self.column.clone().unwrap_or_else(|| own_name(self.ident))
    }
}

impl Attr {
    fn read(
        field: &Ident,
        ty: &Type,
        attribute: &syn::Attribute,
        column: &mut Slot<LitStr>,
        problems: &mut Problems,
    ) -> Self {
        const KEYS: &[&str] = &["name", "column", "none", "display", "with"];

        let mut found = Problems::default();
        let (mut name, mut none) = (Slot::default(), Slot::default());
        let (mut display, mut with) = (Slot::default(), Slot::default());
        keys::read(attribute, &mut found, |key, input| {
            let span = key.span();
            match key.to_string().as_str() {
                "name" => name.fill("`name`", span, keys::text(key, input, "owner")),
                "column" => column.fill("`column`", span, keys::text(key, input, "owner_id")),
                "none" => none.fill("`none`", span, none_is(key, input)),
                "display" => display.fill("`display`", span, keys::flag(key, input)),
                "with" => with.fill("`with`", span, function(key, input)),
                _ => Err(keys::unknown("attr", key, KEYS)),
            }
        });
        if let (true, Some(span)) = (display.is_given(), with.span) {
            let text = "`display` and `with` both say how the value is made: give one of them";
            found.push(Error::new(span, text));
        }
        // What `with` makes of `None` is the function's business. A misspelt key may have been `none`.
        if is_option(ty) && !none.is_given() && !with.is_given() && found.is_empty() {
            let text = format!(
                "`{field}` may be `None`: write `none = omit` in `#[attr(..)]` if the attribute is missing then, \
                 `none = null` if it is null"
            );
            found.push(Error::new(ty.span(), text));
        }
        if let Err(errors) = found.finish() {
            problems.push(errors);
        }
        let convert = match with.value {
            Some(path) => Convert::With(path),
            None if display.is_given() => Convert::Display,
            None => Convert::Itself,
        };
        let name = name.value.unwrap_or_else(|| own_name(field));
        Self { name, none: none.value, convert }
    }
}

/// The key of an attribute that takes no other: `column`, or none at all.
fn read_column(
    name: &str,
    attribute: &syn::Attribute,
    mut column: Option<&mut Slot<LitStr>>,
    problems: &mut Problems,
) {
    keys::read(attribute, problems, |key, input| match &mut column {
        Some(column) if key == "column" => {
            column.fill("`column`", key.span(), keys::text(key, input, "album_id"))
        }
        Some(_) => Err(keys::unknown(name, key, &["column"])),
        None => Err(keys::unknown(name, key, &[])),
    });
}

/// `none = omit` or `none = null`
fn none_is(key: &Ident, input: ParseStream<'_>) -> Result<NoneIs> {
    const EXPECTED: &str = "write `none = omit` or `none = null`";
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), EXPECTED));
    }
    input.parse::<Token![=]>()?;
    let word = Ident::parse_any(input).map_err(|error| Error::new(error.span(), EXPECTED))?;
    match word.to_string().as_str() {
        "omit" => Ok(NoneIs::Omitted),
        "null" => Ok(NoneIs::Null),
        _ => Err(Error::new(word.span(), EXPECTED)),
    }
}

/// `with = path::to::function`
fn function(key: &Ident, input: ParseStream<'_>) -> Result<Path> {
    const EXPECTED: &str = "write `with = path::to::function`";
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), EXPECTED));
    }
    path(input).map_err(|error| Error::new(error.span(), EXPECTED))
}

fn own_name(ident: &Ident) -> LitStr {
    LitStr::new(&ident.unraw().to_string(), ident.span())
}

/// As it is written. Where another name stands for an `Option`, the types disagree later.
fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Option"),
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        _ => false,
    }
}

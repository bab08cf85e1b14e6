//! What stands in the parentheses of an attribute of the derive.

use syn::{
    Attribute, Error, Ident, LitStr, Meta, Result, Token, ext::IdentExt, parse::ParseStream,
    spanned::Spanned, token::Paren,
};

use crate::problems::Problems;

/// Reads each key of an attribute; without parentheses there is none.
pub(super) fn read(
    attribute: &Attribute,
    problems: &mut Problems,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    match &attribute.meta {
        Meta::Path(_) => {}
        Meta::List(list) => crate::keys::each(list.tokens.clone(), problems, |input| {
            let key = Ident::parse_any(input)
                .map_err(|error| Error::new(error.span(), "expected the name of a key"))?;
            read(&key, input)
        }),
        Meta::NameValue(meta) => {
            let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
            let text =
                format!("write `#[{name}]`, or `#[{name}(..)]` with keys in the parentheses");
            problems.push(Error::new(meta.eq_token.span(), text));
        }
    }
}

/// `key = "text"`, not empty.
pub(super) fn text(key: &Ident, input: ParseStream<'_>, example: &str) -> Result<LitStr> {
    let name = key.to_string();
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), format!("write `{name} = \"{example}\"`")));
    }
    crate::keys::text(input, &name, example)
}

/// A key without a value.
pub(super) fn flag(key: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) || input.peek(Paren) {
        return Err(Error::new(key.span(), format!("`{key}` has no value: write `{key}`")));
    }
    Ok(())
}

/// A key that the attribute does not take.
pub(super) fn unknown(attribute: &str, key: &Ident, known: &[&str]) -> Error {
    let help = match closest(&key.to_string(), known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => format!("`#[{attribute}]` takes none"),
        None => {
            let known: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
            format!("`#[{attribute}]` takes {}", known.join(", "))
        }
    };
    Error::new(key.span(), format!("unknown key `{key}`: {help}"))
}

/// The known key that a typing error would most likely have come from.
fn closest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let near = known.iter().map(|known| (distance(key, known), *known));
    near.filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (diagonal + usize::from(from != to)).min(*cell + 1).min(left + 1);
            (diagonal, left) = (*cell, here);
            *cell = here;
        }
    }
    row.last().copied().unwrap_or_default()
}

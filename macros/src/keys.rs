//! Keys and their values, as every attribute has them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::{
    Error, Ident, LitStr, Path, Result, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token::Paren,
};

use crate::{problems::Problems, scope, source::Source};

/// A key's value; remembers that the key was given even if the value could not be read.
pub(crate) struct Slot<T> {
    pub(crate) span: Option<Span>,
    pub(crate) value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { span: None, value: None }
    }
}

impl<T> Slot<T> {
    pub(crate) fn is_given(&self) -> bool {
        self.span.is_some()
    }

    pub(crate) fn fill(&mut self, name: &str, span: Span, value: Result<T>) -> Result<()> {
        let value = value.inspect_err(|_| self.span = Some(span))?;
        if self.span.replace(span).is_some() {
            return Err(Error::new(span, format!("{name} is given twice")));
        }
        self.value = Some(value);
        Ok(())
    }

    /// The value of a key that has to be there. That it is not goes without saying while another key may be a
    /// misspelt one.
    pub(crate) fn required(
        self,
        name: &str,
        example: &str,
        misread: bool,
        problems: &mut Problems,
    ) -> Option<T> {
        if !self.is_given() && !misread {
            let text = format!("`{name}` is missing: write `{name} = \"{example}\"`");
            problems.push(Error::new(Span::call_site(), text));
        }
        self.value
    }
}

/// Reads arguments separated by commas; after one that cannot be read it goes on with the next.
pub(crate) fn each(
    tokens: TokenStream,
    problems: &mut Problems,
    mut read: impl FnMut(ParseStream<'_>) -> Result<()>,
) {
    let arguments = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let result = read(input).and_then(|()| {
                if input.is_empty() || input.peek(Token![,]) {
                    return Ok(());
                }
                Err(input.error("expected `,`"))
            });
            if let Err(error) = result {
                problems.push(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(error) = arguments.parse2(tokens) {
        problems.push(error);
    }
}

/// The key of `key = ..` or `key(..)`, or `body`, or nothing if a type stands here.
pub(crate) fn key(input: ParseStream<'_>) -> Result<Option<Ident>> {
    if !input.peek(Ident::peek_any) {
        return Ok(None);
    }
    if input.peek2(Token![=]) || input.peek2(Paren) {
        return Ident::parse_any(input).map(Some);
    }
    let ahead = input.fork();
    let word = Ident::parse_any(&ahead)?;
    let alone = ahead.is_empty() || ahead.peek(Token![,]);
    if alone && ["action", "resource", "id", "attr", "scope", "crate"].iter().any(|key| word == key)
    {
        return Err(Error::new(word.span(), format!("`{word}` has no value")));
    }
    if alone && word == "body" {
        return Ident::parse_any(input).map(Some);
    }
    Ok(None)
}

/// The key, where nothing else can stand.
pub(crate) fn any_key(input: ParseStream<'_>, example: &str) -> Result<Ident> {
    match key(input)? {
        Some(key) => Ok(key),
        None => Err(input.error(format!("expected a key and its value, as in `{example}`"))),
    }
}

/// `= "text"`, not empty.
pub(crate) fn text(input: ParseStream<'_>, key: &str, example: &str) -> Result<LitStr> {
    if !input.peek(Token![=]) {
        return Err(input.error(format!("write `{key} = \"{example}\"`")));
    }
    input.parse::<Token![=]>()?;
    let text: LitStr = input.parse().map_err(|error| {
        Error::new(error.span(), format!("expected a string, as in `{key} = \"{example}\"`"))
    })?;
    if text.value().trim().is_empty() {
        return Err(Error::new(text.span(), format!("`{key}` is empty")));
    }
    Ok(text)
}

/// `= "photos.read photos.write"`
pub(crate) fn scopes(input: ParseStream<'_>) -> Result<LitStr> {
    let text = text(input, "scope", "photos.write")?;
    scope::check(&text)?;
    Ok(text)
}

/// `body`, which stands alone.
pub(crate) fn alone(input: ParseStream<'_>, key: &Ident) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(Error::new(key.span(), format!("`{key}` takes no value: write `{key}` alone")))
}

/// `= some::path`
pub(crate) fn path(input: ParseStream<'_>) -> Result<Path> {
    input.parse::<Token![=]>()?;
    Path::parse_mod_style(input)
}

/// `= path("name")`
pub(crate) fn identifier(input: ParseStream<'_>) -> Result<Source> {
    input.parse::<Token![=]>()?;
    Source::of_identifier(input)
}

/// `(name = path("name"), ..)`
pub(crate) fn attributes(input: ParseStream<'_>) -> Result<Vec<(LitStr, Source)>> {
    if !input.peek(Paren) {
        return Err(input.error("write `attr(name = path(\"name\"))`"));
    }
    let content: Group = input.parse()?;
    let mut attrs: Vec<(LitStr, Source)> = Vec::new();
    let mut problems = Problems::default();
    each(content.stream(), &mut problems, |input| {
        let name = if input.peek(LitStr) {
            input.parse()?
        } else {
            let name = Ident::parse_any(input)?;
            LitStr::new(&name.unraw().to_string(), name.span())
        };
        input.parse::<Token![=]>()?;
        let source = Source::of_attribute(input)?;
        if attrs.iter().any(|(given, _)| given.value() == name.value()) {
            return Err(Error::new(
                name.span(),
                format!("attribute `{}` is given twice", name.value()),
            ));
        }
        attrs.push((name, source));
        Ok(())
    });
    problems.finish()?;
    if attrs.is_empty() {
        return Err(Error::new(
            content.span(),
            "`attr` names no attribute: write `attr(name = path(\"name\"))`",
        ));
    }
    Ok(attrs)
}

pub(crate) fn unknown(key: &Ident, known: &str) -> Error {
    Error::new(key.span(), format!("unknown key `{key}`: this attribute takes {known}"))
}

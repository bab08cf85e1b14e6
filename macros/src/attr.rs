//! What stands in the parentheses of an attribute.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::{
    Error, Ident, LitStr, Path, Result, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token::Paren,
};

use crate::{problems::Problems, scope, source::Source};

/// An attribute, read.
pub(crate) struct Attribute {
    /// Where `axum-authz` is found, when not under its own name.
    pub(crate) krate: Option<Path>,
    pub(crate) declared: Declared,
}

pub(crate) enum Declared {
    Check {
        action: LitStr,
        resource: LitStr,
        id: Option<Source>,
        attrs: Vec<(LitStr, Source)>,
        scope: Option<LitStr>,
    },
    Type(Box<Type>),
    Authenticated {
        scope: Option<LitStr>,
    },
    Public {
        reason: LitStr,
    },
}

pub(crate) fn authorize(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut action, mut resource) = (Slot::default(), Slot::default());
    let (mut id, mut attrs) = (Slot::default(), Slot::default());
    let (mut ty, mut scope, mut krate) = (Slot::default(), Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let Some(key) = key(input)? else {
            let span = input.span();
            return ty.fill("the type", span, input.parse::<Type>());
        };
        let span = key.span();
        match key.to_string().as_str() {
            "action" => action.fill("`action`", span, text(input, "action", "view")),
            "resource" => resource.fill("`resource`", span, text(input, "resource", "album")),
            "id" => id.fill("`id`", span, assigned_source(input)),
            "attr" => attrs.fill("`attr`", span, attributes(input)),
            "scope" => scope.fill("`scope`", span, scopes(input)),
            "crate" => krate.fill("`crate`", span, path(input)),
            _ => Err(unknown(&key, "`action`, `resource`, `id`, `attr`, `scope` and `crate`")),
        }
    });
    let declared = if ty.is_given() {
        let keys = [action.span, resource.span, id.span, attrs.span, scope.span];
        for span in keys.into_iter().flatten() {
            let text =
                "a type says everything itself: give either the type or these keys, not both";
            problems.push(Error::new(span, text));
        }
        ty.value.map(|ty| Declared::Type(Box::new(ty)))
    } else {
        let misread = !problems.is_empty();
        let action = action.required("action", "view", misread, &mut problems);
        let resource = resource.required("resource", "album", misread, &mut problems);
        let (id, attrs) = (id.value, attrs.value.unwrap_or_default());
        action.zip(resource).map(|(action, resource)| Declared::Check {
            action,
            resource,
            id,
            attrs,
            scope: scope.value,
        })
    };
    finish(krate, declared, problems)
}

pub(crate) fn authenticated(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut scope, mut krate) = (Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let key = any_key(input, "scope = \"photos.read\"")?;
        match key.to_string().as_str() {
            "scope" => scope.fill("`scope`", key.span(), scopes(input)),
            "crate" => krate.fill("`crate`", key.span(), path(input)),
            _ => Err(unknown(&key, "`scope` and `crate`")),
        }
    });
    finish(krate, Some(Declared::Authenticated { scope: scope.value }), problems)
}

pub(crate) fn public(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut reason, mut krate) = (Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let key = any_key(input, "reason = \"liveness probe\"")?;
        match key.to_string().as_str() {
            "reason" => {
                reason.fill("`reason`", key.span(), text(input, "reason", "liveness probe"))
            }
            "crate" => krate.fill("`crate`", key.span(), path(input)),
            _ => Err(unknown(&key, "`reason` and `crate`")),
        }
    });
    let misread = !problems.is_empty();
    let reason = reason.required("reason", "liveness probe", misread, &mut problems);
    finish(krate, reason.map(|reason| Declared::Public { reason }), problems)
}

fn finish(krate: Slot<Path>, declared: Option<Declared>, problems: Problems) -> Result<Attribute> {
    problems.finish()?;
    let declared =
        declared.ok_or_else(|| Error::new(Span::call_site(), "the attribute is not complete"))?;
    Ok(Attribute { krate: krate.value, declared })
}

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
    fn required(
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

/// The key of `key = ..` or `key(..)`, or nothing if a type stands here.
fn key(input: ParseStream<'_>) -> Result<Option<Ident>> {
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
    Ok(None)
}

/// The key, where nothing else can stand.
fn any_key(input: ParseStream<'_>, example: &str) -> Result<Ident> {
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
fn scopes(input: ParseStream<'_>) -> Result<LitStr> {
    let text = text(input, "scope", "photos.write")?;
    scope::check(&text)?;
    Ok(text)
}

/// `= some::path`
pub(crate) fn path(input: ParseStream<'_>) -> Result<Path> {
    input.parse::<Token![=]>()?;
    Path::parse_mod_style(input)
}

/// `= path("name")`
fn assigned_source(input: ParseStream<'_>) -> Result<Source> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `(name = path("name"), ..)`
fn attributes(input: ParseStream<'_>) -> Result<Vec<(LitStr, Source)>> {
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
        let source = assigned_source(input)?;
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

fn unknown(key: &Ident, known: &str) -> Error {
    Error::new(key.span(), format!("unknown key `{key}`: this attribute takes {known}"))
}

//! `path("..")`, `query("..")`, `header("..")` and `absent`: where a value comes from.

use proc_macro2::{Group, TokenStream};
use quote::quote;
use syn::{
    Error, Ident, LitStr, Result, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token::Paren,
};

pub(crate) enum Source {
    Named {
        place: Place,
        name: LitStr,
    },
    /// Never there, said on purpose.
    Absent,
}

#[derive(Clone, Copy)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

impl Source {
    /// The value of `guard::Source` this stands for.
    pub(crate) fn expand(&self, krate: &TokenStream) -> TokenStream {
        match self {
            Self::Named { place: Place::Path, name } => quote!(#krate::guard::Source::Path(#name)),
            Self::Named { place: Place::Query, name } => {
                quote!(#krate::guard::Source::Query(#name))
            }
            Self::Named { place: Place::Header, name } => {
                quote!(#krate::guard::Source::Header(#name))
            }
            Self::Absent => quote!(#krate::guard::Source::Absent),
        }
    }

    /// Where the resource's identifier comes from.
    pub(crate) fn of_identifier(input: ParseStream<'_>) -> Result<Self> {
        const EXPECTED: &str = "expected `path(\"..\")`, `query(\"..\")` or `header(\"..\")`";

        let word = word(input, EXPECTED)?;
        if word == "absent" {
            let text = "an identifier is never `absent`: leave `id` out, and it is empty";
            return Err(Error::new(word.span(), text));
        }
        Self::named(&word, input, EXPECTED)
    }

    /// Where an attribute comes from.
    pub(crate) fn of_attribute(input: ParseStream<'_>) -> Result<Self> {
        const EXPECTED: &str =
            "expected `path(\"..\")`, `query(\"..\")`, `header(\"..\")` or `absent`";

        let word = word(input, EXPECTED)?;
        if word != "absent" {
            return Self::named(&word, input, EXPECTED);
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self::Absent);
        }
        Err(Error::new(word.span(), "`absent` takes no name: write `absent` alone"))
    }

    /// `word("name")`, the word being read already.
    fn named(word: &Ident, input: ParseStream<'_>, expected: &str) -> Result<Self> {
        let place = match word.to_string().as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            _ => {
                let text = format!("unknown source `{word}`: {expected}");
                return Err(Error::new(word.span(), text));
            }
        };
        let needs_name = format!("`{word}` needs a name: write `{word}(\"id\")`");
        if !input.peek(Paren) {
            return Err(Error::new(word.span(), needs_name));
        }
        let parentheses: Group = input.parse()?;
        let content = |content: ParseStream<'_>| {
            if content.is_empty() {
                return Err(Error::new(parentheses.span(), needs_name));
            }
            let name: LitStr = content.parse().map_err(|error| {
                Error::new(error.span(), format!("expected a string, as in `{word}(\"id\")`"))
            })?;
            if !content.is_empty() {
                return Err(content.error(format!("`{word}` takes one name")));
            }
            Ok(name)
        };
        let name = content.parse2(parentheses.stream())?;
        check(place, &name)?;
        Ok(Self::Named { place, name })
    }
}

fn word(input: ParseStream<'_>, expected: &str) -> Result<Ident> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(expected));
    }
    Ident::parse_any(input)
}

fn check(place: Place, name: &LitStr) -> Result<()> {
    let text = name.value();
    let problem = match place {
        _ if text.is_empty() => "the name is empty",
        Place::Path if text.contains(['{', '}', '*', '/']) => {
            "write the parameter's name alone: `id` for `{id}`, `rest` for `{*rest}`"
        }
        // `token` of RFC 9110 section 5.6.2.
        Place::Header
            if !text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)) =>
        {
            "this cannot be the name of a header"
        }
        _ => return Ok(()),
    };
    Err(Error::new(name.span(), problem))
}

//! `path("..")`, `query("..")` and `header("..")`: where a value comes from.

use proc_macro2::{Group, TokenStream};
use quote::quote;
use syn::{
    Error, Ident, LitStr, Result,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    token::Paren,
};

pub(crate) struct Source {
    place: Place,
    name: LitStr,
}

#[derive(Clone, Copy)]
enum Place {
    Path,
    Query,
    Header,
}

impl Source {
    /// The value of `guard::Source` this stands for.
    pub(crate) fn expand(&self, krate: &TokenStream) -> TokenStream {
        let name = &self.name;
        match self.place {
            Place::Path => quote!(#krate::guard::Source::Path(#name)),
            Place::Query => quote!(#krate::guard::Source::Query(#name)),
            Place::Header => quote!(#krate::guard::Source::Header(#name)),
        }
    }
}

impl Parse for Source {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        const EXPECTED: &str = "expected `path(\"..\")`, `query(\"..\")` or `header(\"..\")`";

        if !input.peek(Ident::peek_any) {
            return Err(input.error(EXPECTED));
        }
        let word = Ident::parse_any(input)?;
        let place = match word.to_string().as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            _ => {
                return Err(Error::new(
                    word.span(),
                    format!("unknown source `{word}`: {EXPECTED}"),
                ));
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
        Ok(Self { place, name })
    }
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

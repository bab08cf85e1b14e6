//! What an attribute stands on.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, FnArg, Pat, PatType, PatWild, Result, Signature, Token, Type, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    token::Brace,
};

use crate::problems::Problems;

/// A function. Its body is not read: mistakes in there are the compiler's to report.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    body: Group,
}

/// The most arguments axum's `Handler` takes.
const MOST_ARGUMENTS: usize = 16;

const OURS: &[&str] = &["authorize", "authenticated", "public"];

impl Function {
    /// Reads a function, or says why what stands there is none.
    pub(crate) fn read(macro_name: &str, item: TokenStream) -> Result<Self> {
        let on_function = |error: Error| {
            let text = format!(
                "`#[{macro_name}]` goes on a handler: a function that begins with `async fn` and has a body"
            );
            Error::new(error.span(), text)
        };
        Self::parse.parse2(item).map_err(on_function)
    }

    /// What is wrong with it as a handler. Our other attributes are taken off, so that they do not complain a second time.
    pub(crate) fn check(&mut self, macro_name: &str, names_a_type: bool, problems: &mut Problems) {
        let (ours, others) = std::mem::take(&mut self.attrs).into_iter().partition(is_ours);
        let ours: Vec<Attribute> = ours;
        self.attrs = others;
        for attr in ours {
            let text = format!(
                "a handler has one declaration: this and `#[{macro_name}]` contradict each other"
            );
            problems.push(Error::new_spanned(attr, text));
        }
        if self.sig.asyncness.is_none() {
            problems.push(Error::new_spanned(self.sig.fn_token, "a handler is an `async fn`"));
        }
        if let Some(receiver) = self.sig.receiver() {
            problems.push(Error::new_spanned(
                receiver,
                "a handler has no `self`: take what it needs with `State(..)`",
            ));
        } else if let Some(word) =
            names_a_type.then(|| find_self_type(self.sig.to_token_stream())).flatten()
        {
            problems.push(Error::new(
                word.span(),
                "in an `impl` block no type can be written beside a function: name one that implements \
                 `DeclaresAccess`, as in `#[authorize(View)]`",
            ));
        }
        if self.sig.inputs.len() >= MOST_ARGUMENTS {
            problems.push(Error::new_spanned(
                &self.sig.inputs,
                format!("too many arguments: axum takes {MOST_ARGUMENTS}, and the declaration is one of them"),
            ));
        }
    }

    /// The attributes under which the function exists at all, for what is written beside it.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Puts `_: ty` in front of the arguments.
    pub(crate) fn insert_first(&mut self, ty: TokenStream) {
        let underscore =
            PatWild { attrs: Vec::new(), underscore_token: Token![_](Span::mixed_site()) };
        let first = PatType {
            attrs: Vec::new(),
            pat: Box::new(Pat::Wild(underscore)),
            colon_token: Token![:](Span::mixed_site()),
            ty: Box::new(Type::Verbatim(ty)),
        };
        self.sig.inputs.insert(0, FnArg::Typed(first));
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, vis, sig, body } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig #body));
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        if !input.peek(Brace) {
            return Err(input.error("expected a body"));
        }
        Ok(Self { attrs, vis, sig, body: input.parse()? })
    }
}

/// Whether an attribute is one of this crate's, by whatever path.
fn is_ours(attr: &Attribute) -> bool {
    let name = attr.path().segments.last().map(|segment| segment.ident.unraw().to_string());
    name.is_some_and(|name| OURS.contains(&name.as_str()))
}

/// `Self`, as only functions in `impl` and `trait` blocks can write it.
fn find_self_type(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => Some(word),
        TokenTree::Group(group) => find_self_type(group.stream()),
        _ => None,
    })
}

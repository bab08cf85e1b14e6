//! `#[authorize(album::Create, body)]`: whether the last argument is what the body is checked by.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, FnArg, GenericArgument, PathArguments, Signature, Type, TypePath};

use crate::problems::Problems;

/// Without such an argument nobody would decide on the body.
pub(crate) fn check(action: &Type, sig: &Signature, problems: &mut Problems) {
    let name = shown(action);
    let write = format!(
        "write `Checked<Json<..>, {name}>` or `Changed<.., Json<..>, {name}>` as the last argument"
    );
    let Some(FnArg::Typed(last)) = sig.inputs.last() else {
        let text = format!("`body` needs an argument that decides on the body: {write}");
        return problems.push(Error::new(Span::call_site(), text));
    };
    let checked = checked_action(&last.ty);
    let text = match checked {
        Some(checked) if shown(checked) == name => return,
        Some(checked) => format!("the body is checked for `{}`: {write}", shown(checked)),
        None => format!("`body` needs a last argument that decides on the body: {write}"),
    };
    problems.push(Error::new_spanned(checked.unwrap_or(&last.ty), text));
}

/// The last of the types in `Checked<..>` and `Changed<..>`.
fn checked_action(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Group(group) => return checked_action(&group.elem),
        Type::Paren(paren) => return checked_action(&paren.elem),
        Type::Path(TypePath { qself: None, path }) => path,
        _ => return None,
    };
    let last = path.segments.last()?;
    if last.ident != "Checked" && last.ident != "Changed" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().rev().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A type as it is written: tokens are apart when they are shown.
fn shown(ty: &Type) -> String {
    let tokens = match ty {
        Type::Group(group) => return shown(&group.elem),
        Type::Paren(paren) => return shown(&paren.elem),
        _ => ty.to_token_stream().to_string(),
    };
    tokens.replace(" :: ", "::").replace(" < ", "<").replace(" >", ">").replace(" ,", ",")
}

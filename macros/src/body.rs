//! `#[authorize(album::Create, body)]`: whether the last argument is what the body is checked by.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, FnArg, GenericArgument, PathArguments, PathSegment, Signature, Type, TypePath};

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
    // The compiler may take it away again, and `Ahead` would be left alone.
    let conditional = |attr: &&syn::Attribute| {
        let path = attr.path();
        path.is_ident("cfg") || path.is_ident("cfg_attr")
    };
    if let Some(attr) = last.attrs.iter().find(conditional) {
        let text =
            "the argument that decides on the body is always there: put `cfg` on the function";
        return problems.push(Error::new_spanned(attr, text));
    }
    let checked = checked_action(&last.ty);
    let text = match checked {
        Some(checked) if shown(checked) == name => return,
        Some(checked) => format!("the body is checked for `{}`: {write}", shown(checked)),
        None => format!("`body` needs a last argument that decides on the body: {write}"),
    };
    problems.push(Error::new_spanned(checked.unwrap_or(&last.ty), text));
}

/// `#[authenticated]` above a handler that declares more: the route table would not know of it.
pub(crate) fn declares_itself(sig: &Signature, problems: &mut Problems) {
    for ty in sig.inputs.iter().filter_map(typed) {
        let Some(name) = last_segment(ty).map(|segment| segment.ident.to_string()) else {
            continue;
        };
        if !["Loaded", "Checked", "Changed"].contains(&name.as_str()) {
            continue;
        }
        let instead = if name == "Loaded" {
            "make it the first argument"
        } else {
            "write `#[authorize(.., body)]`, or make it the only argument"
        };
        let text =
            format!("`{name}` declares who may call: take `#[authenticated]` away, and {instead}");
        problems.push(Error::new_spanned(ty, text));
    }
}

/// `#[authorize(album::Create)]` above what decides on the body for the same action.
pub(crate) fn forgotten(action: &Type, sig: &Signature, problems: &mut Problems) {
    let Some(last) = sig.inputs.last().and_then(typed) else { return };
    let name = shown(action);
    if checked_action(last).is_some_and(|checked| shown(checked) == name) {
        let text = format!("this decides on the body: write `#[authorize({name}, body)]`");
        problems.push(Error::new_spanned(last, text));
    }
}

fn typed(argument: &FnArg) -> Option<&Type> {
    match argument {
        FnArg::Typed(argument) => Some(&argument.ty),
        FnArg::Receiver(_) => None,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Path(TypePath { qself: None, path }) => path.segments.last(),
        _ => None,
    }
}

/// The last of the types in `Checked<..>` and `Changed<..>`.
fn checked_action(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty)?;
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

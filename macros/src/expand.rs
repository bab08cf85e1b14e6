//! What an attribute becomes: a hidden type that declares the access, and the function with one more argument.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{FnArg, Result, ext::IdentExt, spanned::Spanned};

use crate::{
    attr::{Asked, Attribute, Check, Declared},
    body,
    function::Function,
    problems::Problems,
};

/// Expands the attribute `name`, whose argument `read` understands.
pub(crate) fn declare(
    name: &str,
    read: fn(TokenStream) -> Result<Attribute>,
    attr: TokenStream,
    item: &TokenStream,
) -> TokenStream {
    let mut problems = Problems::default();
    let attribute = problems.push_err(read(attr));
    let Some(mut function) = problems.push_err(Function::read(name, item.clone())) else {
        return with_errors(problems, item);
    };
    let declared = attribute.as_ref().map(|attribute| &attribute.declared);
    let writes_a_type = !matches!(
        declared,
        None | Some(
            Declared::Type(_)
                | Declared::Body { scope: None, .. }
                | Declared::Authenticated { scope: None }
        )
    );
    function.check(name, writes_a_type, &mut problems);
    match declared {
        Some(Declared::Body { action, .. }) => body::check(action, &function.sig, &mut problems),
        Some(Declared::Authenticated { scope: None }) => {
            body::declares_itself(&function.sig, &mut problems);
        }
        Some(Declared::Type(action)) => body::forgotten(action, &function.sig, &mut problems),
        _ => {}
    }
    match attribute {
        Some(attribute) if problems.is_empty() => expand(&attribute, function),
        attribute => {
            // Something is declared, if not what was meant: the router need not complain as well.
            if function.sig.asyncness.is_some() && function.sig.receiver().is_none() {
                let krate = attribute.and_then(|attribute| attribute.krate);
                let krate = krate.map_or_else(|| quote!(::axum_authz), |path| quote!(#path));
                function.insert_first(
                    quote!(#krate::extract::Authorized<#krate::guard::Authenticated>),
                );
            }
            with_errors(problems, &quote!(#function))
        }
    }
}

/// The errors, and what was written as it was: editors and the compiler go on seeing a function.
fn with_errors(problems: Problems, item: &TokenStream) -> TokenStream {
    let errors =
        problems.finish().map_or_else(syn::Error::into_compile_error, |()| TokenStream::new());
    quote!(#errors #item)
}

fn expand(attribute: &Attribute, mut function: Function) -> TokenStream {
    // What is wrong with a type is reported at the first token of what is made of it.
    let span = match &attribute.declared {
        Declared::Type(ty) | Declared::Body { action: ty, .. } => ty.span(),
        _ => Span::mixed_site(),
    };
    let krate = match &attribute.krate {
        Some(path) => quote!(#path),
        None => quote_spanned!(span=> ::axum_authz),
    };
    let access = match &attribute.declared {
        Declared::Type(ty) => {
            function.insert_first(quote_spanned!(span=> #krate::extract::Authorized<#ty>));
            return quote!(#function);
        }
        Declared::Body { scope, .. } => {
            // The argument that decides on the body, which says what is asked ahead of it.
            let Some(FnArg::Typed(last)) = function.sig.inputs.last() else {
                return quote!(#function);
            };
            let rest = last.ty.clone();
            let Some(scope) = scope else {
                function.insert_first(quote_spanned!(span=> #krate::guard::Ahead<#rest>));
                return quote!(#function);
            };
            let name = hidden_name(&function);
            function.insert_first(quote_spanned!(span=> #krate::guard::Ahead<#rest, #name>));
            let required = quote! {
                impl #krate::guard::RequiresScope for #name {
                    const SCOPE: ::core::option::Option<&'static str> = ::core::option::Option::Some(#scope);
                }
            };
            return with_type(&name, &required, &function);
        }
        Declared::Authenticated { scope: None } => {
            function
                .insert_first(quote!(#krate::extract::Authorized<#krate::guard::Authenticated>));
            return quote!(#function);
        }
        Declared::Authenticated { scope: Some(scope) } => {
            quote!(Authenticated { scope: ::core::option::Option::Some(#scope) })
        }
        Declared::Check(check) => {
            let check = expand_check(check, &krate);
            quote!(Check(#check))
        }
        Declared::Public { reason } => quote!(Public { reason: #reason }),
    };
    let name = hidden_name(&function);
    function.insert_first(quote!(#krate::extract::Authorized<#name>));
    let declares = quote! {
        impl #krate::guard::DeclaresAccess for #name {
            const ACCESS: #krate::guard::Access = #krate::guard::Access::#access;
        }
    };
    with_type(&name, &declares, &function)
}

/// Functions and types have names of different kinds, so this one collides with no function of the user's.
fn hidden_name(function: &Function) -> Ident {
    format_ident!("__authz_{}", function.sig.ident.unraw(), span = Span::mixed_site())
}

/// The function, and beside it a type that says something for it.
fn with_type(name: &Ident, says: &TokenStream, function: &Function) -> TokenStream {
    let (vis, cfgs) = (&function.vis, function.cfgs().collect::<Vec<_>>());
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_debug_implementations)]
        #vis enum #name {}

        #(#cfgs)*
        #[automatically_derived]
        #says

        #function
    }
}

fn expand_check(check: &Check, krate: &TokenStream) -> TokenStream {
    let (action, resource) = match &check.asked {
        Asked::Names { action, resource } => (quote!(#action), quote!(#resource)),
        Asked::Action(ty) => {
            let action = quote_spanned!(ty.span()=> <#ty as #krate::guard::Action>);
            (quote!(#action::NAME), quote!(#action::KIND))
        }
    };
    let id = check.id.as_ref().map(|source| {
        let source = source.expand(krate);
        quote!(.id(#source))
    });
    let attrs = check.attrs.iter().map(|(name, source)| {
        let source = source.expand(krate);
        quote!((#name, #source))
    });
    let scope = check.scope.as_ref().map(|scope| quote!(.scope(#scope)));
    quote!(#krate::guard::Check::new(#action, #resource) #id .attrs(&[#(#attrs),*]) #scope)
}

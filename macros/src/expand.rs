//! What an attribute becomes: a hidden type that declares the access, and the function with one more argument.

use proc_macro2::{Span, TokenStream};
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
            Declared::Type(_) | Declared::Body(_) | Declared::Authenticated { scope: None }
        )
    );
    function.check(name, writes_a_type, &mut problems);
    if let Some(Declared::Body(action)) = declared {
        body::check(action, &function.sig, &mut problems);
    }
    match attribute {
        Some(attribute) if problems.is_empty() => expand(&attribute, function),
        _ => with_errors(problems, &quote!(#function)),
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
        Declared::Type(ty) | Declared::Body(ty) => ty.span(),
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
        Declared::Body(_) => {
            // The argument that decides on the body, which says what is asked ahead of it.
            if let Some(FnArg::Typed(last)) = function.sig.inputs.last() {
                let rest = last.ty.clone();
                function.insert_first(quote_spanned!(span=> #krate::guard::Ahead<#rest>));
            }
            return quote!(#function);
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
    // Functions and types have names of different kinds, so this one collides with no function of the user's.
    let declaration =
        format_ident!("__authz_{}", function.sig.ident.unraw(), span = Span::mixed_site());
    function.insert_first(quote!(#krate::extract::Authorized<#declaration>));
    let (vis, cfgs) = (&function.vis, function.cfgs().collect::<Vec<_>>());
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_debug_implementations)]
        #vis enum #declaration {}

        #(#cfgs)*
        #[automatically_derived]
        impl #krate::guard::DeclaresAccess for #declaration {
            const ACCESS: #krate::guard::Access = #krate::guard::Access::#access;
        }

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

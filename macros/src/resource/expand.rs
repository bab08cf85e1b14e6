//! The `impl` of the trait `Resource`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, LitStr, spanned::Spanned};

use super::{
    container::Container,
    field::{Attr, Convert, Field, NoneIs},
};

pub(super) fn implementation(
    input: &DeriveInput,
    container: &Container,
    fields: &[Field<'_>],
) -> TokenStream {
    let krate = krate(container);
    let Container { kind, conceal, absent, .. } = container;
    let id = fields.iter().find(|field| field.id.is_some());
    let version = fields.iter().find(|field| field.version.is_some());
    let scope = fields.iter().find(|field| field.scope.is_some());
    let attrs = || fields.iter().filter_map(|field| Some((field, field.attr.as_ref()?)));

    let constants = attrs().map(|(field, attr)| constant(&krate, field, attr));
    let entries = attrs().map(|(field, attr)| entry(&krate, field, attr));
    let count = attrs().count();
    let table = some(container.table.clone());
    let id_column = some(id.map(Field::column));
    let version_column = some(version.map(Field::column));
    let scoped = scope.is_some();
    let id = id.map_or_else(|| quote!(::std::borrow::Cow::Borrowed("")), displayed);
    let version = version.map(displayed).map(|text| {
        quote! {
            fn version(&self) -> ::core::option::Option<::std::borrow::Cow<'_, str>> {
                ::core::option::Option::Some(#text)
            }
        }
    });
    let scope = scope.map(|Field { ident, ty, .. }| {
        let text = quote!(<#ty as ::core::convert::AsRef<str>>::as_ref(&self.#ident));
        quote!(fn scope(&self) -> &str { #text })
    });
    implement(
        input,
        &krate,
        &quote! {
            const KIND: &'static str = #kind;
            const ATTRIBUTES: &'static [#krate::resource::Attribute] = &[#(#constants),*];
            const ABSENT: &'static [&'static str] = &[#(#absent),*];
            const CONCEAL: bool = #conceal;
            const SCOPED: bool = #scoped;
            const TABLE: ::core::option::Option<&'static str> = #table;
            const ID_COLUMN: ::core::option::Option<&'static str> = #id_column;
            const VERSION_COLUMN: ::core::option::Option<&'static str> = #version_column;

            fn id(&self) -> ::std::borrow::Cow<'_, str> {
                #id
            }

            fn attributes(&self) -> #krate::policies::Map {
                let entries: [::core::option::Option<(&'static str, #krate::policies::Value)>; #count] =
                    [#(#entries),*];
                ::core::iter::Iterator::collect(::core::iter::Iterator::flatten(
                    ::core::iter::IntoIterator::into_iter(entries),
                ))
            }

            #version
            #scope
        },
    )
}

/// An `impl` that stands where mistakes have left none, so that no use of the type is reported as well.
pub(super) fn placeholder(input: &DeriveInput, container: &Container) -> Option<TokenStream> {
    let unusable = input.generics.lifetimes().next().is_some()
        || container.krate.is_given() && container.krate.value.is_none();
    let krate = krate(container);
    let items = quote! {
        const KIND: &'static str = "";
        const ATTRIBUTES: &'static [#krate::resource::Attribute] = &[];

        fn id(&self) -> ::std::borrow::Cow<'_, str> {
            ::std::borrow::Cow::Borrowed("")
        }

        fn attributes(&self) -> #krate::policies::Map {
            ::core::default::Default::default()
        }
    };
    (!unusable).then(|| implement(input, &krate, &items))
}

fn implement(input: &DeriveInput, krate: &TokenStream, items: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (parameters, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #krate::resource::Resource for #ident #arguments #bounds {
            #items
        }
    }
}

fn krate(container: &Container) -> TokenStream {
    container.krate.value.as_ref().map_or_else(|| quote!(::axum_authz), |path| quote!(#path))
}

/// `Attribute::new(..)` of a field.
fn constant(krate: &TokenStream, field: &Field<'_>, attr: &Attr) -> TokenStream {
    let (name, column) = (&attr.name, field.column());
    let none = attr.none.map(|none| match none {
        NoneIs::Omitted => quote!(.none(#krate::resource::NoneIs::Omitted)),
        NoneIs::Null => quote!(.none(#krate::resource::NoneIs::Null)),
    });
    quote!(#krate::resource::Attribute::new(#name).column(#column) #none)
}

/// The name and the value of a field, or nothing for a value that is omitted. What is wrong with a type is
/// reported at the type.
fn entry(krate: &TokenStream, field: &Field<'_>, attr: &Attr) -> TokenStream {
    let Field { ident, ty, .. } = field;
    let converted = match (&attr.convert, attr.none) {
        (Convert::Itself, _) => None,
        (Convert::Display, None) => {
            let text = text(field);
            Some(quote!(&#text))
        }
        (Convert::Display, Some(_)) => {
            let some = quote_spanned!(at(ty)=> ::core::option::Option::as_ref(&self.#ident));
            Some(quote_spanned! {at(ty)=>
                &::core::option::Option::map(#some, ::std::string::ToString::to_string)
            })
        }
        (Convert::With(path), _) => Some(quote_spanned!(at(path)=> &#path(&self.#ident))),
    };
    let name = &attr.name;
    let Some(none) = attr.none else {
        let value_trait = quote!(#krate::resource::AttributeValue);
        let value = match converted {
            Some(value) => quote!(#value_trait::to_value(#value)),
            None => quote!(<#ty as #value_trait>::to_value(&self.#ident)),
        };
        return quote!(::core::option::Option::Some((#name, #value)));
    };
    let value_trait = quote!(#krate::resource::OptionalValue);
    let value = match converted {
        Some(value) => quote!(#value_trait::to_optional_value(#value)),
        None => quote!(<#ty as #value_trait>::to_optional_value(&self.#ident)),
    };
    match none {
        NoneIs::Omitted => quote!(::core::option::Option::map(#value, |value| (#name, value))),
        NoneIs::Null => quote! {
            ::core::option::Option::Some((
                #name,
                ::core::option::Option::unwrap_or(#value, #krate::policies::Value::Null),
            ))
        },
    }
}

fn displayed(field: &Field<'_>) -> TokenStream {
    let text = text(field);
    quote!(::std::borrow::Cow::Owned(#text))
}

/// A field as text. `format!`, because its error names `Display` and `to_string`'s does not.
fn text(Field { ident, ty, .. }: &Field<'_>) -> TokenStream {
    let field = quote_spanned!(at(ty)=> self.#ident);
    quote!(::std::format!("{}", #field))
}

fn some(text: Option<LitStr>) -> TokenStream {
    text.map_or_else(
        || quote!(::core::option::Option::None),
        |text| quote!(::core::option::Option::Some(#text)),
    )
}

/// The place of something, where `self` is still the `self` of the `impl`.
fn at(place: &impl Spanned) -> Span {
    Span::call_site().located_at(place.span())
}

//! `#[derive(Resource)]`.
//!
//! `container` reads `#[resource(..)]`, `field` the attributes of a field, both by `keys`; `together` checks what
//! they say of each other, and `expand` writes the `impl`.

mod container;
mod expand;
mod field;
mod keys;
mod together;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataStruct, DeriveInput, Error, Fields, FieldsNamed, Result, spanned::Spanned};

use crate::problems::Problems;
use container::Container;
use field::Field;

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut problems = Problems::default();
    let container = Container::read(&input, &mut problems);
    let fields = problems.push_err(named_fields(&input)).map(|fields| {
        let fields = fields.named.iter().filter_map(|field| Field::read(field, &mut problems));
        fields.collect::<Vec<_>>()
    });
    let fields = fields.unwrap_or_default();
    together::check(&container, &fields, &mut problems);
    match problems.finish() {
        Ok(()) => expand::implementation(&input, &container, &fields),
        Err(errors) => {
            let errors = errors.into_compile_error();
            let placeholder = expand::placeholder(&input, &container);
            quote!(#errors #placeholder)
        }
    }
}

fn named_fields(input: &DeriveInput) -> Result<&FieldsNamed> {
    const NEEDED: &str = "a resource is a struct with named fields";
    let span = match &input.data {
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => return Ok(fields),
        Data::Struct(DataStruct { fields: Fields::Unnamed(fields), .. }) => fields.span(),
        Data::Struct(_) => input.ident.span(),
        Data::Enum(data) => data.enum_token.span,
        Data::Union(data) => data.union_token.span,
    };
    Err(Error::new(span, NEEDED))
}

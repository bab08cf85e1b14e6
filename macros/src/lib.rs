//! Macros of `axum-authz`; use them through that crate, which documents them with examples that run.
//!
//! Each attribute stands on an `async fn` and puts one argument in front of its own: an extractor that answers
//! for the declaration before anything else of the request is looked at.
//!
//! `attr`, `keys`, `scope` and `source` read what stands in the attribute, `function` and `body` what it stands on,
//! `expand` writes the result. Mistakes are collected, not reported one by one, and the function is kept in any
//! case, so that editors go on understanding it.
//!
//! `resource` is `#[derive(Resource)]`.

mod attr;
mod body;
mod expand;
mod function;
mod keys;
mod problems;
mod resource;
mod scope;
mod source;

use proc_macro::TokenStream;

/// Puts a question to the policies in front of an `async fn`.
///
/// ```text
/// #[authorize(action = "view", resource = "album", id = path("id"), attr(owner = path("user"), tag = query("tag")))]
/// #[authorize(album::View)]
/// #[authorize(album::View, id = path("id"), attr(frozen = absent), scope = "photos.read")]
/// #[authorize(album::Create, body)]
/// ```
///
/// | key | meaning |
/// |---|---|
/// | `action` | the action, as policies name it |
/// | `resource` | the kind of resource, as policies name it |
/// | `id` | where the resource's identifier comes from; empty when not given |
/// | `attr(..)` | attributes of the resource, and where each comes from |
/// | `scope` | scopes the token must have, separated by single spaces; without them 403 `insufficient_scope` |
/// | `body` | with an action as a type: the last argument decides with what is in the body |
/// | `crate` | the path of `axum-authz`, where it goes by another name |
///
/// A value comes from `path("name")`, `query("name")` or `header("name")`; an attribute can be `absent` on purpose.
/// The short form names a type that implements `DeclaresAccess`; it is the one to use in `impl` blocks, where no type
/// can be written beside a function. With keys the type is an `Action`, which stands for `action` and `resource`.
///
/// With `body` the last argument is `Checked<.., A>` or `Changed<.., .., A>` of the same action, token for token.
/// What is put in front is `Ahead` of that argument.
///
/// A caller without a token gets 401, one the policies do not allow 403, and neither the body nor any other
/// argument is looked at before. It goes *above* other attributes that look at the arguments, such as
/// `#[debug_handler]`.
#[proc_macro_attribute]
pub fn authorize(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::declare("authorize", attr::authorize, attr.into(), &item.into()).into()
}

/// Asks for a valid token in front of an `async fn`.
///
/// ```text
/// #[authenticated]
/// #[authenticated(scope = "photos.read")]
/// ```
///
/// With `scope`, the token must have these scopes, separated by single spaces. In an `impl` block, where no
/// type can be written beside a function, name a type with `#[authorize(View)]` instead.
#[proc_macro_attribute]
pub fn authenticated(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::declare("authenticated", attr::authenticated, attr.into(), &item.into()).into()
}

/// Declares an `async fn` open to all, and says why that is right.
///
/// ```text
/// #[public(reason = "liveness probe")]
/// ```
///
/// A token that is not valid is refused here too: the layer has done so before.
#[proc_macro_attribute]
pub fn public(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::declare("public", attr::public, attr.into(), &item.into()).into()
}

/// Makes a struct with named fields a resource that policies can decide on.
///
/// ```text
/// #[derive(Resource)]
/// #[resource(kind = "album", table = "albums", conceal, absent("frozen"))]
/// struct Album {
///     #[id] id: i64,
///     #[attr(column = "owner_id")] owner: String,
///     #[attr(none = omit)] team: Option<String>,
///     #[attr(display)] state: State,
///     #[version] rev: i64,
///     #[scope] tenant: String,
///     #[no_attr] title: String,
/// }
/// ```
///
/// The keys are explained where the derive is exported: `axum_authz::resource::Resource`.
#[proc_macro_derive(Resource, attributes(resource, attr, no_attr, id, version, scope))]
pub fn resource(item: TokenStream) -> TokenStream {
    resource::derive(item.into()).into()
}

//! Declarations: what a handler says about who may call it.
//!
//! A declaration is a type that implements [`DeclaresAccess`]; its [`Access`] is a constant, so it can be read without
//! calling the handler. The attributes [`authorize`](crate::authorize), [`authenticated`](crate::authenticated) and
//! [`public`](crate::public) write such a type, and put [`Authorized`](crate::extract::Authorized) of it in front of the handler's
//! arguments. Types written by hand do as well:
//!
//! ```
//! use axum_authz::{
//!     extract::Authorized,
//!     guard::{Access, Check, DeclaresAccess, Source},
//! };
//!
//! /// May look at an album.
//! struct View;
//!
//! impl DeclaresAccess for View {
//!     const ACCESS: Access = Access::Check(Check::new("view", "album").id(Source::Path("id")));
//! }
//!
//! async fn show(_: Authorized<View>) -> &'static str {
//!     "an album"
//! }
//! # let _: axum::Router = axum::Router::new().route("/albums/{id}", axum::routing::get(show));
//! ```

mod access;
mod action;
mod declares;

pub use access::{Access, Check, Source};
pub use action::Action;
pub use declares::{Authenticated, DeclaresAccess};

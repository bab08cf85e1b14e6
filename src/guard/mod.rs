//! Declarations: what a handler says about who may call it.
//!
//! A declaration is a type that implements [`DeclaresAccess`]; its [`Access`] is a constant, so it can be read
//! without calling the handler. The attributes [`authorize`](crate::authorize),
//! [`authenticated`](crate::authenticated) and [`public`](crate::public) write such a type, and put
//! [`Authorized`](crate::extract::Authorized) of it in front of the handler's arguments. Types written by hand do
//! as well:
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
//!
//! # The guarded router
//!
//! [`Router`] takes the calls of [`axum::Router`], for handlers whose first argument is [`Enforced`]: one of the
//! extractors of [`extract`](crate::extract) that refuse the request unless what they declare holds. Three things
//! keep it so:
//!
//! 1. *The compiler.* axum gives each handler the tuple of its arguments as a type; [`get`] and its siblings ask
//!    that it is
//!    [`Declared`], and remember the constant. Routers and methods of axum are other types.
//! 2. *The start.* [`finish`](Router::finish) compares the whole table with the policies and the paths, tells
//!    everything that does not fit,
//!    and returns a [`Secured`] service that nothing can be put into.
//! 3. *Each request.* What is not in the [`Manifest`] is not called: 404, or 405 with `Allow`. A success for which
//!    no declaration was enforced,
//!    because a layer answered in the handler's place, is withheld: 500, and an `error!` that names the route.
//!
//! What is open says so: [`route_unguarded`](Router::route_unguarded) and
//! [`fallback_public`](Router::fallback_public) take a reason, and are listed.

mod access;
mod action;
mod ahead;
mod backstop;
mod declares;
mod enforced;
mod finish;
mod handler;
mod manifest;
mod methods;
#[cfg(feature = "openapi")]
pub mod openapi;
mod route;
mod router;
mod secured;

pub(crate) use access::same;
pub use access::{Access, Basis, Check, Source};
pub use action::Action;
pub use ahead::{Ahead, AnyScope, RequiresScope};
use backstop::Backstop;
pub(crate) use backstop::Enforcement;
pub use declares::{Authenticated, DeclaresAccess};
pub(crate) use enforced::sealed;
pub use enforced::{Declared, Enforced};
pub use finish::RouteProblem;
pub use handler::GuardedHandler;
pub use manifest::Manifest;
pub(crate) use manifest::outlook;
pub use methods::{Methods, any, delete, get, head, options, patch, post, put, trace};
pub use route::{Route, Rule, Unguarded};
pub use router::Router;
pub use secured::Secured;

//! Authorization for [axum] and Tower services whose users sign in with [Authentik].
//!
//! Handlers say what they do to what; policies, written for [Cerbos] and evaluated in process, say who may. The
//! decision comes before the handler runs and before the body of the request is read.
//!
//! ```no_run
//! use axum_authz::{guard::{Router, get}, prelude::*};
//!
//! #[authorize(action = "view", resource = "album", id = path("id"))]
//! async fn show(me: Principal, Path(id): Path<u64>) -> String {
//!     format!("{} may see album {id}", me.id())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), axum_authz::Error> {
//!     let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
//!     let policies = Policies::dir("policies").watch().load()?;
//!     let app = Router::new().route("/albums/{id}", get(show)).finish(AuthzLayer::new(authentik, policies))?;
//!     axum::serve(TcpListener::bind("0.0.0.0:3000").await?, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! With [`axum::Router`] it is the same: `.layer(AuthzLayer::new(authentik, policies))` in the place of
//! `.finish(..)`, without what the [guarded router](guard) adds.
//!
//! # The way of a request
//!
//! 1. [`layer`] takes the bearer token from the headers. No token: the caller is anonymous.
//! 2. [`token`] verifies it, with keys it has fetched from Authentik before, or else fetches now. Not valid: 401.
//! 3. [`extract`] finds what the handler declares, in the terms of [`guard`], and takes the resource's identifier and
//!    attributes from the path, the query and the headers. Anonymous where somebody has to be known: 401.
//!    A scope is needed that the token does not have: 403.
//! 4. [`policies`] decides. Not allowed: 403. Not decided, for whatever reason: 503, never one of the other two.
//! 5. [`audit`] records the decision.
//! 6. The handler runs.
//!
//! The pages of these modules say exactly when a request passes and what a refused client is told.
//!
//! # What a handler can declare
//!
//! | written | who may call |
//! |---|---|
//! | [`#[authorize(action = "view", resource = "album", id = path("id"))]`](macro@authorize) | whoever the policies allow |
//! | [`#[authorize(album::View, id = path("id"))]`](macro@authorize) | the same, with an action that is a type |
//! | [`#[authorize(album::Create, body)]`](macro@authorize) | whoever the policies allow, with what is in the body |
//! | [`#[authorize(View)]`](macro@authorize) | whom a type's declaration lets call |
//! | [`#[authenticated]`](macro@authenticated) | any caller with a valid token |
//! | `scope = "photos.write"` in either of them | the same, if the token also has the scope; several are separated by spaces |
//! | [`#[public(reason = "liveness probe")]`](macro@public) | anybody |
//! | [`Authorized<View>`](extract::Authorized) | the extractor itself, for closures and `impl` blocks |
//! | [`Loaded<Album, album::Edit>`](extract::Loaded) | whoever may do it with the resource, which is loaded before the decision |
//! | [`Checked<Json<NewAlbum>, album::Create>`](extract::Checked) | whoever may do it with what the body says |
//! | [`Changed<Album, Json<Patch>, album::Edit>`](extract::Changed) | whoever may do it with the resource as it is and as it will be |
//! | [`All<(..)>`](extract::All) | those to whom several of these apply |
//!
//! Handlers with a declaration work in any [`axum::Router`]. The [guarded router](guard::Router) takes no others,
//! compares the whole route table with the policies before the first request, and lets out nothing that nobody
//! decided on.
//!
//! # Events
//!
//! Events of `tracing` are sent to these targets; the names are part of the interface.
//!
//! | target | tells |
//! |---|---|
//! | `axum_authz::token` | why a token was refused, or could not be verified |
//! | `axum_authz::decision` | what was decided, or why it could not be |
//! | `axum_authz::policy` | which policies were loaded, and what is wrong with those that were not |
//!
//! None of them contains tokens, claims or attributes.
//!
//! # Features
//!
//! Features add; none changes what another one does.
//!
//! - `axum` (default): extractors and attributes. It brings `authentik`.
//! - `authentik`: verification of tokens, and the layer for any Tower service.
//! - `watch` (default): policies are reloaded when their files change.
//! - `openapi`: who may call what, in the OpenAPI documents of utoipa.
//! - `test-kit`: the module `test`, a stand-in for Authentik, and principals without tokens.
//!
//! [axum]: https://docs.rs/axum
//! [Authentik]: https://goauthentik.io
//! [Cerbos]: https://docs.cerbos.dev

#[cfg(feature = "authentik")]
pub mod principal;

#[cfg(feature = "authentik")]
pub mod token;

#[cfg(feature = "authentik")]
pub mod layer;

#[cfg(feature = "authentik")]
pub mod decide;

#[cfg(feature = "axum")]
pub mod guard;

#[cfg(feature = "axum")]
pub mod resource;

#[cfg(feature = "axum")]
pub mod extract;

#[cfg(feature = "axum")]
pub mod endpoint;

pub mod policies;

#[cfg(feature = "authentik")]
pub mod audit;

#[cfg(feature = "authentik")]
pub mod danger;

mod error;
#[cfg(feature = "axum")]
pub mod prelude;
#[cfg(feature = "test-kit")]
pub mod test;

pub use error::{Error, ErrorKind};
#[cfg(feature = "authentik")]
pub use principal::Principal;

/// Lets those call whom the policies allow to do this.
///
/// | key | meaning |
/// |---|---|
/// | `action`, `resource` | what is done, to what kind of resource; as policies name them |
/// | a type in their place, `album::View` | an [`Action`](guard::Action); without other keys any [`DeclaresAccess`](guard::DeclaresAccess) |
/// | `id = path("id")` | where the resource's identifier comes from: `path(..)`, `query(..)` or `header(..)`; empty when not given |
/// | `attr(owner = path("user"))` | attributes of the resource, and where each comes from; `absent` says that it is never there |
/// | `scope = "photos.write"` | scopes the token must have (RFC 6749 section 3.3), all of those separated by spaces |
/// | `body` | the last argument, `Checked<.., A>` or `Changed<.., .., A>` of the same action, decides with what is in the body |
/// | `crate = some::path` | where this crate is found, when not under its own name |
///
/// A scope says what the client may do on the user's behalf, and policies say what the user may do. A token
/// without the scope is refused with 403 and `error="insufficient_scope"` (RFC 6750 section 3.1) before the
/// policies are asked.
///
/// ```
/// use axum_authz::prelude::*;
///
/// #[authorize(action = "view", resource = "album", id = path("id"), attr(owner = path("user")))]
/// async fn show(me: Principal, Path((user, id)): Path<(String, u64)>) -> String {
///     format!("album {id} of {user}, shown to {}", me.id())
/// }
///
/// #[authorize(action = "delete", resource = "album", id = path("id"), scope = "photos.write")]
/// async fn delete() {}
///
/// let _: Router = Router::new().route("/{user}/albums/{id}", get(show).delete(delete));
/// ```
///
/// With actions as types, which `axum-authz-build` writes from the policies, a misspelt one does not compile:
///
/// ```
/// use axum_authz::prelude::*;
///
/// mod album {
///     pub enum Edit {}
///
///     impl axum_authz::guard::Action for Edit {
///         const KIND: &'static str = "album";
///         const NAME: &'static str = "edit";
///     }
/// }
///
/// #[authorize(album::Edit, id = path("id"), attr(owner = path("user"), frozen = absent))]
/// async fn edit() {}
///
/// let _: Router = Router::new().route("/{user}/albums/{id}", get(edit));
/// ```
///
/// `frozen = absent` tells whoever compares the declaration with the policies that they may read the attribute
/// although it is never there.
#[cfg(feature = "axum")]
pub use axum_authz_macros::authorize;

/// Lets any caller with a valid token call; with `scope`, if the token also has these scopes, as for
/// [`macro@authorize`].
///
/// ```
/// use axum_authz::prelude::*;
///
/// #[authenticated]
/// async fn whoami(me: Principal) -> String {
///     me.id().to_owned()
/// }
///
/// #[authenticated(scope = "photos.read photos.write")]
/// async fn settings() {}
///
/// let _: Router = Router::new().route("/whoami", get(whoami)).route("/settings", get(settings));
/// ```
#[cfg(feature = "axum")]
pub use axum_authz_macros::authenticated;

/// Lets anybody call.
///
/// ```
/// use axum_authz::prelude::*;
///
/// #[public(reason = "liveness probe")]
/// async fn healthz() -> &'static str {
///     "well"
/// }
///
/// let _: Router = Router::new().route("/healthz", get(healthz));
/// ```
#[cfg(feature = "axum")]
pub use axum_authz_macros::public;

/// The examples of the README.
#[cfg(all(doctest, feature = "axum", feature = "watch"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples of the page on tokens.
#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../docs/tokens.md")]
struct Tokens;

/// The examples of the manual, page by page.
#[cfg(all(doctest, feature = "openapi", feature = "test-kit", feature = "watch"))]
mod manual {
    #[doc = include_str!("../docs/manual/quick-start.md")]
    struct QuickStart;

    #[doc = include_str!("../docs/manual/declaring-access.md")]
    struct DeclaringAccess;

    #[doc = include_str!("../docs/manual/loading-resources.md")]
    struct LoadingResources;

    #[doc = include_str!("../docs/manual/bodies.md")]
    struct Bodies;

    #[doc = include_str!("../docs/manual/permissions.md")]
    struct Permissions;

    #[doc = include_str!("../docs/manual/testing.md")]
    struct Testing;

    #[doc = include_str!("../docs/manual/errors.md")]
    struct Errors;

    #[doc = include_str!("../docs/manual/migrating-from-axum-login.md")]
    struct FromAxumLogin;

    #[doc = include_str!("../docs/manual/migrating-from-axum-keycloak-auth.md")]
    struct FromAxumKeycloakAuth;

    #[doc = include_str!("../docs/manual/migrating-from-cerbos-sdk.md")]
    struct FromCerbosSdk;
}

/// The examples of the page on expressions.
#[cfg(doctest)]
#[doc = include_str!("../docs/cel.md")]
struct Expressions;

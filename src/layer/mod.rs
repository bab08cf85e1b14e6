//! The Tower layer: reads the bearer token of each request and verifies it before the inner service is called.
//!
//! # What happens to a request
//!
//! 1. *No `Authorization` header*: the inner service is called; the caller is anonymous, and what the handler declares
//!    decides whether that is enough. A principal that an `AuthzLayer` around this one has found is forgotten: what is believed there need not be here.
//! 2. *One header with the scheme `Bearer`* (in any case, RFC 9110 section 11.1) *and a token that is valid*: the inner service is called with
//!    the [`Principal`](crate::Principal) in the request's extensions. The header is marked sensitive, so that printing
//!    the request does not print the token.
//! 3. *A token that is not valid*: 401, and the inner service is not called, whatever the handler declares.
//! 4. *Several `Authorization` headers, or one that cannot be read*: 400 (`invalid_request`, RFC 6750 section 3.1), and the inner service is not called.
//! 5. *Another scheme*, such as `Basic`: 401 with a `Bearer` challenge, and the inner service is not called.
//! 6. *The keys to verify the token with cannot be had*: 503 with `Retry-After`, and the inner service is not called.
//!
//! Before that, the headers that an outpost of Authentik sets (`X-authentik-*`) are removed from the request,
//! unless it comes from one: see [`ForwardAuth`]. Requests for the description of the service are answered by
//! the layer, when it was given one: see [`ResourceMetadata`].
//!
//! When the keys are known, and neither the issuer nor a store of revocations has to be asked about the token,
//! 2 and 3 happen without waiting and without allocating a future.
//!
//! # What a refusal carries
//!
//! A status, `WWW-Authenticate` where the status is 401 or other credentials would help (RFC 6750 section 3),
//! and a body of type `application/problem+json` (RFC 9457) with fixed text and a call id, or [of the service's
//! own](AuthzLayer::respond_with). POST requests with the content type `application/grpc` get a gRPC status
//! instead. The reason is told to the operator only: as an event under the target `axum_authz::token`, with the
//! same call id, and as [`Refusal`] in the extensions of the response, for the layers outside this one.
//!
//! # How a deployment can weaken it
//!
//! - Routes added to an `axum::Router` *after* `.layer(..)` do not go through the layer. Handlers that declare access answer 500 there,
//!   handlers that do not are open.
//! - Tokens travel in the clear unless the connection to the service is encrypted.
//!
//! # Example
//!
//! Any Tower service can be guarded, for any type of body.
//!
//! ```
//! use axum_authz::{Principal, layer::AuthzLayer, policies::Policies, token::Authentik};
//! use http::{Request, Response, StatusCode, header};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
//! let policies = Policies::from_sources([])?;
//! let service = ServiceBuilder::new().layer(AuthzLayer::new(authentik, policies)).service(service_fn(
//!     async |request: Request<String>| {
//!         assert!(request.extensions().get::<Principal>().is_none());
//!         Ok::<_, std::convert::Infallible>(Response::new(String::from("hello, whoever you are")))
//!     },
//! ));
//!
//! let anonymous = Request::new(String::new());
//! assert_eq!(service.clone().oneshot(anonymous).await?.status(), StatusCode::OK);
//!
//! let forged = Request::builder().header(header::AUTHORIZATION, "Bearer no.such.token").body(String::new())?;
//! assert_eq!(service.oneshot(forged).await?.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```

mod body;
mod challenge;
mod credentials;
mod forward;
mod future;
#[expect(clippy::module_inception, reason = "the file names every Tower middleware has")]
mod layer;
mod metadata;
mod peer;
mod refusal;
mod respond;
mod responder;
mod service;

pub use body::ResponseBody;
pub(crate) use challenge::Challenge;
pub use forward::{ForwardAuth, ForwardAuthBuilder};
pub use future::ResponseFuture;
pub use layer::AuthzLayer;
#[cfg(feature = "axum")]
pub(crate) use layer::Context;
pub use metadata::ResourceMetadata;
pub use peer::PeerAddr;
pub use refusal::Refusal;
#[cfg(feature = "axum")]
pub(crate) use respond::{Wire, respond};
#[cfg(feature = "axum")]
pub(crate) use responder::Page;
pub use service::Authz;

/// The target of events about tokens.
pub const TARGET: &str = "axum_authz::token";

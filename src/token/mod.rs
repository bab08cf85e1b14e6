//! From the bytes of a bearer token to a [`Principal`](crate::principal::Principal).
//!
//! [`Authentik`] describes one provider; [`Authentik::verify`] takes the text of a token and answers
//! with a [`VerifiedToken`] or a [`TokenError`]. A token passes when all of this holds:
//!
//! 1. It is a compact JWS: three canonical base64url segments, within the size limit, with a JSON
//!    object as header and as payload and no name twice in any object (RFC 7515, RFC 8725 section 3).
//! 2. The header names an allowed asymmetric algorithm (HS256 only where a client secret was given for it) and has no `crit`. A header with `jku`, `jwk`, `x5u` or
//!    `x5c` is refused, and nothing is fetched from where it points.
//! 3. The header's `kid` names a key that the provider publishes for signatures, and the algorithm is
//!    the one that belongs to this key.
//! 4. The signature is good.
//! 5. `iss` is the configured issuer, byte for byte; `aud` names one of the configured audiences;
//!    `exp` is there and not over; `nbf`, when there, has come; `sub` is there and not empty.
//! 6. It is an access token: Authentik signs ID tokens and logout tokens with the same key for the same
//!    audience, and none of these may be replayed here. Its header says `at+jwt`, or it has both `azp` and `uid`; and it has
//!    none of `at_hash`, `c_hash` and `events`.
//! 7. `iat`, `nbf`, `sid`, `jti` and `azp` have the types they must have, where they are there, and `act` names who acts.
//!
//! What becomes of the claims then, [`AuthentikBuilder`] says: [`roles_from`](AuthentikBuilder::roles_from),
//! [`attributes`](AuthentikBuilder::attributes), [`id_with_issuer`](AuthentikBuilder::id_with_issuer), or a closure with
//! [`principal`](AuthentikBuilder::principal). Groups and scopes that are missing, repeated or of another form never grant.
//!
//! # Keys
//!
//! Nothing is fetched before the first token arrives. Discovery document and key set are then fetched
//! once, however many requests wait. From then on a token with a known key is verified at once, without I/O and without waiting
//! for anyone else's; when no token has come for ten minutes, the keys are fetched before the next is believed. A token that names an unknown key leads to a new fetch, so that a rotated key works
//! with its first token, but not more often than the refetch interval allows. Keys are kept while the
//! provider is unreachable, up to a limit of age.
//!
//! # Refusals
//!
//! [`TokenError::Invalid`] means the token is bad; [`TokenError::Undecided`] that the keys to judge it
//! could not be had. The second is not a "no" (and never a "yes"): clients should try again.
//!
//! # How deployment can weaken it
//!
//! Without [`introspect`](AuthentikBuilder::introspect) or [`revocations`](AuthentikBuilder::revocations), a token that was revoked, or whose session
//! ended, still passes until `exp`: keep the lifetime of access tokens short. In Authentik's issuer mode "global" all applications share one issuer, and only
//! the audience and the key tell their tokens apart.

mod authentik;
mod builder;
mod cache;
mod claims;
mod clock;
mod digest;
mod discovery;
mod error;
mod fetch;
mod flights;
mod health;
mod introspection;
mod json;
mod jwe;
mod jwks;
mod jwt;
mod keys;
mod logout;
mod mapping;
mod pointer;
mod provider;
mod raw;
mod revocation;
mod revocation_list;
mod secret;
mod verified_claims;
mod verify;
#[cfg(test)]
#[path = "../../tests/support/wycheproof.rs"]
mod wycheproof;

pub use authentik::Authentik;
pub use builder::AuthentikBuilder;
#[cfg(feature = "test-kit")]
#[doc(hidden)] // shown as `axum_authz::test::TestClock`
pub use clock::TestClock;
pub use error::{ConfigError, ConfigErrorKind, Invalid, TokenError, Undecided};
pub use health::{Health, IssuerHealth};
pub use introspection::Introspection;
pub use jwe::DecryptionKey;
pub use jwt::Algorithm;
pub use logout::Logouts;
pub use revocation::{
    Lookup, Revocation, Revocations, StoreFuture, StoreUnavailable, TokenIdentity,
};
pub use revocation_list::RevocationList;
pub use secret::SharedSecret;
pub use verified_claims::{PrincipalParts, VerifiedClaims};
pub use verify::{VerifiedToken, Verifying};

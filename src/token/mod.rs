//! From the bytes of a bearer token to a [`Principal`](crate::principal::Principal).
//!
//! [`Authentik`] describes one provider or several; [`Authentik::verify`] takes the text of a token and answers
//! with a [`VerifiedToken`] or a [`TokenError`]. A token passes when all of this holds:
//!
//! 1. It is a compact JWS: three canonical base64url segments, within the size limit, with a JSON object as header and as
//!    payload and no name twice in any object (RFC 7515, RFC 8725 section 3). Or it is one of five segments, and the configured key
//!    decrypts it to such a token ([`decryption_key`](AuthentikBuilder::decryption_key), RFC 7516).
//! 2. The header has no `crit`, and no key or address of one (`jku`, `jwk`, `x5u`, `x5c`): nothing is fetched from where it points.
//! 3. Its issuer is one of ours, and that one's way of signing was used: the header's `kid` names a key that the issuer publishes for
//!    signatures, and its `alg` the algorithm that belongs to this key; or it is HS256, for an issuer whose client secret was given
//!    for it. Or the issuer vouches for it when asked.
//! 4. The signature is good.
//! 5. `iss` is the configured issuer, byte for byte; `aud` names one of the configured audiences, and `azp`, when there, one of them or of
//!    the configured [clients](AuthentikBuilder::client); `exp` is there and not over; `nbf`, when there, has come; `sub` is there and not empty.
//! 6. It is an access token: Authentik signs ID tokens and logout tokens with the same key for the same audience, and none of these may
//!    be replayed here. Its header says `at+jwt`, or it has both `azp` and `uid`; and it has none of `at_hash`, `c_hash`, `cnf` and
//!    `events`.
//! 7. `iat`, `nbf`, `sid`, `jti` and `azp` have the types they must have, where they are there, and `act` names who acts.
//! 8. It is in force, where somebody can tell: it is not in the store of [`Revocations`], and the issuer says so
//!    ([`introspect`](AuthentikBuilder::introspect)).
//!
//! A token that passed is remembered by a keyed digest, and 1 to 7 are not looked at again until it expires or its
//! key is gone; 8 is, every time.
//!
//! What becomes of the claims then, [`AuthentikBuilder`] says: [`roles_from`](AuthentikBuilder::roles_from),
//! [`attributes`](AuthentikBuilder::attributes), [`id_with_issuer`](AuthentikBuilder::id_with_issuer), or a
//! closure with [`principal`](AuthentikBuilder::principal). Groups and scopes that are missing, repeated or of
//! another form never grant.
//!
//! # Keys
//!
//! Nothing is fetched before the first token arrives. Discovery document and key set are then fetched once,
//! however many requests wait. From then on a token with a known key is verified at once, without I/O and
//! without waiting for anyone else's; when no token has come for ten minutes, the keys are fetched before the
//! next is believed. A token for us that names an unknown key leads to a new fetch, so that a rotated key works
//! with its first token, but not more often than the refetch interval allows. Keys are kept while the provider
//! is unreachable, up to a limit of age. [`Authentik::health`] shows how that stands.
//!
//! # Refusals
//!
//! [`TokenError::Invalid`] means the token is bad; [`TokenError::Undecided`] that what is needed to judge it
//! could not be had: keys, the issuer's word, the store of revocations. The second is not a "no" (and never a
//! "yes"): clients should try again.
//!
//! # How deployment can weaken it
//!
//! Without [`introspect`](AuthentikBuilder::introspect) or [`revocations`](AuthentikBuilder::revocations), a
//! token that was revoked, or whose session ended, still passes until `exp`: keep the lifetime of access tokens
//! short. Switches that weaken a check are in [`danger`](crate::danger).

mod authentik;
mod builder;
mod cache;
mod claims;
mod clock;
mod digest;
mod discovery;
mod error;
mod fetch;
mod fetch_history;
mod fingerprint;
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
pub(crate) use fetch::trusted_url;
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

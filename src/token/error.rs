//! Why a token was refused, and why a configuration was.

use std::{error::Error, fmt};

/// Why no principal came out of a token. Two families, which callers must tell apart.
///
/// Neither holds anything of the token, so every part of it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new outcome must break those who match on it")]
pub enum TokenError {
    /// The token is bad: 401, `error="invalid_token"` (RFC 6750 section 3.1).
    Invalid(Invalid),
    /// Whether it is good could not be found out: 503.
    Undecided(Undecided),
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new outcome must break those who match on it")]
pub enum Invalid {
    /// Signed with an algorithm that is not accepted here.
    Algorithm,
    /// For other audiences only.
    Audience,
    /// A claim has a type or value it cannot have; its name.
    Claim(&'static str),
    /// Issued to a client that may not call.
    Client,
    /// The header demands an extension (`crit`); none is supported.
    CriticalHeader,
    /// Encrypted for another key, with algorithms that are not accepted, or changed on the way.
    Decryption,
    /// Five segments, which is an encrypted token (JWE), and no key to decrypt it with is configured.
    Encrypted,
    /// Past `exp`.
    Expired,
    /// The provider says that the token is not in force (any more).
    Inactive,
    /// From another issuer.
    Issuer,
    /// The header brings a key or says where to fetch one (`jku`, `jwk`, `x5u`, `x5c`).
    KeyInHeader,
    /// The header names no key.
    KeyMissing,
    /// The provider publishes no such key.
    KeyUnknown,
    /// Not a compact JWS with JSON objects in it.
    Malformed,
    /// Living longer than revocations are kept for.
    Lifetime,
    /// A required claim is absent; its name.
    MissingClaim(&'static str),
    /// Before `nbf`.
    NotYetValid,
    /// Not a logout token, where one is needed.
    NotLogoutToken,
    /// An ID token, a logout token, or something else that is no access token.
    NotAccessToken,
    /// A logout token that was taken before.
    Replayed,
    /// Revoked: the token itself, its session, or everything of its subject.
    Revoked,
    /// The signature does not fit.
    Signature,
    /// Signed with a shared secret (HS256 and the like), which this issuer was not given.
    SymmetricAlgorithm,
    /// Longer than the limit.
    TooLong,
}

/// Why a token could not be judged. What exactly happened is logged when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new outcome must break those who match on it")]
pub enum Undecided {
    /// The provider did not say, or not in a way that can be used, whether the token is in force.
    Introspection,
    /// The provider's discovery document names another issuer than the configured one.
    IssuerMismatch,
    /// The provider publishes no key to verify signatures with.
    NoSigningKey,
    /// The store of revocations gave no answer.
    Revocations,
    /// The provider gave no answer, or not the one asked for.
    Unavailable,
    /// The provider's answer cannot be used: too large, not JSON, or it points elsewhere.
    Unusable,
}

impl TokenError {
    /// A short, stable name of the reason, for logs and metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(invalid) => invalid.reason(),
            Self::Undecided(undecided) => undecided.reason(),
        }
    }
}

impl Invalid {
    /// A short, stable name of the reason, for logs and metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Algorithm => "algorithm",
            Self::Audience => "audience",
            Self::Claim(_) => "claim",
            Self::Client => "client",
            Self::CriticalHeader => "critical_header",
            Self::Decryption => "decryption",
            Self::Encrypted => "encrypted",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
            Self::Issuer => "issuer",
            Self::KeyInHeader => "key_in_header",
            Self::KeyMissing => "key_missing",
            Self::KeyUnknown => "key_unknown",
            Self::Malformed => "malformed",
            Self::Lifetime => "lifetime",
            Self::MissingClaim(_) => "missing_claim",
            Self::NotYetValid => "not_yet_valid",
            Self::NotAccessToken => "not_access_token",
            Self::NotLogoutToken => "not_logout_token",
            Self::Replayed => "replayed",
            Self::Revoked => "revoked",
            Self::Signature => "signature",
            Self::SymmetricAlgorithm => "symmetric_algorithm",
            Self::TooLong => "too_long",
        }
    }
}

impl Undecided {
    /// A short, stable name of the reason, for logs and metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Introspection => "introspection",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::NoSigningKey => "no_signing_key",
            Self::Revocations => "revocations",
            Self::Unavailable => "provider_unavailable",
            Self::Unusable => "provider_unusable",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::Undecided(undecided) => undecided.fmt(f),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "the token is signed with an algorithm that is not accepted",
            Self::Audience => "the token is for another audience; configure every client id that may call",
            Self::Claim(name) => return write!(f, "the claim `{name}` has a type or value it cannot have"),
            Self::Client => {
                "the token was issued to another client (`azp`); if that one may call, give its id with `client`"
            }
            Self::CriticalHeader => "the token's header demands an extension (`crit`)",
            Self::Decryption => "the token cannot be decrypted with the configured key",
            Self::Encrypted => {
                "the token is encrypted, and no key is configured to decrypt it; give the provider's encryption key \
                 with `decryption_key`, or remove it from the provider in Authentik"
            }
            Self::Expired => "the token has expired",
            Self::Inactive => "the provider says that the token is not in force",
            Self::Issuer => "the token is from another issuer; issuers are compared byte for byte",
            Self::KeyInHeader => "the token's header brings its own key; keys come from the issuer only",
            Self::KeyMissing => "the token's header names no key (`kid`)",
            Self::KeyUnknown => "the provider publishes no key with the token's `kid`",
            Self::Malformed => "the token is not a well-formed compact JWS",
            Self::Lifetime => {
                "the token lives longer than revocations are kept; shorten its validity in Authentik, or keep them longer"
            }
            Self::MissingClaim(name) => return write!(f, "the claim `{name}` is missing"),
            Self::NotYetValid => "the token is not valid yet",
            Self::NotAccessToken => "the token is not an access token; send that, not the ID token",
            Self::NotLogoutToken => "the token is not a logout token",
            Self::Replayed => "the logout token was taken before",
            Self::Revoked => "the token, its session or its subject is revoked",
            Self::Signature => "the token's signature does not fit",
            Self::SymmetricAlgorithm => {
                "the token is signed with a shared secret; choose a signing key for the provider in Authentik, or give \
                 the client secret with `client_secret_signing`"
            }
            Self::TooLong => "the token is longer than the limit",
        })
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Introspection => "the provider did not say whether the token is in force",
            Self::IssuerMismatch => "the discovery document names another issuer than the configured one",
            Self::NoSigningKey => {
                "this provider has no signing key (HS256); choose one for it in Authentik, or give its client secret \
                 with `client_secret_signing`"
            }
            Self::Revocations => "the store of revocations gave no answer",
            Self::Unavailable => "the provider's keys could not be fetched",
            Self::Unusable => "the provider's discovery document or key set cannot be used",
        })
    }
}

impl Error for TokenError {}
impl Error for Invalid {}
impl Error for Undecided {}

impl From<Invalid> for TokenError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Undecided> for TokenError {
    fn from(undecided: Undecided) -> Self {
        Self::Undecided(undecided)
    }
}

/// A configuration that cannot be used: of a provider, or of the [layer](crate::layer).
#[derive(Debug, Clone)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    message: Box<str>,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// Two providers cannot be told apart by issuer and audience, or one is to be trusted in two ways.
    Ambiguous,
    /// The peers of an outpost are everybody.
    EveryPeer,
    /// A URL is not plain `http` on loopback, and not `https`.
    InsecureUrl,
    /// A key or a secret that cannot be used.
    InvalidKey,
    /// A peer is neither an address nor a network.
    InvalidPeer,
    /// The place of a claim begins with `/` and is no JSON pointer.
    InvalidPointer,
    /// There is no store of revocations.
    NoRevocations,
    /// Not a URL, or a URL with parts that it may not have here.
    InvalidUrl,
    /// No algorithm is left.
    NoAlgorithm,
    /// No audience was given.
    NoAudience,
    /// Nothing says where the introspection endpoint is.
    NoEndpoint,
    /// No peer was given.
    NoPeer,
    /// [`Authentik::any`](super::Authentik::any) was given no provider.
    NoProvider,
    /// A duration or size is outside of its bounds.
    OutOfBounds,
    /// The HTTP client could not be set up.
    Transport,
}

impl ConfigError {
    pub(crate) fn new(kind: ConfigErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ConfigErrorKind {
        self.kind
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ConfigError {}

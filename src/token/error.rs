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
    /// The header demands an extension (`crit`); none is supported.
    CriticalHeader,
    /// Five segments: an encrypted token (JWE).
    Encrypted,
    /// Past `exp`.
    Expired,
    /// From another issuer.
    Issuer,
    /// The header names no key.
    KeyMissing,
    /// The provider publishes no such key.
    KeyUnknown,
    /// Not a compact JWS with JSON objects in it.
    Malformed,
    /// A required claim is absent; its name.
    MissingClaim(&'static str),
    /// Before `nbf`.
    NotYetValid,
    /// An ID token, a logout token, or something else that is no access token.
    NotAccessToken,
    /// The signature does not fit.
    Signature,
    /// Signed with a shared secret (HS256 and the like): the provider has no signing key.
    SymmetricAlgorithm,
    /// Longer than the limit.
    TooLong,
}

/// Why the keys to judge a token could not be had. What exactly happened is logged when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new outcome must break those who match on it")]
pub enum Undecided {
    /// The provider's discovery document names another issuer than the configured one.
    IssuerMismatch,
    /// The provider publishes no key to verify signatures with.
    NoSigningKey,
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
            Self::CriticalHeader => "critical_header",
            Self::Encrypted => "encrypted",
            Self::Expired => "expired",
            Self::Issuer => "issuer",
            Self::KeyMissing => "key_missing",
            Self::KeyUnknown => "key_unknown",
            Self::Malformed => "malformed",
            Self::MissingClaim(_) => "missing_claim",
            Self::NotYetValid => "not_yet_valid",
            Self::NotAccessToken => "not_access_token",
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
            Self::IssuerMismatch => "issuer_mismatch",
            Self::NoSigningKey => "no_signing_key",
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
            Self::CriticalHeader => "the token's header demands an extension (`crit`)",
            Self::Encrypted => {
                "the token is encrypted; remove the encryption key from the provider in Authentik"
            }
            Self::Expired => "the token has expired",
            Self::Issuer => "the token is from another issuer; issuers are compared byte for byte",
            Self::KeyMissing => "the token's header names no key (`kid`)",
            Self::KeyUnknown => "the provider publishes no key with the token's `kid`",
            Self::Malformed => "the token is not a well-formed compact JWS",
            Self::MissingClaim(name) => return write!(f, "the claim `{name}` is missing"),
            Self::NotYetValid => "the token is not valid yet",
            Self::NotAccessToken => "the token is not an access token",
            Self::Signature => "the token's signature does not fit",
            Self::SymmetricAlgorithm => {
                "the token is signed with a shared secret; choose a signing key for the provider in Authentik"
            }
            Self::TooLong => "the token is longer than the limit",
        })
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IssuerMismatch => "the discovery document names another issuer than the configured one",
            Self::NoSigningKey => {
                "the provider publishes no key to verify with; choose a signing key for it in Authentik"
            }
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

/// A configuration that cannot be used.
#[derive(Debug, Clone)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    message: Box<str>,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// A URL is not plain `http` on loopback, and not `https`.
    InsecureUrl,
    /// Not a URL, or a URL with parts that it may not have here.
    InvalidUrl,
    /// No algorithm is left.
    NoAlgorithm,
    /// No audience was given.
    NoAudience,
    /// A duration or size is outside of its bounds.
    OutOfBounds,
    /// The HTTP client could not be set up.
    Transport,
}

impl ConfigError {
    pub(super) fn new(kind: ConfigErrorKind, message: impl Into<Box<str>>) -> Self {
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

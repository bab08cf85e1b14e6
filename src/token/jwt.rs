//! Signatures.

use std::fmt;

use jsonwebtoken::{DecodingKey, crypto::aws_lc::DEFAULT_PROVIDER};

use super::{Invalid, raw::RawToken};

/// A signature algorithm of Authentik's tokens (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// Authentik chooses it by the provider's signing key: RSA, elliptic curve, or Ed25519. Algorithms with a
/// shared secret (HS256) are not supported, and `none` never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// ECDSA with P-384 and SHA-384.
    ES384,
    /// EdDSA with Ed25519.
    EdDSA,
}

impl Algorithm {
    /// Every algorithm there is support for.
    pub(super) const ALL: [Self; 4] = [Self::RS256, Self::ES256, Self::ES384, Self::EdDSA];

    /// The algorithm with this `alg` value.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its `alg` value.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key, bound to the one algorithm it may be used with (RFC 8725 section 3.1).
pub(super) struct VerificationKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl VerificationKey {
    pub(super) fn new(algorithm: Algorithm, key: DecodingKey) -> Self {
        Self { algorithm, key }
    }

    #[cfg(test)]
    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` over `message` was made with this key.
    fn verifies(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::ES384 => jsonwebtoken::Algorithm::ES384,
            Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        };
        // The factory is called directly: jsonwebtoken's own entry points go through a default of the
        // process, which panics when another crate of the program has enabled a second back end.
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

/// A payload whose signature is good. Only [`authenticate`] makes one.
pub(super) struct AuthenticPayload(Vec<u8>);

impl AuthenticPayload {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Checks the signature of `raw` with `key`.
pub(super) fn authenticate(
    raw: RawToken<'_>,
    key: &VerificationKey,
) -> Result<AuthenticPayload, Invalid> {
    if raw.algorithm != key.algorithm {
        return Err(Invalid::Algorithm);
    }
    if !key.verifies(raw.signing_input.as_bytes(), &raw.signature) {
        return Err(Invalid::Signature);
    }
    Ok(AuthenticPayload(raw.payload))
}

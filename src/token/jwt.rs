//! Signatures.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, ParsedPublicKey};
use jsonwebtoken::{DecodingKey, crypto::aws_lc::DEFAULT_PROVIDER};

use super::{
    Invalid,
    introspection::Answer,
    raw::{RawToken, SignedWith},
    secret::SharedSecret,
};

/// A signature algorithm of Authentik's tokens (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// Authentik chooses it by the provider's signing key: RSA, elliptic curve, or Ed25519. Providers without a
/// signing key sign with the client secret (HS256): that is no algorithm of published keys, so it is not listed
/// here, and `none` is never accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// ECDSA with P-384 and SHA-384.
    ES384,
    /// ECDSA with P-521 and SHA-512.
    ES512,
    /// EdDSA with Ed25519.
    EdDSA,
}

impl Algorithm {
    /// Every algorithm there is support for.
    pub(super) const ALL: [Self; 5] =
        [Self::RS256, Self::ES256, Self::ES384, Self::ES512, Self::EdDSA];

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
            Self::ES512 => "ES512",
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
    key: PublicKey,
}

enum PublicKey {
    /// For all algorithms that `jsonwebtoken` knows.
    Common(jsonwebtoken::Algorithm, DecodingKey),
    /// ES512, which it does not.
    P521(ParsedPublicKey),
}

impl VerificationKey {
    /// `key` must be of the type that belongs to the algorithm.
    pub(super) fn common(algorithm: Algorithm, key: DecodingKey) -> Result<Self, &'static str> {
        let name = match algorithm {
            Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::ES384 => jsonwebtoken::Algorithm::ES384,
            Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
            Algorithm::ES512 => return Err("a key of P-521 is of another kind"),
        };
        Ok(Self { algorithm, key: PublicKey::Common(name, key) })
    }

    /// `point` is an uncompressed point of P-521.
    pub(super) fn p521(point: &[u8]) -> Result<Self, &'static str> {
        let key = ParsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point)
            .map_err(|_| "not a point of its curve")?;
        Ok(Self { algorithm: Algorithm::ES512, key: PublicKey::P521(key) })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` over `message` was made with this key.
    fn verifies(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        match &self.key {
            // The factory is called directly: jsonwebtoken's own entry points go through a default of the
            // process, which panics when another crate of the program has enabled a second back end.
            PublicKey::Common(name, key) => (DEFAULT_PROVIDER.verifier_factory)(name, key)
                .is_ok_and(|verifier| verifier.verify(message, signature).is_ok()),
            PublicKey::P521(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

/// A payload whose signature is good. Only this module makes one.
pub(super) struct AuthenticPayload(Vec<u8>);

impl AuthenticPayload {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Checks the signature of `raw` with a key that the issuer publishes.
///
/// Algorithm and key belong together before the token comes in; what the token names must be that algorithm.
pub(super) fn authenticate(
    raw: RawToken<'_>,
    key: &VerificationKey,
) -> Result<AuthenticPayload, Invalid> {
    match raw.signed_with {
        SignedWith::Published { algorithm, .. } if algorithm == key.algorithm => {}
        SignedWith::Published { .. } => return Err(Invalid::Algorithm),
        SignedWith::Secret => return Err(Invalid::SymmetricAlgorithm),
    }
    if !key.verifies(raw.signing_input.as_bytes(), &raw.signature) {
        return Err(Invalid::Signature);
    }
    Ok(AuthenticPayload(raw.payload))
}

/// Checks the tag of `raw` (HS256, RFC 7518 section 3.2) with the secret shared with the issuer.
pub(super) fn authenticate_with_secret(
    raw: RawToken<'_>,
    secret: &SharedSecret,
) -> Result<AuthenticPayload, Invalid> {
    if raw.signed_with != SignedWith::Secret {
        return Err(Invalid::Algorithm);
    }
    if !secret.verifies(raw.signing_input.as_bytes(), &raw.signature) {
        return Err(Invalid::Signature);
    }
    Ok(AuthenticPayload(raw.payload))
}

/// Takes the issuer's word for `raw`, where that has been agreed on instead of a signature.
pub(super) fn vouched_for(raw: RawToken<'_>, word: &Answer) -> Result<AuthenticPayload, Invalid> {
    match word {
        Answer::Active(_) => Ok(AuthenticPayload(raw.payload)),
        Answer::Inactive => Err(Invalid::Inactive),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

//! Signatures.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

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
///
/// It is parsed when the key set is read, and what can be computed from it beforehand is computed once.
pub(super) struct VerificationKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl VerificationKey {
    /// An RSA key: modulus and public exponent, big-endian and without leading zeros.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, &'static str> {
        let key = RsaPublicKeyComponents { n: modulus, e: exponent }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| "not an RSA key")?;
        Ok(Self { algorithm: Algorithm::RS256, key })
    }

    /// `point` is an uncompressed point of P-256.
    pub(super) fn p256(point: &[u8]) -> Result<Self, &'static str> {
        Self::ec(Algorithm::ES256, &ECDSA_P256_SHA256_FIXED, point)
    }

    /// `point` is an uncompressed point of P-384.
    pub(super) fn p384(point: &[u8]) -> Result<Self, &'static str> {
        Self::ec(Algorithm::ES384, &ECDSA_P384_SHA384_FIXED, point)
    }

    /// `point` is an uncompressed point of P-521.
    pub(super) fn p521(point: &[u8]) -> Result<Self, &'static str> {
        Self::ec(Algorithm::ES512, &ECDSA_P521_SHA512_FIXED, point)
    }

    fn ec(
        algorithm: Algorithm,
        verification: &'static EcdsaVerificationAlgorithm,
        point: &[u8],
    ) -> Result<Self, &'static str> {
        let key = ParsedPublicKey::new(verification, point).map_err(|_| NO_POINT)?;
        Ok(Self { algorithm, key })
    }

    /// `bytes` are the 32 of a public key of Ed25519.
    pub(super) fn ed25519(bytes: &[u8; 32]) -> Result<Self, &'static str> {
        let key = ParsedPublicKey::new(&ED25519, bytes).map_err(|_| NO_POINT)?;
        Ok(Self { algorithm: Algorithm::EdDSA, key })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` over `message` was made with this key.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

const NO_POINT: &str = "not a point of its curve";

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

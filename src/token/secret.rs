//! The secret that an issuer without signing key signs with.

use std::{fmt, sync::Arc};

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::{ConfigError, ConfigErrorKind};

/// HS256 asks for a key as long as its hash, at least (RFC 7518 section 3.2).
const MIN_LENGTH: usize = 32;

/// A client secret that tokens are signed with (HS256).
///
/// Authentik does so for a provider without a signing key, and for every proxy provider: the key is the text of the
/// provider's client secret, as UTF-8. Whoever knows the secret can make tokens, so give it to services that need
/// it only, and prefer a signing key where there is a choice.
///
/// Clones share the secret. It is wiped from memory with the last of them, and `Debug` does not show it.
///
/// ```
/// use axum_authz::token::SharedSecret;
///
/// let secret = SharedSecret::new("c1GxLHiUvbBVUjPXxtYxVkfrAAvhbQhY6QeoZt5cPFc")?;
/// assert!(SharedSecret::new("changeme").is_err());
/// # Ok::<(), axum_authz::token::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SharedSecret(Arc<Zeroizing<Box<[u8]>>>);

impl SharedSecret {
    /// Takes the client secret as Authentik shows it.
    ///
    /// # Errors
    ///
    /// [`ConfigErrorKind::InvalidKey`] when it is shorter than 32 bytes (RFC 7518 section 3.2), has white space
    /// around it, which a file may have brought in, or is a key or certificate in PEM: with a public key as
    /// secret, everyone could make tokens.
    pub fn new(secret: &str) -> Result<Self, ConfigError> {
        let refused =
            |message: &'static str| Err(ConfigError::new(ConfigErrorKind::InvalidKey, message));
        if secret.trim() != secret {
            return refused("the client secret has white space around it; remove it");
        }
        if secret.contains("-----BEGIN ") {
            return refused(
                "the client secret is a key or certificate; give the text that Authentik shows",
            );
        }
        Self::from_bytes(secret.as_bytes())
    }

    fn from_bytes(secret: &[u8]) -> Result<Self, ConfigError> {
        if secret.len() < MIN_LENGTH {
            let message =
                "the client secret must have at least 32 bytes to sign tokens; choose a longer one";
            return Err(ConfigError::new(ConfigErrorKind::InvalidKey, message));
        }
        Ok(Self(Arc::new(Zeroizing::new(Box::from(secret)))))
    }

    /// For examples whose secret is no text.
    #[cfg(test)]
    pub(super) fn binary(secret: &[u8]) -> Result<Self, ConfigError> {
        Self::from_bytes(secret)
    }

    /// Whether `tag` over `message` was made with this secret. Takes as long for a wrong tag as for the right one.
    pub(super) fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message, tag).is_ok()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn message(secret: &str) -> String {
        let error = SharedSecret::new(secret).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::InvalidKey);
        assert!(secret.is_empty() || !format!("{error} {error:?}").contains(secret));
        error.to_string()
    }

    #[test]
    fn a_secret_is_long_enough_and_a_secret() {
        assert!(SharedSecret::new(SECRET).is_ok());
        // Bytes count, not characters.
        assert!(SharedSecret::new(&"é".repeat(16)).is_ok());
        for short in ["", "hunter2", SECRET.strip_suffix('f').unwrap()] {
            assert!(message(short).contains("32 bytes"), "{short}");
        }
        assert!(message(&format!("{SECRET}\n")).contains("white space"));
        let pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----";
        assert!(message(pem).contains("key or certificate"));
    }

    #[test]
    fn only_the_whole_tag_is_accepted() {
        let secret = SharedSecret::new(SECRET).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = hmac::sign(&key, b"message");
        let tag = tag.as_ref();
        assert!(secret.verifies(b"message", tag));
        assert!(!secret.verifies(b"Message", tag));
        for wrong in [&[][..], &tag[..31], &tag[..16], &[tag, &[0]].concat(), &[0; 32]] {
            assert!(!secret.verifies(b"message", wrong));
        }
        let other = SharedSecret::new(&SECRET.replace('0', "1")).unwrap();
        assert!(!other.verifies(b"message", tag));
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert_eq!(format!("{:?}", SharedSecret::new(SECRET).unwrap()), "SharedSecret { .. }");
    }
}

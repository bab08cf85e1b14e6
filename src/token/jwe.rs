//! Encrypted tokens: a signed token inside of a JWE (RFC 7516).
//!
//! Authentik signs first and encrypts the result, with RSA-OAEP-256 and A256CBC-HS512 and nothing else. Anyone can
//! encrypt for a public key: what comes out is as little trusted as any other token.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    constant_time, hmac,
    iv::FixedLength,
    rand,
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey},
};
use zeroize::Zeroizing;

use super::{
    ConfigError, Invalid, json,
    raw::{self, decode},
};
use crate::principal::{Map, Value};

mod pem;

/// A provider's private key, to decrypt its tokens with.
///
/// Authentik encrypts tokens when an encryption key is chosen for the provider. The service then needs the private
/// key of that certificate, which Authentik lets administrators download.
///
/// Decrypting costs a private RSA operation for every token that is not remembered, good or bad; a signing key
/// alone is cheaper. Clones share the key, and `Debug` does not show it.
#[derive(Clone)]
pub struct DecryptionKey {
    key: Arc<OaepPrivateDecryptingKey>,
    name: Option<Box<str>>,
}

impl DecryptionKey {
    /// Reads an RSA key of 2048 bits or more from PEM: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    ///
    /// Certificates beside it are passed over.
    ///
    /// # Errors
    ///
    /// [`ConfigErrorKind::InvalidKey`](super::ConfigErrorKind::InvalidKey) when there is no such key, more than
    /// one, or one that is encrypted.
    ///
    /// ```
    /// use axum_authz::token::DecryptionKey;
    ///
    /// let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    /// let error = DecryptionKey::from_pem(public).unwrap_err();
    /// assert!(error.to_string().contains("private key"));
    /// ```
    pub fn from_pem(pem: &str) -> Result<Self, ConfigError> {
        let key = pem::decrypting_key(pem)?;
        Ok(Self { key: Arc::new(key), name: None })
    }

    /// Gives the key the name (`kid`) under which the provider publishes it: tokens that name another key are then
    /// refused without an attempt to decrypt them.
    #[must_use]
    pub fn named(mut self, kid: &str) -> Self {
        self.name = Some(Box::from(kid));
        self
    }

    /// Whether both are one key under one name.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key) && self.name == other.name
    }

    /// The name of the key, when it was given one.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Decrypts `token`, whose length is checked before anything is decoded. What comes out has the three segments
    /// of a signed token, of which nothing is checked yet.
    ///
    /// Whatever goes wrong from the encrypted key on has the same answer, so that a sender learns nothing about
    /// the key from it (RFC 7516 section 11.5).
    pub(super) fn decrypt(&self, token: &str, max_length: usize) -> Result<String, Invalid> {
        let token = self.plaintext(token, max_length)?;
        let token = String::from_utf8(token).map_err(|_| Invalid::Malformed)?;
        // A JWE inside of a JWE is nothing that Authentik makes.
        let is_signed = token.bytes().filter(|&byte| byte == b'.').count() == 2;
        if is_signed { Ok(token) } else { Err(Invalid::Malformed) }
    }

    fn plaintext(&self, token: &str, max_length: usize) -> Result<Vec<u8>, Invalid> {
        if token.len() > max_length {
            return Err(Invalid::TooLong);
        }
        let segments: Vec<&str> = token.split('.').collect();
        let &[header, key, iv, ciphertext, tag] = segments.as_slice() else {
            return Err(Invalid::Malformed);
        };
        self.check_header(&json::object(&decode(header)?)?)?;
        let (key, iv, ciphertext, tag) =
            (decode(key)?, decode(iv)?, decode(ciphertext)?, decode(tag)?);
        let content_key = self.content_key(&key)?;
        open(&content_key, header.as_bytes(), &iv, ciphertext, &tag)
    }

    /// The algorithms are those of the configuration: the header may only agree.
    fn check_header(&self, header: &Map) -> Result<(), Invalid> {
        raw::check_extensions(header)?;
        let says = |name, expected| matches!(header.get(name), Some(Value::String(text)) if &**text == expected);
        // `zip` would have us decompress what anyone can send.
        if !says("alg", "RSA-OAEP-256")
            || !says("enc", "A256CBC-HS512")
            || header.get("zip").is_some()
        {
            return Err(Invalid::Decryption);
        }
        let other = |named: &str| self.name().is_some_and(|ours| ours != named);
        if raw::key_id(header)?.as_deref().is_some_and(other) {
            return Err(Invalid::Decryption);
        }
        // RFC 7519 section 5.2 asks for `JWT` here; Authentik leaves it out.
        match header.get("cty") {
            None => Ok(()),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("jwt") => Ok(()),
            Some(_) => Err(Invalid::Decryption),
        }
    }

    /// The content encryption key, or a random one when there is none to be had: then the tag does not fit, as it
    /// does not when the key is a wrong one (RFC 7516 section 11.5).
    fn content_key(&self, encrypted: &[u8]) -> Result<ContentKey, Invalid> {
        let mut content_key = Zeroizing::new([0; 64]);
        rand::fill(&mut *content_key).map_err(|_| Invalid::Decryption)?;
        let mut plain = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let decrypted = self.key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut plain, None);
        if let Some(found) = decrypted.ok().and_then(|plain| <&[u8; 64]>::try_from(&*plain).ok()) {
            *content_key = *found;
        }
        Ok(content_key)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether `token` has the five segments of a compact JWE (RFC 7516 section 3.1).
pub(super) fn is_encrypted(token: &str) -> bool {
    token.bytes().filter(|&byte| byte == b'.').count() == 4
}

/// The name of the key that `token` is encrypted for, as its header has it. For choosing among several keys;
/// the length of `token` is to be checked before.
pub(super) fn key_id(token: &str) -> Option<Box<str>> {
    let (header, _) = token.split_once('.')?;
    raw::key_id(&json::object(&decode(header).ok()?).ok()?).ok()?
}

/// One key to authenticate with and one to encrypt with, in this order.
type ContentKey = Zeroizing<[u8; 64]>;

/// Decrypts with A256CBC-HS512 (RFC 7518 section 5.2.2.2). The tag is checked first.
fn open(
    key: &[u8; 64],
    associated: &[u8],
    iv: &[u8],
    mut ciphertext: Vec<u8>,
    tag: &[u8],
) -> Result<Vec<u8>, Invalid> {
    let ([mac_key, cipher_key], []) = key.as_chunks::<32>() else {
        return Err(Invalid::Decryption);
    };
    let iv = <&[u8; 16]>::try_from(iv).map_err(|_| Invalid::Decryption)?;
    let bits = u64::try_from(associated.len()).ok().and_then(|bytes| bytes.checked_mul(8));
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA512, mac_key));
    for part in [associated, iv, &ciphertext, &bits.ok_or(Invalid::Decryption)?.to_be_bytes()] {
        mac.update(part);
    }
    // The tag is the first half.
    let mac = mac.sign();
    let expected = mac.as_ref().first_chunk::<32>().ok_or(Invalid::Decryption)?;
    constant_time::verify_slices_are_equal(expected, tag).map_err(|_| Invalid::Decryption)?;

    let opened = UnboundCipherKey::new(&AES_256, cipher_key)
        .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
        .and_then(|key| {
            let context = DecryptionContext::Iv128(FixedLength::from(iv));
            key.decrypt(&mut ciphertext, context).map(|plain| plain.len())
        });
    ciphertext.truncate(opened.map_err(|_| Invalid::Decryption)?);
    Ok(ciphertext)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

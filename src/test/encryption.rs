//! Encrypted tokens (JWE), as Authentik makes them: the signed token, encrypted (RFC 7516).

use std::sync::Arc;

use aws_lc_rs::{
    cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    rand,
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use serde_json::{Map, Value, json};

use super::keys::{Alg, Key, base64};

/// The certificate that all encryption keys of stand-ins are in.
const CERTIFICATE: &str = "encryption";

/// The key that encrypts when an application does.
pub(super) fn key() -> Arc<Key> {
    Key::of(CERTIFICATE, 0, Alg::RS256)
}

/// A key that nobody can decrypt with, for forgeries.
pub(super) fn other_key() -> Arc<Key> {
    Key::of(CERTIFICATE, 1, Alg::RS256)
}

/// The header as Authentik writes it: no `cty`.
pub(super) fn header(kid: &str) -> Map<String, Value> {
    let header = json!({ "alg": "RSA-OAEP-256", "enc": "A256CBC-HS512", "typ": "JWE", "kid": kid });
    header.as_object().cloned().unwrap_or_default()
}

/// Encrypts with RSA-OAEP-256 (RFC 7518 section 4.3) and A256CBC-HS512 (section 5.2.5), whatever the header says.
#[expect(clippy::expect_used, reason = "part of the test kit")]
pub(super) fn encrypt(key: &Key, header: &Map<String, Value>, plaintext: &str) -> String {
    let encrypted = "the token should be encrypted";
    let random = |length: usize| {
        let mut bytes = vec![0; length];
        rand::fill(&mut bytes).expect("there should be random bytes");
        bytes
    };

    // The first half of the content key is for the tag, the second for the text.
    let content_key = random(64);
    let (mac_key, text_key) = content_key.split_at(32);

    let public = PublicEncryptingKey::from_der(&key.spki()).expect("an RSA key");
    let public = OaepPublicEncryptingKey::new(public).expect("an RSA key");
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped_key =
        public.encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut wrapped, None).expect(encrypted);

    let iv: [u8; 16] = random(16).try_into().expect("16 bytes");
    let text_key = UnboundCipherKey::new(&AES_256, text_key).expect(encrypted);
    let text_key = PaddedBlockEncryptingKey::cbc_pkcs7(text_key).expect(encrypted);
    let mut text = plaintext.as_bytes().to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    text_key.less_safe_encrypt(&mut text, context).expect(encrypted);

    let protected = base64(Value::Object(header.clone()).to_string());
    let bits = u64::try_from(protected.len()).unwrap_or_default() * 8;
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA512, mac_key));
    for part in [protected.as_bytes(), &iv, &text, &bits.to_be_bytes()] {
        mac.update(part);
    }
    let mac = mac.sign();
    let tag = mac.as_ref().get(..32).unwrap_or_default();

    let parts = [base64(wrapped_key), base64(iv), base64(&text), base64(tag)];
    format!("{protected}.{}", parts.join("."))
}

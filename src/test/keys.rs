//! Signing keys of the stand-in.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub use crate::token::Algorithm as Alg;

/// A key pair with the name under which it is published.
pub(super) struct SigningKey {
    pub(super) id: String,
    pub(super) algorithm: Alg,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// The key number `generation` of this process for `algorithm`.
    ///
    /// Every stand-in of the process has the same keys, as providers of one Authentik do that share a
    /// certificate. It also saves time: an RSA key is slow to generate.
    pub(super) fn shared(algorithm: Alg, generation: usize) -> Arc<Self> {
        Self::numbered(algorithm, generation.saturating_add(1))
    }

    /// A key that no stand-in has, for forgeries.
    pub(super) fn foreign(algorithm: Alg) -> Arc<Self> {
        Self::numbered(algorithm, 0)
    }

    fn numbered(algorithm: Alg, number: usize) -> Arc<Self> {
        static KEYS: LazyLock<Mutex<Vec<Arc<SigningKey>>>> = LazyLock::new(Mutex::default);
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut ours = keys.iter().filter(|key| key.algorithm == algorithm);
            if let Some(key) = ours.nth(number) {
                return Arc::clone(key);
            }
            keys.push(Arc::new(Self::generate(algorithm)));
        }
    }

    #[expect(clippy::expect_used, reason = "part of the test kit")]
    fn generate(algorithm: Alg) -> Self {
        let generated = "a key should be generated";
        let pair = match algorithm {
            Alg::RS256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect(generated)),
            Alg::ES256 => Pair::Ecdsa(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect(generated),
            ),
            Alg::ES384 => Pair::Ecdsa(
                EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect(generated),
            ),
            Alg::ES512 => Pair::Ecdsa(
                EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).expect(generated),
            ),
            Alg::EdDSA => Pair::Ed25519(Ed25519KeyPair::generate().expect(generated)),
        };
        // Since 2026.2 Authentik names a key by a SHA-512 digest.
        let id = base64(digest::digest(&digest::SHA512, public(&pair)));
        Self { id, algorithm, pair }
    }

    /// The public key as Authentik publishes it (RFC 7517).
    pub(super) fn jwk(&self) -> Value {
        let (id, alg) = (&self.id, self.algorithm.name());
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let (n, e) = (base64(&public.n), base64(&public.e));
                json!({ "kid": id, "kty": "RSA", "use": "sig", "alg": alg, "n": n, "e": e })
            }
            Pair::Ecdsa(pair) => {
                // An uncompressed point: one byte 4, then both coordinates.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let crv = match self.algorithm {
                    Alg::ES256 => "P-256",
                    Alg::ES384 => "P-384",
                    _ => "P-521",
                };
                let (x, y) = (base64(x), base64(y));
                json!({ "kid": id, "kty": "EC", "use": "sig", "alg": alg, "crv": crv, "x": x, "y": y })
            }
            Pair::Ed25519(pair) => {
                let x = base64(pair.public_key());
                json!({ "kid": id, "kty": "OKP", "use": "sig", "alg": alg, "crv": "Ed25519", "x": x })
            }
        }
    }

    /// Signs as JWS asks for (RFC 7518 section 3, RFC 8037 section 3.1).
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let signed = "the message should be signed";
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect(signed);
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&random, message).expect(signed).as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A tag made with the public key as shared secret: what a verifier accepts that lets the token
    /// choose between HS256 and RS256.
    pub(super) fn tag_with_public_key(&self, message: &[u8]) -> Vec<u8> {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, public(&self.pair));
        hmac::sign(&secret, message).as_ref().to_vec()
    }
}

fn public(pair: &Pair) -> &[u8] {
    match pair {
        Pair::Rsa(pair) => pair.public_key().as_ref(),
        Pair::Ecdsa(pair) => pair.public_key().as_ref(),
        Pair::Ed25519(pair) => pair.public_key().as_ref(),
    }
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

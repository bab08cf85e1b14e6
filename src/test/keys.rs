//! Key pairs of the stand-in.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError},
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::certificate::{self, Validity};
pub use crate::token::Algorithm as Alg;

/// A key pair and the self-signed certificate that Authentik keeps it in.
pub(super) struct Key {
    pub(super) algorithm: Alg,
    pair: Pair,
    valid_certificate: OnceLock<Vec<u8>>,
    expired_certificate: OnceLock<Vec<u8>>,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What a JWK says of a key (RFC 7518 section 6, RFC 8037 section 2).
pub(super) enum PublicMembers {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { crv: &'static str, x: Vec<u8>, y: Vec<u8> },
    Okp { x: Vec<u8> },
}

impl Key {
    /// The key of the certificate `name` after so many rotations.
    ///
    /// Stand-ins of one process that name the same certificate have the same key, as providers of one
    /// Authentik do. It also saves time: an RSA key is slow to generate.
    pub(super) fn of(name: &str, rotations: usize, algorithm: Alg) -> Arc<Self> {
        type Pool = Mutex<BTreeMap<(String, usize, &'static str), Arc<Key>>>;
        static KEYS: LazyLock<Pool> = LazyLock::new(Mutex::default);
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys
            .entry((name.to_owned(), rotations, algorithm.name()))
            .or_insert_with(|| Arc::new(Self::generate(algorithm)));
        Arc::clone(key)
    }

    #[expect(clippy::expect_used, reason = "part of the test kit")]
    fn generate(algorithm: Alg) -> Self {
        let generated = "a key should be generated";
        let ecdsa = |kind| Pair::Ecdsa(EcdsaKeyPair::generate(kind).expect(generated));
        let pair = match algorithm {
            Alg::RS256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect(generated)),
            Alg::ES256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Alg::ES384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Alg::ES512 => ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING),
            Alg::EdDSA => Pair::Ed25519(Ed25519KeyPair::generate().expect(generated)),
        };
        let (valid_certificate, expired_certificate) = (OnceLock::new(), OnceLock::new());
        Self { algorithm, pair, valid_certificate, expired_certificate }
    }

    /// The public key as the library holds it: for RSA, PKCS #1; for EC, an uncompressed point.
    pub(super) fn public(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    pub(super) fn public_members(&self) -> PublicMembers {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                PublicMembers::Rsa { n: public.n, e: public.e }
            }
            Pair::Ecdsa(_) => {
                // An uncompressed point: one byte 4, then both coordinates.
                let point = self.public().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let crv = match self.algorithm {
                    Alg::ES256 => "P-256",
                    Alg::ES384 => "P-384",
                    _ => "P-521",
                };
                PublicMembers::Ec { crv, x: x.to_vec(), y: y.to_vec() }
            }
            Pair::Ed25519(_) => PublicMembers::Okp { x: self.public().to_vec() },
        }
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5280 section 4.1), DER.
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub(super) fn spki(&self) -> Vec<u8> {
        let der = match &self.pair {
            Pair::Rsa(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
            Pair::Ecdsa(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
            Pair::Ed25519(pair) => AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()),
        };
        der.expect("the public key should have a DER form").as_ref().to_vec()
    }

    /// The private key as PKCS #8 (RFC 5958), DER.
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub(super) fn pkcs8(&self) -> Vec<u8> {
        let written = "the private key should have a DER form";
        match &self.pair {
            Pair::Rsa(pair) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).expect(written).as_ref().to_vec()
            }
            Pair::Ecdsa(pair) => pair.to_pkcs8v1().expect(written).as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().expect(written).as_ref().to_vec(),
        }
    }

    /// The certificate, DER.
    pub(super) fn certificate(&self, validity: Validity) -> &[u8] {
        let place = match validity {
            Validity::Current => &self.valid_certificate,
            Validity::Expired => &self.expired_certificate,
        };
        place.get_or_init(|| certificate::self_signed(self, validity))
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
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Base64 as certificates and Basic credentials have it: with `+`, `/` and padding.
pub(super) fn padded_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// Textual encoding (RFC 7468).
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = padded_base64(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (position, letter) in text.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str(&format!("\n-----END {label}-----\n"));
    pem
}

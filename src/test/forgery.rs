//! Tokens that no provider issued. The stand-in does not know them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::{
    TestToken,
    keys::{Key, PublicMembers, base64, pem},
    token::{Signature, json},
};

/// A public key as the bytes that somebody may mistake for a shared secret (RFC 8725 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKeyForm {
    /// For RSA, `RSAPublicKey` (RFC 8017), DER; for EC, an uncompressed point.
    Raw,
    /// `SubjectPublicKeyInfo`, DER.
    SpkiDer,
    /// `SubjectPublicKeyInfo`, PEM with the line feed at its end.
    SpkiPem,
    /// The certificate of `x5c`, DER.
    CertificateDer,
    /// The certificate of `x5c`, PEM with the line feed at its end.
    CertificatePem,
    /// The modulus of an RSA key; for other keys, the coordinate `x`.
    Modulus,
    /// The same as the JWK has it: base64url.
    ModulusText,
}

impl PublicKeyForm {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Raw,
        Self::SpkiDer,
        Self::SpkiPem,
        Self::CertificateDer,
        Self::CertificatePem,
        Self::Modulus,
        Self::ModulusText,
    ];
}

impl TestToken {
    /// Forges: signs with a key that the issuer never had, under the name of the right one.
    pub fn sign_with_other_key(mut self) -> Self {
        let algorithm = self.application.application.keys.algorithm();
        self.signature = if self.application.application.signs_with_secret {
            Signature::Secret(b"another secret".to_vec())
        } else {
            Signature::Key(Key::of("foreign", 0, algorithm))
        };
        self.forged()
    }

    /// Forges: algorithm `none` and an empty signature (RFC 7519 section 6).
    pub fn unsigned(self) -> Self {
        self.unsigned_as("none")
    }

    /// Forges: this algorithm, for instance `nOnE`, and an empty signature.
    pub fn unsigned_as(self, algorithm: &str) -> Self {
        self.without_signature().header("alg", algorithm)
    }

    /// Forges: takes the signature away and leaves the header as it is.
    pub fn without_signature(mut self) -> Self {
        self.signature = Signature::None;
        self.forged()
    }

    /// Forges: HS256 with the public key as the shared secret, under the name of the right key.
    pub fn hs256_with_public_key(self) -> Self {
        self.hs256_with_public_key_as(PublicKeyForm::Raw)
    }

    /// Forges: HS256 with the public key in this form as the shared secret, under the name of the right key.
    pub fn hs256_with_public_key_as(self, form: PublicKeyForm) -> Self {
        let key = self.application.signing_key();
        let certificate = || key.certificate(self.application.application.keys.validity());
        let modulus = || match key.public_members() {
            PublicMembers::Rsa { n: modulus, .. }
            | PublicMembers::Ec { x: modulus, .. }
            | PublicMembers::Okp { x: modulus } => modulus,
        };
        let secret = match form {
            PublicKeyForm::Raw => key.public().to_vec(),
            PublicKeyForm::SpkiDer => key.spki(),
            PublicKeyForm::SpkiPem => pem("PUBLIC KEY", &key.spki()).into_bytes(),
            PublicKeyForm::CertificateDer => certificate().to_vec(),
            PublicKeyForm::CertificatePem => pem("CERTIFICATE", certificate()).into_bytes(),
            PublicKeyForm::Modulus => modulus(),
            PublicKeyForm::ModulusText => base64(modulus()).into_bytes(),
        };
        self.hs256_with_secret(secret)
    }

    /// Forges: HS256 with this secret. The name of the key stays.
    pub fn hs256_with_secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.signature = Signature::Secret(secret.as_ref().to_vec());
        self.header("alg", "HS256").forged()
    }

    /// Forges: exactly this text as the header, signed.
    pub fn raw_header(mut self, text: &str) -> Self {
        self.text.header = Some(text.to_owned());
        self.forged()
    }

    /// Forges: exactly this text as the claims, signed.
    pub fn raw_claims(mut self, text: &str) -> Self {
        self.text.claims = Some(text.to_owned());
        self.forged()
    }

    /// Forges: one more member at the end of the header, whether or not it has one of this name.
    pub fn repeated_header(mut self, name: &str, value: impl Serialize) -> Self {
        self.text.repeated_header.push((name.to_owned(), json(value)));
        self.forged()
    }

    /// Forges: one more claim at the end, whether or not there is one of this name.
    pub fn repeated_claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.text.repeated_claims.push((name.to_owned(), json(value)));
        self.forged()
    }

    /// Forges: changes one bit of a segment of the finished text.
    ///
    /// A signed token has header, claims and signature: 0 to 2. An encrypted one has header, encrypted key,
    /// initialization vector, text and tag: 0 to 4.
    pub fn tampered(mut self, segment: usize) -> Self {
        self.text.tampered.push(segment);
        self.forged()
    }

    /// Makes it a token that the stand-in does not know, though everything about it is right.
    pub fn forged(mut self) -> Self {
        self.kept_as = None;
        self
    }
}

/// Changes the last bit that counts of a segment.
#[expect(clippy::expect_used, reason = "part of the test kit")]
pub(super) fn tamper(text: &str, segment: usize) -> String {
    let mut segments: Vec<String> = text.split('.').map(str::to_owned).collect();
    let segment = segments.get_mut(segment).expect("the token should have this segment");
    let mut bytes = URL_SAFE_NO_PAD.decode(&*segment).expect("base64url");
    *bytes.last_mut().expect("the segment should have a byte") ^= 1;
    *segment = base64(bytes);
    segments.join(".")
}

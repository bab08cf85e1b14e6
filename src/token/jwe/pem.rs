//! Private keys from PEM files (RFC 7468).

use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use crate::token::{ConfigError, ConfigErrorKind};

const NOT_RSA: &str =
    "the decryption key is not an RSA key; tokens are encrypted with RSA-OAEP-256";

fn invalid_key(message: &'static str) -> ConfigError {
    ConfigError::new(ConfigErrorKind::InvalidKey, message)
}

/// The one private key in `pem`, which is an RSA key of 2048 bits or more.
pub(super) fn decrypting_key(pem: &str) -> Result<OaepPrivateDecryptingKey, ConfigError> {
    let key = PrivateDecryptingKey::from_pkcs8(&private_key(pem)?).map_err(|rejected| {
        invalid_key(match rejected.description_() {
            "TooSmall" => {
                "the decryption key has less than 2048 bits; choose a larger one in Authentik"
            }
            "TooLarge" => "the decryption key has more than 8192 bits",
            "WrongAlgorithm" => NOT_RSA,
            _ => "the decryption key cannot be read; give it as Authentik exports it",
        })
    })?;
    OaepPrivateDecryptingKey::new(key).map_err(|_| invalid_key(NOT_RSA))
}

/// A section of a PEM file, of whatever kind.
struct Section(SectionKind, Zeroizing<Vec<u8>>);

impl PemObject for Section {
    fn from_pem(kind: SectionKind, der: Vec<u8>) -> Option<Self> {
        Some(Self(kind, Zeroizing::new(der)))
    }
}

/// The one private key in `pem`, as PKCS#8.
fn private_key(pem: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    // RFC 7468 section 11, and the older form of RFC 1421.
    if ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|mark| pem.contains(mark))
    {
        return Err(invalid_key(
            "the decryption key is itself encrypted; give it without a passphrase",
        ));
    }
    let mut found = None;
    let mut public = false;
    for section in Section::pem_slice_iter(pem.as_bytes()) {
        let Section(kind, der) =
            section.map_err(|_| invalid_key("the decryption key is not well-formed PEM"))?;
        let key = match kind {
            SectionKind::PrivateKey => der,
            SectionKind::RsaPrivateKey => pkcs8(&der),
            SectionKind::EcPrivateKey => return Err(invalid_key(NOT_RSA)),
            _ => {
                public = true;
                continue;
            }
        };
        if found.replace(key).is_some() {
            return Err(invalid_key(
                "there is more than one private key; give the provider's only",
            ));
        }
    }
    found.ok_or_else(|| {
        invalid_key(if public {
            "a certificate or public key cannot decrypt; give the private key"
        } else {
            "the decryption key is not a private key in PEM; give the one that Authentik lets administrators download"
        })
    })
}

/// An RSA key of PKCS#1 (RFC 8017 appendix A.1.2) in the frame of PKCS#8 (RFC 5208 section 5).
pub(super) fn pkcs8(key: &[u8]) -> Zeroizing<Vec<u8>> {
    /// Version 0; rsaEncryption without parameters.
    const VERSION_AND_ALGORITHM: [u8; 18] =
        [2, 1, 0, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let octets = der_header(4, key.len());
    let sequence = der_header(0x30, VERSION_AND_ALGORITHM.len() + octets.len() + key.len());
    Zeroizing::new([&*sequence, &VERSION_AND_ALGORITHM, &*octets, key].concat())
}

/// Tag and length (X.690 section 8.1.3).
pub(super) fn der_header(tag: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => {
            let bytes: Vec<u8> =
                length.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect();
            // A length has eight bytes at most.
            let count = u8::try_from(bytes.len()).unwrap_or(8);
            [&[tag, 0x80 | count][..], &bytes].concat()
        }
    }
}

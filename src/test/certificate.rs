//! The self-signed certificates that keys are published with (`x5c`, RFC 7517 section 4.7).
//!
//! Nobody is to look into them, so there is just enough of X.509 (RFC 5280) here for tools to read them.

use super::{Alg, keys::Key};

/// Whether the certificate's dates have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Current,
    /// Authentik's own certificate lives one year, and its key goes on signing afterwards.
    Expired,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// The certificate's version stands in a context tag of its own.
const VERSION: u8 = 0xa0;

const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const RSA_WITH_SHA256: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// The last byte tells SHA-256, SHA-384 and SHA-512 apart.
const ECDSA_WITH_SHA2: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];

/// The certificate of `key`, DER.
pub(super) fn self_signed(key: &Key, validity: Validity) -> Vec<u8> {
    let (from, until) = match validity {
        Validity::Current => ("240101000000Z", "491231235959Z"),
        Validity::Expired => ("200101000000Z", "201231235959Z"),
    };
    let algorithm = signature_algorithm(key.algorithm);
    let name = b"authentik Self-signed Certificate";
    let name = tlv(
        SEQUENCE,
        &[tlv(SET, &[tlv(SEQUENCE, &[tlv(OBJECT_ID, &[COMMON_NAME]), tlv(UTF8_STRING, &[name])])])],
    );
    let dates = tlv(SEQUENCE, &[tlv(UTC_TIME, &[from]), tlv(UTC_TIME, &[until])]);
    let body = tlv(
        SEQUENCE,
        &[
            tlv(VERSION, &[tlv(INTEGER, &[[2]])]),
            tlv(INTEGER, &[[1]]),
            algorithm.clone(),
            name.clone(),
            dates,
            name,
            key.spki(),
        ],
    );
    let mut signature = key.sign(&body);
    if matches!(key.algorithm, Alg::ES256 | Alg::ES384 | Alg::ES512) {
        // JWS puts both numbers side by side, X.509 wants a sequence of two.
        let (r, s) = signature.split_at(signature.len() / 2);
        signature = tlv(SEQUENCE, &[unsigned(r), unsigned(s)]);
    }
    signature.insert(0, 0); // no unused bits
    tlv(SEQUENCE, &[body, algorithm, tlv(BIT_STRING, &[signature])])
}

fn signature_algorithm(algorithm: Alg) -> Vec<u8> {
    let ecdsa = |last: u8| tlv(OBJECT_ID, &[[&ECDSA_WITH_SHA2[..], &[last]].concat()]);
    match algorithm {
        Alg::RS256 => tlv(SEQUENCE, &[tlv(OBJECT_ID, &[RSA_WITH_SHA256]), vec![NULL, 0]]),
        Alg::ES256 => tlv(SEQUENCE, &[ecdsa(2)]),
        Alg::ES384 => tlv(SEQUENCE, &[ecdsa(3)]),
        Alg::ES512 => tlv(SEQUENCE, &[ecdsa(4)]),
        Alg::EdDSA => tlv(SEQUENCE, &[tlv(OBJECT_ID, &[ED25519])]),
    }
}

fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    // A leading bit would be a sign.
    let sign: &[u8] = if bytes.first().is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
    tlv(INTEGER, &[sign, bytes])
}

/// Tag, length, value.
fn tlv(tag: u8, parts: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let value: Vec<u8> = parts.iter().flat_map(|part| part.as_ref().iter().copied()).collect();
    let length = value.len().to_be_bytes();
    let length = length.get(length.iter().take_while(|&&byte| byte == 0).count()..);
    let length = length.unwrap_or_default();
    let mut der = vec![tag];
    match length {
        [] => der.push(0),
        [short @ 0..0x80] => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend(long);
        }
    }
    der.extend(value);
    der
}

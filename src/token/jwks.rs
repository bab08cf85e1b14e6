//! The provider's key set (RFC 7517).
//!
//! Each key is read by itself: Authentik publishes encryption keys and stubs in the same set, and one
//! key that cannot be used must not take the others with it.

mod rsa;

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value as Json;

use super::{Algorithm, Undecided, jwt::VerificationKey};

/// The usable signing keys of a provider.
pub(super) struct KeySet {
    keys: HashMap<Box<str>, VerificationKey, foldhash::fast::RandomState>,
}

impl KeySet {
    /// Reads a key set. Keys that cannot be used for signatures are left out.
    ///
    /// The set may be empty: without signing and encryption key, Authentik answers `{}`.
    pub(super) fn parse(document: &[u8]) -> Result<Self, Undecided> {
        let mut document: serde_json::Map<String, Json> =
            serde_json::from_slice(document).map_err(|_| Undecided::Unusable)?;
        let published = match document.remove("keys") {
            None => Vec::new(),
            Some(Json::Array(keys)) => keys,
            Some(_) => return Err(Undecided::Unusable),
        };
        let mut keys = HashMap::default();
        for (position, jwk) in published.into_iter().enumerate() {
            match verification_key(jwk) {
                Ok((id, key)) => {
                    // The first key of a name stays: what a name means must not depend on chance.
                    keys.entry(id).or_insert(key);
                }
                Err(reason) => {
                    tracing::debug!(target: "axum_authz::token", position, reason, "published key not used");
                }
            }
        }
        Ok(Self { keys })
    }

    pub(super) fn get(&self, id: &str) -> Option<&VerificationKey> {
        self.keys.get(id)
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: Box<str>,
    kid: Box<str>,
    #[serde(rename = "use")]
    usage: Option<Box<str>>,
    alg: Option<Box<str>>,
    key_ops: Option<Vec<Box<str>>>,
    crv: Option<Box<str>>,
    n: Option<Box<str>>,
    e: Option<Box<str>>,
    x: Option<Box<str>>,
    y: Option<Box<str>>,
    /// The private part.
    d: Option<IgnoredAny>,
}

fn verification_key(jwk: Json) -> Result<(Box<str>, VerificationKey), &'static str> {
    let fields = jwk.is_object().then_some(jwk).ok_or("not an object")?;
    let jwk: Jwk = serde_json::from_value(fields).map_err(|_| "not a key with `kty` and `kid`")?;
    if jwk.d.is_some() {
        return Err("a private key, which everyone can sign with once it is published");
    }
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return Err("not for signatures (`use`)");
    }
    if jwk.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| &**op == "verify")) {
        return Err("not for verification (`key_ops`)");
    }
    let key = match (&*jwk.kty, jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (decode(jwk.n.as_deref())?, decode(jwk.e.as_deref())?);
            rsa::key(&n, &e)?
        }
        ("EC", Some("P-256")) => VerificationKey::p256(&point(&jwk, 32)?)?,
        ("EC", Some("P-384")) => VerificationKey::p384(&point(&jwk, 48)?)?,
        ("EC", Some("P-521")) => VerificationKey::p521(&point(&jwk, 66)?)?,
        ("OKP", Some("Ed25519")) => {
            let x = decode(jwk.x.as_deref())?;
            let x = x.as_array().ok_or("a public key of the wrong length")?;
            VerificationKey::ed25519(x)?
        }
        _ => return Err("a type or curve without support"),
    };
    let algorithm = key.algorithm();
    // RFC 9864 renames EdDSA with this curve to `Ed25519`.
    let named =
        |alg: &str| alg == algorithm.name() || (algorithm == Algorithm::EdDSA && alg == "Ed25519");
    if jwk.alg.as_deref().is_some_and(|alg| !named(alg)) {
        return Err("for an algorithm that does not belong to its type (`alg`)");
    }
    Ok((jwk.kid, key))
}

/// An uncompressed point (SEC 1 section 2.3.3), whose coordinates have exactly the length of their curve (RFC 7518
/// section 6.2.1.2).
fn point(jwk: &Jwk, coordinate: usize) -> Result<Vec<u8>, &'static str> {
    let (x, y) = (decode(jwk.x.as_deref())?, decode(jwk.y.as_deref())?);
    if x.len() != coordinate || y.len() != coordinate {
        return Err("a coordinate of the wrong length");
    }
    Ok([&[4][..], &x, &y].concat())
}

fn decode(member: Option<&str>) -> Result<Vec<u8>, &'static str> {
    let member = member.ok_or("a member of the key is missing")?;
    URL_SAFE_NO_PAD.decode(member).map_err(|_| "a member of the key is not base64url")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn algorithms(keys: &Json) -> Vec<(&'static str, Algorithm)> {
        let set = KeySet::parse(keys.to_string().as_bytes()).unwrap();
        let known = ["rsa", "ec", "ed", "other"];
        known.into_iter().filter_map(|id| Some((id, set.get(id)?.algorithm()))).collect()
    }

    fn rsa_jwk(bits: usize) -> Json {
        let n = URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8]);
        json!({ "kid": "rsa", "kty": "RSA", "use": "sig", "alg": "RS256", "n": n, "e": "AQAB" })
    }

    fn with(mut jwk: Json, name: &str, value: Json) -> Json {
        jwk.as_object_mut().unwrap().insert(name.to_owned(), value);
        jwk
    }

    #[test]
    fn a_provider_without_signing_key_has_an_empty_set() {
        assert!(KeySet::parse(b"{}").unwrap().is_empty());
        assert!(KeySet::parse(br#"{"keys":[]}"#).unwrap().is_empty());
        assert!(matches!(KeySet::parse(b"<html>"), Err(Undecided::Unusable)));
        assert!(matches!(KeySet::parse(br#"{"keys":{}}"#), Err(Undecided::Unusable)));
        assert!(matches!(KeySet::parse(b"[]"), Err(Undecided::Unusable)));
    }

    #[test]
    fn a_key_that_cannot_be_read_does_not_take_the_others_with_it() {
        let ed = json!({ "kid": "ed", "kty": "OKP", "crv": "Ed25519", "alg": "Ed25519",
                         "x": URL_SAFE_NO_PAD.encode([1; 32]) });
        let set = json!({ "keys": [
            null, {}, { "use": "sig" }, { "kid": "other", "kty": "AKP", "alg": "ML-DSA-44" },
            { "kid": "other", "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" },
            { "kid": "other", "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" },
            rsa_jwk(2048), ed,
        ] });
        assert_eq!(algorithms(&set), [("rsa", Algorithm::RS256), ("ed", Algorithm::EdDSA)]);
    }

    #[test]
    fn keys_for_other_purposes_are_left_out() {
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("RSA-OAEP-256")),
            ("alg", json!("PS256")),
            ("alg", json!("ES256")),
            ("key_ops", json!(["sign"])),
            ("d", json!("AQ")),
            ("n", json!("AQ==")),
            ("kid", json!(7)),
        ] {
            let set = json!({ "keys": [with(rsa_jwk(2048), name, value.clone())] });
            assert_eq!(algorithms(&set), [], "{name} {value}");
        }
        let set = json!({ "keys": [with(rsa_jwk(2048), "key_ops", json!(["verify"]))] });
        assert_eq!(algorithms(&set), [("rsa", Algorithm::RS256)]);
    }

    #[test]
    fn rsa_keys_have_at_least_2048_bits() {
        assert_eq!(algorithms(&json!({ "keys": [rsa_jwk(1024)] })), []);
        let padded = URL_SAFE_NO_PAD.encode([&[0; 128][..], &[0xff; 128]].concat());
        assert_eq!(algorithms(&json!({ "keys": [with(rsa_jwk(2048), "n", json!(padded))] })), []);
        let just_below = URL_SAFE_NO_PAD.encode([&[0x7f][..], &[0xff; 255]].concat());
        assert_eq!(
            algorithms(&json!({ "keys": [with(rsa_jwk(2048), "n", json!(just_below))] })),
            []
        );
    }

    #[test]
    fn elliptic_coordinates_have_the_length_of_their_curve() {
        use aws_lc_rs::signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
            ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
        };
        let key = |crv: &str, x: &[u8], y: &[u8]| {
            let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
            json!({ "keys": [{ "kid": "ec", "kty": "EC", "crv": crv, "x": x, "y": y }] })
        };
        for (crv, kind, length, algorithm) in [
            ("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING, 32, Algorithm::ES256),
            ("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING, 48, Algorithm::ES384),
            ("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING, 66, Algorithm::ES512),
        ] {
            let pair = EcdsaKeyPair::generate(kind).unwrap();
            let (x, y) = pair.public_key().as_ref()[1..].split_at(length);
            assert_eq!(algorithms(&key(crv, x, y)), [("ec", algorithm)]);
            for (x, y) in [(&x[1..], y), (x, &y[1..]), (&[&[0], x].concat()[..], y), (x, &[])] {
                assert_eq!(algorithms(&key(crv, x, y)), [], "{crv}");
            }
            // Keys are parsed at once, and this is no point of any of the curves.
            assert_eq!(algorithms(&key(crv, &vec![1; length], &vec![1; length])), [], "{crv}");
        }
    }
}

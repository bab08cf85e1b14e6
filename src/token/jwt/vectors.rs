//! Project Wycheproof: signatures with the algorithms we have, and tokens with HS256. Tokens that are signed with a
//! published key go through the whole verification in `tests/vectors.rs`.

use super::{
    tests::{LIMIT, published},
    *,
};
use crate::token::{
    raw::decode,
    wycheproof::{self, Case},
};

/// How many of a file's vectors have each outcome: so that no test passes because it looked at nothing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Refused although Wycheproof accepts them, for a stated reason.
    stricter: usize,
}

impl Tally {
    fn count(&mut self, case: &Case<'_>, accepted: bool, stricter: Option<&str>) {
        match (case.is_valid(), accepted, stricter) {
            (true, true, None) => self.accepted += 1,
            (false, false, _) => self.refused += 1,
            (true, false, Some(_)) => self.stricter += 1,
            outcome => panic!("{}: {outcome:?}", case.name()),
        }
    }
}

fn tally(accepted: usize, refused: usize, stricter: usize) -> Tally {
    Tally { accepted, refused, stricter }
}

#[test]
fn signatures_with_published_keys() {
    for (name, expected) in [
        ("ecdsa_secp256r1_sha256_p1363", tally(169, 83, 0)),
        ("ecdsa_secp384r1_sha384_p1363", tally(189, 81, 0)),
        ("ecdsa_secp521r1_sha512_p1363", tally(227, 81, 0)),
        ("ed25519", tally(88, 62, 0)),
        ("rsa_signature_2048_sha256", tally(9, 249, 0)),
    ] {
        let Some(file) = wycheproof::file(name) else { return };
        let mut found = Tally::default();
        for case in wycheproof::cases(&file) {
            // RFC 8017 section 9.2 leaves open whether the NULL may be missing.
            if case.vector["result"] == "acceptable" {
                continue;
            }
            let jwk = case.group.get("publicKeyJwk").or(case.group.get("keyJwk")).unwrap();
            let keys = published(jwk.clone());
            let accepted = keys
                .get("k")
                .is_some_and(|key| key.verifies(&case.bytes("msg"), &case.bytes("sig")));
            found.count(&case, accepted, None);
        }
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn tags_with_a_secret() {
    let Some(file) = wycheproof::file("hmac_sha256") else { return };
    let mut found = Tally::default();
    for case in wycheproof::cases(&file) {
        let secret = SharedSecret::binary(&case.bytes("key"));
        let accepted =
            secret.is_ok_and(|secret| secret.verifies(&case.bytes("msg"), &case.bytes("tag")));
        let stricter = if case.group["keySize"].as_u64() < Some(256) {
            Some("a secret of less than 32 bytes (RFC 7518 section 3.2)")
        } else {
            (case.group["tagSize"] != 256).then_some("half a tag")
        };
        found.count(&case, accepted, stricter);
    }
    assert_eq!(found, tally(30, 108, 36));
}

#[test]
fn tokens_with_a_secret() {
    for (name, expected) in [
        ("json_web_signature", tally(8, 28, 2)),
        ("json_web_key", tally(1, 2, 0)),
        ("json_web_crypto", tally(1, 16, 0)),
    ] {
        let Some(file) = wycheproof::file(name) else { return };
        let mut found = Tally::default();
        for case in wycheproof::cases(&file) {
            // We read no secrets from JWKs, so what else such a JWK may say is not looked at here.
            let Some(token) = case.token("jws").filter(|_| case.key()["alg"] == "HS256") else {
                continue;
            };
            if name == "json_web_signature" && [367, 370].contains(&case.id()) {
                // The padding that these two are about is not in the file: they are vector 357, which is valid.
                let valid = wycheproof::cases(&file).find(|case| case.id() == 357);
                assert_eq!(valid.and_then(|case| case.token("jws")), Some(token));
                continue;
            }
            let key = decode(case.key()["k"].as_str().unwrap()).unwrap();
            let accepted = SharedSecret::binary(&key).is_ok_and(|secret| {
                RawToken::parse(&token, LIMIT)
                    .and_then(|raw| authenticate_with_secret(raw, &secret))
                    .is_ok()
            });
            let stricter = (name == "json_web_signature" && [372, 373].contains(&case.id()))
                .then_some("characters that are not of base64url's alphabet (RFC 7515 section 2)");
            found.count(&case, accepted, stricter);
        }
        assert_eq!(found, expected, "{name}");
    }
}

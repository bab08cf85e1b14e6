//! Project Wycheproof: encrypted tokens.

use super::{
    tests::{self, LIMIT, ours},
    *,
};
use crate::token::wycheproof;

/// The private key of a JWK as PKCS#1 (RFC 8017 appendix A.1.2).
fn rsa_key(jwk: &serde_json::Value) -> DecryptionKey {
    let mut members = vec![2, 1, 0];
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let mut number = decode(jwk[name].as_str().unwrap()).unwrap();
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        members.extend(pem::der_header(2, number.len()));
        members.extend(number);
    }
    let der = [pem::der_header(0x30, members.len()), members].concat();
    DecryptionKey::from_pem(&tests::pem("RSA PRIVATE KEY", &der)).unwrap()
}

/// The two algorithms, as the token's header has them.
fn algorithms(token: &str) -> Option<(String, String)> {
    let header = json::object(&decode(token.split('.').next()?).ok()?).ok()?;
    let text = |name| match header.get(name) {
        Some(Value::String(text)) => Some(text.to_string()),
        _ => None,
    };
    Some((text("alg")?, text("enc")?))
}

#[test]
fn encrypted_tokens() {
    let [mut accepted, mut refused, mut stricter] = [0; 3];
    for name in ["json_web_encryption", "json_web_crypto"] {
        let Some(file) = wycheproof::file(name) else { return };
        for case in wycheproof::cases(&file) {
            let Some(token) = case.token("jwe") else { continue };
            let private = &case.group["private"];
            // What is for other kinds of keys is tried with ours.
            let key = if private["kty"] == "RSA" { rsa_key(private) } else { ours() };
            let supported =
                algorithms(&token) == Some(("RSA-OAEP-256".to_owned(), "A256CBC-HS512".to_owned()));
            match (case.is_valid(), key.plaintext(&token, LIMIT)) {
                (true, Ok(plain)) => {
                    assert_eq!(plain, case.bytes("pt"), "{}", case.name());
                    assert!(supported, "{}", case.name());
                    accepted += 1;
                }
                (true, Err(_)) => {
                    assert!(!supported, "{}", case.name());
                    stricter += 1;
                }
                (false, Ok(_)) => panic!("{}", case.name()),
                (false, Err(_)) => refused += 1,
            }
        }
    }
    // One vector has the two algorithms of Authentik. The next test has more of them.
    assert_eq!((accepted, refused, stricter), (1, 106, 66));
}

#[test]
fn contents_with_a256cbc_hs512() {
    let Some(file) = wycheproof::file("a256cbc_hs512") else { return };
    let [mut accepted, mut refused] = [0; 2];
    for case in wycheproof::cases(&file) {
        let key = <[u8; 64]>::try_from(case.bytes("key")).unwrap();
        let (aad, iv, tag) = (case.bytes("aad"), case.bytes("iv"), case.bytes("tag"));
        match (case.is_valid(), open(&key, &aad, &iv, case.bytes("ct"), &tag)) {
            (true, Ok(plain)) => {
                assert_eq!(plain, case.bytes("msg"), "{}", case.name());
                accepted += 1;
            }
            (false, Err(invalid)) => {
                assert_eq!(invalid, Invalid::Decryption);
                refused += 1;
            }
            (valid, opened) => panic!("{}: {valid} {opened:?}", case.name()),
        }
    }
    assert_eq!((accepted, refused), (67, 27));
}

//! Published examples of tokens that name no key or are signed with a secret. Those that name one are in
//! `tests/vectors.rs`.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;
use crate::token::{
    jwks::KeySet,
    raw::{Kind, decode},
};

pub(super) const LIMIT: usize = 8 * 1024;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn secret() -> SharedSecret {
    SharedSecret::new(SECRET).unwrap()
}

/// A token with HS256, tagged with `key`.
fn tagged(header: &str, key: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(r#"{"sub":"alice"}"#)
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn with_secret(token: &str, secret: &SharedSecret) -> Result<Vec<u8>, Invalid> {
    let raw = RawToken::parse(token, LIMIT)?;
    authenticate_with_secret(raw, secret).map(|payload| payload.bytes().to_vec())
}

fn with_key(token: &str, key: &VerificationKey) -> Result<(), Invalid> {
    authenticate(RawToken::parse(token, LIMIT)?, key).map(|_| ())
}

/// The key `jwk`, as if it were published under the name `k`.
pub(super) fn published(mut jwk: serde_json::Value) -> KeySet {
    jwk["kid"] = "k".into();
    KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

#[test]
fn hs256_is_checked_with_the_whole_secret_and_nothing_else() {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let good = tagged(header, SECRET.as_bytes());
    assert_eq!(with_secret(&good, &secret()).as_deref(), Ok(&br#"{"sub":"alice"}"#[..]));
    let (message, tag) = good.rsplit_once('.').unwrap();
    for bad in [
        tagged(header, b""),
        tagged(header, &SECRET.as_bytes()[..31]),
        tagged(header, format!("{SECRET}\n").as_bytes()),
        format!("{message}."),
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(&decode(tag).unwrap()[..16])),
        format!("{message}.{}", URL_SAFE_NO_PAD.encode([&decode(tag).unwrap()[..], &[0]].concat())),
        tagged(header, b"another").rsplit_once('.').unwrap().0.to_owned() + ".AAAA",
    ] {
        assert_eq!(with_secret(&bad, &secret()), Err(Invalid::Signature), "{bad}");
    }
}

#[test]
fn a_secret_and_a_published_key_never_stand_for_each_other() {
    let x = URL_SAFE_NO_PAD.encode([1; 32]);
    let keys = published(json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
    let key = keys.get("k").unwrap();
    // Tagged with what everyone can read, as if that were the secret.
    for secret in [&[1; 32][..], x.as_bytes()] {
        let token = tagged(r#"{"alg":"HS256","kid":"k"}"#, secret);
        assert_eq!(with_key(&token, key), Err(Invalid::SymmetricAlgorithm));
    }
    for algorithm in Algorithm::ALL {
        let token = tagged(&format!(r#"{{"alg":"{algorithm}","kid":"k"}}"#), SECRET.as_bytes());
        assert_eq!(with_secret(&token, &secret()), Err(Invalid::Algorithm), "{algorithm}");
        let expected =
            if algorithm == Algorithm::EdDSA { Invalid::Signature } else { Invalid::Algorithm };
        assert_eq!(with_key(&token, key), Err(expected), "{algorithm}");
    }
}

/// Whether the signature of a token without `kid` is that of `key`: a token we refuse for want of a name, but whose
/// signature can be checked all the same.
fn signed_by(token: &str, algorithm: Algorithm, key: &VerificationKey) -> Result<(), Invalid> {
    assert_eq!(RawToken::parse(token, LIMIT).err(), Some(Invalid::KeyMissing));
    let (signing_input, signature) = token.rsplit_once('.').unwrap();
    let payload = decode(signing_input.split_once('.').unwrap().1).unwrap();
    let signature = decode(signature).unwrap();
    let signed_with = SignedWith::Published { algorithm, key_id: "k".into() };
    let raw = RawToken { signing_input, kind: Kind::Untyped, signed_with, payload, signature };
    authenticate(raw, key).map(|_| ())
}

/// The same token with another first bit of the signature.
fn altered(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = decode(signature).unwrap();
    signature[0] ^= 0x80;
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of RFC 7515 appendix A.
const JOE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_a1_hs256() {
    let key =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = SharedSecret::binary(&decode(key).unwrap()).unwrap();
    let token = format!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    assert_eq!(with_secret(&token, &key), decode(JOE));
    assert_eq!(with_secret(&altered(&token), &key), Err(Invalid::Signature));
    assert_eq!(with_secret(&token, &secret()), Err(Invalid::Signature));
}

#[test]
fn rfc_7520_4_4_hs256() {
    let key = SharedSecret::binary(&decode("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg").unwrap())
        .unwrap();
    let token = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.\
                 SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg\
                 cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0\
                 IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";
    let payload = with_secret(token, &key).unwrap();
    assert!(payload.starts_with("It\u{2019}s a dangerous business, Frodo".as_bytes()));
    assert_eq!(with_secret(&altered(token), &key), Err(Invalid::Signature));
}

#[test]
fn rfc_7515_a2_rs256() {
    let keys = published(json!({ "kty": "RSA", "e": "AQAB", "n":
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
         S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
         R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
         TW9gb54h4FRWyuXpoQ" }));
    let key = keys.get("k").unwrap();
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{JOE}.\
         cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU\
         Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d\
         O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
         cN_IoypGlUPQGe77Rw"
    );
    assert_eq!(signed_by(&token, Algorithm::RS256, key), Ok(()));
    assert_eq!(signed_by(&altered(&token), Algorithm::RS256, key), Err(Invalid::Signature));
}

#[test]
fn rfc_7515_a3_es256() {
    let keys = published(json!({ "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }));
    let key = keys.get("k").unwrap();
    let token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{JOE}.\
         DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    assert_eq!(signed_by(&token, Algorithm::ES256, key), Ok(()));
    assert_eq!(signed_by(&altered(&token), Algorithm::ES256, key), Err(Invalid::Signature));
    assert_eq!(signed_by(&token, Algorithm::ES384, key), Err(Invalid::Algorithm));
}

#[test]
fn rfc_7515_a4_es512() {
    let keys = published(json!({ "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2" }));
    let key = keys.get("k").unwrap();
    let token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.\
                 AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCA\
                 PZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    assert_eq!(signed_by(token, Algorithm::ES512, key), Ok(()));
    assert_eq!(signed_by(&altered(token), Algorithm::ES512, key), Err(Invalid::Signature));
}

#[test]
fn rfc_7515_a5_none() {
    let token = format!("eyJhbGciOiJub25lIn0.{JOE}.");
    assert_eq!(RawToken::parse(&token, LIMIT).err(), Some(Invalid::Algorithm));
}

#[test]
fn rfc_8037_a4_ed25519() {
    let keys = published(json!({ "kty": "OKP", "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }));
    let key = keys.get("k").unwrap();
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
                 hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(signed_by(token, Algorithm::EdDSA, key), Ok(()));
    assert_eq!(signed_by(&altered(token), Algorithm::EdDSA, key), Err(Invalid::Signature));
}

//! Encrypted tokens.

use aws_lc_rs::{cipher, hmac, iv::FixedLength, rsa};
use axum_authz::{test::TestIssuer, token::DecryptionKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{get, json_segment, segment, verify};

fn pem_body(pem: &str) -> Vec<u8> {
    STANDARD
        .decode(pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>())
        .unwrap()
}

/// Decrypts by RFC 7516 section 5.2.
fn decrypt(token: &str, pem: &str) -> Option<String> {
    let key = rsa::PrivateDecryptingKey::from_pkcs8(&pem_body(pem)).unwrap();
    let key = rsa::OaepPrivateDecryptingKey::new(key).unwrap();
    let mut output = vec![0; key.min_output_size()];
    let algorithm = &rsa::OAEP_SHA256_MGF1SHA256;
    let content_key = key.decrypt(algorithm, &segment(token, 1), &mut output, None).ok()?;
    let (mac_key, text_key) = content_key.split_at(32);
    let (iv, mut text) = (segment(token, 2), segment(token, 3));

    let header = token.split('.').next().unwrap();
    let length = (header.len() as u64 * 8).to_be_bytes();
    let message = [header.as_bytes(), &iv, &text, &length].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, mac_key), &message);
    if tag.as_ref().get(..32)? != segment(token, 4) {
        return None;
    }
    let text_key = cipher::UnboundCipherKey::new(&cipher::AES_256, text_key).unwrap();
    let text_key = cipher::PaddedBlockDecryptingKey::cbc_pkcs7(text_key).unwrap();
    let iv: [u8; 16] = iv.try_into().unwrap();
    let context = cipher::DecryptionContext::Iv128(FixedLength::from(iv));
    Some(String::from_utf8(text_key.decrypt(&mut text, context).unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn tokens_are_signed_and_then_encrypted() {
    let issuer = TestIssuer::builder().encrypted_tokens().start().await;
    let (_, document) = get(&issuer.discovery_url()).await;
    assert_eq!(document["id_token_encryption_alg_values_supported"], json!(["RSA-OAEP-256"]));
    assert_eq!(document["id_token_encryption_enc_values_supported"], json!(["A256CBC-HS512"]));
    let (_, set) = get(&issuer.jwks_url()).await;
    let token = issuer.token("alice").sign();
    assert_eq!(
        json_segment(&token, 0),
        json!({ "alg": "RSA-OAEP-256", "enc": "A256CBC-HS512", "typ": "JWE",
                "kid": set["keys"][1]["kid"] })
    );
    let signed = decrypt(&token, &issuer.encryption_key_pem()).unwrap();
    assert_eq!(json_segment(&signed, 0)["kid"], set["keys"][0]["kid"]);
    assert_eq!(json_segment(&signed, 1)["sub"], "alice");
    assert_eq!(verify(&issuer.authentik().build().unwrap(), &signed).await, Ok(()));
    assert_eq!(issuer.token("alice").unencrypted().sign().split('.').count(), 3);
}

#[tokio::test]
async fn forgeries_cannot_be_decrypted() {
    let issuer = TestIssuer::start().await;
    let pem = issuer.encryption_key_pem();
    let token = || issuer.token("alice").encrypted();
    assert!(decrypt(&token().sign(), &pem).is_some());
    let other = issuer.token("alice").encrypted_with_other_key().sign();
    assert_eq!(json_segment(&other, 0), json_segment(&token().sign(), 0));
    assert_eq!(decrypt(&other, &pem), None);
    assert!(decrypt(&other, &issuer.other_encryption_key_pem()).is_some());
    for part in [1, 2, 3, 4] {
        assert_eq!(decrypt(&token().tampered(part).sign(), &pem), None, "{part}");
    }
    // The header is authenticated, so these can be decrypted by who does not look at it.
    let header = token().jwe_header("enc", "A256GCM").jwe_header("zip", "DEF").sign();
    assert_eq!(json_segment(&header, 0)["zip"], "DEF");
    assert!(decrypt(&header, &pem).is_some());
    assert!(DecryptionKey::from_pem(&pem).is_ok());
    assert_eq!(decrypt(&issuer.encrypt("no token"), &pem).as_deref(), Some("no token"));
}

//! Key sets, and how they change.

use aws_lc_rs::digest;
use axum_authz::test::{Alg, KidStyle, TestApplication, TestIssuer};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{client, get, is_hs256_with, json_segment, verify};

async fn published(application: &TestApplication) -> Vec<Value> {
    let (status, body) = get(&application.jwks_url()).await;
    assert_eq!(status, 200);
    body.get("keys").map_or_else(Vec::new, |keys| keys.as_array().unwrap().clone())
}

#[tokio::test]
async fn a_provider_without_signing_key_signs_with_its_secret() {
    let issuer = TestIssuer::builder().client_secret_signing().start().await;
    let body = client().get(issuer.jwks_url()).send().await.unwrap().text().await.unwrap();
    assert_eq!(body, "{}");
    let (_, document) = get(&issuer.discovery_url()).await;
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["HS256"]));
    assert_eq!(issuer.client_secret().len(), 128);
    for token in [issuer.token("alice"), issuer.logout_token("alice")] {
        let token = token.sign();
        assert_eq!(json_segment(&token, 0)["alg"], "HS256");
        assert_eq!(json_segment(&token, 0).get("kid"), None);
        assert!(is_hs256_with(&token, issuer.client_secret().as_bytes()));
    }
    let forged = issuer.token("alice").sign_with_other_key().sign();
    assert!(!is_hs256_with(&forged, issuer.client_secret().as_bytes()));

    let issuer = TestIssuer::builder().client_secret("s").client_secret_signing().start().await;
    assert!(is_hs256_with(&issuer.token("alice").sign(), b"s"));
}

#[tokio::test]
async fn names_have_the_length_of_either_digest() {
    for (style, length) in [(KidStyle::Sha512, 86), (KidStyle::Md5, 32)] {
        let issuer = TestIssuer::builder().kid_style(style).start().await;
        assert_eq!(issuer.kid().len(), length);
        assert_eq!(published(&issuer).await[0]["kid"], issuer.kid());
        let token = issuer.token("alice").sign();
        assert_eq!(json_segment(&token, 0)["kid"], issuer.kid());
        assert_eq!(verify(&issuer.authentik().build().unwrap(), &token).await, Ok(()));
    }
}

#[tokio::test]
async fn certificates_are_published_beside_the_key_and_may_have_expired() {
    for algorithm in [Alg::RS256, Alg::ES256, Alg::ES384, Alg::ES512, Alg::EdDSA] {
        let current = TestIssuer::builder().algorithm(algorithm).start().await;
        let expired = TestIssuer::builder().algorithm(algorithm).expired_certificate();
        let expired = expired.start().await;
        let certificate = |jwk: &Value| STANDARD.decode(jwk["x5c"][0].as_str().unwrap()).unwrap();
        let (new, old) = (current.jwk(), expired.jwk());
        assert_eq!(new["kid"], old["kid"], "the key is the same");
        let (new, old) = (certificate(&new), certificate(&old));
        assert_ne!(new, old);
        let has = |der: &[u8], text: &[u8]| der.windows(text.len()).any(|part| part == text);
        assert!(has(&new, b"491231235959Z") && has(&old, b"201231235959Z"));
        let digest = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &old));
        assert_eq!(expired.jwk()["x5t#S256"], digest);
        assert_eq!(published(&expired).await, [expired.jwk()]);
        // A key whose certificate has expired goes on signing.
        let authentik = expired.authentik().build().unwrap();
        assert_eq!(verify(&authentik, &expired.token("alice").sign()).await, Ok(()));
    }
}

#[tokio::test]
async fn a_set_may_mix_keys_of_all_kinds() {
    let issuer = TestIssuer::builder()
        .encryption_jwk()
        .ec_encryption_jwk()
        .stub_jwk()
        .extra_jwk(json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0" }))
        .start()
        .await;
    let keys = published(&issuer).await;
    let member = |number: usize, name: &str| keys[number][name].as_str().unwrap_or("-");
    let row = |number| ["kty", "use", "alg", "enc"].map(|name| member(number, name));
    assert_eq!(row(0), ["RSA", "sig", "RS256", "-"]);
    assert_eq!(row(1), ["RSA", "enc", "RSA-OAEP-256", "A256CBC-HS512"]);
    assert_eq!(row(2), ["EC", "enc", "RSA-OAEP-256", "A256CBC-HS512"]);
    assert_eq!(row(3), ["-", "enc", "RSA-OAEP-256", "A256CBC-HS512"]);
    assert_eq!((member(3, "kid"), member(4, "kid")), ("-", "secret"));
    assert_ne!(keys[0]["n"], keys[1]["n"]);
    let authentik = issuer.authentik().build().unwrap();
    assert_eq!(verify(&authentik, &issuer.token("alice").sign()).await, Ok(()));
}

#[tokio::test]
async fn members_of_the_published_key_can_be_changed() {
    let issuer = TestIssuer::builder()
        .without_jwk_member("alg")
        .jwk_member("use", "enc")
        .jwk_member("key_ops", ["encrypt"])
        .start()
        .await;
    let keys = published(&issuer).await;
    assert_eq!(keys[0].get("alg"), None);
    assert_eq!((&keys[0]["use"], &keys[0]["key_ops"]), (&json!("enc"), &json!(["encrypt"])));
}

#[tokio::test]
async fn rotation_leaves_no_overlap_unless_asked_for() {
    let issuer = TestIssuer::start().await;
    let first = issuer.jwk();
    issuer.rotate();
    let second = issuer.jwk();
    assert_ne!(first, second);
    assert_eq!(published(&issuer).await, std::slice::from_ref(&second));
    issuer.rotate_with_overlap();
    assert_eq!(published(&issuer).await, [second.clone(), issuer.jwk()]);
    issuer.withdraw(second["kid"].as_str().unwrap());
    assert_eq!(published(&issuer).await, [issuer.jwk()]);
    issuer.withdraw(&issuer.kid());
    assert_eq!(get(&issuer.jwks_url()).await.1, json!({}));
    issuer.publish(first.clone());
    assert_eq!(published(&issuer).await, [first]);
}

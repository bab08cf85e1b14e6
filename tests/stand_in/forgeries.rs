//! Tokens that no provider issued.

use axum_authz::{
    test::{PublicKeyForm, TestIssuer},
    token::{Invalid, TokenError},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::{is_hs256_with, json_segment, post, text_segment, verify};

#[tokio::test]
async fn public_keys_as_shared_secrets() {
    let issuer = TestIssuer::start().await;
    let jwk = issuer.jwk();
    let modulus = jwk["n"].as_str().unwrap();
    let certificate = jwk["x5c"][0].as_str().unwrap();
    let lines: Vec<_> = certificate.as_bytes().chunks(64).collect();
    let certificate_pem = [
        b"-----BEGIN CERTIFICATE-----\n",
        &lines.join(&b'\n')[..],
        b"\n-----END CERTIFICATE-----\n",
    ]
    .concat();
    for form in PublicKeyForm::ALL {
        let token = issuer.token("alice").hs256_with_public_key_as(form).sign();
        assert_eq!(json_segment(&token, 0)["alg"], "HS256");
        assert_eq!(json_segment(&token, 0)["kid"], issuer.kid());
        let secret = match form {
            PublicKeyForm::CertificateDer => STANDARD.decode(certificate).unwrap(),
            PublicKeyForm::CertificatePem => certificate_pem.clone(),
            PublicKeyForm::Modulus => URL_SAFE_NO_PAD.decode(modulus).unwrap(),
            PublicKeyForm::ModulusText => modulus.as_bytes().to_vec(),
            _ => continue,
        };
        assert!(is_hs256_with(&token, &secret), "{form:?}");
    }
    let token = issuer.token("alice").hs256_with_secret("guess").sign();
    assert!(is_hs256_with(&token, b"guess"));
}

#[tokio::test]
async fn texts_that_no_json_writer_makes() {
    let issuer = TestIssuer::start().await;
    let token = || issuer.token("alice");
    let unsigned = token().unsigned_as("nOnE").sign();
    assert!(unsigned.ends_with('.'));
    assert_eq!(json_segment(&unsigned, 0)["alg"], "nOnE");
    let bare = token().without_signature().sign();
    assert!(bare.ends_with('.') && json_segment(&bare, 0)["alg"] == "RS256");

    let twice = token().repeated_claim("sub", "bob").repeated_header("alg", "none").sign();
    assert_eq!(text_segment(&twice, 1).matches("\"sub\":").count(), 2);
    assert!(text_segment(&twice, 1).ends_with(",\"sub\":\"bob\"}"));
    assert_eq!(text_segment(&twice, 0).matches("\"alg\":").count(), 2);

    let raw = token().raw_header("{\"alg\" : \"RS256\"}").raw_claims("[]").sign();
    assert_eq!(text_segment(&raw, 0), "{\"alg\" : \"RS256\"}");
    assert_eq!(text_segment(&raw, 1), "[]");

    let header = token().header("jku", issuer.jwks_url()).header("crit", ["b64"]).sign();
    assert_eq!(json_segment(&header, 0)["crit"], json!(["b64"]));
    let tampered = token().tampered(2).sign();
    let refused = verify(&issuer.authentik().build().unwrap(), &tampered).await;
    assert_eq!(refused, Err(TokenError::Invalid(Invalid::Signature)));
}

#[tokio::test]
async fn the_stand_in_does_not_know_them() {
    let issuer = TestIssuer::start().await;
    let token = || issuer.token("alice");
    for forged in [
        token().sign_with_other_key(),
        token().unsigned(),
        token().hs256_with_public_key(),
        token().repeated_claim("a", 1),
        token().tampered(2),
        token().forged(),
        issuer.logout_token("alice"),
        token().id_token(),
    ] {
        let form = [
            ("token", &*forged.sign()),
            ("client_id", "photos"),
            ("client_secret", issuer.client_secret()),
        ];
        let answer = post(&issuer.introspection_url(), &form, None).await;
        assert_eq!(answer, (200, json!({ "active": false })));
    }
}

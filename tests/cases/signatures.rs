//! Cases about algorithms, keys in headers, and encryption.

use axum_authz::{
    test::{Alg, KidStyle, PublicKeyForm, TestIssuer},
    token::{Authentik, DecryptionKey, Invalid, SharedSecret},
};
use serde_json::json;

use crate::{Answer, Service, fetches, invalid, refusal, verify};

fn secret_of(issuer: &TestIssuer) -> SharedSecret {
    SharedSecret::new(issuer.client_secret()).unwrap()
}

/// RFC 8725 section 2.1.
#[tokio::test]
async fn case_06_a_public_key_is_no_shared_secret() {
    for algorithm in [Alg::RS256, Alg::ES256, Alg::EdDSA] {
        let issuer = TestIssuer::builder().algorithm(algorithm).start().await;
        let authentik = issuer.authentik().build().unwrap();
        assert_eq!(refusal(&authentik, issuer.token("alice")).await, None);
        // Where the issuer was given a secret, it is that one and no key.
        let by_secret =
            issuer.authentik().client_secret_signing(secret_of(&issuer)).build().unwrap();
        for form in PublicKeyForm::ALL {
            let forged = || issuer.token("alice").hs256_with_public_key_as(form);
            for forged in [forged(), forged().without_header("kid")] {
                assert_eq!(
                    refusal(&authentik, forged.clone()).await,
                    invalid(Invalid::SymmetricAlgorithm),
                    "{algorithm} {form:?}"
                );
                assert_eq!(
                    refusal(&by_secret, forged).await,
                    invalid(Invalid::Signature),
                    "{algorithm} {form:?}"
                );
            }
        }
    }
}

/// RFC 8725 section 3.2.
#[tokio::test]
async fn case_07_a_token_without_signature() {
    let issuer = TestIssuer::start().await;
    let by_secret = TestIssuer::builder().client_secret_signing().start().await;
    for (issuer, authentik) in [
        (&issuer, issuer.authentik()),
        (&by_secret, by_secret.authentik().client_secret_signing(secret_of(&by_secret))),
    ] {
        let authentik = authentik.build().unwrap();
        assert_eq!(refusal(&authentik, issuer.token("alice")).await, None);
        for none in ["none", "None", "NONE", "nOnE", "none ", ""] {
            for token in [
                issuer.token("alice").unsigned_as(none),
                // The signature is good, and the header does not say so.
                issuer.token("alice").header("alg", none),
            ] {
                assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Algorithm), "{none}");
            }
        }
        let empty = issuer.token("alice").without_signature();
        assert_eq!(refusal(&authentik, empty).await, invalid(Invalid::Signature));
    }
    let service = Service::new(&issuer.authentik().build().unwrap());
    let unsigned = issuer.token("alice").unsigned().sign();
    assert_eq!(service.get("/view", &unsigned).await, Answer::unauthorized(Invalid::Algorithm));
}

#[tokio::test]
async fn case_08_hs256_is_for_issuers_that_were_given_the_secret() {
    let issuer = TestIssuer::builder().client_secret_signing().start().await;
    let opted_in = issuer.authentik().client_secret_signing(secret_of(&issuer)).build().unwrap();
    let token = issuer.token("alice").sign();
    assert!(!String::from_utf8_lossy(&header(&token)).contains("kid"));
    assert_eq!(opted_in.verify(&token).await.unwrap().principal().id(), "alice");

    let another = issuer.token("alice").sign_with_other_key();
    assert_eq!(refusal(&opted_in, another).await, invalid(Invalid::Signature));
    let published = TestIssuer::start().await;
    let rs256 = published.token("alice").issuer(issuer.issuer());
    assert_eq!(refusal(&opted_in, rs256).await, invalid(Invalid::Algorithm));
    for longer in ["HS384", "HS512"] {
        let token = issuer.token("alice").header("alg", longer);
        assert_eq!(refusal(&opted_in, token).await, invalid(Invalid::SymmetricAlgorithm));
    }

    // Everybody else refuses it without asking for any key.
    let others = issuer.authentik().build().unwrap();
    assert_eq!(others.verify(&token).await.err(), invalid(Invalid::SymmetricAlgorithm));
    assert_eq!((fetches(&issuer), fetches(&published)), ((0, 0), (0, 0)));
}

fn header(token: &str) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()
}

#[tokio::test]
async fn case_10_the_right_name_and_the_wrong_key() {
    let named = |slug: &str| {
        let style = KidStyle::Named("signing".to_owned());
        TestIssuer::builder().slug(slug).audience(slug).certificate(slug).kid_style(style)
    };
    let (photos, cli) = (named("photos").start().await, named("cli").start().await);
    let both = Authentik::any([&photos, &cli].map(|it| it.authentik().build().unwrap())).unwrap();
    assert_eq!((photos.kid(), cli.kid()), ("signing".to_owned(), "signing".to_owned()));
    for issuer in [&photos, &cli] {
        let alice = verify(&both, issuer.token("alice")).await.unwrap();
        assert_eq!((alice.issuer(), alice.id()), (issuer.issuer(), "alice"));
        let forged = issuer.token("alice").sign_with_other_key();
        assert_eq!(refusal(&both, forged).await, invalid(Invalid::Signature));
    }
    // The key of one does not sign for the other, although it has the same name.
    for (signer, victim) in [(&cli, &photos), (&photos, &cli)] {
        let forged = signer.token("alice").issuer(victim.issuer()).audience(victim.audience());
        let forged = forged.claim("azp", victim.audience());
        assert_eq!(refusal(&both, forged).await, invalid(Invalid::Signature));
    }
}

/// RFC 7515 sections 4.1.2, 4.1.3, 4.1.5 and 4.1.11.
#[tokio::test]
async fn case_11_a_header_that_brings_its_own_key() {
    let issuer = TestIssuer::start().await;
    let attacker = TestIssuer::builder().certificate("attacker").start().await;
    let authentik = issuer.authentik().build().unwrap();
    for (name, value, expected) in [
        ("jku", json!(attacker.jwks_url()), Invalid::KeyInHeader),
        ("x5u", json!(attacker.jwks_url()), Invalid::KeyInHeader),
        ("jwk", attacker.jwk(), Invalid::KeyInHeader),
        ("x5c", attacker.jwk()["x5c"].clone(), Invalid::KeyInHeader),
        ("crit", json!(["exp"]), Invalid::CriticalHeader),
        ("crit", json!(["b64"]), Invalid::CriticalHeader),
        ("crit", json!([]), Invalid::CriticalHeader),
    ] {
        for token in [
            issuer.token("alice").header(name, &value),
            attacker.token("alice").issuer(issuer.issuer()).header(name, &value),
        ] {
            assert_eq!(refusal(&authentik, token).await, invalid(expected), "{name}");
        }
    }
    let twice = issuer.token("alice").repeated_header("alg", "RS256");
    assert_eq!(refusal(&authentik, twice).await, invalid(Invalid::Malformed));
    assert_eq!((fetches(&attacker), fetches(&issuer)), ((0, 0), (0, 0)));
}

#[tokio::test]
async fn case_15_tokens_of_other_types() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    for typ in ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT", "dpop+id_token", "JWE", ""] {
        let token = issuer.token("alice").header("typ", typ);
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::NotAccessToken), "{typ}");
    }
    // A logout token as it is, also one of the older form, whose type is that of access tokens.
    for token in [
        issuer.logout_token("alice"),
        issuer.logout_token("alice").header("typ", "JWT"),
        issuer.logout_token("alice").header("typ", "JWT").claim("azp", "photos").claim("uid", "1"),
    ] {
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::NotAccessToken));
    }
    for typ in ["JWT", "jwt", "application/jwt", "at+jwt"] {
        assert_eq!(refusal(&authentik, issuer.token("alice").header("typ", typ)).await, None);
    }
}

#[tokio::test]
async fn case_16_encrypted_tokens_with_and_without_the_key() {
    let issuer = TestIssuer::builder().encrypted_tokens().start().await;
    let without = issuer.authentik().build().unwrap();
    let token = issuer.token("alice").sign();
    assert_eq!(without.verify(&token).await.err(), invalid(Invalid::Encrypted));
    assert_eq!(fetches(&issuer), (0, 0));
    let told = Invalid::Encrypted.to_string();
    assert!(told.contains("decryption_key") && told.contains("Authentik"), "{told}");
    let service = Service::new(&without);
    assert_eq!(service.get("/view", &token).await, Answer::unauthorized(Invalid::Encrypted));

    let key = |pem: String| DecryptionKey::from_pem(&pem).unwrap();
    let with = issuer.authentik().decryption_key(key(issuer.encryption_key_pem())).build().unwrap();
    assert_eq!(with.verify(&token).await.unwrap().principal().id(), "alice");
    // Encryption hides, it proves nothing: the same token is good without, and what is inside is checked as ever.
    assert_eq!(refusal(&with, issuer.token("alice").unencrypted()).await, None);
    let cases = [
        (issuer.token("alice").sign_with_other_key(), Invalid::Signature),
        (issuer.token("alice").unsigned(), Invalid::Algorithm),
        (issuer.token("alice").hs256_with_public_key(), Invalid::SymmetricAlgorithm),
        (issuer.token("alice").expired(), Invalid::Expired),
        (issuer.token("alice").id_token(), Invalid::NotAccessToken),
        (issuer.token("alice").audience("other"), Invalid::Audience),
        (issuer.token("alice").encrypted_with_other_key(), Invalid::Decryption),
        (issuer.token("alice").jwe_header("alg", "RSA-OAEP"), Invalid::Decryption),
        (issuer.token("alice").jwe_header("enc", "A256GCM"), Invalid::Decryption),
        (issuer.token("alice").jwe_header("crit", ["exp"]), Invalid::CriticalHeader),
    ];
    for (token, expected) in cases {
        assert_eq!(refusal(&with, token).await, invalid(expected));
    }
    for segment in 0..5 {
        let refused = refusal(&with, issuer.token("alice").tampered(segment)).await;
        // A header with a changed byte is no JSON any more.
        let expected = if segment == 0 { Invalid::Malformed } else { Invalid::Decryption };
        assert_eq!(refused, invalid(expected), "segment {segment}");
    }
    let nothing = with.verify(&issuer.encrypt("not a token")).await.err();
    assert_eq!(nothing, invalid(Invalid::Malformed));

    let other =
        issuer.authentik().decryption_key(key(issuer.other_encryption_key_pem())).build().unwrap();
    assert_eq!(other.verify(&token).await.err(), invalid(Invalid::Decryption));
}

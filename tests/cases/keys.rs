//! Cases about where keys come from.

use axum_authz::{
    test::{Endpoint, Fault, IssuerMode, TestClock, TestIssuer},
    token::{Authentik, Invalid, Undecided},
};

use crate::{Answer, SECOND, Service, fetches, invalid, refusal, undecided, verify};

#[tokio::test]
async fn case_02_issuers_are_compared_byte_for_byte() {
    const PUBLIC: &str = "https://id.example.org/application/o/photos/";
    let issuer = TestIssuer::start().await;
    let authentik = Authentik::issuer(PUBLIC).audience("photos").jwks_url(&issuer.jwks_url());
    let authentik = authentik.build().unwrap();
    assert_eq!(refusal(&authentik, issuer.token("alice").issuer(PUBLIC)).await, None);
    for other in [
        PUBLIC.trim_end_matches('/'),
        &PUBLIC.replace("https", "http"),
        &format!("{PUBLIC}/"),
        &PUBLIC.replace("id.", "ID."),
        &PUBLIC.replace(".org", ".org:443"),
        &format!("{PUBLIC} "),
    ] {
        let token = issuer.token("alice").issuer(other);
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Issuer), "{other}");
    }

    // One slash joins issuer and path, whether or not the issuer has it.
    let without_slash = issuer.issuer().trim_end_matches('/');
    for configured in [issuer.issuer(), without_slash] {
        let authentik = Authentik::issuer(configured).audience("photos").build().unwrap();
        let token = issuer.token("alice").issuer(configured);
        // The document names the issuer as it is, so the other spelling is another issuer.
        let expected = (configured == without_slash).then_some(Undecided::IssuerMismatch.into());
        assert_eq!(refusal(&authentik, token).await, expected);
        let asked = issuer.last_request(Endpoint::Discovery).unwrap().uri;
        assert_eq!(asked, "/application/o/photos/.well-known/openid-configuration");
    }
}

#[tokio::test]
async fn case_03_global_mode_with_the_urls_given() {
    let issuer = TestIssuer::builder().mode(IssuerMode::Global).start().await;
    assert_eq!(issuer.issuer(), format!("http://{}/", issuer.address()));
    let described = || Authentik::issuer(issuer.issuer()).audience("photos");

    let by_key_set = described().jwks_url(&issuer.jwks_url()).build().unwrap();
    let alice = verify(&by_key_set, issuer.token("alice")).await.unwrap();
    assert_eq!(alice.issuer(), issuer.issuer());
    assert_eq!(fetches(&issuer), (0, 1));

    let by_document = described().discovery_url(&issuer.discovery_url()).build().unwrap();
    assert_eq!(refusal(&by_document, issuer.token("alice")).await, None);
    assert_eq!(fetches(&issuer), (1, 2));

    // Below the issuer there is no document.
    let by_issuer = described().build().unwrap();
    let refused = refusal(&by_issuer, issuer.token("alice")).await;
    assert_eq!(refused, undecided(Undecided::Unavailable));
    // The mode is no way around the audience: all applications have this issuer.
    let of_another = issuer.token("alice").audience("videos");
    assert_eq!(refusal(&by_key_set, of_another).await, invalid(Invalid::Audience));
}

/// Authentik answers `{}` for a provider without signing key.
#[tokio::test]
async fn case_05_an_empty_key_set() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().without_key().clock(&clock).start().await;
    for document in [None, Some(r#"{"keys":[]}"#), Some(r#"{"keys":[{"use":"enc"}]}"#)] {
        if let Some(document) = document {
            issuer.fail(Endpoint::KeySet, Fault::Body(document.to_owned()));
        }
        let authentik = issuer.authentik().build().unwrap();
        let token = issuer.token("alice").sign();
        let refused = authentik.verify(&token).await.err();
        assert_eq!(refused, undecided(Undecided::NoSigningKey), "{document:?}");
        let expected = Answer::unavailable(Undecided::NoSigningKey);
        assert_eq!(Service::new(&authentik).get("/view", &token).await, expected);
        assert!(!authentik.health().is_ready());
    }
    let told = Undecided::NoSigningKey.to_string();
    assert!(told.contains("this provider has no signing key (HS256)"), "{told}");
}

#[tokio::test]
async fn case_09_a_rotated_key_and_a_flood() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().build().unwrap();
    let old = issuer.token("alice").sign();
    assert!(authentik.verify(&old).await.is_ok());
    issuer.rotate();
    assert_eq!(refusal(&authentik, issuer.token("alice")).await, None);
    assert_eq!(refusal(&authentik, issuer.token("bob")).await, None);
    assert_eq!(issuer.jwks_hits(), 2);
    // Authentik stops publishing the old key at once.
    assert_eq!(authentik.verify(&old).await.err(), invalid(Invalid::KeyUnknown));

    // 1000 names that nobody has heard of in 10 seconds, and a floor of 5.
    for name in 0..1000 {
        let token = issuer.token("mallory").kid(&format!("unknown {name}"));
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyUnknown));
        clock.advance(SECOND / 100);
    }
    assert_eq!(issuer.jwks_hits(), 2 + 1);
    assert_eq!(issuer.discovery_hits(), issuer.jwks_hits());
}

#[tokio::test]
async fn case_12_keys_of_all_kinds_in_one_set() {
    let issuer = TestIssuer::builder().encryption_jwk().ec_encryption_jwk().stub_jwk();
    let issuer = issuer.extra_jwk(serde_json::json!(null)).start().await;
    let authentik = issuer.authentik().build().unwrap();
    assert_eq!(refusal(&authentik, issuer.token("alice")).await, None);
    assert_eq!(authentik.health().issuers[0].keys, Some(1));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let published: serde_json::Value =
        client.get(issuer.jwks_url()).send().await.unwrap().json().await.unwrap();
    let published = published["keys"].as_array().unwrap();
    assert_eq!(published.len(), 5);
    let for_encryption = published.iter().filter(|jwk| jwk["use"] == "enc");
    let names: Vec<&str> = for_encryption.filter_map(|jwk| jwk["kid"].as_str()).collect();
    assert_eq!(names.len(), 2);
    for name in names {
        let token = issuer.token("alice").kid(name);
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::KeyUnknown));
    }
}

/// Authentik's own certificate lives for a year, and goes on signing.
#[tokio::test]
async fn case_13_an_expired_certificate_beside_the_key() {
    let issuer = TestIssuer::builder().expired_certificate().start().await;
    let authentik = issuer.authentik().build().unwrap();
    assert!(issuer.jwk()["x5c"][0].as_str().is_some_and(|certificate| !certificate.is_empty()));
    assert_eq!(refusal(&authentik, issuer.token("alice")).await, None);
    let forged = issuer.token("alice").sign_with_other_key();
    assert_eq!(refusal(&authentik, forged).await, invalid(Invalid::Signature));
}

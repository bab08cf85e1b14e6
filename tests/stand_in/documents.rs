//! Paths, discovery documents and applications.

use axum_authz::test::{Alg, IssuerMode, KidStyle, TestIssuer};
use serde_json::json;

use super::{client, get, verify};

#[tokio::test]
async fn paths_are_authentiks_slash_for_slash() {
    let issuer = TestIssuer::start().await;
    let status = async |path: &str| {
        let url = format!("http://{}{path}", issuer.address());
        client().get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("/application/o/photos/.well-known/openid-configuration").await, 200);
    assert_eq!(status("/application/o/photos/.well-known/openid-configuration/").await, 404);
    assert_eq!(status("/application/o/photos//.well-known/openid-configuration").await, 404);
    assert_eq!(status("/application/o/photos/jwks/").await, 200);
    assert_eq!(status("/application/o/photos/jwks").await, 404);
    assert_eq!(status("/application/o/videos/.well-known/openid-configuration").await, 404);
    assert_eq!(status("/application/o/videos/jwks/").await, 404);
    assert_eq!(status("/.well-known/openid-configuration").await, 404);
    assert_eq!(status("/.well-known/oauth-authorization-server").await, 404);
    assert_eq!(status("/application/o/introspect").await, 404);
    assert_eq!(status("/application/o/introspect/").await, 405);
    assert_eq!(status("/application/o/revoke/").await, 405);
    assert_eq!(status("/application/o/token/").await, 405);
    assert_eq!(status("/application/o/userinfo/").await, 401);
    assert_eq!(status("/application/o/photos/end-session/").await, 200);
    // The provider's root redirects to the discovery document.
    assert_eq!(status("/application/o/photos/").await, 200);
}

#[tokio::test]
async fn discovery_names_the_endpoints_that_there_are() {
    let issuer = TestIssuer::start().await;
    let (_, document) = get(&issuer.discovery_url()).await;
    for (member, url) in [
        ("issuer", issuer.issuer().to_owned()),
        ("jwks_uri", issuer.jwks_url()),
        ("token_endpoint", issuer.token_url()),
        ("introspection_endpoint", issuer.introspection_url()),
        ("revocation_endpoint", issuer.revocation_url()),
        ("userinfo_endpoint", issuer.userinfo_url()),
        ("end_session_endpoint", issuer.end_session_url()),
    ] {
        assert_eq!(document[member], url, "{member}");
    }
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
    assert_eq!(document.get("id_token_encryption_alg_values_supported"), None);
}

#[tokio::test]
async fn applications_have_issuer_audience_and_key_of_their_own() {
    let issuer = TestIssuer::builder()
        .algorithm(Alg::ES256)
        .application("cli")
        .algorithm(Alg::ES256)
        .start()
        .await;
    let cli = issuer.of("cli");
    assert_eq!(cli.issuer(), format!("http://{}/application/o/cli/", issuer.address()));
    assert_eq!(cli.audience(), "cli");
    assert_ne!(cli.kid(), issuer.kid());
    assert_ne!(cli.client_secret(), issuer.client_secret());
    let (photos, other) = (issuer.authentik().build().unwrap(), cli.authentik().build().unwrap());
    let token = cli.token("alice").sign();
    assert_eq!(verify(&other, &token).await, Ok(()));
    assert!(verify(&photos, &token).await.is_err());
}

#[tokio::test]
async fn in_global_mode_applications_share_the_issuer_and_nothing_else() {
    let issuer = TestIssuer::builder().mode(IssuerMode::Global).application("cli").start().await;
    let cli = issuer.of("cli");
    assert_eq!(issuer.issuer(), format!("http://{}/", issuer.address()));
    assert_eq!(cli.issuer(), issuer.issuer());
    assert_ne!(cli.jwks_url(), issuer.jwks_url());
    assert_ne!(get(&cli.jwks_url()).await, get(&issuer.jwks_url()).await);
    assert_eq!(get(&cli.discovery_url()).await.1["issuer"], *issuer.issuer());
}

#[tokio::test]
async fn the_same_name_may_belong_to_two_keys() {
    let named = || KidStyle::Named("1".to_owned());
    let issuer = TestIssuer::builder().kid_style(named()).application("cli").kid_style(named());
    let issuer = issuer.start().await;
    let (ours, theirs) = (issuer.jwk(), issuer.of("cli").jwk());
    assert_eq!(ours["kid"], theirs["kid"]);
    assert_ne!(ours["n"], theirs["n"]);
    issuer.rotate();
    assert_eq!(issuer.jwk()["kid"], ours["kid"]);
    assert_ne!(issuer.jwk()["n"], ours["n"]);
}

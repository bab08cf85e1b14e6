//! The token endpoint.

use axum_authz::{
    principal::Value as Attribute,
    test::{TestIssuer, TestPerson},
    token::{Invalid, TokenError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{answer, client, json_segment, post, verify};

async fn issuer() -> TestIssuer {
    let alice = TestPerson::new("alice").groups(["users"]).claim("department", "media");
    TestIssuer::builder().person(alice).scope("photos").start().await
}

async fn ask(issuer: &TestIssuer, form: &[(&str, &str)]) -> (u16, Value) {
    let form = [&[("grant_type", "client_credentials"), ("client_id", "photos")], form].concat();
    post(&issuer.token_url(), &form, None).await
}

#[tokio::test]
async fn people_sign_in_with_app_passwords() {
    let issuer = issuer().await;
    let pair = STANDARD.encode("alice:alice-password");
    let authentik = issuer.authentik().build().unwrap();
    for credentials in
        [&[("username", "alice"), ("password", "alice-password")][..], &[("client_secret", &*pair)]]
    {
        let form = [credentials, &[("scope", "openid profile photos unheard-of")]].concat();
        let (status, body) = ask(&issuer, &form).await;
        assert_eq!((status, &body["token_type"]), (200, &json!("Bearer")));
        assert_eq!(body["scope"], "openid profile photos");
        let token = body["access_token"].as_str().unwrap();
        let alice = authentik.verify(token).await.unwrap().into_principal();
        assert!(alice.has_role("users"));
        assert_eq!(alice.attr("department"), Some(&Attribute::String("media".into())));
        assert_eq!(alice.attr("email"), None, "the scope was not asked for");
        assert_eq!(alice.attr("sid"), None);
        let id_token = verify(&authentik, body["id_token"].as_str().unwrap()).await;
        assert_eq!(id_token, Err(TokenError::Invalid(Invalid::NotAccessToken)));
        // It is kept, as any token that was issued.
        let request = client().get(issuer.userinfo_url()).bearer_auth(token);
        assert_eq!(answer(request).await.0, 200);
    }
}

#[tokio::test]
async fn a_client_with_its_secret_is_a_service_account() {
    let issuer = issuer().await;
    let secret = issuer.client_secret().to_owned();
    let (status, body) = ask(&issuer, &[("client_secret", &secret)]).await;
    assert_eq!((status, &body["scope"]), (200, &json!("")));
    let claims = json_segment(body["access_token"].as_str().unwrap(), 1);
    assert_eq!(claims["sub"], "ak-photos-client_credentials");
    assert_eq!((claims.get("sid"), claims.get("client_id")), (None, None));
    // Without the scope there are no groups.
    assert_eq!(claims.get("groups"), None);
    let basic = format!("photos:{secret}");
    let form = [("grant_type", "client_credentials")];
    assert_eq!(post(&issuer.token_url(), &form, Some(&basic)).await.0, 200);
}

#[tokio::test]
async fn refusals_have_status_400() {
    let issuer = issuer().await;
    let url = issuer.token_url();
    for (form, error) in [
        (vec![("username", "alice"), ("password", "wrong")], "invalid_grant"),
        (vec![("client_secret", "wrong")], "invalid_grant"),
        (vec![], "invalid_grant"),
    ] {
        let (status, body) = ask(&issuer, &form).await;
        assert_eq!((status, &body["error"]), (400, &json!(error)));
        assert!(body["error_description"].is_string() && body["request_id"].is_string());
    }
    for (form, error) in [
        (vec![("grant_type", "client_credentials"), ("client_id", "x")], "invalid_client"),
        (vec![("grant_type", "authorization_code")], "unsupported_grant_type"),
        (vec![("client_id", "photos")], "invalid_request"),
    ] {
        let (status, body) = post(&url, &form, None).await;
        assert_eq!((status, &body["error"]), (400, &json!(error)));
    }
}

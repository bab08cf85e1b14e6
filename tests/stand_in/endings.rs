//! How tokens and sessions end.

use std::time::Duration;

use axum_authz::test::{Endpoint, TestClock, TestIssuer};
use serde_json::{Value, json};

use super::{client, get, post};

async fn is_active(issuer: &TestIssuer, token: &str) -> bool {
    let secret = issuer.client_secret();
    let form = [("token", token), ("client_id", "photos"), ("client_secret", secret)];
    post(&issuer.introspection_url(), &form, None).await.1.get("active") == Some(&json!(true))
}

async fn userinfo(issuer: &TestIssuer, token: &str) -> (u16, Option<String>, String) {
    let request = client().get(issuer.userinfo_url()).bearer_auth(token);
    let response = request.send().await.unwrap();
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), challenge, response.text().await.unwrap())
}

#[tokio::test]
async fn revocation_forgets_a_token() {
    let issuer = TestIssuer::builder().application("spa").public_client().start().await;
    let token = issuer.token("alice").sign();
    let url = issuer.revocation_url();
    let basic = format!("photos:{}", issuer.client_secret());
    let (status, body) = post(&url, &[("token", &token)], Some("photos:wrong")).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    let others = post(&url, &[("token", &token), ("client_id", "spa")], None).await;
    assert_eq!(others, (200, json!({})));
    assert!(is_active(&issuer, &token).await);
    for _ in 0..2 {
        let done = post(&url, &[("token", &token)], Some(&basic)).await;
        assert_eq!(done, (200, json!({})));
    }
    assert!(!is_active(&issuer, &token).await);
    assert_eq!(issuer.hits(Endpoint::Revocation), 4);
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_access_tokens() {
    let issuer = TestIssuer::start().await;
    let alice = issuer.token("alice").sign();
    let (bob, machine) = (issuer.token("bob").sign(), issuer.token("alice").without_sid().sign());
    let refresh = issuer.refresh_token("alice");
    issuer.end_session(&issuer.sid("alice"));
    assert!(!is_active(&issuer, &alice).await);
    assert_eq!(userinfo(&issuer, &alice).await.0, 401);
    for token in [&bob, &machine, &refresh] {
        assert!(is_active(&issuer, token).await);
    }
}

#[tokio::test]
async fn an_application_can_end_its_own_part_of_a_session() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).application("cli").start().await;
    let (token, hint) = (issuer.token("alice").sign(), issuer.token("alice").id_token().sign());
    let cli = issuer.of("cli");
    let (other, foreign) = (cli.token("alice").sign(), cli.token("alice").id_token().sign());
    let end = async |hint: &str| {
        get(&format!("{}?id_token_hint={hint}", issuer.end_session_url())).await.0
    };
    for wrong in ["nothing", &foreign, &token] {
        assert_eq!(end(wrong).await, 400);
    }
    assert!(is_active(&issuer, &token).await);
    clock.advance(Duration::from_secs(30));
    assert_eq!(end(&hint).await, 200);
    assert!(!is_active(&issuer, &token).await);
    assert_eq!(userinfo(&issuer, &other).await.0, 200);
}

#[tokio::test]
async fn userinfo_needs_the_scope_openid() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").groups(["users"]).nonce("n").sign();
    let (status, _, body) = userinfo(&issuer, &token).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["sub"], &body["nonce"]), (200, &json!("alice"), &json!("n")));
    assert_eq!((&body["groups"], body.get("iss")), (&json!(["users"]), None));
    let bare = issuer.token("alice").scope("profile").sign();
    let (status, challenge, body) = userinfo(&issuer, &bare).await;
    assert_eq!((status, &*body), (403, ""));
    assert!(challenge.unwrap().starts_with("error=\"insufficient_scope\""));
    for bad in ["unknown".to_owned(), issuer.refresh_token("alice")] {
        let (status, challenge, body) = userinfo(&issuer, &bad).await;
        assert_eq!((status, &*body), (401, ""));
        assert!(challenge.unwrap().starts_with("error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn logout_tokens_are_posted_as_a_form() {
    let issuer = TestIssuer::start().await;
    let service = TestIssuer::start().await;
    let token = issuer.logout_token("alice").sign();
    // Any endpoint that keeps what it was sent.
    let status = issuer.send_logout(&service.introspection_url(), &token).await;
    assert_eq!(status.as_u16(), 200);
    let seen = service.last_request(Endpoint::Introspection).unwrap();
    assert_eq!(seen.field("logout_token"), Some(token));
    assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(seen.authorization(), None);
    assert_eq!(issuer.send_logout(&service.jwks_url(), "").await.as_u16(), 405);
}

//! The introspection endpoint.

use std::time::Duration;

use axum_authz::test::{Endpoint, Fault, TestApplication, TestClock, TestIssuer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::post;

async fn ask(issuer: &TestIssuer, caller: &TestApplication, token: &str) -> Value {
    let basic = format!("{}:{}", caller.audience(), caller.client_secret());
    let form = [("token", token), ("token_type_hint", "access_token")];
    let (status, body) = post(&issuer.introspection_url(), &form, Some(&basic)).await;
    assert_eq!(status, 200);
    body
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn an_active_token_is_described_flat() {
    let issuer = TestIssuer::builder().encrypted_tokens().start().await;
    let token = issuer.token("alice").groups(["users"]).scope("openid photos.write").sign();
    let body = ask(&issuer, &issuer, &token).await;
    for (name, expected) in [
        ("active", json!(true)),
        ("sub", json!("alice")),
        ("iss", json!(issuer.issuer())),
        ("aud", json!("photos")),
        ("client_id", json!("photos")),
        ("scope", json!("openid photos.write")),
        ("groups", json!(["users"])),
        ("sid", json!(issuer.sid("alice"))),
    ] {
        assert_eq!(body[name], expected, "{name}");
    }
    for absent in ["azp", "uid", "token_type", "username"] {
        assert_eq!(body.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn clients_say_who_they_are_in_the_header_or_in_the_form() {
    let issuer = TestIssuer::builder().audience("a:b").client_secret("p%s+ä").start().await;
    let token = issuer.token("alice").sign();
    let url = issuer.introspection_url();
    let form = [("token", &*token), ("client_id", "a:b"), ("client_secret", "p%s+ä")];
    assert_eq!(post(&url, &form, None).await.1["active"], true);
    let basic = "a%3Ab:p%25s%2B%C3%A4";
    assert_eq!(post(&url, &[("token", &token)], Some(basic)).await.1["active"], true);
    let seen = issuer.last_request(Endpoint::Introspection).unwrap();
    assert_eq!(seen.authorization(), Some(&*format!("Basic {}", STANDARD.encode(basic))));
    assert_eq!((seen.field("token"), seen.field("client_secret")), (Some(token.clone()), None));
    assert_eq!(seen.uri, "/application/o/introspect/");
    for (form, basic) in [
        (vec![("token", &*token)], None),
        (vec![("token", &*token)], Some("a%3Ab:wrong")),
        (vec![("token", &*token)], Some("nobody:p%25s%2B%C3%A4")),
        (vec![("token", &*token), ("client_id", "a:b")], None),
        (vec![], Some(basic)),
    ] {
        assert_eq!(post(&url, &form, basic).await, (200, inactive()));
    }
    assert_eq!(issuer.introspection_hits(), 7);
}

#[tokio::test]
async fn everything_else_is_inactive_with_status_200() {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder()
        .clock(&clock)
        .federated_with("gateway")
        .application("gateway")
        .application("stranger")
        .application("spa")
        .public_client()
        .start()
        .await;
    let token = issuer.token("alice").expires_in(Duration::from_secs(60)).sign();
    assert_eq!(ask(&issuer, &issuer, "unknown").await, inactive());
    assert_eq!(ask(&issuer, &issuer.of("stranger"), &token).await, inactive());
    let spa = issuer.of("spa").token("alice").sign();
    assert_eq!(ask(&issuer, &issuer.of("spa"), &spa).await, inactive());
    // A federated client is told, and told whose token it is.
    let body = ask(&issuer, &issuer.of("gateway"), &token).await;
    assert_eq!((&body["active"], &body["client_id"]), (&json!(true), &json!("photos")));
    let back = issuer.of("gateway").token("alice").sign();
    assert_eq!(ask(&issuer, &issuer, &back).await, inactive());

    clock.advance(Duration::from_secs(60));
    assert_eq!(ask(&issuer, &issuer, &token).await, inactive());
}

#[tokio::test]
async fn revoked_tokens_keep_their_claims_and_refresh_tokens_are_active() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    issuer.revoke(&token);
    let body = ask(&issuer, &issuer, &token).await;
    assert_eq!((&body["active"], &body["sub"]), (&json!(false), &json!("alice")));

    let refresh = issuer.refresh_token("alice");
    assert_eq!((refresh.len(), refresh.contains('.')), (128, false));
    let body = ask(&issuer, &issuer, &refresh).await;
    assert_eq!((&body["active"], &body["sub"]), (&json!(true), &json!("alice")));
}

#[tokio::test]
async fn the_scopes_are_those_granted_whatever_the_claim_says() {
    let issuer = TestIssuer::start().await;
    for token in [
        issuer.token("alice").without_claim("scope"),
        issuer.token("alice").claim("scope", ["photos.write"]),
    ] {
        let body = ask(&issuer, &issuer, &token.sign()).await;
        assert_eq!(body["scope"], "openid email profile");
    }
}

#[tokio::test]
async fn it_can_misbehave() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    let misbehaving = async |fault: Fault| {
        issuer.fail(Endpoint::Introspection, fault);
        let form =
            format!("token={token}&client_id=photos&client_secret={}", issuer.client_secret());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let request = client.build().unwrap().post(issuer.introspection_url()).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().await.unwrap();
        let location = response.headers().get("location").cloned();
        (response.status().as_u16(), location, response.text().await.unwrap())
    };
    let (_, _, text) = misbehaving(Fault::Member("active".into(), "true".into())).await;
    assert!(text.contains(r#""active":"true""#));
    let (_, _, text) = misbehaving(Fault::Member("client_id".into(), "other".into())).await;
    assert!(text.contains(r#""client_id":"other""#) && text.contains(r#""active":true"#));
    let (_, _, text) = misbehaving(Fault::WithoutMember("active".into())).await;
    assert!(!text.contains("active") && text.contains("alice"));
    let (status, _, text) = misbehaving(Fault::Body("<html>".into())).await;
    assert_eq!((status, &*text), (200, "<html>"));
    assert_eq!(misbehaving(Fault::Status(502)).await, (502, None, String::new()));
    let (_, _, text) = misbehaving(Fault::Padding(2_000_000)).await;
    assert!(text.len() > 2_000_000);
    let (status, location, _) = misbehaving(Fault::Redirect("http://evil.example/".into())).await;
    assert_eq!((status, location.unwrap().to_str().unwrap()), (307, "http://evil.example/"));
    issuer.recover(Endpoint::Introspection);
    assert_eq!(ask(&issuer, &issuer, &token).await["active"], true);
}

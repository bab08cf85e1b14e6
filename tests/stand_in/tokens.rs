//! What is in tokens of each kind.

use std::time::Duration;

use axum_authz::test::{TestIssuer, TestToken};
use serde_json::json;

use super::{is_hs256_with, json_segment};

#[tokio::test]
async fn an_access_token_has_authentiks_claims() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    assert_eq!(json_segment(&token, 0)["typ"], "JWT");
    let claims = json_segment(&token, 1);
    for (name, expected) in [
        ("iss", json!(issuer.issuer())),
        ("aud", json!("photos")),
        ("azp", json!("photos")),
        ("sub", json!("alice")),
        ("amr", json!(["pwd"])),
        ("scope", json!("openid email profile")),
        ("sid", json!(issuer.sid("alice"))),
        ("email_verified", json!(false)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert_eq!(issuer.sid("alice").len(), 64);
    for absent in ["nbf", "client_id", "cnf", "at_hash", "token_type"] {
        assert_eq!(claims.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn id_tokens_are_access_tokens_without_three_claims() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice");
    let access = json_segment(&token.clone().sign(), 1);
    let id = json_segment(&token.clone().id_token().sign(), 1);
    let missing: Vec<_> =
        access.as_object().unwrap().keys().filter(|name| id.get(name).is_none()).collect();
    assert_eq!(missing, ["azp", "scope", "uid"]);
    assert_eq!(access["jti"], id["jti"]);
    let hybrid = json_segment(&token.hybrid_id_token().sign(), 1);
    assert_eq!(hybrid["at_hash"].as_str().unwrap().len(), 22);
    assert!(hybrid["c_hash"].is_string() && hybrid["nonce"].is_string());
}

#[tokio::test]
async fn tokens_of_machines_and_of_delegation() {
    let issuer = TestIssuer::start().await;
    let machine = json_segment(&issuer.token("alice").service_account().sign(), 1);
    assert_eq!(machine["sub"], "ak-photos-client_credentials");
    assert_eq!(machine["preferred_username"], "ak-photos-client_credentials");
    assert_eq!((machine.get("sid"), machine.get("amr")), (None, None));
    let claims = |token: TestToken| json_segment(&token.sign(), 1);
    let token = || issuer.token("alice");
    assert_eq!(claims(token().act("bot"))["act"], json!({ "sub": "bot" }));
    assert_eq!(claims(token().sid("5"))["sid"], "5");
    assert_eq!(claims(token().without_sid()).get("sid"), None);
    assert_eq!(claims(token().jti("7"))["jti"], "7");
    let bare = claims(token().without_user_claims());
    assert_eq!((bare.get("groups"), bare.get("email")), (None, None));
    assert_eq!(bare["sub"], "alice");
    let ahead = claims(token().issued_in(Duration::from_secs(5)));
    assert_eq!(ahead["iat"].as_u64().unwrap() - ahead["auth_time"].as_u64().unwrap(), 5);
}

#[tokio::test]
async fn logout_tokens_say_whose_session_ended() {
    let issuer = TestIssuer::start().await;
    let token = issuer.logout_token("alice").sign();
    assert_eq!(json_segment(&token, 0)["typ"], "logout+jwt");
    assert_eq!(json_segment(&token, 0)["kid"], issuer.kid());
    let claims = json_segment(&token, 1);
    let names: Vec<_> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(claims["events"], json!({ event: {} }));
    assert_eq!(claims["sid"], json_segment(&issuer.token("alice").sign(), 1)["sid"]);

    let legacy = issuer.logout_token("alice").legacy_logout().nonce("n").sign();
    assert_eq!(json_segment(&legacy, 0)["typ"], "JWT");
    assert_eq!(json_segment(&legacy, 1).get("exp"), None);
    assert_eq!(json_segment(&legacy, 1)["nonce"], "n");
}

#[tokio::test]
async fn an_outpost_names_the_user_in_headers() {
    let issuer = TestIssuer::builder().client_secret_signing().start().await;
    let headers = issuer
        .token("alice")
        .groups(["users", "a|admins"])
        .claim("name", "Alice\n")
        .outpost_headers();
    assert_eq!(headers["X-authentik-username"], "alice");
    assert_eq!(headers["X-authentik-groups"], "users|a|admins");
    assert_eq!(headers["X-authentik-uid"], "alice");
    assert_eq!(headers["X-authentik-meta-jwks"], issuer.jwks_url());
    assert!(!headers.contains_key("X-authentik-name"));
    let token = headers["X-authentik-jwt"].to_str().unwrap();
    assert!(is_hs256_with(token, issuer.client_secret().as_bytes()));
    assert_eq!(json_segment(token, 1)["groups"], json!(["users", "a|admins"]));
}

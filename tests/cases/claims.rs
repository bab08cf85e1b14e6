//! Cases about what tokens say.

use std::time::{Duration, SystemTime};

use axum_authz::{
    principal::Value,
    test::{TestClock, TestIssuer},
    token::{Authentik, ConfigErrorKind, Invalid},
};
use serde_json::json;

use crate::{Answer, SECOND, Service, invalid, refusal, verify};

const LEEWAY: Duration = Duration::from_secs(30);

#[tokio::test]
async fn case_01_a_good_token_and_what_it_says() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().roles_from("entitlements").build().unwrap();
    let token = issuer.token("alice").sub("3f1c").scope("openid photos.read");
    let token = token.groups(["user", "media"]).claim("entitlements", ["moderate"]);
    let token = token.claim("roles", ["moderate"]).sign();
    let verified = authentik.verify(&token).await.unwrap();
    let alice = verified.principal();
    assert_eq!((alice.id(), alice.issuer()), ("3f1c", issuer.issuer()));
    assert_eq!(alice.scopes().collect::<Vec<_>>(), ["openid", "photos.read"]);
    assert_eq!(alice.roles().collect::<Vec<_>>(), ["user", "media", "moderate"]);
    let claim = |name| alice.claims().get(name);
    assert_eq!(claim("groups"), Some(&Value::from(vec!["user", "media"])));
    assert_eq!(claim("entitlements"), Some(&Value::from(vec!["moderate"])));
    assert_eq!(alice.session_id(), Some(&*issuer.sid("alice")));
    assert_eq!(verified.identity().client_id(), Some("photos"));
    assert_eq!(verified.identity().lifetime(), Some(Duration::from_secs(3600)));
    assert_eq!(Service::new(&authentik).get("/view", &token).await, Answer::granted());
}

#[tokio::test]
async fn case_04_audiences() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    let with = |audience: serde_json::Value| issuer.token("alice").claim("aud", audience);
    for ours in [json!("photos"), json!(["photos"]), json!(["other", "photos"])] {
        assert_eq!(refusal(&authentik, with(ours)).await, None);
    }
    for (other, expected) in [
        (json!("other"), Invalid::Audience),
        (json!(["other", "another"]), Invalid::Audience),
        (json!([]), Invalid::Audience),
        (json!(""), Invalid::Audience),
        (json!("photos other"), Invalid::Audience),
        (json!(["photos", 7]), Invalid::Claim("aud")),
        (json!({ "photos": true }), Invalid::Claim("aud")),
        (json!(null), Invalid::MissingClaim("aud")),
    ] {
        assert_eq!(refusal(&authentik, with(other.clone())).await, invalid(expected), "{other}");
    }
    for none in [None, Some("")] {
        let builder = Authentik::issuer(issuer.issuer());
        let builder = none.iter().fold(builder, |builder, audience| builder.audience(audience));
        assert_eq!(builder.build().unwrap_err().kind(), ConfigErrorKind::NoAudience);
    }
}

#[tokio::test]
async fn case_14_an_id_token_as_bearer() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    let service = Service::new(&authentik);
    for token in [
        issuer.token("alice").id_token(),
        issuer.token("alice").hybrid_id_token(),
        // Scope mappings can add one of the marks, and not take away a hash.
        issuer.token("alice").id_token().claim("scope", "openid"),
        issuer.token("alice").id_token().claim("azp", "photos"),
        issuer.token("alice").id_token().claim("uid", "1"),
        issuer.token("alice").claim("at_hash", "x"),
        issuer.token("alice").claim("c_hash", "x"),
    ] {
        let token = token.sign();
        assert_eq!(authentik.verify(&token).await.err(), invalid(Invalid::NotAccessToken));
        let expected = Answer::unauthorized(Invalid::NotAccessToken);
        assert_eq!(service.get("/view", &token).await, expected);
    }
}

fn on_a_whole_second() -> TestClock {
    TestClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
}

#[tokio::test]
async fn case_17_expiry_and_time_of_issue() {
    let clock = on_a_whole_second();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().build().unwrap();
    let token = || issuer.token("alice");
    for (token, expected) in [
        (token().without_claim("exp"), invalid(Invalid::MissingClaim("exp"))),
        (token().claim("exp", json!(null)), invalid(Invalid::MissingClaim("exp"))),
        (token().claim("exp", "1900000000"), invalid(Invalid::Claim("exp"))),
        (token().expires_in(SECOND), None),
        (token().expired_for(LEEWAY - SECOND), None),
        (token().expired_for(LEEWAY), invalid(Invalid::Expired)),
        (token().expired(), invalid(Invalid::Expired)),
        (token().issued_in(5 * SECOND), None),
        (token().issued_in(120 * SECOND), None),
        (token().claim("iat", "now"), invalid(Invalid::Claim("iat"))),
        (token().without_claim("iat"), None),
    ] {
        assert_eq!(refusal(&authentik, token).await, expected);
    }
    let service = Service::new(&authentik);
    let expired = token().expired().sign();
    assert_eq!(service.get("/view", &expired).await, Answer::unauthorized(Invalid::Expired));
}

#[tokio::test]
async fn case_18_not_before() {
    let clock = on_a_whole_second();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    let authentik = issuer.authentik().build().unwrap();
    let token = || issuer.token("alice");
    for (token, expected) in [
        // Authentik writes none.
        (token().without_claim("nbf"), None),
        (token().valid_in(Duration::ZERO), None),
        (token().valid_in(LEEWAY), None),
        (token().valid_in(LEEWAY + SECOND), invalid(Invalid::NotYetValid)),
        (token().claim("nbf", "0"), invalid(Invalid::Claim("nbf"))),
    ] {
        assert_eq!(refusal(&authentik, token).await, expected);
    }
}

#[tokio::test]
async fn case_19_groups_and_other_claims_of_any_form() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    let service = Service::new(&authentik);
    let token = || issuer.token("alice");
    for (token, roles) in [
        (token().without_claim("groups"), vec![]),
        (token().claim("groups", json!(null)), vec![]),
        (token().claim("groups", "user"), vec![]),
        (token().claim("groups", json!({ "user": true })), vec![]),
        (token().claim("groups", json!([["user"], { "name": "user" }, 1, null, true])), vec![]),
        (token().claim("groups", json!([7, "user"])), vec!["user"]),
        (token().groups(["user", "media", "user"]), vec!["user", "media"]),
    ] {
        let text = token.sign();
        let verified = authentik.verify(&text).await.unwrap();
        assert_eq!(verified.principal().roles().collect::<Vec<_>>(), roles);
        let status = service.get("/view", &text).await.status;
        assert_eq!(status, if roles.contains(&"user") { 200 } else { 403 });
    }
    let twice = token().groups(["media"]).repeated_claim("groups", ["user"]);
    assert_eq!(refusal(&authentik, twice).await, invalid(Invalid::Malformed));

    // Scope mappings of proxy providers write a null, and any claims they like.
    let odd = token().claim("sid", json!(null)).claim("ak_proxy", json!({ "user": { "a": [1] } }));
    let alice = verify(&authentik, odd.claim("", json!([]))).await.unwrap();
    assert_eq!((alice.session_id(), alice.id()), (None, "alice"));
    assert!(alice.claims().get("ak_proxy").is_some());
    let session = token().claim("sid", 7);
    assert_eq!(refusal(&authentik, session).await, invalid(Invalid::Claim("sid")));
}

#[tokio::test]
async fn case_20_a_required_scope() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().static_role("user").build().unwrap();
    let service = Service::new(&authentik);
    let insufficient = || Answer {
        status: 403,
        challenge: Some(
            "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"photos.write\"".to_owned(),
        ),
        reason: Some("scope"),
    };
    let token = || issuer.token("alice");
    for (token, expected) in [
        // Authentik before 2025.10 writes none.
        (token().without_claim("scope"), insufficient()),
        (token().scope("openid photos.read"), insufficient()),
        (token().scope("photos.writer photos.write.all PHOTOS.WRITE"), insufficient()),
        (token().claim("scope", json!(null)), insufficient()),
        (token().claim("scope", json!({ "photos.write": true })), insufficient()),
        (token().claim("scope", ["openid photos.write"]), insufficient()),
        (token().claim("scope", json!([["photos.write"]])), insufficient()),
        (token().scope("openid photos.write"), Answer::granted()),
        // A scope mapping can put a list there.
        (token().claim("scope", ["openid", "photos.write"]), Answer::granted()),
    ] {
        let token = token.sign();
        assert_eq!(service.get("/view", &token).await, Answer::granted());
        assert_eq!(service.get("/write", &token).await, expected);
    }
}

#[tokio::test]
async fn case_21_a_client_of_its_own_and_a_policy_that_wants_humans() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().static_role("user").build().unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "client_credentials"), ("scope", "openid profile")])
        .extend_pairs([("client_id", issuer.audience()), ("client_secret", issuer.client_secret())])
        .finish();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(issuer.token_url()).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let granted: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    let token = granted["access_token"].as_str().unwrap();

    let verified = authentik.verify(token).await.unwrap();
    let machine = verified.principal();
    assert_eq!((machine.id(), machine.session_id()), ("ak-photos-client_credentials", None));
    let service = Service::new(&authentik);
    assert_eq!(service.get("/view", token).await, Answer::granted());
    // No other credentials of this client would help, so there is no challenge.
    let denied = || Answer { status: 403, challenge: None, reason: Some("denied") };
    assert_eq!(service.get("/print", token).await, denied());

    let human = issuer.token("alice");
    assert_eq!(service.get("/print", &human.clone().sign()).await, Answer::granted());
    assert_eq!(service.get("/print", &human.claim("sid", json!(null)).sign()).await, denied());
}

/// RFC 8693 section 4.1.
#[tokio::test]
async fn case_22_who_acts_for_the_subject() {
    let issuer = TestIssuer::start().await;
    let authentik = issuer.authentik().build().unwrap();
    let alice = verify(&authentik, issuer.token("alice").act("printer")).await.unwrap();
    assert_eq!((alice.id(), alice.actor()), ("alice", Some("printer")));
    let chain = json!({ "sub": "printer", "act": { "sub": "scanner" } });
    let alice = verify(&authentik, issuer.token("alice").claim("act", chain)).await.unwrap();
    assert_eq!(alice.actor(), Some("printer"));
    assert_eq!(verify(&authentik, issuer.token("alice")).await.unwrap().actor(), None);
    // What cannot be read is not overlooked.
    for act in [json!(null), json!("printer"), json!({}), json!({ "sub": 7 }), json!({ "sub": "" })]
    {
        let token = issuer.token("alice").claim("act", &act);
        assert_eq!(refusal(&authentik, token).await, invalid(Invalid::Claim("act")), "{act}");
    }
}

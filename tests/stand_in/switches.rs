//! What a test can switch while the stand-in runs.

use axum_authz::test::{Endpoint, Fault, TestIssuer};

use super::{get, post};

#[tokio::test]
async fn it_can_come_up_later_on_the_same_address() {
    let issuer = TestIssuer::start().await;
    let url = issuer.jwks_url();
    let open = reqwest::Client::new();
    assert!(open.get(&url).send().await.is_ok());
    issuer.go_down();
    issuer.go_down();
    assert!(open.get(&url).send().await.is_err(), "open connections are closed");
    assert!(reqwest::get(&url).await.is_err_and(|error| error.is_connect()));
    // Tokens can be made all the same.
    assert!(!issuer.token("alice").sign().is_empty());
    issuer.come_up();
    issuer.come_up();
    assert!(reqwest::get(&url).await.is_ok());
    drop(issuer);
    assert!(reqwest::get(&url).await.is_err());
}

#[tokio::test]
async fn requests_can_be_kept_waiting() {
    let issuer = TestIssuer::start().await;
    issuer.hold(Endpoint::KeySet);
    let url = issuer.jwks_url();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { get(&url).await.0 })
        })
        .collect();
    while issuer.jwks_hits() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&issuer.discovery_url()).await.0, 200, "others are not concerned");
    assert!(waiting.iter().all(|request| !request.is_finished()));
    issuer.release(Endpoint::KeySet);
    for request in waiting {
        assert_eq!(request.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn every_endpoint_can_misbehave() {
    let issuer = TestIssuer::start().await;
    let fault = Fault::Member("issuer".into(), "http://evil.example/".into());
    issuer.fail(Endpoint::Discovery, fault);
    assert_eq!(get(&issuer.discovery_url()).await.1["issuer"], "http://evil.example/");
    issuer.fail(Endpoint::KeySet, Fault::Status(503));
    assert_eq!(get(&issuer.jwks_url()).await.0, 503);
    issuer.recover(Endpoint::KeySet);
    assert_eq!(get(&issuer.jwks_url()).await.0, 200);
    assert_eq!((issuer.discovery_hits(), issuer.jwks_hits()), (1, 2));
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let issuer = TestIssuer::start().await;
    let token = issuer.token("alice").sign();
    let basic = format!("photos:{}", issuer.client_secret());
    post(&issuer.introspection_url(), &[("token", &token)], Some(&basic)).await;
    let seen = issuer.last_request(Endpoint::Introspection).unwrap();
    let shown = format!("{seen:?} {issuer:?} {:?}", issuer.of("photos"));
    assert!(!shown.contains(&token) && !shown.contains(issuer.client_secret()));
    assert!(!shown.contains("Basic"));
}

//! The example, in process: every line that it prints gives the status that it says.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../examples/photos/access.rs"]
mod access;
#[path = "../examples/photos/app.rs"]
mod app;
#[path = "../examples/photos/requests.rs"]
mod requests;
#[path = "../examples/photos/stand_in.rs"]
mod stand_in;
#[path = "../examples/photos/store.rs"]
mod store;

use axum::body::Body;
use axum::http::{Request, header};
use axum_authz::layer::AuthzLayer;
use axum_authz::policies::Policies;
use tower::ServiceExt as _;

use app::{App, app};
use requests::REQUESTS;
use store::Store;

async fn service() -> (axum::Router, axum_authz::test::TestIssuer) {
    let issuer = stand_in::start().await.unwrap();
    let policies =
        Policies::dir(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/photos")).load().unwrap();
    let store = Store::open(None).await.unwrap();
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), policies.clone());
    (app(App { store, policies }, layer), issuer)
}

#[tokio::test]
async fn every_printed_line_gives_its_status() {
    let (app, issuer) = service().await;
    for wanted in &REQUESTS {
        let mut request = Request::builder().method(wanted.method).uri(wanted.path);
        if let Some(person) = wanted.person {
            request = request
                .header(header::AUTHORIZATION, format!("Bearer {}", issuer.token(person).sign()));
        }
        if wanted.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Body::from(wanted.body.unwrap_or_default())).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(
            response.status().as_u16(),
            wanted.status,
            "{} {} ({})",
            wanted.method,
            wanted.path,
            wanted.why
        );
    }
}

#[tokio::test]
async fn the_printed_lines_begin_with_curl_and_end_with_the_status() {
    let issuer = stand_in::start().await.unwrap();
    let mut out = Vec::new();
    stand_in::explain(&mut out, "http://127.0.0.1:3000", &issuer).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), REQUESTS.len());
    for (line, request) in lines.iter().zip(&REQUESTS) {
        assert!(line.starts_with("curl "), "{line}");
        assert!(line.ends_with(&format!("# {}", request.status)), "{line}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_quite_right_gives_401_and_the_challenge() {
    let (app, issuer) = service().await;
    let good = issuer.token("alice").sign();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let changed = format!("{signed}.{first}{}", signature.get(1..).unwrap());
    let bad = [
        changed,
        issuer.token("alice").issuer("https://id.example.org/application/o/photos/").sign(),
        issuer.token("alice").audience("somebody-else").sign(),
        issuer.token("alice").expired().sign(),
    ];
    for token in bad {
        let request =
            Request::get("/albums/1").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 401);
        let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn known_keys_outlive_the_issuer() {
    let (app, issuer) = service().await;
    let token = issuer.token("alice").sign();
    for down in [false, true] {
        if down {
            issuer.go_down();
        }
        let request =
            Request::get("/whoami").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "down: {down}");
    }
}

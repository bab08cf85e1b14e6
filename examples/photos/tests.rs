//! The example, in process: every line that it prints gives the status that it says.

#![expect(clippy::unwrap_used, reason = "tests")]

use axum::body::Body;
use axum::http::{Request, header};
use axum_authz::endpoint::BackChannelLogout;
use axum_authz::guard::Secured;
use axum_authz::layer::AuthzLayer;
use axum_authz::policies::Policies;
use axum_authz::principal::Principal;
use axum_authz::token::RevocationList;
use photos::app::{App, app};
use photos::requests::{PEOPLE, REQUESTS};
use photos::{stand_in, store::Store};
use tower::ServiceExt as _;

fn policies() -> Policies {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/photos");
    Policies::dir(dir).load().unwrap()
}

async fn service() -> (Secured, axum_authz::test::TestIssuer) {
    let issuer = stand_in::start().await.unwrap();
    let authentik = issuer.authentik().revocations(RevocationList::default()).build().unwrap();
    let logout = BackChannelLogout::new(&authentik).unwrap();
    let state = App { store: Store::open(None).await.unwrap() };
    (app(state, AuthzLayer::new(authentik, policies()), logout).unwrap(), issuer)
}

/// Who may call what, as `access.txt` has it: a change of the routes or of the policies shows there.
#[tokio::test]
async fn everybody_may_call_what_the_checked_in_matrix_says() {
    let (app, _issuer) = service().await;
    let people = PEOPLE.map(|(name, groups)| {
        (name, groups.iter().fold(Principal::test(name), |who, group| who.role(group)))
    });
    axum_authz::test::assert_access_matrix!(&app, &policies(), people, "access.txt");
}

#[tokio::test]
async fn every_printed_line_gives_its_status() {
    let (app, issuer) = service().await;
    for wanted in REQUESTS {
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
    for (line, request) in lines.iter().zip(REQUESTS) {
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

//! Denied and absent are told alike, where the type of the resource asks for it.

use axum::{Json, Router, body::Body, http::Request};
use axum_authz::{
    extract::{All, Changed, Checked, Loaded},
    guard::{self, Ahead},
};

use crate::{
    service::{Answer, Boxed, Setup, bearer},
    trail::note,
    world::{ABSENT, ALICES, Album, App, BOBS, Create, Edit, Hidden, policies},
};

async fn show(_: Loaded<Hidden, Edit>) {
    note("handler");
}

async fn show_both(_: All<(Loaded<Hidden, Edit>, Loaded<Hidden, Edit>)>) {
    note("handler");
}

async fn change(_: Changed<Hidden, Json<Album>, Edit>) {
    note("handler");
}

async fn make(_: Checked<Json<Hidden>, Create>) {
    note("handler");
}

async fn make_ahead(_: Ahead<Checked<Json<Hidden>, Create>>, _: Checked<Json<Hidden>, Create>) {
    note("handler");
}

macro_rules! routes {
    ($router:ty, $($routing:ident)::+) => {{
        use $($routing)::+::{get, post};
        <$router>::new()
            .route("/one/{id}", get(show).post(show))
            .route("/both/{id}", get(show_both).post(show_both))
            .route("/changed/{id}", post(change))
            .route("/checked", post(make))
            .route("/ahead", post(make_ahead))
    }};
}

fn both(setup: &Setup) -> [Boxed; 2] {
    let plain: Router<App> = routes!(Router<App>, axum::routing);
    let guarded: guard::Router<App> = routes!(guard::Router<App>, guard);
    [setup.plain(plain.with_state(App)), setup.finish(guarded.with_state(App))]
}

/// An answer as the client sees it, and the order of headers with it, without the one thing that differs.
fn told(answer: &Answer) -> String {
    let call_id = answer.call_id.unwrap().to_string();
    let Answer { status, headers, body, .. } = answer;
    let headers: Vec<_> = headers.iter().collect();
    format!("{status} {headers:?} {body}").replace(&call_id, "CALL")
}

#[tokio::test]
async fn denied_absent_and_never_allowed_are_the_same_to_the_client() {
    let setup = Setup::new(policies()).await;
    let (alice, guest) = (setup.user("alice"), setup.user("alice").groups(["guest"]));
    for service in both(&setup) {
        for path in ["/one", "/both", "/changed"] {
            for (method, content_type) in [
                ("GET", "application/json"),
                ("HEAD", "application/json"),
                ("POST", "application/json"),
                ("POST", "application/grpc"),
                ("POST", "application/grpc-web+proto"),
            ] {
                if path == "/changed" && method != "POST" {
                    continue;
                }
                let mut all = Vec::new();
                for (token, id) in [
                    (&alice, ABSENT),
                    (&alice, BOBS),
                    (&guest, ABSENT),
                    (&guest, BOBS),
                    (&guest, ALICES),
                ] {
                    let request = Request::builder()
                        .method(method)
                        .uri(format!("{path}/{id}"))
                        .header("authorization", bearer(token.clone()))
                        .header("content-type", content_type)
                        .body(Body::from(r#"{"id":1,"owner":"alice","stars":4}"#));
                    let answer = Answer::to(&service, request.unwrap()).await;
                    assert!(!answer.steps.contains("handler"), "{answer:?}");
                    all.push(told(&answer));
                }
                let [absent, others @ ..] = &*all else { panic!("nothing was asked") };
                let grpc = content_type != "application/json";
                assert!(absent.starts_with(if grpc { "200" } else { "404" }), "{absent}");
                assert!(!grpc || absent.contains(r#"("grpc-status", "5")"#), "{absent}");
                for other in others {
                    assert_eq!(other, absent, "{method} {path} {content_type}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_a_body_carries_is_concealed_too() {
    let setup = Setup::new(policies()).await;
    let (alice, guest) = (setup.user("alice"), setup.user("alice").groups(["guest"]));
    for service in both(&setup) {
        let absent = Request::get(format!("/one/{ABSENT}"))
            .header("authorization", bearer(alice.clone()))
            .body(Body::empty());
        let absent = told(&Answer::to(&service, absent.unwrap()).await);
        for path in ["/checked", "/ahead"] {
            for (token, owner) in [(&alice, "bob"), (&guest, "alice")] {
                let request = Request::post(path)
                    .header("authorization", bearer(token.clone()))
                    .header("content-type", "application/json")
                    .body(Body::from(format!(r#"{{"id":1,"owner":"{owner}","stars":4}}"#)));
                let answer = Answer::to(&service, request.unwrap()).await;
                assert_eq!(told(&answer), absent, "{path} {owner}");
            }
        }
    }
}

#[tokio::test]
async fn the_services_own_words_cannot_tell_them_apart() {
    let setup = Setup::new(policies()).await.respond_with(|refusal, _, _| {
        Some(("text/plain".parse().unwrap(), format!("{refusal} {refusal:?} {}", refusal.reason())))
    });
    let [plain, _] = both(&setup);
    let alice = bearer(setup.user("alice"));
    let mut all = Vec::new();
    for id in [ABSENT, BOBS] {
        let request =
            Request::get(format!("/one/{id}")).header("authorization", &alice).body(Body::empty());
        all.push(told(&Answer::to(&plain, request.unwrap()).await));
    }
    assert_eq!(all.first(), all.last());
    assert!(all.concat().contains("there is no such resource"), "{all:?}");
}

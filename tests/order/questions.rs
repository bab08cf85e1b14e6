//! `Decider`: what handlers ask for what they show.

use std::{
    sync::{Arc, Mutex},
    time::SystemTime,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery},
    http::{Method, Request},
    routing::get,
};
use axum_authz::{
    authenticated,
    decide::{Answer as Decided, Decide, Question},
    extract::{Decider, Permissions, Rejection},
    guard,
    policies::{Decision, Effect},
};

use crate::{
    service::{Answer, Boxed, Setup, bearer},
    support::Log,
    trail::note,
    world::{ALICES, Album, BOBS, Create, Edit, HUGE, List, NOT_A_NUMBER, policies, stored},
};

type Asked<T> = Result<Json<T>, Rejection>;

#[authenticated]
async fn may(decider: Decider, Path(id): Path<u64>) -> Asked<bool> {
    let may = decider.may::<Edit, _>(&stored(id)).await?;
    note("handler");
    Ok(Json(may))
}

#[authenticated]
async fn permissions(decider: Decider, Path(id): Path<u64>) -> Asked<Permissions<Album>> {
    let may = decider.permissions::<(Edit, Create, List), _>(&stored(id)).await?;
    note("handler");
    Ok(Json(may))
}

#[authenticated]
async fn one_permission(decider: Decider, Path(id): Path<u64>) -> Asked<[bool; 2]> {
    let may: Permissions<Album> = decider.permissions::<Edit, _>(&stored(id)).await?;
    assert_eq!(may.iter().len(), 1);
    Ok(Json([may.allows::<Edit>(), may.allows::<List>()]))
}

/// The albums of the query, `1,2,3`.
#[authenticated]
async fn filter(decider: Decider, RawQuery(query): RawQuery) -> Asked<Vec<u64>> {
    let query = query.unwrap_or_default();
    let ids = query.split(',').filter_map(|id| id.parse().ok()).map(stored);
    let kept = decider.filter::<Edit, Album>(ids.collect::<Vec<_>>()).await?;
    note("handler");
    Ok(Json(kept.into_iter().map(|album| album.id).collect()))
}

macro_rules! routes {
    ($router:ty, $($routing:ident)::+) => {{
        use $($routing)::+::get;
        <$router>::new()
            .route("/may/{id}", get(may))
            .route("/permissions/{id}", get(permissions))
            .route("/one/{id}", get(one_permission))
            .route("/filter", get(filter))
    }};
}

fn both(setup: &Setup) -> [Boxed; 2] {
    let plain: Router = routes!(Router, axum::routing);
    [setup.plain(plain), setup.finish(routes!(guard::Router, guard))]
}

async fn ask(setup: &Setup, service: &Boxed, method: Method, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", bearer(setup.user("alice")))
        .body(Body::empty());
    Answer::to(service, request.unwrap()).await
}

#[tokio::test]
async fn each_question_has_the_answer_of_the_policies_or_none() {
    let setup = Setup::new(policies()).await;
    for service in both(&setup) {
        for (path, status, body, steps) in [
            ("/may/1", 200, "true", "decide(edit) handler"),
            ("/may/2", 200, "false", "decide(edit) handler"),
            ("/may/3", 503, "", ""),
            ("/may/4", 503, "", "decide(edit)"),
            (
                "/permissions/1",
                200,
                r#"{"edit":true,"create":true,"list":true}"#,
                "decide_each(edit,create,list) handler",
            ),
            (
                "/permissions/2",
                200,
                r#"{"edit":false,"create":false,"list":true}"#,
                "decide_each(edit,create,list) handler",
            ),
            ("/permissions/3", 503, "", ""),
            // That albums may be listed is known, and is not told alone.
            ("/permissions/4", 503, "", "decide_each(edit,create,list)"),
            ("/one/1", 200, "[true,false]", "decide_each(edit)"),
            ("/one/2", 200, "[false,false]", "decide_each(edit)"),
            ("/filter?", 200, "[]", "handler"),
            ("/filter?1,2,1", 200, "[1,1]", "decide(edit) decide(edit) decide(edit) handler"),
            ("/filter?2,2", 200, "[]", "decide(edit) decide(edit) handler"),
            ("/filter?1,4,1", 503, "", "decide(edit) decide(edit)"),
            ("/filter?1,2,3", 503, "", "decide(edit) decide(edit)"),
            ("/filter?3,1", 503, "", ""),
        ] {
            let answer = ask(&setup, &service, Method::GET, path).await;
            assert_eq!((answer.status, &*answer.steps), (status, steps), "{path}: {}", answer.body);
            assert_eq!(answer.header("retry-after").is_some(), status == 503, "{path}");
            if status == 200 {
                assert_eq!(answer.body, body, "{path}");
            } else {
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            }
            let head = ask(&setup, &service, Method::HEAD, path).await;
            assert_eq!((head.status, &*head.body), (status, ""), "HEAD {path}");
        }
    }
    assert_eq!([ALICES, BOBS, NOT_A_NUMBER, HUGE], [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_question_refuses_only_those_who_are_not_known() {
    let setup = Setup::new(policies()).await;
    let plain = Router::new().route("/", get(async |_: Decider| note("handler")));
    let service = setup.plain(plain);
    let anonymous = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(Answer::to(&service, anonymous).await.status, 401);
    let guest = bearer(setup.user("alice").groups(["guest"]));
    let guest = Request::get("/").header("authorization", guest).body(Body::empty()).unwrap();
    let answer = Answer::to(&service, guest).await;
    assert_eq!((answer.status, &*answer.steps), (200, "handler"));
}

#[tokio::test]
async fn what_has_no_answer_is_logged_under_the_clients_call_id_and_the_rest_is_no_refusal() {
    let setup = Setup::new(policies()).await;
    let [service, _] = both(&setup);
    let (log, _guard) = Log::start();
    let answer = ask(&setup, &service, Method::GET, "/filter?2,3").await;
    let line = log.line("no decision");
    assert!(line.contains("attribute=\"stars\"") && line.contains("ERROR"), "{line}");
    assert!(line.contains(&answer.call_id.unwrap().to_string()), "{line}");
    let answer = ask(&setup, &service, Method::GET, "/filter?2,4").await;
    let line = log.line("WARN");
    assert!(line.contains("action=\"edit\"") && line.contains("kind=\"album\""), "{line}");
    assert!(line.contains(&answer.call_id.unwrap().to_string()), "{line}");
    // The second album was not shown, which nobody was refused.
    assert!(!log.text().contains("effect="), "{}", log.text());
}

/// Notes when it is asked for what time.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<SystemTime>>>);

impl Decide for Times {
    fn decide<'a>(&'a self, question: Question<'a>, _: &'a str) -> Decided<'a, Decision> {
        self.0.lock().unwrap().push(question.now);
        Decided::now(Ok(Decision::new(Effect::Allow)))
    }
}

#[tokio::test]
async fn all_items_of_a_list_are_decided_on_for_the_same_instant() {
    let times = Times::default();
    let setup = Setup::new(times.clone()).await;
    let [service, _] = both(&setup);
    for path in ["/filter?1,2,1,2", "/permissions/1"] {
        assert_eq!(ask(&setup, &service, Method::GET, path).await.status, 200);
        let times = std::mem::take(&mut *times.0.lock().unwrap());
        assert!(
            times.len() >= 3 && times.windows(2).all(|two| two.first() == two.last()),
            "{path}"
        );
    }
}

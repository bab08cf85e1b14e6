//! What was decided on one resource says nothing about another, whatever the body calls it.

use axum::{Json, Router, body::Body, http::Request};
use axum_authz::{
    decide::{Answer as Decided, Decide, Question},
    extract::{Changed, Lapsed, Loaded},
    guard::{self, Action},
    policies::{Decision, Effect},
    prelude::*,
    resource::Change,
};
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::{
    service::{Answer, Boxed, Setup, bearer},
    trail::note,
    world::App,
};

/// Allows everything.
struct Yes;

impl Decide for Yes {
    fn decide<'a>(&'a self, _: Question<'a>, _: &'a str) -> Decided<'a, Decision> {
        Decided::now(Ok(Decision::new(Effect::Allow)))
    }
}

struct Edit;

impl Action for Edit {
    const KIND: &'static str = "page";
    const NAME: &'static str = "edit";
}

/// A page of one of several tenants, who number their pages each for themselves.
#[derive(Debug, Clone, PartialEq, Deserialize, Resource)]
#[resource(kind = "page")]
struct Page {
    #[id]
    id: u64,
    #[scope]
    tenant: String,
}

fn page(id: u64, tenant: &str) -> Page {
    Page { id, tenant: tenant.into() }
}

impl Load<App> for Page {
    type Key = Path<u64>;
    type Error = std::convert::Infallible;

    async fn load(_: &App, Path(id): Path<u64>) -> Result<Option<Self>, Self::Error> {
        Ok(Some(page(id, "acme")))
    }
}

/// As one writes it for `PUT`: the body is all there is.
impl Change<Self> for Page {
    fn apply(&self, _: &Self) -> Self {
        self.clone()
    }
}

type Change1 = Changed<Page, Json<Page>, Edit>;

async fn replace(_: Change1) {
    note("handler");
}

async fn put(service: &Boxed, setup: &Setup, body: &str) -> Answer {
    let request = Request::put("/1")
        .header("authorization", bearer(setup.user("alice")))
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    Answer::to(service, request.unwrap()).await
}

#[tokio::test]
async fn a_body_cannot_turn_the_resource_into_another_one() {
    let setup = Setup::new(Yes).await;
    let plain = Router::new().route("/{id}", axum::routing::put(replace)).with_state(App);
    let guarded = guard::Router::new().route("/{id}", guard::put(replace)).with_state(App);
    for service in [setup.plain(plain), setup.finish(guarded)] {
        let answer = put(&service, &setup, r#"{"id":2,"tenant":"acme"}"#).await;
        assert_eq!((answer.status, &*answer.steps), (400, "foresee(edit) decide(edit)"));
        // Moving to another tenant is a change, and decided on.
        for tenant in ["acme", "globex"] {
            let body = format!(r#"{{"id":1,"tenant":"{tenant}"}}"#);
            let answer = put(&service, &setup, &body).await;
            let steps = "foresee(edit) decide(edit) decide(edit) handler";
            assert_eq!((answer.status, &*answer.steps), (200, steps), "{tenant}");
        }
    }
}

#[tokio::test]
async fn a_resource_of_another_tenant_is_another_one() {
    let setup = Setup::new(Yes).await;
    let (sender, mut proofs) = mpsc::unbounded_channel();
    let handler = async move |page: Loaded<Page, Edit>| sender.send(page).unwrap();
    let router = Router::new().route("/{id}", get(handler)).with_state(App);
    let service = setup.plain(router);
    for (fresh, expected) in [
        (page(1, "acme"), Ok(page(1, "acme"))),
        (page(1, "globex"), Err(Lapsed::OtherResource)),
        (page(2, "acme"), Err(Lapsed::OtherResource)),
    ] {
        let request = Request::get("/1")
            .header("authorization", bearer(setup.user("alice")))
            .body(Body::empty());
        assert_eq!(Answer::to(&service, request.unwrap()).await.status, 200);
        let proof = proofs.recv().await.unwrap();
        assert_eq!(proof.renew(fresh).await.map(Loaded::into_inner), expected);
    }
}

//! Others who decide: late, never with an answer, beforehand, and not as many times as they were asked.

use std::time::SystemTime;

use axum::{
    Json, Router,
    body::Body,
    http::Request,
    routing::{get, post},
};
use axum_authz::{
    Principal,
    decide::{Answer as Decided, Decide, Question},
    extract::{Decider, Loaded, Permissions, Rejection},
    policies::{Decision, Effect, Outline, Outlook, Policies, Undecided},
};
use tokio::task::yield_now;

use crate::{
    matrix::{FORMS, every_declaration},
    service::{Answer, Setup, bearer},
    trail::note,
    world::{Album, App, Create, Edit, Print, policies},
    wrong::Wrong,
};

/// Answers as policies do, but not at once.
struct Late(Policies);

impl Decide for Late {
    fn decide<'a>(&'a self, question: Question<'a>, action: &'a str) -> Decided<'a, Decision> {
        Decided::later(async move {
            yield_now().await;
            Decide::decide(&self.0, question, action).await
        })
    }

    fn foresee<'a>(
        &'a self,
        principal: &'a Principal,
        outline: Outline<'a>,
        action: &'a str,
        now: SystemTime,
    ) -> Decided<'a, Outlook> {
        Decided::later(async move {
            yield_now().await;
            Decide::foresee(&self.0, principal, outline, action, now).await
        })
    }
}

#[tokio::test]
async fn who_answers_later_answers_the_same() {
    every_declaration(Late(policies())).await;
}

/// Whatever is left out answers as the trait does.
#[derive(Clone, Copy)]
struct Fixed {
    decision: Option<Effect>,
    outlook: Option<Outlook>,
    /// How many answers there are to several questions.
    answers: usize,
}

const DOWN: Undecided = Undecided::unavailable("pdp_down");

impl Decide for Fixed {
    fn decide<'a>(&'a self, _: Question<'a>, _: &'a str) -> Decided<'a, Decision> {
        Decided::now(self.decision.map(Decision::new).ok_or(DOWN))
    }

    fn decide_each<'a>(&'a self, _: Question<'a>, _: &'a [&'a str]) -> Decided<'a, Vec<Decision>> {
        let decision = self.decision.map(Decision::new).ok_or(DOWN);
        Decided::now(decision.map(|decision| vec![decision; self.answers]))
    }

    fn foresee<'a>(
        &'a self,
        _: &'a Principal,
        _: Outline<'a>,
        _: &'a str,
        _: SystemTime,
    ) -> Decided<'a, Outlook> {
        Decided::now(self.outlook.ok_or(DOWN))
    }
}

/// The status of each handler that asks, for someone with every right and someone with none, and the steps.
async fn of_all_who_ask(decider: impl Decide) -> Vec<(&'static str, u16, String)> {
    let setup = Setup::new(decider).await;
    let mut all = Vec::new();
    for (_, service) in setup.both() {
        for form in FORMS.iter().filter(|form| form.asks()) {
            for wrong in [Wrong::Nothing, Wrong::Role, Wrong::Owner] {
                let answer = Answer::to(&service, wrong.request(form.path, &setup)).await;
                assert_eq!(answer.header("retry-after").is_some(), answer.status == 503);
                all.push((form.path, answer.status, answer.steps));
            }
        }
    }
    assert!(all.len() >= 72, "{}", all.len());
    all
}

#[tokio::test]
async fn without_an_answer_there_is_neither_a_yes_nor_a_no() {
    let nothing = Fixed { decision: None, outlook: None, answers: 0 };
    for (path, status, steps) in of_all_who_ask(nothing).await {
        assert_eq!(status, 503, "{path}: {steps}");
        assert!(!steps.contains("load") && !steps.contains("body"), "{path}: {steps}");
        assert!(!steps.contains("handler"), "{path}: {steps}");
    }
    // As before, but what cannot be foreseen depends.
    for outlook in [Outlook::Depends, Outlook::Always] {
        let nothing = Fixed { outlook: Some(outlook), ..nothing };
        for (path, status, steps) in of_all_who_ask(nothing).await {
            assert_eq!(status, 503, "{path}: {steps}");
            assert!(!steps.contains("handler"), "{path}: {steps}");
        }
    }
}

#[tokio::test]
async fn what_is_never_allowed_is_neither_loaded_nor_read() {
    let never = Fixed { decision: Some(Effect::Allow), outlook: Some(Outlook::Never), answers: 0 };
    for (path, status, steps) in of_all_who_ask(never).await {
        // Those who have the head of the request to decide on need no foresight.
        if steps.starts_with("decide") {
            assert_eq!(status, 200, "{path}: {steps}");
            continue;
        }
        assert_eq!(status, if path.contains("concealed") { 404 } else { 403 }, "{path}: {steps}");
        assert!(steps.split(' ').all(|step| step.starts_with("foresee(")), "{path}: {steps}");
    }
}

#[tokio::test]
async fn foresight_alone_allows_nothing() {
    let denies = Fixed { decision: Some(Effect::Deny), outlook: Some(Outlook::Always), answers: 0 };
    for (path, status, steps) in of_all_who_ask(denies).await {
        assert_eq!(status, if path.contains("concealed") { 404 } else { 403 }, "{path}: {steps}");
        assert!(steps.contains("decide(") && !steps.contains("handler"), "{path}: {steps}");
    }
}

async fn permitted(decider: Decider) -> Result<Json<Permissions<Album>>, Rejection> {
    let album = Album { id: 1, owner: "alice".into(), stars: 4.0, huge: None };
    Ok(Json(decider.permissions::<(Edit, Create), _>(&album).await?))
}

#[tokio::test]
async fn answers_that_do_not_match_the_questions_are_none() {
    for (decision, answers, status) in [
        (Some(Effect::Allow), 0, 503),
        (Some(Effect::Allow), 1, 503),
        (Some(Effect::Deny), 1, 503),
        (Some(Effect::Allow), 2, 200),
        (Some(Effect::Allow), 3, 503),
        (None, 2, 503),
    ] {
        let setup = Setup::new(Fixed { decision, outlook: None, answers }).await;
        let service = setup.plain(Router::new().route("/", get(permitted)));
        let request = Request::get("/").header("authorization", bearer(setup.user("alice")));
        let answer = Answer::to(&service, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{decision:?} {answers}");
    }
}

/// Says only what it must.
struct Least(Option<Effect>);

impl Decide for Least {
    fn decide<'a>(&'a self, _: Question<'a>, action: &'a str) -> Decided<'a, Decision> {
        let decision = if action == "create" { None } else { self.0 };
        Decided::now(decision.map(Decision::new).ok_or(DOWN))
    }
}

#[tokio::test]
async fn one_question_of_several_without_an_answer_is_an_answer_to_none() {
    let setup = Setup::new(Least(Some(Effect::Allow))).await;
    let service = setup.plain(Router::new().route("/", get(permitted)));
    let request = Request::get("/").header("authorization", bearer(setup.user("alice")));
    let answer = Answer::to(&service, request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, &*answer.steps), (503, "decide_each(edit,create)"));
    // Nothing is foreseen unless it is implemented, so that everything is loaded.
    let [(_, plain), _] = setup.both();
    let answer = Answer::to(&plain, Wrong::Role.request("/loaded/{id}", &setup)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.steps.contains("load(album)"), "{}", answer.steps);
}

async fn print(_: Loaded<Album, Print>) {
    note("handler");
}

/// That a condition takes too long does not matter where the resource spares its evaluation.
#[tokio::test]
async fn foresight_that_takes_too_long_leaves_the_answer_to_the_decision() {
    let setup = Setup::new(policies()).await;
    let router = Router::new().route("/{id}", post(print)).with_state(App);
    let service = setup.plain(router);
    for (wrong, status, steps) in [
        (Wrong::Nothing, 200, "foresee(print) load(album) decide(print) handler"),
        (Wrong::Huge, 503, "foresee(print) load(album) decide(print)"),
        (Wrong::Role, 403, "foresee(print)"),
    ] {
        let answer = Answer::to(&service, wrong.request("/{id}", &setup)).await;
        assert_eq!((answer.status, &*answer.steps), (status, steps), "{wrong:?}");
    }
}

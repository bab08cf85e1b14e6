//! Asking again, for what goes on after the request.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Request, routing::get};
use axum_authz::{
    decide::{Answer as Decided, Decide, Question},
    extract::{Lapsed, Loaded},
    policies::{Decision, Effect, Policies, Undecided},
    principal::Ended,
    test::TestClock,
    token::{Revocation, Revocations},
};
use tokio::sync::mpsc;

use crate::{
    service::{Answer, Setup, bearer},
    support::Log,
    trail::record,
    world::{ALICES, Album, App, Edit, NOT_A_NUMBER, policies, stored},
};

type Proof = Loaded<Album, Edit>;

/// What a handler was given for alice's album.
async fn proof(setup: &Setup) -> Proof {
    let (sender, mut proofs) = mpsc::unbounded_channel();
    let handler = async move |album: Proof| sender.send(album).unwrap();
    let service = setup.plain(Router::new().route("/{id}", get(handler)).with_state(App));
    let request = Request::get(format!("/{ALICES}"))
        .header("authorization", bearer(setup.user("alice")))
        .body(Body::empty());
    assert_eq!(Answer::to(&service, request.unwrap()).await.status, 200);
    proofs.recv().await.unwrap()
}

const DOWN: Undecided = Undecided::unavailable("pdp_down");

/// Answers as it is told to at the moment; without an answer until then.
#[derive(Clone)]
struct Switch(Arc<Mutex<Option<Effect>>>);

impl Switch {
    fn on() -> Self {
        Self(Arc::new(Mutex::new(Some(Effect::Allow))))
    }

    fn set(&self, effect: Option<Effect>) {
        *self.0.lock().unwrap() = effect;
    }
}

impl Decide for Switch {
    fn decide<'a>(&'a self, _: Question<'a>, _: &'a str) -> Decided<'a, Decision> {
        Decided::now(self.0.lock().unwrap().map(Decision::new).ok_or(DOWN))
    }
}

#[tokio::test]
async fn what_is_asked_again_is_answered_as_of_now() {
    let switch = Switch::on();
    let setup = Setup::new(switch.clone()).await;
    let album = proof(&setup).await;
    for (effect, expected) in [
        (Some(Effect::Allow), Ok(())),
        (Some(Effect::Deny), Err(Lapsed::Denied)),
        (None, Err(Lapsed::Undecided(DOWN))),
        (Some(Effect::Allow), Ok(())),
    ] {
        switch.set(effect);
        let (answer, steps) = record(album.recheck()).await;
        // Nothing is loaded, and nothing foreseen.
        assert_eq!((answer, &*steps), (expected, "decide(edit)"));
    }
    switch.set(None);
    assert_eq!(album.renew(stored(ALICES)).await.unwrap_err(), Lapsed::Undecided(DOWN));
}

#[tokio::test]
async fn what_is_asked_again_is_recorded() {
    let switch = Switch::on();
    let setup = Setup::new(switch.clone()).await;
    let album = proof(&setup).await;
    let (log, _guard) = Log::start();
    album.recheck().await.unwrap();
    let line = log.line("axum_authz::decision");
    assert!(line.contains("effect=\"allow\"") && line.contains("subject=\"alice\""), "{line}");
    switch.set(Some(Effect::Deny));
    album.recheck().await.unwrap_err();
    let line = log.line("effect=\"deny\"");
    assert!(line.contains("INFO") && line.contains("id=\"1\""), "{line}");
}

#[tokio::test]
async fn a_resource_loaded_anew_is_decided_on_as_it_is_now() {
    let setup = Setup::new(policies()).await;
    let fresh = Album { stars: 2.0, ..stored(ALICES) };
    let album = proof(&setup).await.renew(fresh).await.unwrap();
    assert_eq!((album.stars, album.decision().effect()), (2.0, Effect::Allow));
    album.recheck().await.unwrap();

    // Somebody else has it now.
    let given_away = Album { owner: "bob".into(), ..stored(ALICES) };
    assert_eq!(album.renew(given_away).await.unwrap_err(), Lapsed::Denied);

    let huge = Album { huge: Some(true), ..stored(ALICES) };
    let lapsed = proof(&setup).await.renew(huge).await.unwrap_err();
    assert!(matches!(lapsed, Lapsed::Undecided(_)), "{lapsed:?}");

    let unclear = Album { id: ALICES, ..stored(NOT_A_NUMBER) };
    match proof(&setup).await.renew(unclear).await.unwrap_err() {
        Lapsed::Invalid(invalid) => assert_eq!(invalid.name(), "stars"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_proof_of_one_resource_does_not_become_one_of_another() {
    let setup = Setup::new(policies()).await;
    let album = proof(&setup).await;
    let another = Album { id: ALICES + 100, ..stored(ALICES) };
    let (lapsed, steps) = record(album.renew(another)).await;
    // The caller could do the same with it; nobody asked that.
    assert_eq!((lapsed.unwrap_err(), &*steps), (Lapsed::OtherResource, ""));
}

#[tokio::test]
async fn after_the_tokens_end_nothing_is_asked() {
    let clock = TestClock::new();
    let setup = Setup::at(&clock, policies()).await;
    let album = proof(&setup).await;
    album.recheck().await.unwrap();

    clock.advance(Duration::from_secs(2 * 3600));
    let (lapsed, steps) = record(album.recheck()).await;
    assert_eq!((lapsed, &*steps), (Err(Lapsed::Ended(Ended::Expired)), ""));
    let (lapsed, steps) = record(album.renew(stored(ALICES))).await;
    assert_eq!((lapsed.unwrap_err(), &*steps), (Lapsed::Ended(Ended::Expired), ""));
}

#[tokio::test]
async fn after_a_revocation_nothing_is_asked() {
    let clock = TestClock::new();
    let setup = Setup::at(&clock, policies()).await;
    let album = proof(&setup).await;
    let revocation = Revocation::subject(setup.issuer.issuer(), "alice", clock.now());
    setup.revocations.revoke(revocation).await.unwrap();
    let (lapsed, steps) = record(album.recheck()).await;
    assert_eq!((lapsed, &*steps), (Err(Lapsed::Ended(Ended::Revoked)), ""));
}

const ALLOWS: &str = "
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: [edit]
      effect: EFFECT_ALLOW
      roles: [user]
";

#[tokio::test]
async fn policies_that_were_reloaded_meanwhile_are_the_ones_that_count() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("album.yaml");
    fs::write(&file, ALLOWS).unwrap();
    let policies = Policies::dir(folder.path()).watch().load().unwrap();
    let setup = Setup::new(policies.clone()).await;
    let album = proof(&setup).await;
    album.recheck().await.unwrap();

    fs::write(&file, ALLOWS.replace("ALLOW", "DENY")).unwrap();
    while policies.epoch() == 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(album.recheck().await, Err(Lapsed::Denied));
    // What it was worth when it was made it says still.
    assert_eq!(album.decision().effect(), Effect::Allow);
}

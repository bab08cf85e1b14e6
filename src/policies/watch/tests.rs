use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use notify_debouncer_full::{
    DebouncedEvent,
    notify::{
        Event,
        event::{AccessKind, AccessMode, CreateKind, EventKind},
    },
};

use super::{is_change, reload};
use crate::{
    ErrorKind, Principal,
    policies::{Effect, Policies, Resource},
};

fn write_policy(folder: &Path, effect: &str) {
    let text = format!(
        "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: album\n  version: default\n  rules:\n    \
         - actions: [view]\n      effect: {effect}\n      roles: [user]\n"
    );
    // Moved into place, so that no reload sees half of it.
    fs::write(folder.join("album.tmp"), text).unwrap();
    fs::rename(folder.join("album.tmp"), folder.join("album.yaml")).unwrap();
}

fn effect(policies: &Policies) -> Effect {
    let album = Resource { kind: "album".into(), ..Resource::default() };
    let alice = Principal::test("alice").role("user");
    policies.decide(&alice, &album, "view", SystemTime::now()).unwrap().effect()
}

#[test]
fn a_set_with_a_mistake_never_takes_the_place_of_one_that_works() {
    let folder = tempfile::tempdir().unwrap();
    write_policy(folder.path(), "EFFECT_ALLOW");
    let loader = Policies::dir(folder.path());
    let policies = loader.clone().load().unwrap();
    assert_eq!((effect(&policies), policies.epoch()), (Effect::Allow, 1));

    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    policies.on_change(move |vocabulary| {
        assert!(vocabulary.knows_action("album", "view"));
        counted.fetch_add(1, Ordering::Relaxed);
    });
    write_policy(folder.path(), "EFFECT_PERHAPS");
    reload(&policies.0, &loader);
    assert_eq!((effect(&policies), policies.epoch()), (Effect::Allow, 1));
    assert_eq!(told.load(Ordering::Relaxed), 0, "nothing has changed");

    write_policy(folder.path(), "EFFECT_DENY");
    reload(&policies.0, &loader);
    assert_eq!((effect(&policies), policies.epoch()), (Effect::Deny, 2));
    assert_eq!(told.load(Ordering::Relaxed), 1);
}

#[test]
fn a_listener_that_panics_or_adds_others_does_not_stop_the_reloads() {
    let folder = tempfile::tempdir().unwrap();
    write_policy(folder.path(), "EFFECT_ALLOW");
    let loader = Policies::dir(folder.path());
    let policies = loader.clone().load().unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let (adding, counted) = (policies.clone(), Arc::clone(&told));
    policies.on_change(|_| panic!("a listener"));
    policies.on_change(move |_| {
        let counted = Arc::clone(&counted);
        adding.on_change(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
    });
    for (reloads, told_by_now) in [(2, 0), (3, 1), (4, 3)] {
        reload(&policies.0, &loader);
        assert_eq!((policies.epoch(), told.load(Ordering::Relaxed)), (reloads, told_by_now));
    }
}

#[test]
fn a_watched_folder_is_reloaded_when_a_file_in_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    write_policy(folder.path(), "EFFECT_ALLOW");
    let policies = Policies::dir(folder.path()).watch().load().unwrap();
    assert_eq!(effect(&policies), Effect::Allow);

    write_policy(folder.path(), "EFFECT_DENY");
    // Only keeps a failing test from running for ever.
    let patience = Instant::now() + Duration::from_secs(60);
    while effect(&policies) == Effect::Allow && Instant::now() < patience {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(effect(&policies), Effect::Deny);
    assert!(policies.epoch() > 1);
}

#[test]
fn watching_ends_with_the_last_clone() {
    let folder = tempfile::tempdir().unwrap();
    let policies = Policies::dir(folder.path()).watch().load().unwrap();
    let clone = policies.clone();
    let observed = Arc::downgrade(&policies.0);
    drop(policies);
    assert_eq!(clone.epoch(), 1);
    drop(clone);
    assert!(observed.upgrade().is_none());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_of_the_policies() {
    let folder = tempfile::tempdir().unwrap();
    let error = Policies::dir(folder.path().join("none")).watch().load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Policies);
}

#[test]
fn reading_files_is_no_change() {
    let batch = |kinds: &[EventKind]| {
        let events =
            kinds.iter().map(|&kind| DebouncedEvent::new(Event::new(kind), Instant::now()));
        Ok(events.collect())
    };
    let reads = [
        EventKind::Access(AccessKind::Open(AccessMode::Any)),
        EventKind::Access(AccessKind::Close(AccessMode::Read)),
    ];
    assert!(!is_change(&batch(&reads)));
    assert!(is_change(&batch(&[EventKind::Create(CreateKind::File)])));
    assert!(is_change(&batch(&[EventKind::Access(AccessKind::Close(AccessMode::Write))])));
    assert!(is_change(&Err(Vec::new())));
}

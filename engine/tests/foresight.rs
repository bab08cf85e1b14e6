//! Laws of what is foreseen: it is never wrong about what is decided once the resource is there.

#![expect(clippy::unwrap_used, reason = "tests")]

mod naive;
#[path = "common/policy_probe.rs"]
mod policy_probe;
mod random;

use authz_engine::check::{Outline, Outlook};
use authz_engine::policy::PolicySet;
use authz_engine::{Effect, Engine, Principal, Resource};
use policy_probe::{Question, now, questions};
use random::{Case, Dice, Taste};

/// Outlooks that were given, and how often.
#[derive(Debug, Default)]
struct Seen {
    always: usize,
    depends: usize,
    never: usize,
}

impl Seen {
    fn note(&mut self, outlook: Outlook) {
        match outlook {
            Outlook::Always => self.always += 1,
            Outlook::Depends => self.depends += 1,
            Outlook::Never => self.never += 1,
        }
    }
}

/// What may be known of a resource: everything but its attributes, less and less of it, nothing but the kind.
fn outlines(resource: &Resource) -> [Outline<'_>; 5] {
    let all = Outline {
        kind: &resource.kind,
        id: Some(&resource.id),
        scope: Some(&resource.scope),
        policy_version: Some(&resource.policy_version),
    };
    [
        all,
        Outline { id: None, ..all },
        Outline { scope: None, ..all },
        Outline { policy_version: None, ..all },
        Outline::new(&resource.kind),
    ]
}

/// A resource that has what an outline says, and otherwise what another one has.
fn as_outlined(outline: &Outline<'_>, other: &Resource) -> Resource {
    let known = |known: Option<&str>, otherwise: &str| known.unwrap_or(otherwise).into();
    Resource {
        kind: outline.kind.into(),
        id: known(outline.id, &other.id),
        attr: other.attr.clone(),
        policy_version: known(outline.policy_version, &other.policy_version),
        scope: known(outline.scope, &other.scope),
    }
}

fn agree(said: Outlook, effect: Effect, principal: &Principal, resource: &Resource, action: &str) {
    let is_wrong = match said {
        Outlook::Always => !effect.is_allow(),
        Outlook::Never => effect.is_allow(),
        Outlook::Depends => false,
    };
    assert!(!is_wrong, "{said:?}, {effect:?}: {principal:#?} {resource:#?} {action}");
}

/// Asks about the kinds of a case, and compares with the decisions on all resources of the case.
fn compare(seed: u64, schemas: bool) -> Option<Seen> {
    let taste = Taste { mistakes: 0, schemas, requests: 4 };
    let case = Case::random(&mut Dice::of_seed(seed), taste);
    let set = PolicySet::load(random::sources(&case)).ok()?;
    let engine = Engine::new(set, random::options(&case.options));
    let questions = questions(&case);
    let mut seen = Seen::default();
    for Question { principal, resource, actions } in &questions {
        for action in actions {
            for outline in outlines(resource) {
                let said = engine.foresee(principal, &outline, action, None, now()).unwrap();
                seen.note(said);
                for other in &questions {
                    let resource = as_outlined(&outline, &other.resource);
                    let allowed = engine.decide(principal, &resource, action, None, now()).unwrap();
                    agree(said, allowed.effect, principal, &resource, action);
                }
            }
        }
    }
    // Among several actions, too, where rules and derived roles are shared.
    for Question { principal, resource, actions } in questions.iter().filter(|_| !schemas) {
        let names: Vec<&str> = actions.iter().map(String::as_str).collect();
        let output = engine.check(principal, resource, &names, None, now()).unwrap();
        for (action, decision) in &output.decisions {
            let said =
                engine.foresee(principal, &outlines(resource)[0], action, None, now()).unwrap();
            agree(said, decision.effect, principal, resource, action);
        }
    }
    Some(seen)
}

fn compare_many(seeds: std::ops::Range<u64>, schemas: bool) -> Seen {
    let mut all = Seen::default();
    for seen in seeds.filter_map(|seed| compare(seed, schemas)) {
        all.always += seen.always;
        all.depends += seen.depends;
        all.never += seen.never;
    }
    all
}

#[test]
fn what_is_foreseen_is_decided() {
    let seen = compare_many(0..100, false);
    assert!(seen.always > 100 && seen.never > 100 && seen.depends > 100, "{seen:?}");
}

#[test]
fn what_is_foreseen_is_decided_where_schemas_reject() {
    let seen = compare_many(1000..1040, true);
    assert!(seen.always > 100 && seen.never > 100 && seen.depends > 100, "{seen:?}");
}

/// Scopes around those that policies use: below, beside and above them, and such as nobody would write.
fn scopes_around(questions: &[Question]) -> Vec<String> {
    let mut scopes: Vec<String> =
        [".", "zz", ".zz", "..", "a..b", "?", ".?"].map(str::to_owned).into();
    for Question { resource, .. } in questions {
        let scope = &resource.scope;
        scopes.extend([
            format!(".{scope}"),
            format!("{scope}.zz"),
            format!("{scope}.zz.yy"),
            format!("zz.{scope}"),
            format!("{scope}."),
        ]);
        scopes.extend(scope.rsplit_once('.').map(|(parent, _)| parent.to_owned()));
    }
    scopes.sort();
    scopes.dedup();
    scopes
}

#[test]
fn what_is_foreseen_is_decided_in_scopes_and_versions_that_no_policy_has() {
    let mut never = 0;
    for seed in 0..25 {
        let taste = Taste { mistakes: 0, schemas: false, requests: 4 };
        let case = Case::random(&mut Dice::of_seed(seed), taste);
        let Ok(set) = PolicySet::load(random::sources(&case)) else { continue };
        let engine = Engine::new(set, random::options(&case.options));
        let questions = questions(&case);
        let scopes = scopes_around(&questions);
        for Question { principal, resource, actions } in &questions {
            for action in actions {
                let outline = Outline::new(&resource.kind);
                let said = engine.foresee(principal, &outline, action, None, now()).unwrap();
                never += usize::from(said == Outlook::Never);
                for (scope, version) in scopes.iter().flat_map(|s| ["", "v9"].map(|v| (s, v))) {
                    let version =
                        if version.is_empty() { &resource.policy_version } else { version };
                    for other in &questions {
                        let resource = Resource {
                            kind: resource.kind.clone(),
                            scope: scope.as_str().into(),
                            policy_version: version.into(),
                            ..other.resource.clone()
                        };
                        let allowed =
                            engine.decide(principal, &resource, action, None, now()).unwrap();
                        agree(said, allowed.effect, principal, &resource, action);
                    }
                }
            }
        }
    }
    assert!(never > 20, "{never}");
}

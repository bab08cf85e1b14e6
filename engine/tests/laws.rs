//! Laws of decisions, over random policies and requests.

mod naive;
#[path = "common/policy_probe.rs"]
mod policy_probe;
mod random;

use authz_engine::Engine;
use authz_engine::policy::PolicySet;
use policy_probe::{Question, now, questions};
use proptest::prelude::*;
use random::{Case, Dice, Taste};
use serde_json::{Value as Json, json};

const TASTE: Taste = Taste { mistakes: 0, schemas: false, requests: 6 };

/// A set that loads, and what is asked about it.
struct Subject {
    case: Case,
    engine: Engine,
    questions: Vec<Question>,
}

impl Subject {
    fn random(seed: u64) -> Option<Self> {
        Self::of(Case::random(&mut Dice::of_seed(seed), TASTE))
    }

    fn of(case: Case) -> Option<Self> {
        let set = PolicySet::load(random::sources(&case)).ok()?;
        let engine = Engine::new(set, random::options(&case.options));
        let questions = questions(&case);
        Some(Self { case, engine, questions })
    }
}

impl Subject {
    fn with(&self, change: impl FnOnce(&mut Case)) -> Option<Self> {
        let mut case = self.case.clone();
        change(&mut case);
        Self::of(case)
    }

    fn bodies<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Json> {
        self.case.files.iter().filter_map(move |(_, policy)| policy.get(kind))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_engine_decides_as_the_rules_say(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let policies = naive::Policies::new(&subject.case.files);
        let options = random::options(&subject.case.options);
        for question in &subject.questions {
            let rules = question.of_the_rules(&policies, &options);
            prop_assert_eq!(rules, question.of(&subject.engine), "{:#?}", subject.case.files);
        }
    }

    #[test]
    fn the_order_of_files_is_irrelevant(seed: u64, turn: usize) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let turned = subject.with(|case| {
            let by = turn % case.files.len().max(1);
            case.files.rotate_left(by);
            if turn % 2 == 1 {
                case.files.reverse();
            }
        });
        let turned = turned.unwrap();
        for question in &subject.questions {
            prop_assert_eq!(question.of(&subject.engine), question.of(&turned.engine));
        }
    }

    #[test]
    fn a_set_that_is_written_out_decides_alike_when_it_is_loaded_again(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let set = PolicySet::load(random::sources(&subject.case)).unwrap();
        let again = PolicySet::load(set.to_sources()).unwrap();
        let again = Engine::new(again, random::options(&subject.case.options));
        for question in &subject.questions {
            prop_assert_eq!(question.of(&subject.engine), question.of(&again));
        }
    }

    #[test]
    fn what_no_policy_speaks_of_is_denied(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        for question in &subject.questions {
            let mut unknown = question.resource.clone();
            unknown.kind = "kind.that.nobody.knows".into();
            let mut nobody = question.principal.clone();
            nobody.id = "nobody".into();
            for action in &question.actions {
                let engine = &subject.engine;
                let decision = engine.decide(&nobody, &unknown, action, None, now()).unwrap();
                prop_assert!(!decision.effect.is_allow());
            }
        }
    }

    #[test]
    fn an_answer_is_the_same_again_and_one_action_is_decided_as_it_is_checked(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let engine = &subject.engine;
        for question in &subject.questions {
            prop_assert_eq!(question.of(engine), question.of(engine));
            let Question { principal, resource, actions } = question;
            for action in actions {
                let checked = engine.check(principal, resource, &[action], None, now()).unwrap();
                let decided = engine.decide(principal, resource, action, None, now()).unwrap();
                prop_assert_eq!(&checked.decisions[0].1, &decided);
            }
        }
    }

    /// In scopes that policies of kinds use already, with the permissions that they have there: which scopes exist, and
    /// whether they need consent, is asked of all policies together (rules K3, S4).
    #[test]
    fn policies_of_another_kind_change_nothing(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let more = subject.with(|case| {
            let added: Vec<_> = subject
                .bodies("resourcePolicy")
                .map(|body| {
                    let mut body = body.clone();
                    body["resource"] = "another".into();
                    body
                })
                .collect();
            let mut seen = Vec::new();
            for (number, body) in added.into_iter().enumerate() {
                let place = (body["version"].clone(), body["scope"].as_str().unwrap_or_default().to_owned());
                if !seen.contains(&place) {
                    seen.push(place);
                    let policy = json!({"apiVersion": "api.cerbos.dev/v1", "resourcePolicy": body});
                    case.files.push((format!("another{number}.json"), policy));
                }
            }
        });
        let more = more.unwrap();
        for question in &subject.questions {
            prop_assert_eq!(question.of(&subject.engine), question.of(&more.engine));
        }
    }

    #[test]
    fn a_rule_that_denies_allows_nothing(seed: u64, which: usize) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let denying = subject.with(|case| {
            // The first rule of a policy can make its scope one that is visited, and that may change anything.
            let has_rules = |p: &&mut Json| p["rules"].as_array().is_some_and(|r| !r.is_empty());
            let bodies = case.files.iter_mut().filter_map(|(_, p)| p.get_mut("resourcePolicy"));
            let mut all: Vec<&mut Json> = bodies.filter(has_rules).collect();
            let index = which % all.len().max(1);
            if let Some(rules) = all.get_mut(index).and_then(|p| p["rules"].as_array_mut()) {
                rules.push(json!({
                    "name": "denies", "effect": "EFFECT_DENY", "actions": ["v*"], "roles": ["user", "adm*"],
                }));
            }
        });
        let denying = denying.unwrap();
        for question in &subject.questions {
            let [before, after] = [&subject.engine, &denying.engine].map(|engine| question.of(engine));
            for (before, after) in before.actions.iter().zip(&after.actions) {
                prop_assert!(before[1] == "ALLOW" || after[1] == "DENY", "{:?} {:?} {:#?}", before, after, denying.case.files);
            }
        }
    }

    #[test]
    fn a_lone_dot_is_the_root(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let mut options = random::options(&subject.case.options);
        options.default_scope = "".into();
        let engine = subject.engine.with_options(options);
        for question in &subject.questions {
            let at = |scope: &str| {
                let (mut principal, mut resource) =
                    (question.principal.clone(), question.resource.clone());
                principal.scope = scope.into();
                resource.scope = scope.into();
                Question { principal, resource, actions: question.actions.clone() }.of(&engine)
            };
            prop_assert_eq!(at(""), at("."));
        }
    }
}

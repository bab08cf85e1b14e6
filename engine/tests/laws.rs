//! Laws of decisions, over random policies and requests.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod naive;
mod random;

use authz_engine::cel::Timestamp;
use authz_engine::policy::PolicySet;
use authz_engine::{Engine, Principal, Resource};
use proptest::prelude::*;
use random::{Case, Dice, Taste};
use serde_json::Value as Json;

const TASTE: Taste = Taste { mistakes: 0, schemas: false, requests: 6 };

/// A set that loads, and what is asked about it.
struct Subject {
    case: Case,
    engine: Engine,
    questions: Vec<Question>,
}

struct Question {
    principal: Principal,
    resource: Resource,
    actions: Vec<String>,
}

impl Subject {
    fn random(seed: u64) -> Option<Self> {
        Self::of(Case::random(&mut Dice::of_seed(seed), TASTE))
    }

    fn of(case: Case) -> Option<Self> {
        let set = PolicySet::load(random::sources(&case)).ok()?;
        let engine = Engine::new(set, random::options(&case.options));
        let questions = case.requests.iter().flat_map(questions).collect();
        Some(Self { case, engine, questions })
    }
}

fn questions(request: &Json) -> Vec<Question> {
    let principal = random::principal(&request["principal"]);
    let entries = request["resources"].as_array().unwrap();
    let question = |entry: &Json| Question {
        principal: principal.clone(),
        resource: random::resource(&entry["resource"]),
        actions: entry["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a.as_str().unwrap().to_owned())
            .collect(),
    };
    entries.iter().map(question).collect()
}

impl Question {
    fn of(&self, engine: &Engine) -> naive::Answer {
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        let output = engine.check(&self.principal, &self.resource, &actions, None, now()).unwrap();
        naive::Answer {
            actions: output
                .decisions
                .iter()
                .map(|(action, decision)| {
                    let effect = if decision.effect.is_allow() { "ALLOW" } else { "DENY" };
                    let policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
                    let scope = decision.scope.to_string();
                    [action.to_string(), effect.into(), policy.into(), scope]
                })
                .collect(),
            derived_roles: output.effective_derived_roles.iter().map(ToString::to_string).collect(),
            outputs: output
                .outputs
                .iter()
                .map(|entry| {
                    let value = entry.value.as_ref().ok();
                    let value = value.map(|value| serde_json::to_value(value).unwrap());
                    (entry.source.to_string(), entry.action.to_string(), value)
                })
                .collect(),
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000, 0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_engine_decides_as_the_rules_say(seed: u64) {
        let Some(subject) = Subject::random(seed) else { return Ok(()) };
        let policies = naive::Policies::new(&subject.case.files);
        let options = random::options(&subject.case.options);
        for question in &subject.questions {
            let Question { principal, resource, actions } = question;
            let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
            let naive = policies.check(&options, principal, resource, &actions, now());
            prop_assert_eq!(naive, question.of(&subject.engine), "{:#?}", subject.case.files);
        }
    }
}

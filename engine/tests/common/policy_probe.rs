//! What the fuzz targets `load` and `check` do with their input.

#![allow(dead_code, unreachable_pub, reason = "each program that includes this uses a part of it")]
#![allow(clippy::panic, reason = "tests")]

use authz_engine::cel::Timestamp;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Options, Principal, Resource};
use serde_json::Value as Json;

use super::naive;
use super::random::{self, Case, Dice, Taste};

/// Reads files, each ended by a zero byte, and asks a question of what loads. Nothing of it may panic.
pub fn load(text: &str) {
    let sources = text
        .split('\0')
        .enumerate()
        .map(|(number, text)| Source::new(format!("{number}.yaml"), text));
    let set = match PolicySet::load(sources) {
        Ok(set) => set,
        Err(problems) => {
            assert!(!problems.to_string().is_empty(), "a refusal without a reason");
            return;
        }
    };
    let engine = Engine::new(set, Options::default());
    let principal =
        Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    let resource = Resource { kind: "doc".into(), id: "1".into(), ..Resource::default() };
    _ = engine.check(&principal, &resource, &["view", "edit"], None, Timestamp::now());
}

/// Makes a case of the bytes, and compares the engine with the rules written down once more.
pub fn check(bytes: &[u8]) {
    let taste = Taste { mistakes: 0, schemas: false, requests: 3 };
    let case = Case::random(&mut Dice::of_bytes(bytes), taste);
    let Ok(set) = PolicySet::load(random::sources(&case)) else { return };
    let options = random::options(&case.options);
    let policies = naive::Policies::new(&case.files);
    let engine = Engine::new(set, options.clone());
    for question in questions(&case) {
        let expected = question.of_the_rules(&policies, &options);
        assert_eq!(expected, question.of(&engine), "{case:#?}");
    }
}

/// What is asked about one resource.
#[derive(Debug, Clone)]
pub struct Question {
    pub principal: Principal,
    pub resource: Resource,
    pub actions: Vec<String>,
}

/// All questions of a case.
pub fn questions(case: &Case) -> Vec<Question> {
    let part = |json: &Json, name: &str| json.get(name).cloned().unwrap_or_default();
    let list = |json: &Json, name: &str| part(json, name).as_array().cloned().unwrap_or_default();
    let mut questions = Vec::new();
    for request in &case.requests {
        let principal = random::principal(&part(request, "principal"));
        for entry in list(request, "resources") {
            let actions = list(&entry, "actions");
            questions.push(Question {
                principal: principal.clone(),
                resource: random::resource(&part(&entry, "resource")),
                actions: actions.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            });
        }
    }
    questions
}

impl Question {
    pub fn actions(&self) -> Vec<&str> {
        self.actions.iter().map(String::as_str).collect()
    }

    pub fn of_the_rules(&self, policies: &naive::Policies, options: &Options) -> naive::Answer {
        policies.check(options, &self.principal, &self.resource, &self.actions(), now())
    }

    pub fn of(&self, engine: &Engine) -> naive::Answer {
        let output = engine
            .check(&self.principal, &self.resource, &self.actions(), None, now())
            .unwrap_or_else(|undecided| panic!("{undecided}"));
        naive::Answer {
            actions: output
                .decisions
                .iter()
                .map(|(action, decision)| {
                    let effect = if decision.effect.is_allow() { "ALLOW" } else { "DENY" };
                    let policy = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
                    [action.to_string(), effect.into(), policy.into(), decision.scope.to_string()]
                })
                .collect(),
            derived_roles: output.effective_derived_roles.iter().map(ToString::to_string).collect(),
            outputs: output
                .outputs
                .iter()
                .map(|entry| {
                    let value = entry.value.as_ref().ok();
                    let value = value.and_then(|value| serde_json::to_value(value).ok());
                    (entry.source.to_string(), entry.action.to_string(), value)
                })
                .collect(),
        }
    }
}

/// The instant that conditions see.
pub fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000, 0).unwrap_or_else(Timestamp::now)
}

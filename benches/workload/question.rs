//! Requests as Cerbos takes them, for the engine.

use authz_engine::cel::Timestamp;
use authz_engine::{AuxData, Decision, Effect, Engine, Principal, Resource, Value as Attribute};
use serde_json::Value;

/// Who asks, for what on which resources.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// Resources, with the actions asked about.
    pub resources: Vec<(Resource, Vec<Box<str>>)>,
    /// Claims beside the principal.
    pub aux_data: Option<AuxData>,
}

impl Question {
    pub(super) fn read(request: &Value) -> Self {
        let principal = &request["principal"];
        let resources = request["resources"].as_array().into_iter().flatten().map(|entry| {
            let resource = &entry["resource"];
            let resource = Resource {
                kind: text(&resource["kind"]),
                id: text(&resource["id"]),
                attr: attributes(&resource["attr"]),
                policy_version: text(&resource["policyVersion"]),
                scope: text(&resource["scope"]),
            };
            (resource, texts(&entry["actions"]))
        });
        Self {
            principal: Principal {
                id: text(&principal["id"]),
                roles: texts(&principal["roles"]),
                attr: attributes(&principal["attr"]),
                policy_version: text(&principal["policyVersion"]),
                scope: text(&principal["scope"]),
            },
            resources: resources.collect(),
            aux_data: None,
        }
    }

    /// One resource and one action: the first of each.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[expect(clippy::expect_used, reason = "the requests of benchmarks have resources")]
    #[must_use]
    pub fn first(&self) -> (&Resource, &str) {
        let (resource, actions) = self.resources.first().expect("a resource");
        (resource, actions.first().expect("an action"))
    }

    /// Decides the first action on the first resource.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    #[expect(clippy::expect_used, reason = "benchmarks ask what can be answered")]
    #[must_use]
    pub fn ask_first(&self, engine: &Engine, now: Timestamp) -> Effect {
        let (resource, action) = self.first();
        let aux_data = self.aux_data.as_ref();
        engine.decide(&self.principal, resource, action, aux_data, now).expect("an answer").effect
    }

    /// Decides everything that is asked, in one call: resource after resource, action after action.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    #[expect(clippy::expect_used, reason = "benchmarks ask what can be answered")]
    #[must_use]
    pub fn ask(&self, engine: &Engine, now: Timestamp) -> Vec<Decision> {
        let actions: Vec<Vec<&str>> = self
            .resources
            .iter()
            .map(|(_, actions)| actions.iter().map(|a| &**a).collect())
            .collect();
        let asked: Vec<(&Resource, &[&str])> = self
            .resources
            .iter()
            .zip(&actions)
            .map(|((resource, _), actions)| (resource, actions.as_slice()))
            .collect();
        let aux_data = self.aux_data.as_ref();
        engine.decide_batch(&self.principal, &asked, aux_data, now).expect("an answer")
    }
}

fn text(value: &Value) -> Box<str> {
    value.as_str().unwrap_or_default().into()
}

fn texts(value: &Value) -> Vec<Box<str>> {
    value.as_array().into_iter().flatten().map(text).collect()
}

#[expect(clippy::expect_used, reason = "every JSON value is an attribute")]
fn attributes(value: &Value) -> authz_engine::Map {
    let entries = value.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| {
            let value = serde_json::from_str::<Attribute>(&value.to_string());
            (name.as_str(), value.expect("an attribute"))
        })
        .collect()
}

#[expect(clippy::expect_used, reason = "the requests of benchmarks are JSON")]
pub(super) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a request")
}

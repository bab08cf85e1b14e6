//! What is asked of both sides, and that they answer alike.

use authz_benches::workload::{Question, Workload};
use authz_engine::cel::Timestamp;
use authz_engine::{Effect, Engine};
use serde_json::{Value, json};

use crate::grpc::{CheckResourcesRequest, Client};
use crate::http::{Connection, post};

/// One request in the form that each side takes.
pub(crate) struct Asked {
    /// For the engine.
    pub(crate) question: Question,
    /// The bytes of an HTTP request.
    pub(crate) http: Vec<u8>,
    /// The message of a gRPC request.
    pub(crate) grpc: CheckResourcesRequest,
}

impl Asked {
    /// Requests as they are, for a server at this address.
    pub(crate) fn all(requests: Vec<Value>, address: &str) -> Vec<Self> {
        let workload = Workload { files: Vec::new(), requests };
        let prepared = |(question, request): (Question, &Value)| Self {
            question,
            http: post(address, "/api/check/resources", &request.to_string()),
            grpc: CheckResourcesRequest::read(request),
        };
        workload.questions().zip(&workload.requests).map(prepared).collect()
    }

    /// Asks all three, and holds their answers against each other.
    pub(crate) async fn agree(&self, engine: &Engine, http: &mut Connection, grpc: &mut Client) {
        let ours = self.question.ask(engine, Timestamp::now());
        let mut ours = ours.iter().map(|decision| decision.effect);
        let over_grpc = grpc.ask(self.grpc.clone()).await.expect("an answer over gRPC");
        let over_http = http.ask(&self.http).expect("an answer over HTTP");
        let over_http: Value = serde_json::from_slice(&over_http).expect("an answer that is JSON");
        for (number, (resource, actions)) in self.question.resources.iter().enumerate() {
            for action in actions {
                let effect = ours.next().expect("an answer to each action");
                let theirs = &over_http["results"][number]["actions"][&**action];
                assert_eq!(*theirs, json!(effect), "over HTTP: {action} on {resource:?}");
                let allowed = over_grpc.allowed(number, action);
                assert_eq!(
                    allowed,
                    Some(effect == Effect::Allow),
                    "over gRPC: {action} on {resource:?}"
                );
            }
        }
    }
}

/// A request about so many resources, with so many actions for each: the ones it has, from the first again if there
/// are too few, then with an identifier of their own.
pub(crate) fn shaped(request: &Value, resources: usize, actions: usize) -> Value {
    let entries = request["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    let shaped = entries.iter().cycle().take(resources).enumerate().map(|(number, entry)| {
        let mut entry = entry.clone();
        if number >= entries.len() {
            let id = entry["resource"]["id"].as_str().unwrap_or_default().to_owned();
            entry["resource"]["id"] = format!("{id}-{number}").into();
        }
        let asked = entry["actions"].as_array_mut().expect("actions");
        assert!(asked.len() >= actions, "so many actions");
        asked.truncate(actions);
        entry
    });
    let resources: Vec<Value> = shaped.collect();
    let mut request = request.clone();
    request["resources"] = resources.into();
    request
}

/// So many of the list, evenly from all of it.
pub(crate) fn spread(list: &[Value], count: usize) -> impl Iterator<Item = &Value> {
    list.iter().step_by((list.len() / count).max(1)).take(count)
}

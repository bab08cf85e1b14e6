//! `cerbos.svc.v1.CerbosService/CheckResources`. The messages are declared here with the fields that are used: the
//! official client is built with `protoc`, which not every machine has.

use std::collections::HashMap;

use prost::{Message, Oneof};
use serde_json::Value as Json;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

const PATH: &str = "/cerbos.svc.v1.CerbosService/CheckResources";

/// `cerbos.request.v1.CheckResourcesRequest`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CheckResourcesRequest {
    #[prost(string, tag = "1")]
    request_id: String,
    #[prost(message, optional, tag = "3")]
    principal: Option<Principal>,
    #[prost(message, repeated, tag = "4")]
    resources: Vec<ResourceEntry>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceEntry {
    #[prost(string, repeated, tag = "1")]
    actions: Vec<String>,
    #[prost(message, optional, tag = "2")]
    resource: Option<Resource>,
}

/// `cerbos.engine.v1.Principal`
#[derive(Clone, PartialEq, Message)]
struct Principal {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, tag = "2")]
    policy_version: String,
    #[prost(string, repeated, tag = "3")]
    roles: Vec<String>,
    #[prost(map = "string, message", tag = "4")]
    attr: HashMap<String, Value>,
    #[prost(string, tag = "5")]
    scope: String,
}

/// `cerbos.engine.v1.Resource`
#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    policy_version: String,
    #[prost(string, tag = "3")]
    id: String,
    #[prost(map = "string, message", tag = "4")]
    attr: HashMap<String, Value>,
    #[prost(string, tag = "5")]
    scope: String,
}

/// `google.protobuf.Value`
#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Kind {
    #[prost(int32, tag = "1")]
    Null(i32),
    #[prost(double, tag = "2")]
    Number(f64),
    #[prost(string, tag = "3")]
    Text(String),
    #[prost(bool, tag = "4")]
    Bool(bool),
    #[prost(message, tag = "5")]
    Struct(Struct),
    #[prost(message, tag = "6")]
    List(ListValue),
}

/// `google.protobuf.Struct`
#[derive(Clone, PartialEq, Message)]
struct Struct {
    #[prost(map = "string, message", tag = "1")]
    fields: HashMap<String, Value>,
}

/// `google.protobuf.ListValue`
#[derive(Clone, PartialEq, Message)]
struct ListValue {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Value>,
}

/// `cerbos.response.v1.CheckResourcesResponse`
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CheckResourcesResponse {
    #[prost(message, repeated, tag = "2")]
    results: Vec<ResultEntry>,
}

#[derive(Clone, PartialEq, Message)]
struct ResultEntry {
    /// `cerbos.effect.v1.Effect`
    #[prost(map = "string, int32", tag = "2")]
    actions: HashMap<String, i32>,
}

impl CheckResourcesRequest {
    /// The same request as the body of `/api/check/resources`.
    pub(crate) fn read(request: &Json) -> Self {
        let entry = |entry: &Json| ResourceEntry {
            actions: texts(&entry["actions"]),
            resource: Some(Resource {
                kind: text(&entry["resource"]["kind"]),
                policy_version: text(&entry["resource"]["policyVersion"]),
                id: text(&entry["resource"]["id"]),
                attr: fields(&entry["resource"]["attr"]),
                scope: text(&entry["resource"]["scope"]),
            }),
        };
        let principal = &request["principal"];
        Self {
            request_id: text(&request["requestId"]),
            principal: Some(Principal {
                id: text(&principal["id"]),
                policy_version: text(&principal["policyVersion"]),
                roles: texts(&principal["roles"]),
                attr: fields(&principal["attr"]),
                scope: text(&principal["scope"]),
            }),
            resources: request["resources"].as_array().into_iter().flatten().map(entry).collect(),
        }
    }
}

impl CheckResourcesResponse {
    /// For each resource the actions that are allowed, and whether every other one is denied.
    pub(crate) fn allowed(&self, resource: usize, action: &str) -> Option<bool> {
        match self.results.get(resource)?.actions.get(action)? {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        }
    }
}

/// A client with one connection.
pub(crate) struct Client(Grpc<Channel>);

impl Client {
    pub(crate) async fn connect(address: &str) -> Result<Self, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
        Ok(Self(Grpc::new(endpoint.connect().await?)))
    }

    pub(crate) async fn ask(
        &mut self,
        request: CheckResourcesRequest,
    ) -> Result<CheckResourcesResponse, Status> {
        let path = PATH.parse().map_err(|_| Status::internal("no path"))?;
        self.0.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let answer = self.0.unary(Request::new(request), path, ProstCodec::default()).await?;
        Ok(answer.into_inner())
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Json) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn fields(value: &Json) -> HashMap<String, Value> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), self::value(value))).collect()
}

fn value(value: &Json) -> Value {
    let kind = match value {
        Json::Null => Kind::Null(0),
        Json::Bool(b) => Kind::Bool(*b),
        Json::Number(number) => Kind::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::Text(text.clone()),
        Json::Array(items) => {
            Kind::List(ListValue { values: items.iter().map(self::value).collect() })
        }
        Json::Object(_) => Kind::Struct(Struct { fields: fields(value) }),
    };
    Value { kind: Some(kind) }
}

//! What the expressions are about: one principal and one resource with random attributes.

use authz_engine::{AuxData, Map, Principal, Resource, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use serde_json::{Value as Json, json};

use super::pools;
use super::types::Ty;

/// The attributes that there usually are; what an expression may expect of each.
#[rustfmt::skip]
const ATTRIBUTES: [(&str, &str); 27] = [
    ("s1", "string"), ("s2", "string"), ("text", "string"), ("n1", "double"), ("n2", "double"),
    ("big", "double@edge"), ("flag", "bool"), ("nothing", "null"), ("tags", "list<string>"),
    ("nums", "list<double>"), ("mixed", "list<dyn>"), ("m", "map<string, dyn>"),
    ("nested", "map<string, map<string, dyn>>"), ("ip", "string@ip"), ("net", "string@cidr"),
    ("at", "string@timestamp"), ("dur", "string@duration"), ("zone", "string@zone"), ("path", "string@path"),
    ("glob", "string@glob"), ("re", "string@regex"), ("spiffe", "string@spiffe"), ("domain", "string@domain"),
    ("hier", "string@hierarchy"), ("b64", "string@base64"), ("num", "string@number"),
    ("rows", "list<map<string, dyn>>"),
];

/// What every request has.
#[rustfmt::skip]
const FIELDS: [(&str, &str); 20] = [
    ("P.id", "string"), ("R.id", "string"), ("P.roles", "list<string>"),
    ("P.scope", "string"), ("R.policyVersion", "string"), ("request.principal.id", "string"),
    ("request.resource.scope", "string"), ("request.principal.policy_version", "string"),
    ("P.attr", "map<string, dyn>"), ("R.attr", "map<string, dyn>"),
    ("runtime.effectiveDerivedRoles", "list<string>"), ("V.sum", "int"), ("V.failing", "int"),
    ("variables.owner", "bool"), ("C.limit", "double"), ("C.names", "list<string>"),
    ("constants.config", "map<string, dyn>"), ("G.count", "int"), ("globals.env", "string"),
    ("request.aux_data.jwt", "map<string, dyn>"),
];

/// A name by which expressions reach a value.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) text: String,
    pub(crate) ty: Ty,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) principal: Json,
    pub(crate) resource: Json,
    claims: Json,
    pub(crate) attributes: Vec<Attribute>,
}

impl Request {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let mut attributes = Vec::new();
        let mut attr = |short: &str, long: &str, rng: &mut Rng| {
            let mut values = serde_json::Map::new();
            for (name, ty) in ATTRIBUTES {
                let Some((ty, _)) = Ty::parse(ty) else { continue };
                let root = if rng.u8(..6) == 0 { long } else { short };
                let text = if rng.u8(..12) == 0 {
                    format!("{root}[\"{name}\"]")
                } else {
                    format!("{root}.{name}")
                };
                attributes.push(Attribute { text, ty: ty.clone() });
                match rng.u8(..100) {
                    0..4 => {}
                    4..7 => _ = values.insert(name.into(), Json::Null),
                    7..11 => _ = values.insert(name.into(), anything(rng, 2)),
                    _ => _ = values.insert(name.into(), suitable(rng, &ty, 3)),
                }
            }
            Json::Object(values)
        };
        let principal_attr = attr("P.attr", "request.principal.attr", rng);
        let resource_attr = attr("R.attr", "request.resource.attr", rng);
        for (text, ty) in FIELDS {
            let Some((ty, _)) = Ty::parse(ty) else { continue };
            attributes.push(Attribute { text: text.into(), ty });
        }
        Self {
            principal: json!({"id": "alice", "roles": ["user", "team-a"], "attr": principal_attr}),
            resource: json!({"kind": "k", "id": "r1", "attr": resource_attr}),
            claims: json!({"sub": "alice", "aud": ["x"], "n": 5, "deep": {"a": [1, "b", null]}, "a": true}),
            attributes,
        }
    }

    /// The body of a request to Cerbos about actions on a kind.
    pub(crate) fn body(&self, kind: &str, actions: &[String]) -> Json {
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = part(&json!({"alg": "HS256", "typ": "JWT"}));
        let token = format!("{header}.{}.{}", part(&self.claims), URL_SAFE_NO_PAD.encode("none"));
        let mut resource = self.resource.clone();
        if let Some(fields) = resource.as_object_mut() {
            fields.insert("kind".into(), kind.into());
        }
        json!({
            "principal": self.principal,
            "resources": [{"actions": actions, "resource": resource}],
            "auxData": {"jwt": {"token": token}},
        })
    }

    /// The same request for the engine.
    pub(crate) fn parts(&self, kind: &str) -> (Principal, Resource, AuxData) {
        let map = |json: Option<&Json>| {
            json.and_then(|json| serde_json::from_value::<Map>(json.clone()).ok())
                .unwrap_or_default()
        };
        let principal = Principal {
            id: "alice".into(),
            roles: vec!["user".into(), "team-a".into()],
            attr: map(self.principal.get("attr")),
            ..Principal::default()
        };
        let resource = Resource {
            kind: kind.into(),
            id: "r1".into(),
            attr: map(self.resource.get("attr")),
            ..Resource::default()
        };
        (principal, resource, AuxData { jwt: map(Some(&self.claims)), jwts: Vec::new() })
    }

    /// The attributes that an expression names, for the reader of a report.
    pub(crate) fn mentioned(&self, expression: &str) -> Vec<String> {
        let roots = [("P", &self.principal), ("R", &self.resource)];
        let mut found = Vec::new();
        for (root, json) in roots {
            for (name, _) in ATTRIBUTES {
                let short = [format!("{root}.attr.{name}"), format!("{root}.attr[\"{name}\"]")];
                let long = if root == "P" { "principal" } else { "resource" };
                let long = [format!("{long}.attr.{name}"), format!("{long}.attr[\"{name}\"]")];
                if short.iter().chain(&long).any(|text| mentions(expression, text)) {
                    let value = json.get("attr").and_then(|attr| attr.get(name));
                    let value = value.map_or_else(|| "missing".to_owned(), Json::to_string);
                    found.push(format!("{root}.attr.{name} is {value}"));
                }
            }
        }
        found
    }
}

fn mentions(expression: &str, name: &str) -> bool {
    expression.match_indices(name).any(|(at, _)| {
        let next = expression.get(at + name.len()..).and_then(|rest| rest.chars().next());
        next.is_none_or(|c| !c.is_ascii_alphanumeric())
    })
}

/// Constants and globals that both sides have.
pub(crate) fn globals() -> Json {
    json!({"env": "test", "count": 5, "flag": true})
}

/// The same for the engine: integers of a configuration file stay integers.
pub(crate) fn engine_globals() -> Map {
    [("env", Value::from("test")), ("count", Value::Int(5)), ("flag", Value::Bool(true))]
        .into_iter()
        .collect()
}

/// A JSON value of a type.
fn suitable(rng: &mut Rng, ty: &Ty, depth: u32) -> Json {
    match ty {
        Ty::Atom("string", pool) => {
            let pool = pools::strings(pool);
            let texts = if rng.u8(..6) == 0 && !pool.odd.is_empty() { pool.odd } else { pool.good };
            rng.choice(texts).copied().unwrap_or_default().into()
        }
        Ty::Atom("double", pool) => {
            let pool = if rng.bool() { "" } else { pool };
            let text = rng.choice(pools::numbers("double", pool)).copied().unwrap_or("0");
            text.parse::<f64>().unwrap_or_default().into()
        }
        Ty::Atom("bool", _) => rng.bool().into(),
        Ty::Atom("dyn", _) => anything(rng, depth.saturating_sub(1)),
        Ty::List(of) => {
            (0..rng.usize(..4)).map(|_| suitable(rng, of, depth.saturating_sub(1))).collect()
        }
        Ty::Map(_, of) => {
            let keys = ["a", "b", "c"].into_iter().filter(|_| rng.u8(..3) > 0).collect::<Vec<_>>();
            keys.into_iter()
                .map(|k| (k.to_owned(), suitable(rng, of, depth.saturating_sub(1))))
                .collect()
        }
        _ => Json::Null,
    }
}

fn anything(rng: &mut Rng, depth: u32) -> Json {
    let kinds =
        ["string", "double", "double@edge", "bool", "null", "list<dyn>", "map<string, dyn>"];
    let kinds = if depth == 0 { &kinds[..5] } else { &kinds };
    let ty = rng.choice(kinds).and_then(|text| Ty::parse(text));
    ty.map_or(Json::Null, |(ty, _)| suitable(rng, &ty, depth))
}

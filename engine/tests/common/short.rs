//! Policies and questions in short, for tests.
//!
//! Rules are written `ALLOW view,edit @user,admin if R.attr.a == 1`, with `#` before derived roles and `=> x` for an
//! output. Answers are `ALLOW|DENY policy [scope]`.

#![allow(dead_code, reason = "each program uses a part")]

use authz_engine::cel::Timestamp;
use authz_engine::check::CheckOutput;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Map, Options, Principal, Resource};
use serde_json::{Value as Json, json};

/// A resource policy for `kind`, or `kind/scope`.
pub(crate) fn resource(subject: &str, rules: &[&str]) -> Json {
    let rules: Vec<Json> = rules.iter().map(|r| rule(r)).collect();
    policy("resourcePolicy", "resource", subject, &rules)
}

pub(crate) fn consenting(mut policy: Json) -> Json {
    let permissions = "SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS";
    policy["resourcePolicy"]["scopePermissions"] = json!(permissions);
    policy
}

/// A principal policy; its rules are about `doc`.
pub(crate) fn principal(subject: &str, rules: &[&str]) -> Json {
    let mut actions = Vec::new();
    for text in rules {
        let mut action = rule(text);
        action["action"] = action["actions"][0].take();
        let action_fields = action.as_object_mut().unwrap();
        action_fields.remove("actions");
        actions.push(action);
    }
    let entry = json!({"resource": "doc", "actions": actions});
    policy("principalPolicy", "principal", subject, &[entry])
}

/// A role policy with rules `kind: action,action if condition`.
pub(crate) fn role(subject: &str, parents: &[&str], rules: &[&str]) -> Json {
    let rules = rules.iter().map(|text| {
        let (kind, rest) = text.split_once(": ").unwrap();
        let mut rule = rule(&format!("ALLOW {rest}"));
        rule["resource"] = json!(kind);
        rule["allowActions"] = rule["actions"].take();
        let fields = rule.as_object_mut().unwrap();
        fields.retain(|name, _| !matches!(name.as_str(), "effect" | "roles" | "actions"));
        rule
    });
    let mut policy = policy("rolePolicy", "role", subject, &rules.collect::<Vec<_>>());
    policy["rolePolicy"]["parentRoles"] = json!(parents);
    policy
}

/// `name`, `name/scope`, `name@version`, `name@version/scope`.
pub(crate) fn policy(body: &str, field: &str, subject: &str, rules: &[Json]) -> Json {
    let (subject, scope) = subject.split_once('/').unwrap_or((subject, ""));
    let (name, version) = subject.split_once('@').unwrap_or((subject, "default"));
    json!({"apiVersion": "api.cerbos.dev/v1", body: {field: name, "version": version, "scope": scope, "rules": rules}})
}

pub(crate) fn rule(text: &str) -> Json {
    let (text, output) = match text.split_once(" => ") {
        Some((text, output)) => (text, Some(output)),
        None => (text, None),
    };
    let (text, condition) = match text.split_once(" if ") {
        Some((text, condition)) => (text, Some(condition)),
        None => (text, None),
    };
    let mut words = text.split(' ');
    let list = |word: &str| json!(word.split(',').collect::<Vec<_>>());
    let effect = format!("EFFECT_{}", words.next().unwrap());
    let mut rule = json!({"effect": effect, "actions": list(words.next().unwrap())});
    for word in words {
        match word.split_at(1) {
            ("@", roles) => rule["roles"] = list(roles),
            ("#", roles) => rule["derivedRoles"] = list(roles),
            _ => panic!("neither @roles nor #derivedRoles: {word}"),
        }
    }
    match condition {
        Some(yaml) if yaml.starts_with('{') => {
            rule["condition"] = json!({"match": serde_yaml::from_str::<Json>(yaml).unwrap()});
        }
        Some(expr) => rule["condition"] = json!({"match": {"expr": expr}}),
        None => {}
    }
    if let Some(output) = output {
        rule["output"] = json!({"when": {"ruleActivated": output, "conditionNotMet": format!("'not ' + {output}")}});
    }
    rule
}

/// Derived roles `name: parent,parent if condition`.
pub(crate) fn derived(set: &str, roles: &[&str]) -> Json {
    let definitions: Vec<Json> = roles
        .iter()
        .map(|text| {
            let (text, condition) = text.split_once(" if ").unwrap_or((text, ""));
            let (name, parents) = text.split_once(": ").unwrap();
            let mut role =
                json!({"name": name, "parentRoles": parents.split(',').collect::<Vec<_>>()});
            if !condition.is_empty() {
                role["condition"] = json!({"match": {"expr": condition}});
            }
            role
        })
        .collect();
    json!({"apiVersion": "api.cerbos.dev/v1", "derivedRoles": {"name": set, "definitions": definitions}})
}

pub(crate) fn importing(mut policy: Json, sets: &[&str]) -> Json {
    policy["resourcePolicy"]["importDerivedRoles"] = json!(sets);
    policy
}

pub(crate) fn with_variables(mut policy: Json, variables: &Json) -> Json {
    policy["resourcePolicy"]["variables"] = json!({"local": variables});
    policy
}

/// A question under way: defaults are principal `pu`, role `user`, resource `doc` and no attributes.
pub(crate) struct Ask<'e> {
    pub(crate) engine: &'e Engine,
    pub(crate) principal: Principal,
    pub(crate) resource: Resource,
}

pub(crate) struct Policies(pub(crate) Vec<Json>, pub(crate) Options);

impl Policies {
    pub(crate) fn engine(&self) -> Engine {
        self.engine_with_schemas(&[])
    }

    /// With JSON Schemas under `_schemas`, by file name.
    pub(crate) fn engine_with_schemas(&self, schemas: &[(&str, Json)]) -> Engine {
        let named = |name: &str, text: &Json| Source::new(name.to_owned(), text.to_string());
        let policies = self.0.iter().enumerate().map(|(i, p)| named(&format!("{i}.json"), p));
        let schemas = schemas.iter().map(|(name, s)| named(&format!("_schemas/{name}"), s));
        let set = PolicySet::load(policies.chain(schemas)).unwrap_or_else(|d| panic!("{d}"));
        Engine::new(set, self.1.clone())
    }

    pub(crate) fn strict(mut self) -> Self {
        self.1.strict_evaluation = true;
        self
    }
}

pub(crate) fn policies(policies: impl IntoIterator<Item = Json>) -> Policies {
    Policies(policies.into_iter().collect(), Options::default())
}

pub(crate) fn ask(engine: &Engine) -> Ask<'_> {
    let principal =
        Principal { id: "pu".into(), roles: vec!["user".into()], ..Principal::default() };
    let resource = Resource { kind: "doc".into(), id: "1".into(), ..Resource::default() };
    Ask { engine, principal, resource }
}

impl Ask<'_> {
    pub(crate) fn roles(mut self, roles: &[&str]) -> Self {
        self.principal.roles = roles.iter().map(|r| (*r).into()).collect();
        self
    }

    pub(crate) fn scope(mut self, scope: &str) -> Self {
        self.resource.scope = scope.into();
        self
    }

    pub(crate) fn versions(mut self, principal: &str, resource: &str) -> Self {
        self.principal.policy_version = principal.into();
        self.resource.policy_version = resource.into();
        self
    }

    pub(crate) fn attr(mut self, attr: Json) -> Self {
        self.resource.attr = serde_json::from_value::<Map>(attr).unwrap();
        self
    }

    pub(crate) fn check(&self, actions: &[&str]) -> CheckOutput {
        self.engine.check(&self.principal, &self.resource, actions, None, Timestamp::now()).unwrap()
    }

    /// Asks one action; compares effect, policy and scope.
    #[track_caller]
    pub(crate) fn gives(&self, action: &str, want: &str) {
        let output = self.check(&[action]);
        assert_eq!(answers(&output), [want], "{action}");
    }
}

pub(crate) fn answers(output: &CheckOutput) -> Vec<String> {
    output
        .decisions
        .iter()
        .map(|(_, d)| {
            let effect = if d.effect.is_allow() { "ALLOW" } else { "DENY" };
            let policy = d.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
            format!("{effect} {policy} {}", d.scope).trim_end().to_owned()
        })
        .collect()
}

pub(crate) fn outputs(output: &CheckOutput) -> Vec<String> {
    output
        .outputs
        .iter()
        .map(|o| match &o.value {
            Ok(value) => format!("{} {}", o.source, serde_json::to_string(value).unwrap()),
            Err(error) => format!("{} error: {error}", o.source),
        })
        .collect()
}

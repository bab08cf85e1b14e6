//! Policies as they stand in their files, with their expressions compiled.

use std::collections::{BTreeMap, BTreeSet};

use authz_engine::Map;
use authz_engine::cel::{Env, Expression, Program};
use serde_json::Value as Json;

use super::names::{key, sanitize};

/// All policies of a set.
pub struct Policies {
    pub(super) all: Vec<Policy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Principal,
    Resource,
    Role,
}

/// A policy with rules.
pub(super) struct Policy {
    pub(super) kind: Kind,
    /// As it is looked up (rule N1); roles are not sanitized.
    pub(super) name: String,
    pub(super) version: String,
    pub(super) scope: String,
    pub(super) key: String,
    pub(super) needs_consent: bool,
    pub(super) rules: Vec<Json>,
    pub(super) parents: Vec<String>,
    pub(super) unit: Unit,
    /// Derived roles that its rules name.
    pub(super) derived_roles: Vec<DerivedRole>,
}

pub(super) struct DerivedRole {
    pub(super) name: String,
    pub(super) parents: Vec<String>,
    pub(super) condition: Option<Json>,
    pub(super) unit: Unit,
}

/// Expressions that share variables and constants.
pub(super) struct Unit {
    /// Those that are needed, each after those it needs (rule V4): name, text, program.
    pub(super) variables: Vec<(String, String, Program)>,
    pub(super) constants: Map,
    pub(super) programs: BTreeMap<String, Program>,
}

impl Policies {
    pub fn new(files: &[(String, Json)]) -> Self {
        let all = files.iter().filter_map(|(_, file)| policy(files, file)).collect();
        Self { all }
    }
}

fn policy(files: &[(String, Json)], file: &Json) -> Option<Policy> {
    if file.get("disabled").and_then(Json::as_bool) == Some(true) {
        return None;
    }
    let kinds = [
        (Kind::Principal, "principalPolicy", "principal"),
        (Kind::Resource, "resourcePolicy", "resource"),
        (Kind::Role, "rolePolicy", "role"),
    ];
    let (kind, body, subject) =
        kinds.iter().find_map(|(kind, name, subject)| Some((*kind, file.get(name)?, *subject)))?;
    let written = text(body, subject);
    let version = Some(text(body, "version")).filter(|v| !v.is_empty());
    let version = version.unwrap_or_else(|| "default".to_owned());
    let scope = text(body, "scope");
    let mut rules = Vec::new();
    match kind {
        // A rule for each action of each entry, under the name of rule N4.
        Kind::Principal => {
            for entry in list(body, "rules") {
                for (rule, number) in list(entry, "actions").iter().zip(1..) {
                    let resource = text(entry, "resource");
                    let default = format!("{resource}_rule-{number:03}");
                    let mut rule = named(rule, default);
                    rule["resource"] = resource.into();
                    rule["actions"] = vec![text(&rule, "action")].into();
                    rules.push(rule);
                }
            }
        }
        Kind::Resource => {
            for (rule, number) in list(body, "rules").iter().zip(1..) {
                rules.push(named(rule, format!("rule-{number:03}")));
            }
        }
        Kind::Role => rules = list(body, "rules").to_vec(),
    }
    let definitions = Definitions::of(files, file, body);
    let named_by_rules: BTreeSet<String> =
        rules.iter().flat_map(|rule| texts(rule, "derivedRoles")).collect();
    let derived_roles = texts(body, "importDerivedRoles")
        .iter()
        .flat_map(|import| derived_roles(files, import))
        .filter(|role| named_by_rules.contains(&role.name))
        .collect();
    Some(Policy {
        kind,
        key: key(subject, &written, &version, &scope),
        name: if kind == Kind::Role { written } else { sanitize(&written) },
        version,
        scope,
        needs_consent: text(body, "scopePermissions").contains("REQUIRE"),
        unit: definitions.unit(rules.iter().flat_map(expressions)),
        parents: texts(body, "parentRoles"),
        rules,
        derived_roles,
    })
}

fn named(rule: &Json, default: String) -> Json {
    let mut rule = rule.clone();
    if text(&rule, "name").is_empty() {
        rule["name"] = default.into();
    }
    rule
}

/// Rule D3: each has its own variables.
fn derived_roles(files: &[(String, Json)], import: &str) -> Vec<DerivedRole> {
    let found = files.iter().find_map(|(_, file)| {
        let body = file.get("derivedRoles").filter(|body| text(body, "name") == import)?;
        Some((file, body))
    });
    let Some((file, body)) = found else { return Vec::new() };
    let definitions = Definitions::of(files, file, body);
    let role = |role: &Json| DerivedRole {
        name: text(role, "name"),
        parents: texts(role, "parentRoles"),
        condition: role.pointer("/condition/match").cloned(),
        unit: definitions.unit(expressions(role).into_iter()),
    };
    list(body, "definitions").iter().map(role).collect()
}

/// What expressions of one file may refer to: local and imported.
struct Definitions {
    variables: BTreeMap<String, String>,
    constants: BTreeMap<String, Json>,
}

impl Definitions {
    fn of(files: &[(String, Json)], file: &Json, body: &Json) -> Self {
        let exported = |kind: &str, name: &str| {
            let mut bodies = files.iter().filter_map(|(_, file)| file.get(kind));
            bodies.find(|body| text(body, "name") == name).and_then(|b| b.get("definitions"))
        };
        let collect = |field: &str, export: &str| {
            let imports = body.pointer(&format!("/{field}/import"));
            let imports = imports.and_then(Json::as_array).into_iter().flatten();
            let imported = imports.filter_map(|name| exported(export, name.as_str()?));
            let local = body.pointer(&format!("/{field}/local")).into_iter();
            let maps = imported.chain(local).filter_map(Json::as_object);
            maps.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let mut variables: BTreeMap<String, Json> = collect("variables", "exportVariables");
        // Rule P2.
        let old = file.get("variables").and_then(Json::as_object).into_iter().flatten();
        variables.extend(old.map(|(name, value)| (name.clone(), value.clone())));
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
            .collect();
        Self { variables, constants: collect("constants", "exportConstants") }
    }

    fn unit(&self, expressions: impl Iterator<Item = String>) -> Unit {
        let expressions: BTreeSet<String> = expressions.collect();
        let mut order = Vec::new();
        let mut constants = BTreeMap::new();
        for text in &expressions {
            self.needs(text, &mut order, &mut constants);
        }
        let constants: Map = serde_json::from_value(Json::from_iter(constants)).unwrap_or_default();
        let env = Env::policy()
            .variables(order.iter().map(|name| name.as_str().into()))
            .constants(constants.clone());
        let compile = |text: &str| {
            let compiled = Expression::parse(text).and_then(|parsed| parsed.compile(&env));
            compiled.unwrap_or_else(|error| panic!("{text}: {}", error.message()))
        };
        let variables = order.iter().map(|name| {
            let text = self.variables.get(name).cloned().unwrap_or_default();
            (name.clone(), text.clone(), compile(&text))
        });
        Unit {
            variables: variables.collect(),
            constants,
            programs: expressions.iter().map(|text| (text.clone(), compile(text))).collect(),
        }
    }

    /// What an expression needs, directly and through variables.
    fn needs(&self, text: &str, order: &mut Vec<String>, constants: &mut BTreeMap<String, Json>) {
        let Ok(parsed) = Expression::parse(text) else { return };
        let found = parsed.references();
        for (name, _) in found.constants {
            let value = self.constants.get(&*name).cloned().unwrap_or_default();
            constants.insert(name.into(), value);
        }
        for (name, _) in found.variables {
            let name = String::from(name);
            if let Some(text) = self.variables.get(&name)
                && !order.contains(&name)
            {
                self.needs(text, order, constants);
                order.push(name);
            }
        }
    }
}

/// All expressions of a rule.
fn expressions(rule: &Json) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(condition) = rule.pointer("/condition/match") {
        leaves(condition, &mut found);
    }
    found.extend(output(rule, true));
    found.extend(output(rule, false));
    found
}

fn leaves(condition: &Json, found: &mut Vec<String>) {
    match condition.as_object().and_then(|object| object.iter().next()) {
        Some((name, expr)) if name == "expr" => {
            found.push(expr.as_str().unwrap_or_default().to_owned());
        }
        Some((_, inner)) => list(inner, "of").iter().for_each(|member| leaves(member, found)),
        None => {}
    }
}

/// What a rule says when it is met or not (rule O1).
pub(super) fn output(rule: &Json, met: bool) -> Option<String> {
    let at = |path: &str| rule.pointer(path).and_then(Json::as_str).filter(|t| !t.is_empty());
    let found = if met {
        at("/output/when/ruleActivated").or(at("/output/expr"))
    } else {
        at("/output/when/conditionNotMet")
    };
    found.map(str::to_owned)
}

pub(super) fn text(json: &Json, name: &str) -> String {
    json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

pub(super) fn texts(json: &Json, name: &str) -> Vec<String> {
    list(json, name).iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

pub(super) fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

//! Policies back to text: canonical JSON, which loads as the same policies.

use std::collections::HashSet;

use super::ast::{
    Body, BoxedPolicy, Condition, Constant, Definition, Definitions, DerivedRole, Executable,
    Metadata, Name, Output, Policy, Rule, SchemaRef, ScopePermissions,
};
use super::json::json;
use super::source::Source;
use crate::check::Effect;
use crate::value::{Map, Value};

/// One source for each policy, named after the file it came from.
pub(super) fn sources(policies: &[BoxedPolicy]) -> Vec<Source> {
    let mut taken: HashSet<String> = HashSet::new();
    policies
        .iter()
        .map(|policy| {
            let written = policy.place.file.name();
            let mut name = match written.strip_suffix(".json") {
                Some(_) => written.to_owned(),
                None => format!("{written}.json"),
            };
            while !taken.insert(name.clone()) {
                name = format!("{}_.json", name.trim_end_matches(".json"));
            }
            Source::new(name, json(&value(policy)))
        })
        .collect()
}

/// The policy as Cerbos' message for it, in JSON. What is empty is left out.
pub(super) fn value(policy: &Policy) -> Value {
    let mut fields = Fields::default();
    fields.text("apiVersion", &policy.header.api_version);
    if policy.disabled {
        fields.put("disabled", true);
    }
    fields.text("$schema", &policy.header.schema);
    fields.text("description", &policy.header.description);
    fields.map("metadata", policy.header.metadata.as_deref().map(metadata).unwrap_or_default());
    fields.map("variables", definitions(&policy.header.variables));
    let (name, body) = match &policy.body {
        Body::Resource(p) => ("resourcePolicy", resource(p)),
        Body::Principal(p) => ("principalPolicy", principal(p)),
        Body::Role(p) => ("rolePolicy", role(p)),
        Body::DerivedRoles(d) => {
            let mut fields = Fields::default();
            fields.text("name", &d.name.value);
            fields.list("definitions", d.roles.iter().map(derived_role));
            fields.definitions(&d.definitions);
            ("derivedRoles", fields)
        }
        Body::ExportVariables { name, definitions: list } => {
            ("exportVariables", export(name, definitions(list)))
        }
        Body::ExportConstants { name, definitions: list } => {
            ("exportConstants", export(name, constants(list)))
        }
    };
    fields.put(name, body.done());
    fields.done().into()
}

#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }

    fn text(&mut self, name: &'static str, text: &str) {
        if !text.is_empty() {
            self.put(name, text);
        }
    }

    fn map(&mut self, name: &'static str, map: Map) {
        if !map.is_empty() {
            self.put(name, map);
        }
    }

    fn list(&mut self, name: &'static str, items: impl Iterator<Item = Value>) {
        let items: Vec<Value> = items.collect();
        if !items.is_empty() {
            self.put(name, Value::List(items.into()));
        }
    }

    fn names(&mut self, name: &'static str, names: &[Name]) {
        self.list(name, names.iter().map(|n| Value::from(&*n.value)));
    }

    fn definitions(&mut self, all: &Definitions) {
        let mut variables = Self::default();
        variables.names("import", &all.variable_imports);
        variables.map("local", definitions(&all.variables));
        self.map("variables", variables.done());
        let mut fields = Self::default();
        fields.names("import", &all.constant_imports);
        fields.map("local", constants(&all.constants));
        self.map("constants", fields.done());
    }

    fn done(self) -> Map {
        self.0.into_iter().collect()
    }
}

fn metadata(metadata: &Metadata) -> Map {
    let mut fields = Fields::default();
    fields.text("sourceFile", &metadata.source_file);
    fields.text("storeIdentifier", &metadata.store_identifier);
    fields.text("storeIdentifer", &metadata.store_identifer);
    if let Some(hash) = metadata.hash {
        // As text: 64 bits do not fit into a number of JSON.
        fields.text("hash", &hash.to_string());
    }
    let annotations = metadata.annotations.iter();
    fields.map("annotations", annotations.map(|(k, v)| (k.clone(), Value::from(&**v))).collect());
    if !metadata.source_attributes.is_empty() {
        let outer: Map =
            [("attributes", Value::from(metadata.source_attributes.clone()))].into_iter().collect();
        fields.put("sourceAttributes", outer);
    }
    fields.done()
}

fn export(name: &Name, definitions: Map) -> Fields {
    let mut fields = Fields::default();
    fields.text("name", &name.value);
    fields.map("definitions", definitions);
    fields
}

fn definitions(list: &[Definition]) -> Map {
    list.iter().map(|d| (d.name.value.clone(), Value::from(&*d.expr.text))).collect()
}

fn constants(list: &[Constant]) -> Map {
    list.iter().map(|c| (c.name.value.clone(), c.value.clone())).collect()
}

fn executable(subject: &'static str, p: &Executable) -> Fields {
    let mut fields = Fields::default();
    fields.text(subject, &p.name.value);
    fields.text("version", &p.version);
    fields.text("scope", &p.scope.value);
    if p.scope_permissions != ScopePermissions::Unspecified {
        fields.text("scopePermissions", p.scope_permissions.as_str());
    }
    fields.definitions(&p.definitions);
    fields
}

fn resource(p: &Executable) -> Fields {
    let mut fields = executable("resource", p);
    fields.names("importDerivedRoles", &p.import_derived_roles);
    let mut schemas = Fields::default();
    let mut put = |name, schema: &Option<Box<SchemaRef>>| {
        if let Some(schema) = schema {
            schemas.put(name, schema_ref(schema));
        }
    };
    put("principalSchema", &p.schemas.principal);
    put("resourceSchema", &p.schemas.resource);
    fields.map("schemas", schemas.done());
    fields.list(
        "rules",
        p.rules.iter().map(|rule| {
            let mut fields = rule_fields(rule);
            fields.names("actions", &rule.actions);
            fields.names("roles", &rule.roles);
            fields.names("derivedRoles", &rule.derived_roles);
            fields.done().into()
        }),
    );
    fields
}

fn schema_ref(schema: &SchemaRef) -> Map {
    let mut fields = Fields::default();
    fields.text("ref", &schema.reference.value);
    let mut ignore = Fields::default();
    ignore.list("actions", schema.ignore_when_actions.iter().map(|a| Value::from(&**a)));
    fields.map("ignoreWhen", ignore.done());
    fields.done()
}

fn principal(p: &Executable) -> Fields {
    let mut fields = executable("principal", p);
    let resource = |rule: &Rule| rule.resource.as_ref().map(|r| r.value.clone());
    // Rules of one entry follow one another, and no two entries are for the same resource.
    let entries = p.rules.chunk_by(|a, b| resource(a) == resource(b));
    fields.list(
        "rules",
        entries.map(|rules| {
            let mut entry = Fields::default();
            if let Some(rule) = rules.first() {
                entry.text("resource", &resource(rule).unwrap_or_default());
            }
            entry.list(
                "actions",
                rules.iter().map(|rule| {
                    let mut fields = rule_fields(rule);
                    if let Some(action) = rule.actions.first() {
                        fields.text("action", &action.value);
                    }
                    fields.done().into()
                }),
            );
            entry.done().into()
        }),
    );
    fields
}

fn role(p: &Executable) -> Fields {
    let mut fields = executable("role", p);
    fields.names("parentRoles", &p.parent_roles);
    fields.list(
        "rules",
        p.rules.iter().map(|rule| {
            let mut fields = rule_fields(rule);
            if let Some(resource) = &rule.resource {
                fields.text("resource", &resource.value);
            }
            fields.names("allowActions", &rule.actions);
            fields.done().into()
        }),
    );
    fields
}

fn rule_fields(rule: &Rule) -> Fields {
    let mut fields = Fields::default();
    fields.text("name", &rule.name);
    match rule.effect {
        Some(Effect::Allow) => fields.text("effect", "EFFECT_ALLOW"),
        Some(Effect::Deny) => fields.text("effect", "EFFECT_DENY"),
        None => {}
    }
    if let Some(found) = &rule.condition {
        fields.put("condition", condition(found));
    }
    if let Some(found) = &rule.output {
        fields.put("output", output(found));
    }
    fields
}

fn derived_role(role: &DerivedRole) -> Value {
    let mut fields = Fields::default();
    fields.text("name", &role.name.value);
    fields.names("parentRoles", &role.parent_roles);
    if let Some(found) = &role.condition {
        fields.put("condition", condition(found));
    }
    fields.done().into()
}

fn condition(condition: &Condition) -> Map {
    let mut fields = Fields::default();
    match condition {
        Condition::Script { text, .. } => fields.put("script", &**text),
        _ => fields.put("match", matched(condition)),
    }
    fields.done()
}

fn matched(condition: &Condition) -> Map {
    let list = |name, conditions: &[Condition]| {
        let mut of = Fields::default();
        of.list("of", conditions.iter().map(|c| matched(c).into()));
        let mut fields = Fields::default();
        fields.put(name, of.done());
        fields.done()
    };
    match condition {
        Condition::Expr(expr) => [("expr", Value::from(&*expr.text))].into_iter().collect(),
        Condition::All(conditions) => list("all", conditions),
        Condition::Any(conditions) => list("any", conditions),
        Condition::None(conditions) => list("none", conditions),
        Condition::Script { .. } => Map::default(),
    }
}

fn output(output: &Output) -> Map {
    let mut when = Fields::default();
    let text = |fields: &mut Fields, name, expr: &Option<super::ast::Expr>| {
        if let Some(expr) = expr {
            fields.text(name, &expr.text);
        }
    };
    text(&mut when, "ruleActivated", &output.rule_activated);
    text(&mut when, "conditionNotMet", &output.condition_not_met);
    let mut fields = Fields::default();
    text(&mut fields, "expr", &output.expr);
    fields.map("when", when.done());
    fields.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicySet;

    const ALL: &str = r#"
apiVersion: api.cerbos.dev/v1
$schema: https://example.org/policy.json
description: "all \u0001 of it é😀"
metadata:
  sourceFile: a.yaml
  storeIdentifier: b
  hash: 18446744073709551615
  annotations: {team: 1, "on": yes}
  sourceAttributes: {attributes: {n: 1.5, big: 100000000000000000000.5, list: [1, null, {x: true}]}}
variables: {top: "1"}
resourcePolicy:
  resource: album
  version: 0x10
  importDerivedRoles: [roles]
  scopePermissions: 1
  schemas:
    principalSchema: {ref: cerbos:///p.json}
    resourceSchema: {ref: cerbos:///r.json, ignoreWhen: {actions: ["*"]}}
  variables: {import: [v], local: {mine: V.theirs}}
  constants: {import: [c], local: {k: [1, "1", 1.25, true, null]}}
  rules:
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [user]
      derivedRoles: [owner]
      name: named
      condition:
        match: {all: {of: [{any: {of: [{expr: V.mine}]}}, {none: {of: [{expr: "C.k"}]}}]}}
      output: {expr: "1", when: {ruleActivated: "2", conditionNotMet: "3"}}
"#;
    const REST: [(&str, &str); 6] = [
        (
            "d.yaml",
            "derivedRoles: {name: roles, definitions: [{name: owner, parentRoles: [user], condition: {match: {expr: 'true'}}}], constants: {local: {x: 1}}}",
        ),
        ("v.yaml", "exportVariables: {name: v, definitions: {theirs: 'true'}}"),
        ("c.json", "exportConstants: {name: c, definitions: {far: 1.5e300}}"),
        (
            "p.yml",
            "principalPolicy: {principal: bob, version: default, rules: [{resource: album, actions: [{action: view, effect: EFFECT_DENY}, {action: edit, effect: EFFECT_ALLOW, name: n}]}, {resource: '*', actions: [{action: x, effect: 2}]}]}",
        ),
        (
            "r.yaml",
            "rolePolicy: {role: jr, scope: a.b, parentRoles: [user], rules: [{resource: album, allowActions: [view]}]}",
        ),
        (
            "off.yaml",
            "disabled: true\nrolePolicy: {role: jr, rules: [{resource: album, allowActions: [view], condition: {script: x}}]}",
        ),
    ];

    fn everything() -> Vec<Source> {
        let rest = REST.iter().map(|(name, text)| {
            Source::new(*name, format!("apiVersion: api.cerbos.dev/v1\n{text}\n"))
        });
        [Source::new("a.yaml", ALL)].into_iter().chain(rest).collect()
    }

    #[test]
    fn what_is_written_loads_as_the_same_policies() {
        let set = PolicySet::load(everything()).unwrap();
        let once = set.to_sources();
        assert_eq!(once.len(), 7);
        let again = PolicySet::load(once.clone()).unwrap();
        let values = |set: &PolicySet| {
            set.written
                .policies()
                .iter()
                .map(|policy| value(policy))
                .map(|v| v.to_string())
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(values(&set), values(&again));
        let twice: Vec<_> = again.to_sources().iter().map(|s| s.text().to_owned()).collect();
        for source in &once {
            assert!(twice.contains(&source.text().to_owned()), "{}", source.name());
        }
        assert_eq!(set.len(), again.len());
    }

    #[test]
    fn nothing_that_was_written_gets_lost() {
        let set = PolicySet::load(everything()).unwrap();
        let album = set.to_sources().into_iter().find(|s| s.name() == "a.yaml.json").unwrap();
        for part in [
            r#""$schema":"https://example.org/policy.json""#,
            r#""description":"all \u0001 of it é\ud83d\ude00""#,
            r#""hash":"18446744073709551615""#,
            r#""annotations":{"on":"yes","team":"1"}"#,
            r#""big":1.0e+20"#,
            r#""version":"16""#,
            r#""variables":{"top":"1"}"#,
            r#""import":["v"]"#,
            r#""ignoreWhen":{"actions":["*"]}"#,
            r#""k":[1,"1",1.25,true,null]"#,
            r#""scopePermissions":"SCOPE_PERMISSIONS_OVERRIDE_PARENT""#,
            r#""output":{"expr":"1","when":{"conditionNotMet":"3","ruleActivated":"2"}}"#,
            r#"{"none":{"of":[{"expr":"C.k"}]}}"#,
        ] {
            assert!(album.text().contains(part), "{part} in {}", album.text());
        }
    }

    #[test]
    fn names_of_sources_stay_apart() {
        let text =
            |role: &str| format!("apiVersion: api.cerbos.dev/v1\nrolePolicy: {{role: {role}}}\n");
        let set = PolicySet::load([
            Source::new("a.yaml", text("x")),
            Source::new("a.yaml.json", text("y")),
        ]);
        let sources = set.unwrap().to_sources();
        let names: Vec<_> = sources.iter().map(Source::name).collect();
        assert_eq!(names, ["a.yaml.json", "a.yaml_.json"]);
    }
}

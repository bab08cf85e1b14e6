//! The six kinds of policy.

use std::collections::HashMap;

use super::parts;
use super::patterns::{is_import, is_name, is_not_empty, is_rule_name, is_scope, is_version};
use super::reader::{Field, Object, Reader};
use crate::check::Effect;
use crate::diag::Code;
use crate::policy::ast::{
    Body, DerivedRole, DerivedRoles, Executable, Name, Place, Rule, Schemas, ScopePermissions,
};

const EFFECTS: [(&str, i128, Option<Effect>); 4] = [
    ("EFFECT_ALLOW", 1, Some(Effect::Allow)),
    ("EFFECT_DENY", 2, Some(Effect::Deny)),
    ("EFFECT_UNSPECIFIED", 0, None),
    ("EFFECT_NO_MATCH", 3, None),
];
const SCOPE_PERMISSIONS: [(&str, i128, ScopePermissions); 3] = [
    ("SCOPE_PERMISSIONS_UNSPECIFIED", 0, ScopePermissions::Unspecified),
    ("SCOPE_PERMISSIONS_OVERRIDE_PARENT", 1, ScopePermissions::OverrideParent),
    (
        "SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS",
        2,
        ScopePermissions::RequireParentalConsent,
    ),
];

pub(super) fn resource(r: &mut Reader, field: &Field<'_>) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "resource")?;
    policy.import_derived_roles =
        object.take("importDerivedRoles").map(|f| r.names(&f, is_import)).unwrap_or_default();
    policy.schemas = object.take("schemas").map(|f| parts::schemas(r, &f)).unwrap_or_default();
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    let mut names = Unique::new("rule");
    for (i, item) in items.iter().enumerate() {
        if let Some(rule) = resource_rule(r, item, i) {
            names.add(r, &rule.name, &rule.place);
            policy.rules.push(rule);
        }
    }
    policy.rules.shrink_to_fit();
    r.finish(object, &known(&["resource", "importDerivedRoles", "rules", "schemas"]));
    Some(policy)
}

fn resource_rule(r: &mut Reader, field: &Field<'_>, index: usize) -> Option<Rule> {
    let mut object = r.object(field)?;
    let mut rule = rule(r, &mut object, format!("rule-{:03}", index + 1));
    rule.actions = parts::required_names(r, &mut object, "actions");
    rule.effect = effect(r, &mut object);
    rule.roles = object.take("roles").map(|f| r.names(&f, is_not_empty)).unwrap_or_default();
    rule.derived_roles =
        object.take("derivedRoles").map(|f| r.names(&f, is_import)).unwrap_or_default();
    if rule.roles.is_empty() && rule.derived_roles.is_empty() {
        let message = "the rule applies to nobody: it names neither `roles` nor `derivedRoles`";
        r.semantic(Code::InvalidRule, &rule.place, message);
    }
    r.finish(
        object,
        &["actions", "effect", "roles", "derivedRoles", "condition", "name", "output"],
    );
    Some(rule)
}

pub(super) fn principal(r: &mut Reader, field: &Field<'_>) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "principal")?;
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    let mut resources = Unique::new("entry for the resource");
    for item in &items {
        let Some(mut entry) = r.object(item) else { continue };
        let resource = parts::required(r, &mut entry, "resource", is_not_empty);
        let written = resource.as_ref().map(|r| r.value.clone()).unwrap_or_default();
        resources.add(r, &written, &entry.place);
        let mut names = Unique::new("rule");
        for (i, action) in parts::at_least_one(r, &mut entry, "actions").iter().enumerate() {
            let Some(mut object) = r.object(action) else { continue };
            let mut rule = rule(r, &mut object, format!("{written}_rule-{:03}", i + 1));
            rule.actions.extend(parts::required(r, &mut object, "action", is_not_empty));
            rule.effect = effect(r, &mut object);
            rule.resource.clone_from(&resource);
            r.finish(object, &["action", "effect", "condition", "name", "output"]);
            names.add(r, &rule.name, &rule.place);
            policy.rules.push(rule);
        }
        r.finish(entry, &["resource", "actions"]);
    }
    policy.rules.shrink_to_fit();
    r.finish(object, &known(&["principal", "rules"]));
    Some(policy)
}

pub(super) fn role(r: &mut Reader, field: &Field<'_>) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "role")?;
    policy.parent_roles =
        object.take("parentRoles").map(|f| r.names(&f, is_not_empty)).unwrap_or_default();
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    for item in &items {
        let Some(mut object) = r.object(item) else { continue };
        // A role rule without a name has none (rule N4).
        let mut rule = rule(r, &mut object, String::new());
        rule.resource = parts::required(r, &mut object, "resource", is_not_empty);
        rule.actions = parts::required_names(r, &mut object, "allowActions");
        r.finish(object, &["resource", "allowActions", "condition", "name", "output"]);
        policy.rules.push(rule);
    }
    policy.rules.shrink_to_fit();
    r.finish(object, &known(&["role", "parentRoles", "rules"]));
    Some(policy)
}

pub(super) fn derived_roles(r: &mut Reader, field: &Field<'_>) -> Option<DerivedRoles> {
    let mut object = r.object(field)?;
    let name = parts::required(r, &mut object, "name", is_import);
    let mut names = Unique::new("derived role");
    let mut roles: Vec<DerivedRole> = Vec::new();
    for item in parts::at_least_one(r, &mut object, "definitions") {
        let Some(mut entry) = r.object(&item) else { continue };
        let name = parts::required(r, &mut entry, "name", is_import);
        let parent_roles = parts::required_names(r, &mut entry, "parentRoles");
        let condition = entry.take("condition").and_then(|f| parts::condition(r, &f));
        let place = entry.place.clone();
        r.finish(entry, &["name", "parentRoles", "condition"]);
        let Some(name) = name else { continue };
        names.add(r, &name.value, &place);
        roles.push(DerivedRole { name, parent_roles, condition });
    }
    roles.shrink_to_fit();
    let (variables, constants) = (object.take("variables"), object.take("constants"));
    let definitions = parts::definitions(r, variables, constants);
    r.finish(object, &["name", "definitions", "variables", "constants"]);
    Some(DerivedRoles { name: name?, roles, definitions })
}

pub(super) fn export_variables(r: &mut Reader, field: &Field<'_>) -> Option<Body> {
    let mut object = r.object(field)?;
    let name = parts::required(r, &mut object, "name", is_import);
    let definitions =
        object.take("definitions").map(|f| parts::definitions_map(r, &f)).unwrap_or_default();
    r.finish(object, &["name", "definitions"]);
    Some(Body::ExportVariables { name: name?, definitions })
}

pub(super) fn export_constants(r: &mut Reader, field: &Field<'_>) -> Option<Body> {
    let mut object = r.object(field)?;
    let name = parts::required(r, &mut object, "name", is_import);
    let definitions =
        object.take("definitions").map(|f| parts::constants_map(r, &f)).unwrap_or_default();
    r.finish(object, &["name", "definitions"]);
    Some(Body::ExportConstants { name: name?, definitions })
}

/// What the three kinds with rules have in common. `subject` names the field that says what a policy is for.
fn executable(r: &mut Reader, object: &mut Object<'_>, subject: &str) -> Option<Executable> {
    let is_role = subject == "role";
    let name = parts::required(r, object, subject, is_name);
    let version = if is_role {
        object.take("version").map(|f| r.name(&f)).filter(|v| !v.value.is_empty())
    } else {
        parts::required(r, object, "version", |_| true)
    };
    if let Some(version) = version.as_ref().filter(|v| !is_version(&v.value)) {
        let message = format!("`{}` is no valid version", version.value);
        r.report(Code::InvalidValue, &version.place, message);
    }
    let scope = match object.take("scope") {
        Some(f) => {
            let scope = r.name(&f);
            if !is_scope(&scope.value) {
                let message = format!("`{}` is no valid scope", scope.value);
                r.report(Code::InvalidValue, &scope.place, message);
            }
            scope
        }
        None => Name { value: "".into(), place: object.place.clone() },
    };
    let permissions = object.take("scopePermissions");
    let scope_permissions = permissions.as_ref().and_then(|f| r.choice(f, &SCOPE_PERMISSIONS));
    if let (true, Some(field), Some(ScopePermissions::OverrideParent)) =
        (is_role, permissions, scope_permissions)
    {
        let message = "role policies always need their parents' consent";
        r.report(Code::InvalidValue, &field.place, message);
    }
    let (variables, constants) = (object.take("variables"), object.take("constants"));
    Some(Executable {
        definitions: parts::definitions(r, variables, constants),
        name: name?,
        version: version.map(|v| v.value).unwrap_or_default(),
        scope,
        scope_permissions: scope_permissions.unwrap_or(ScopePermissions::Unspecified),
        import_derived_roles: Vec::new(),
        parent_roles: Vec::new(),
        rules: Vec::new(),
        schemas: Schemas::default(),
    })
}

fn rule(r: &mut Reader, object: &mut Object<'_>, default_name: String) -> Rule {
    let name = object.take("name").map(|f| r.name(&f));
    if let Some(name) = &name
        && !is_rule_name(&name.value)
    {
        let message = format!("`{}` is no valid rule name", name.value);
        r.report(Code::InvalidValue, &name.place, message);
    }
    Rule {
        place: object.place.clone(),
        name: name.map(|n| n.value).unwrap_or_default(),
        default_name: default_name.into(),
        resource: None,
        actions: Vec::new(),
        roles: Vec::new(),
        derived_roles: Vec::new(),
        effect: None,
        condition: object.take("condition").and_then(|f| parts::condition(r, &f)).map(Box::new),
        output: object.take("output").and_then(|f| parts::output(r, &f)).map(Box::new),
    }
}

fn effect(r: &mut Reader, object: &mut Object<'_>) -> Option<Effect> {
    let Some(field) = object.take("effect") else {
        r.missing(object, "effect");
        return None;
    };
    let chosen = r.choice(&field, &EFFECTS)?;
    if chosen.is_none() {
        let message = "`effect` must be `EFFECT_ALLOW` or `EFFECT_DENY`";
        r.report(Code::InvalidValue, &field.place, message);
    }
    chosen
}

/// Names that must not repeat in a file; empty ones are none.
struct Unique {
    what: &'static str,
    seen: HashMap<Box<str>, Place>,
}

impl Unique {
    fn new(what: &'static str) -> Self {
        Self { what, seen: HashMap::new() }
    }

    fn add(&mut self, r: &mut Reader, name: &str, place: &Place) {
        if name.is_empty() {
            return;
        }
        if let Some(first) = self.seen.get(name) {
            let (what, line) = (self.what, first.position().line);
            r.semantic(
                Code::DuplicateName,
                place,
                format!("another {what} `{name}` is in line {line}"),
            );
        } else {
            self.seen.insert(name.into(), place.clone());
        }
    }
}

fn known(own: &[&'static str]) -> Vec<&'static str> {
    own.iter()
        .copied()
        .chain(["version", "scope", "scopePermissions", "variables", "constants"])
        .collect()
}

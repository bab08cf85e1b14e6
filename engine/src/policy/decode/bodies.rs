//! The six kinds of policy.

use super::parts;
use super::reader::{Field, Object, Reader};
use crate::check::Effect;
use crate::diag::Code;
use crate::policy::ast::{
    Body, Definition, Definitions, DerivedRole, DerivedRoles, Executable, Name, Rule, Schemas,
    ScopePermissions,
};

const EFFECTS: [(&str, &str, Effect); 2] =
    [("EFFECT_ALLOW", "1", Effect::Allow), ("EFFECT_DENY", "2", Effect::Deny)];
const SCOPE_PERMISSIONS: [(&str, &str, ScopePermissions); 3] = [
    ("SCOPE_PERMISSIONS_UNSPECIFIED", "0", ScopePermissions::Unspecified),
    ("SCOPE_PERMISSIONS_OVERRIDE_PARENT", "1", ScopePermissions::OverrideParent),
    (
        "SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS",
        "2",
        ScopePermissions::RequireParentalConsent,
    ),
];

pub(super) fn resource(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    old: Vec<Definition>,
) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "resource", old)?;
    policy.import_derived_roles = object
        .take("importDerivedRoles")
        .map(|f| r.names(&f, parts::is_import))
        .unwrap_or_default();
    policy.schemas = object.take("schemas").map(|f| parts::schemas(r, &f)).unwrap_or_default();
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    for (i, item) in items.iter().enumerate() {
        if let Some(rule) = resource_rule(r, item, i) {
            unique_name(r, &policy.rules, &rule);
            policy.rules.push(rule);
        }
    }
    r.finish(object, &known(&["resource", "importDerivedRoles", "rules", "schemas"]));
    Some(policy)
}

fn resource_rule(r: &mut Reader<'_>, field: &Field<'_>, index: usize) -> Option<Rule> {
    let mut object = r.object(field)?;
    let mut rule = rule(r, &mut object, format!("rule-{:03}", index + 1));
    rule.actions = required_list(r, &mut object, "actions");
    rule.effect = effect(r, &mut object);
    rule.roles = object
        .take("roles")
        .map(|f| parts::plain(r.names(&f, parts::is_not_empty)))
        .unwrap_or_default();
    rule.derived_roles =
        object.take("derivedRoles").map(|f| r.names(&f, parts::is_import)).unwrap_or_default();
    r.finish(
        object,
        &["actions", "effect", "roles", "derivedRoles", "condition", "name", "output"],
    );
    Some(rule)
}

pub(super) fn principal(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    old: Vec<Definition>,
) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "principal", old)?;
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    let mut resources: Vec<Box<str>> = Vec::new();
    for item in &items {
        let Some(mut entry) = r.object(item) else { continue };
        let resource = required_text(r, &mut entry, "resource");
        if resources.contains(&resource) {
            r.report(Code::InvalidRule, &entry.place, format!("`{resource}` has an entry already"));
        }
        let actions = entry.take("actions").map(|f| r.items(&f)).unwrap_or_default();
        if actions.is_empty() {
            r.missing(&entry, "actions");
        }
        let first = policy.rules.len();
        for (i, action) in actions.iter().enumerate() {
            let Some(mut object) = r.object(action) else { continue };
            let mut rule = rule(r, &mut object, format!("{resource}_rule-{:03}", i + 1));
            rule.actions = vec![required_text(r, &mut object, "action")];
            rule.effect = effect(r, &mut object);
            rule.resource.clone_from(&resource);
            rule.roles = vec!["*".into()];
            r.finish(object, &["action", "effect", "condition", "name", "output"]);
            unique_name(r, policy.rules.get(first..).unwrap_or_default(), &rule);
            policy.rules.push(rule);
        }
        r.finish(entry, &["resource", "actions"]);
        resources.push(resource);
    }
    r.finish(object, &known(&["principal", "rules"]));
    Some(policy)
}

pub(super) fn role(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    old: Vec<Definition>,
) -> Option<Executable> {
    let mut object = r.object(field)?;
    let mut policy = executable(r, &mut object, "role", old)?;
    policy.parent_roles = object
        .take("parentRoles")
        .map(|f| parts::plain(r.names(&f, parts::is_not_empty)))
        .unwrap_or_default();
    let items = object.take("rules").map(|f| r.items(&f)).unwrap_or_default();
    for item in &items {
        let Some(mut object) = r.object(item) else { continue };
        // A role rule without a name has none (rule N4).
        let mut rule = rule(r, &mut object, String::new());
        rule.resource = required_text(r, &mut object, "resource");
        rule.actions = required_list(r, &mut object, "allowActions");
        rule.roles = vec![policy.name.value.clone()];
        r.finish(object, &["resource", "allowActions", "condition", "name", "output"]);
        policy.rules.push(rule);
    }
    r.finish(object, &known(&["role", "parentRoles", "rules"]));
    Some(policy)
}

pub(super) fn derived_roles(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    old: Vec<Definition>,
) -> Option<DerivedRoles> {
    let mut object = r.object(field)?;
    let name = identifier(r, &mut object, "name", parts::is_import)?;
    let items = object.take("definitions").map(|f| r.items(&f)).unwrap_or_default();
    if items.is_empty() {
        r.missing(&object, "definitions");
    }
    let mut roles: Vec<DerivedRole> = Vec::new();
    for item in &items {
        let Some(mut entry) = r.object(item) else { continue };
        let name = identifier(r, &mut entry, "name", parts::is_import);
        let parent_roles = required_list(r, &mut entry, "parentRoles");
        let condition = entry.take("condition").and_then(|f| parts::condition(r, &f));
        r.finish(entry, &["name", "parentRoles", "condition"]);
        let Some(name) = name else { continue };
        if roles.iter().any(|role| role.name.value == name.value) {
            r.report(
                Code::DuplicateDefinition,
                &name.place,
                format!("`{}` is defined twice", name.value),
            );
        }
        roles.push(DerivedRole { name, parent_roles, condition });
    }
    let (variables, constants) = (object.take("variables"), object.take("constants"));
    let definitions = parts::definitions(r, variables, constants, old);
    r.finish(object, &["name", "definitions", "variables", "constants"]);
    Some(DerivedRoles { name, roles, definitions })
}

pub(super) fn export_variables(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Body> {
    let mut object = r.object(field)?;
    let name = identifier(r, &mut object, "name", parts::is_import)?;
    let definitions =
        object.take("definitions").map(|f| parts::definitions_map(r, &f)).unwrap_or_default();
    r.finish(object, &["name", "definitions"]);
    Some(Body::ExportVariables { name, definitions })
}

pub(super) fn export_constants(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Body> {
    let mut object = r.object(field)?;
    let name = identifier(r, &mut object, "name", parts::is_import)?;
    let definitions =
        object.take("definitions").map(|f| parts::constants_map(r, &f)).unwrap_or_default();
    r.finish(object, &["name", "definitions"]);
    Some(Body::ExportConstants { name, definitions })
}

/// What the three kinds with rules have in common. `subject` names the field that says what a policy is for.
fn executable(
    r: &mut Reader<'_>,
    object: &mut Object<'_>,
    subject: &str,
    old: Vec<Definition>,
) -> Option<Executable> {
    let name = identifier(r, object, subject, parts::is_name);
    let version = match object.take("version") {
        Some(f) => {
            let readable = r.scalar(&f).is_some();
            let version = if readable { r.text(&f) } else { "".into() };
            let may_be_empty = subject == "role" || !readable;
            if !(parts::is_version(&version) || may_be_empty && version.is_empty()) {
                r.report(Code::InvalidValue, &f.place, format!("`{version}` is no valid version"));
            }
            version
        }
        None if subject == "role" => "".into(),
        None => {
            r.missing(object, "version");
            "".into()
        }
    };
    let scope = match object.take("scope") {
        Some(f) => {
            let scope = r.name(&f);
            if !parts::is_scope(&scope.value) {
                r.report(
                    Code::InvalidValue,
                    &scope.place,
                    format!("`{}` is no valid scope", scope.value),
                );
            }
            scope
        }
        None => Name { value: "".into(), place: object.place.clone() },
    };
    let scope_permissions = object
        .take("scopePermissions")
        .and_then(|f| r.choice(&f, &SCOPE_PERMISSIONS))
        .unwrap_or(ScopePermissions::Unspecified);
    let (variables, constants) = (object.take("variables"), object.take("constants"));
    Some(Executable {
        name: name?,
        version: if version.is_empty() { "default".into() } else { version },
        // A lone dot is the root (rule N3).
        scope: if &*scope.value == "." { Name { value: "".into(), ..scope } } else { scope },
        scope_permissions,
        import_derived_roles: Vec::new(),
        parent_roles: Vec::new(),
        rules: Vec::new(),
        schemas: Schemas::default(),
        definitions: if variables.is_some() || constants.is_some() || !old.is_empty() {
            parts::definitions(r, variables, constants, old)
        } else {
            Definitions::default()
        },
    })
}

fn rule(r: &mut Reader<'_>, object: &mut Object<'_>, default_name: String) -> Rule {
    let name = object.take("name").map(|f| r.name(&f));
    if let Some(name) = &name
        && !parts::is_rule_name(&name.value)
    {
        r.report(
            Code::InvalidValue,
            &name.place,
            format!("`{}` is no valid rule name", name.value),
        );
    }
    Rule {
        place: object.place.clone(),
        name: name.map(|n| n.value).unwrap_or_default(),
        default_name: default_name.into(),
        resource: "".into(),
        actions: Vec::new(),
        roles: Vec::new(),
        derived_roles: Vec::new(),
        effect: None,
        condition: object.take("condition").and_then(|f| parts::condition(r, &f)),
        output: object.take("output").and_then(|f| parts::output(r, &f)),
    }
}

fn unique_name(r: &mut Reader<'_>, rules: &[Rule], rule: &Rule) {
    if !rule.name.is_empty() && rules.iter().any(|other| other.name == rule.name) {
        r.report(Code::InvalidRule, &rule.place, format!("another rule is named `{}`", rule.name));
    }
}

fn effect(r: &mut Reader<'_>, object: &mut Object<'_>) -> Option<Effect> {
    match object.take("effect") {
        Some(f) => r.choice(&f, &EFFECTS),
        None => {
            r.missing(object, "effect");
            None
        }
    }
}

fn identifier(
    r: &mut Reader<'_>,
    object: &mut Object<'_>,
    field: &str,
    valid: fn(&str) -> bool,
) -> Option<Name> {
    let Some(found) = object.take(field) else {
        r.missing(object, field);
        return None;
    };
    let name = r.name(&found);
    if !valid(&name.value) {
        r.report(
            Code::InvalidValue,
            &name.place,
            format!("`{}` is no valid `{field}`", name.value),
        );
    }
    Some(name)
}

fn required_list(r: &mut Reader<'_>, object: &mut Object<'_>, field: &str) -> Vec<Box<str>> {
    match object.take(field) {
        Some(f) => parts::plain(parts::required_names(r, &f, parts::is_not_empty)),
        None => {
            r.missing(object, field);
            Vec::new()
        }
    }
}

fn required_text(r: &mut Reader<'_>, object: &mut Object<'_>, field: &str) -> Box<str> {
    let text = object.take(field).map(|f| r.text(&f)).unwrap_or_default();
    if text.is_empty() {
        r.missing(object, field);
    }
    text
}

fn known(own: &[&'static str]) -> Vec<&'static str> {
    own.iter()
        .copied()
        .chain(["version", "scope", "scopePermissions", "variables", "constants"])
        .collect()
}

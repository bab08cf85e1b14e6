//! Documents to suites and fixtures, by the schema of docs/semantics.md, section 14.

use std::collections::BTreeMap;

use super::model::{Expectation, ExpectedOutput, Fixtures, Input, Names, Suite, Test, TestOptions};
use super::reader::{Field, Object, Reader};
use crate::cel::Timestamp;
use crate::check::Effect;
use crate::policy::{is_scope, is_version};
use crate::request::{AuxData, Principal, Resource};

const EFFECTS: [(&str, i128, Option<Effect>); 4] = [
    ("EFFECT_UNSPECIFIED", 0, None),
    ("EFFECT_ALLOW", 1, Some(Effect::Allow)),
    ("EFFECT_DENY", 2, Some(Effect::Deny)),
    ("EFFECT_NO_MATCH", 3, None),
];

pub(super) fn suite(r: &mut Reader<'_>, root: &Field<'_>) -> Suite {
    let mut object = r.object(
        root,
        &[
            "$schema",
            "name",
            "description",
            "skip",
            "skipReason",
            "tests",
            "principals",
            "resources",
            "auxData",
            "options",
            "principalGroups",
            "resourceGroups",
        ],
    );
    schema(r, &mut object);
    let name = r.required(&mut object, "name").map(|f| r.text(&f)).unwrap_or_default();
    let description = text(r, &mut object, "description");
    let (skip, skip_reason) = skip(r, &mut object);
    let tests = r.required(&mut object, "tests").map(|f| r.items(&f)).unwrap_or_default();
    let tests = tests.iter().map(|item| test(r, item)).collect();
    let fixtures = fixtures(r, &mut object);
    let options = object.take("options").map(|f| options(r, &f));
    Suite { name, description, skip, skip_reason, options, fixtures, tests }
}

/// A file `principals`.
pub(super) fn principals(r: &mut Reader<'_>, root: &Field<'_>) -> Fixtures {
    let mut object = r.object(root, &["$schema", "principals", "principalGroups"]);
    schema(r, &mut object);
    fixtures(r, &mut object)
}

/// A file `resources`.
pub(super) fn resources(r: &mut Reader<'_>, root: &Field<'_>) -> Fixtures {
    let mut object = r.object(root, &["$schema", "resources", "resourceGroups"]);
    schema(r, &mut object);
    fixtures(r, &mut object)
}

/// A file `auxdata`.
pub(super) fn aux_data(r: &mut Reader<'_>, root: &Field<'_>) -> Fixtures {
    let mut object = r.object(root, &["$schema", "auxData"]);
    schema(r, &mut object);
    fixtures(r, &mut object)
}

fn schema(r: &mut Reader<'_>, object: &mut Object<'_>) {
    text(r, object, "$schema");
}

fn text(r: &mut Reader<'_>, object: &mut Object<'_>, name: &str) -> Box<str> {
    object.take(name).map(|f| r.text(&f)).unwrap_or_default()
}

fn skip(r: &mut Reader<'_>, object: &mut Object<'_>) -> (bool, Box<str>) {
    let skip = object.take("skip").is_some_and(|f| r.bool(&f));
    (skip, text(r, object, "skipReason"))
}

fn fixtures(r: &mut Reader<'_>, object: &mut Object<'_>) -> Fixtures {
    Fixtures {
        principals: map(r, object, "principals", principal),
        resources: map(r, object, "resources", resource),
        aux_data: map(r, object, "auxData", one_aux_data),
        principal_groups: map(r, object, "principalGroups", |r, f| group(r, f, "principals")),
        resource_groups: map(r, object, "resourceGroups", |r, f| group(r, f, "resources")),
    }
}

/// A field that is a map of messages.
fn map<'n, T>(
    r: &mut Reader<'_>,
    object: &mut Object<'n>,
    name: &str,
    decode: impl Fn(&mut Reader<'_>, &Field<'n>) -> T,
) -> BTreeMap<Box<str>, T> {
    let entries = object.take(name).map(|f| r.entries(&f)).unwrap_or_default();
    entries.iter().map(|(name, f)| (Box::<str>::from(*name), decode(r, f))).collect()
}

fn principal(r: &mut Reader<'_>, field: &Field<'_>) -> Principal {
    let mut object = r.object(field, &["id", "policyVersion", "roles", "attr", "scope"]);
    Principal {
        id: r.required(&mut object, "id").map(|f| r.text(&f)).unwrap_or_default(),
        policy_version: version(r, &mut object),
        roles: r.required(&mut object, "roles").map(|f| r.names(&f)).unwrap_or_default(),
        attr: object.take("attr").map(|f| r.values(&f)).unwrap_or_default(),
        scope: scope(r, &mut object),
    }
}

fn resource(r: &mut Reader<'_>, field: &Field<'_>) -> Resource {
    let mut object = r.object(field, &["kind", "policyVersion", "id", "attr", "scope"]);
    Resource {
        kind: r.required(&mut object, "kind").map(|f| r.text(&f)).unwrap_or_default(),
        policy_version: version(r, &mut object),
        id: r.required(&mut object, "id").map(|f| r.text(&f)).unwrap_or_default(),
        attr: object.take("attr").map(|f| r.values(&f)).unwrap_or_default(),
        scope: scope(r, &mut object),
    }
}

fn version(r: &mut Reader<'_>, object: &mut Object<'_>) -> Box<str> {
    let Some(field) = object.take("policyVersion") else { return "".into() };
    let version = r.text(&field);
    if !version.is_empty() && !is_version(&version) {
        r.breaks(&field, r"does not match regex pattern `^[\w]*$`");
    }
    version
}

fn scope(r: &mut Reader<'_>, object: &mut Object<'_>) -> Box<str> {
    let Some(field) = object.take("scope") else { return "".into() };
    let scope = r.text(&field);
    if !is_scope(&scope) {
        let pattern = r"`^(^$|\.|[0-9a-zA-Z][\w\-]*(\.\w[\w\-]*)*)$`";
        r.breaks(&field, &format!("does not match regex pattern {pattern}"));
    }
    scope
}

/// Claims as they are, without a signature (rule U6).
fn one_aux_data(r: &mut Reader<'_>, field: &Field<'_>) -> AuxData {
    let mut object = r.object(field, &["jwt", "jwts"]);
    let jwt = object.take("jwt").map(|f| r.values(&f)).unwrap_or_default();
    let tokens = map(r, &mut object, "jwts", |r, f| {
        let mut token = r.object(f, &["claims"]);
        token.take("claims").map(|f| r.values(&f)).unwrap_or_default()
    });
    if !jwt.is_empty() && !tokens.is_empty() {
        r.breaks(field, "Only one of the jwt or jwts fields must be set");
    }
    AuxData { jwt, jwts: tokens.into_iter().collect() }
}

fn group(r: &mut Reader<'_>, field: &Field<'_>, members: &'static str) -> Vec<Box<str>> {
    let mut object = r.object(field, &[members]);
    r.required(&mut object, members).map(|f| r.names(&f)).unwrap_or_default()
}

fn options(r: &mut Reader<'_>, field: &Field<'_>) -> TestOptions {
    let mut object = r.object(
        field,
        &[
            "now",
            "lenientScopeSearch",
            "globals",
            "defaultPolicyVersion",
            "defaultScope",
            "strictEvaluation",
        ],
    );
    let now = object.take("now").and_then(|f| {
        let text = r.plain_text(&f)?;
        let now = Timestamp::parse(text);
        if now.is_none() {
            r.no_timestamp(&f, text);
        }
        now
    });
    TestOptions {
        now,
        lenient_scope_search: object.take("lenientScopeSearch").is_some_and(|f| r.bool(&f)),
        globals: object.take("globals").map(|f| r.values(&f)).unwrap_or_default(),
        default_policy_version: text(r, &mut object, "defaultPolicyVersion"),
        default_scope: text(r, &mut object, "defaultScope"),
        strict_evaluation: object.take("strictEvaluation").is_some_and(|f| r.bool(&f)),
    }
}

fn test(r: &mut Reader<'_>, field: &Field<'_>) -> Test {
    let mut object = r.object(
        field,
        &["name", "description", "skip", "skipReason", "input", "expected", "options"],
    );
    let name = r.required(&mut object, "name").map(|f| r.text(&f)).unwrap_or_default();
    let description = text(r, &mut object, "description");
    let (skip, skip_reason) = skip(r, &mut object);
    let input = r.required(&mut object, "input").map(|f| input(r, &f)).unwrap_or_default();
    let expected = r.required(&mut object, "expected").map(|f| r.items(&f)).unwrap_or_default();
    let expected = expected.iter().map(|item| expectation(r, item)).collect();
    let options = object.take("options").map(|f| options(r, &f));
    Test { name, description, skip, skip_reason, input, expected, options }
}

fn input(r: &mut Reader<'_>, field: &Field<'_>) -> Input {
    let mut object = r.object(
        field,
        &["principals", "resources", "actions", "auxData", "principalGroups", "resourceGroups"],
    );
    let mut take = |r: &mut Reader<'_>, name| names(r, &mut object, name);
    let principals = Names { single: take(r, "principals"), groups: take(r, "principalGroups") };
    let resources = Names { single: take(r, "resources"), groups: take(r, "resourceGroups") };
    if principals.single.is_empty() && principals.groups.is_empty() {
        r.breaks(field, "principals or principalGroups must be present");
    }
    if resources.single.is_empty() && resources.groups.is_empty() {
        r.breaks(field, "resources or resourceGroups must be present");
    }
    let actions = r.required(&mut object, "actions").map(|f| r.names(&f)).unwrap_or_default();
    Input { principals, resources, actions, aux_data: text(r, &mut object, "auxData") }
}

fn names(r: &mut Reader<'_>, object: &mut Object<'_>, name: &str) -> Vec<Box<str>> {
    object.take(name).map(|f| r.names(&f)).unwrap_or_default()
}

fn expectation(r: &mut Reader<'_>, field: &Field<'_>) -> Expectation {
    let mut object = r.object(
        field,
        &[
            "principal",
            "resource",
            "actions",
            "outputs",
            "principals",
            "resources",
            "principalGroups",
            "resourceGroups",
        ],
    );
    let principals =
        subjects(r, field, &mut object, ["principal", "principals", "principalGroups"]);
    let resources = subjects(r, field, &mut object, ["resource", "resources", "resourceGroups"]);
    let actions = r.required(&mut object, "actions");
    let entries = actions.as_ref().map(|f| r.entries(f)).unwrap_or_default();
    if let Some(field) = actions.filter(|_| entries.is_empty()) {
        r.breaks(&field, "value is required");
    }
    let mut effects = Vec::with_capacity(entries.len());
    for (action, field) in entries {
        if action.is_empty() {
            r.breaks(&field, "must be at least 1 characters");
        }
        match r.choice(&field, &EFFECTS) {
            Some(effect) => effects.push((action.into(), effect)),
            None => r.breaks(&field, "must be one of [EFFECT_ALLOW, EFFECT_DENY]"),
        }
    }
    let outputs = object.take("outputs").map(|f| r.items(&f)).unwrap_or_default();
    let outputs = outputs.iter().map(|item| output(r, item)).collect();
    Expectation { principals, resources, actions: effects, outputs }
}

/// Whom an expectation is about: one, several, or groups.
fn subjects(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    object: &mut Object<'_>,
    [one, several, grouped]: [&str; 3],
) -> Names {
    let first = text(r, object, one);
    let mut single = names(r, object, several);
    let groups = names(r, object, grouped);
    match (first.is_empty(), single.is_empty(), groups.is_empty()) {
        (true, true, true) => {
            r.breaks(field, &format!("{one}, {several}, or {grouped} must be present"));
        }
        (false, false, _) => {
            r.breaks(field, &format!("{one} and {several} may not both be present"));
        }
        (false, true, _) => single.push(first),
        _ => {}
    }
    Names { single, groups }
}

fn output(r: &mut Reader<'_>, field: &Field<'_>) -> (Box<str>, Vec<ExpectedOutput>) {
    let mut object = r.object(field, &["action", "expected"]);
    let action = r.required(&mut object, "action").map(|f| r.text(&f)).unwrap_or_default();
    let items = r.required(&mut object, "expected").map(|f| r.items(&f)).unwrap_or_default();
    let entries = items.iter().map(|item| {
        // An entry has the form of an answer's; its action and error are read and not compared.
        let mut entry = r.object(item, &["src", "val", "action", "error"]);
        let value = entry.take("val").map(|f| r.value(&f));
        for ignored in ["action", "error"] {
            text(r, &mut entry, ignored);
        }
        ExpectedOutput { source: text(r, &mut entry, "src"), value }
    });
    (action, entries.collect())
}

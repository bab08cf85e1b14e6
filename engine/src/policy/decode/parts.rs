//! The parts that several kinds of policy share: conditions, outputs, variables, constants, schemas.

use super::reader::{Field, Reader};
use crate::diag::Code;
use crate::policy::ast::{
    Condition, Constant, Definition, Definitions, Expr, Output, Place, SchemaRef, Schemas,
};

/// Checked for its form; the engine has no use for it.
pub(super) fn metadata(r: &mut Reader<'_>, field: &Field<'_>) {
    let Some(mut object) = r.object(field) else { return };
    for filled_in_by_stores in ["sourceFile", "hash", "storeIdentifier", "sourceAttributes"] {
        object.take(filled_in_by_stores);
    }
    let annotations = object.take("annotations").map(|f| r.entries(&f)).unwrap_or_default();
    r.finish(object, &["annotations", "sourceFile", "hash", "storeIdentifier", "sourceAttributes"]);
    for (_, value) in annotations {
        r.text(&value);
    }
}

/// `condition: {match: ..}`.
pub(super) fn condition(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Condition> {
    let mut object = r.object(field)?;
    let matched = object.take("match");
    let script = object.take("script");
    let condition = match (matched, script) {
        (Some(_), Some(script)) => {
            r.report(
                Code::ConflictingFields,
                &script.place,
                "`match` and `script` exclude each other",
            );
            None
        }
        (Some(matched), None) => self::matched(r, &matched),
        (None, Some(script)) => Some(Condition::Script(script.place)),
        (None, None) => {
            r.missing(&object, "match");
            None
        }
    };
    r.finish(object, &["match", "script"]);
    condition
}

const OPERATORS: [&str; 4] = ["expr", "all", "any", "none"];

fn matched(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Condition> {
    let mut object = r.object(field)?;
    let mut found = OPERATORS.iter().filter_map(|name| object.take(name).map(|f| (*name, f)));
    let first = found.next();
    let second = found.next();
    drop(found);
    if let Some((name, extra)) = second {
        let message =
            format!("`{name}` cannot stand beside another of `{}`", OPERATORS.join("`, `"));
        r.report(Code::ConflictingFields, &extra.place, message);
    }
    let condition = match first {
        None => {
            let message = format!("one of `{}` is missing", OPERATORS.join("`, `"));
            r.report(Code::MissingField, &object.place, message);
            None
        }
        Some(("expr", f)) => expr(r, &f).map(Condition::Expr),
        Some((name, f)) => {
            let conditions = list(r, &f)?;
            Some(match name {
                "all" => Condition::All(conditions),
                "any" => Condition::Any(conditions),
                _ => Condition::None(conditions),
            })
        }
    };
    r.finish(object, &OPERATORS);
    condition
}

/// `{of: [..]}`, with at least one member.
fn list(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<Condition>> {
    let mut object = r.object(field)?;
    let items = object.take("of").map(|f| r.items(&f)).unwrap_or_default();
    if items.is_empty() {
        r.report(Code::MissingField, &object.place, "`of` needs at least one condition");
    }
    r.finish(object, &["of"]);
    Some(items.iter().filter_map(|item| matched(r, item)).collect())
}

pub(super) fn expr(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Expr> {
    let scalar = r.scalar(field)?;
    let text = if scalar.is_null() { "".into() } else { scalar.text.clone() };
    Some(Expr { text, place: field.place.clone(), scalar: scalar.clone() })
}

pub(super) fn output(r: &mut Reader<'_>, field: &Field<'_>) -> Option<Output> {
    let mut object = r.object(field)?;
    // Deprecated; `when.ruleActivated` wins when both are given (rule O1).
    let old = object.take("expr").and_then(|f| expr(r, &f)).filter(|e| !e.text.is_empty());
    let (mut activated, mut not_met) = (None, None);
    if let Some(mut when) = object.take("when").and_then(|f| r.object(&f)) {
        activated =
            when.take("ruleActivated").and_then(|f| expr(r, &f)).filter(|e| !e.text.is_empty());
        not_met =
            when.take("conditionNotMet").and_then(|f| expr(r, &f)).filter(|e| !e.text.is_empty());
        r.finish(when, &["ruleActivated", "conditionNotMet"]);
    }
    r.finish(object, &["expr", "when"]);
    Some(Output {
        place: field.place.clone(),
        rule_activated: activated.or(old),
        condition_not_met: not_met,
    })
}

/// `name: expression` pairs.
pub(super) fn definitions_map(r: &mut Reader<'_>, field: &Field<'_>) -> Vec<Definition> {
    r.entries(field)
        .into_iter()
        .filter_map(|(name, value)| expr(r, &value).map(|expr| Definition { name, expr }))
        .collect()
}

/// `name: value` pairs.
pub(super) fn constants_map(r: &mut Reader<'_>, field: &Field<'_>) -> Vec<Constant> {
    r.entries(field)
        .into_iter()
        .map(|(name, f)| Constant { name, value: r.value(f.node) })
        .collect()
}

/// `variables` and `constants` of a policy, its deprecated top-level variables included.
pub(super) fn definitions(
    r: &mut Reader<'_>,
    variables: Option<Field<'_>>,
    constants: Option<Field<'_>>,
    old_variables: Vec<Definition>,
) -> Definitions {
    let mut all = Definitions::default();
    if let Some(mut object) = variables.and_then(|f| r.object(&f)) {
        all.variable_imports =
            object.take("import").map(|f| r.names(&f, is_import)).unwrap_or_default();
        all.variables = object.take("local").map(|f| definitions_map(r, &f)).unwrap_or_default();
        r.finish(object, &["import", "local"]);
    }
    all.variables.extend(old_variables);
    if let Some(mut object) = constants.and_then(|f| r.object(&f)) {
        all.constant_imports =
            object.take("import").map(|f| r.names(&f, is_import)).unwrap_or_default();
        all.constants = object.take("local").map(|f| constants_map(r, &f)).unwrap_or_default();
        r.finish(object, &["import", "local"]);
    }
    all
}

pub(super) fn schemas(r: &mut Reader<'_>, field: &Field<'_>) -> Schemas {
    let mut schemas = Schemas::default();
    if let Some(mut object) = r.object(field) {
        schemas.principal = object.take("principalSchema").and_then(|f| schema(r, &f));
        schemas.resource = object.take("resourceSchema").and_then(|f| schema(r, &f));
        r.finish(object, &["principalSchema", "resourceSchema"]);
    }
    schemas
}

fn schema(r: &mut Reader<'_>, field: &Field<'_>) -> Option<SchemaRef> {
    let mut object = r.object(field)?;
    let reference = object.take("ref").map(|f| r.name(&f)).filter(|name| !name.value.is_empty());
    if reference.is_none() {
        r.missing(&object, "ref");
    }
    let mut ignore_when_actions = Vec::new();
    if let Some(mut ignore) = object.take("ignoreWhen").and_then(|f| r.object(&f)) {
        ignore_when_actions = match ignore.take("actions") {
            Some(f) => plain(required_names(r, &f, is_not_empty)),
            None => {
                r.missing(&ignore, "actions");
                Vec::new()
            }
        };
        r.finish(ignore, &["actions"]);
    }
    r.finish(object, &["ref", "ignoreWhen"]);
    Some(SchemaRef { reference: reference?, ignore_when_actions })
}

/// A list that must have at least one item.
pub(super) fn required_names(
    r: &mut Reader<'_>,
    field: &Field<'_>,
    valid: fn(&str) -> bool,
) -> Vec<crate::policy::ast::Name> {
    let names = r.names(field, valid);
    if names.is_empty() {
        at_least_one(r, &field.place);
    }
    names
}

fn at_least_one(r: &mut Reader<'_>, place: &Place) {
    r.report(Code::InvalidValue, place, "at least one item is needed here");
}

pub(super) fn plain(names: Vec<crate::policy::ast::Name>) -> Vec<Box<str>> {
    names.into_iter().map(|n| n.value).collect()
}

pub(super) fn is_not_empty(name: &str) -> bool {
    !name.is_empty()
}

/// `^[\w\-\.]+$`
pub(super) fn is_import(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// `^[^!*?\[\]{}]+$`
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['!', '*', '?', '[', ']', '{', '}'])
}

/// `^\w+$`
pub(crate) fn is_version(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `^(^$|\.|[0-9a-zA-Z][\w\-]*(\.\w[\w\-]*)*)$`
pub(crate) fn is_scope(scope: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    scope.is_empty()
        || scope == "."
        || (scope.starts_with(|c: char| c.is_ascii_alphanumeric())
            && scope
                .split('.')
                .all(|s| s.starts_with(word) && s.chars().all(|c| word(c) || c == '-')))
}

/// `^([a-zA-Z][\w\@\.\-]*)*$`
pub(super) fn is_rule_name(name: &str) -> bool {
    name.is_empty()
        || (name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '.' | '-')))
}

//! The parts that several kinds of policy share: conditions, outputs, variables, constants, schemas.

use super::patterns::{is_import, is_not_empty};
use super::reader::{Field, Object, Reader, text_of};
use super::value::value;
use crate::diag::Code;
use crate::policy::ast::{
    Condition, Constant, Definition, Definitions, Expr, Metadata, Name, Output, SchemaRef, Schemas,
};
use crate::policy::yaml::{Content, Meaning};
use crate::value::Map;

pub(super) fn metadata(r: &mut Reader, field: &Field<'_>) -> Option<Metadata> {
    let mut object = r.object(field)?;
    let mut text = |r: &mut Reader, name| object.take(name).map(|f| r.text(&f)).unwrap_or_default();
    let (source_file, store_identifier, store_identifer) =
        (text(r, "sourceFile"), text(r, "storeIdentifier"), text(r, "storeIdentifer"));
    let hash = object.take("hash").and_then(|f| hash(r, &f));
    let annotations = object.take("annotations").map(|f| r.entries(&f)).unwrap_or_default();
    let annotations = annotations.into_iter().map(|(name, f)| (name.value, r.text(&f))).collect();
    let mut source_attributes = Map::default();
    if let Some(mut outer) = object.take("sourceAttributes").and_then(|f| r.object(&f)) {
        let entries = outer.take("attributes").map(|f| r.entries(&f)).unwrap_or_default();
        source_attributes =
            entries.into_iter().map(|(name, f)| (name.value, value(r, &f))).collect();
        r.finish(outer, &["attributes"]);
    }
    r.finish(object, &["annotations", "hash", "sourceFile", "storeIdentifier", "sourceAttributes"]);
    Some(Metadata {
        source_file,
        store_identifier,
        store_identifer,
        hash,
        annotations,
        source_attributes,
    })
}

/// An unsigned integer, in quotes or not.
fn hash(r: &mut Reader, field: &Field<'_>) -> Option<u64> {
    let hash = match &field.node.content {
        Content::Scalar(s) => text_of(s).parse().ok(),
        _ => None,
    };
    if hash.is_none() {
        r.wrong_type(field, "an unsigned integer");
    }
    hash
}

/// `condition: {match: ..}`.
pub(super) fn condition(r: &mut Reader, field: &Field<'_>) -> Option<Condition> {
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
        (None, Some(script)) => {
            Some(Condition::Script { place: field.place.clone(), text: r.text(&script) })
        }
        (None, None) => {
            r.missing(&object, "match");
            None
        }
    };
    r.finish(object, &["match", "script"]);
    condition
}

const OPERATORS: [&str; 4] = ["expr", "all", "any", "none"];

fn matched(r: &mut Reader, field: &Field<'_>) -> Option<Condition> {
    let mut object = r.object(field)?;
    let mut found = object.present(&OPERATORS).into_iter();
    let first = found.next().and_then(|name| object.take(name).map(|f| (name, f)));
    for name in found {
        if let Some(extra) = object.take(name) {
            let message =
                format!("`{name}` cannot stand beside another of `{}`", OPERATORS.join("`, `"));
            r.report(Code::ConflictingFields, &extra.place, message);
        }
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
fn list(r: &mut Reader, field: &Field<'_>) -> Option<Vec<Condition>> {
    let mut object = r.object(field)?;
    let items = at_least_one(r, &mut object, "of");
    r.finish(object, &["of"]);
    Some(items.iter().filter_map(|item| matched(r, item)).collect())
}

pub(super) fn expr(r: &mut Reader, field: &Field<'_>) -> Option<Expr> {
    let scalar = r.scalar(field)?;
    let text = match scalar.meaning() {
        Meaning::Text => scalar.text.clone(),
        _ => text_of(scalar).into(),
    };
    Some(Expr { text, place: field.place.clone(), scalar: scalar.clone() })
}

pub(super) fn output(r: &mut Reader, field: &Field<'_>) -> Option<Output> {
    let mut object = r.object(field)?;
    let written = |r: &mut Reader, from: &mut Object<'_>, name| {
        from.take(name).and_then(|f| expr(r, &f)).filter(|e| !e.text.is_empty())
    };
    let old = written(r, &mut object, "expr");
    let (mut rule_activated, mut condition_not_met) = (None, None);
    if let Some(mut when) = object.take("when").and_then(|f| r.object(&f)) {
        rule_activated = written(r, &mut when, "ruleActivated");
        condition_not_met = written(r, &mut when, "conditionNotMet");
        r.finish(when, &["ruleActivated", "conditionNotMet"]);
    }
    r.finish(object, &["expr", "when"]);
    Some(Output { place: field.place.clone(), expr: old, rule_activated, condition_not_met })
}

/// `name: expression` pairs.
pub(super) fn definitions_map(r: &mut Reader, field: &Field<'_>) -> Vec<Definition> {
    r.entries(field)
        .into_iter()
        .filter_map(|(name, value)| expr(r, &value).map(|expr| Definition { name, expr }))
        .collect()
}

/// `name: value` pairs.
pub(super) fn constants_map(r: &mut Reader, field: &Field<'_>) -> Vec<Constant> {
    r.entries(field).into_iter().map(|(name, f)| Constant { name, value: value(r, &f) }).collect()
}

/// `variables` and `constants` of a policy.
pub(super) fn definitions(
    r: &mut Reader,
    variables: Option<Field<'_>>,
    constants: Option<Field<'_>>,
) -> Definitions {
    let mut all = Definitions::default();
    if let Some(mut object) = variables.and_then(|f| r.object(&f)) {
        all.variable_imports =
            object.take("import").map(|f| r.names(&f, is_import)).unwrap_or_default();
        all.variables = object.take("local").map(|f| definitions_map(r, &f)).unwrap_or_default();
        r.finish(object, &["import", "local"]);
    }
    if let Some(mut object) = constants.and_then(|f| r.object(&f)) {
        all.constant_imports =
            object.take("import").map(|f| r.names(&f, is_import)).unwrap_or_default();
        all.constants = object.take("local").map(|f| constants_map(r, &f)).unwrap_or_default();
        r.finish(object, &["import", "local"]);
    }
    all
}

pub(super) fn schemas(r: &mut Reader, field: &Field<'_>) -> Schemas {
    let mut schemas = Schemas::default();
    if let Some(mut object) = r.object(field) {
        schemas.principal =
            object.take("principalSchema").and_then(|f| schema(r, &f)).map(Box::new);
        schemas.resource = object.take("resourceSchema").and_then(|f| schema(r, &f)).map(Box::new);
        r.finish(object, &["principalSchema", "resourceSchema"]);
    }
    schemas
}

fn schema(r: &mut Reader, field: &Field<'_>) -> Option<SchemaRef> {
    let mut object = r.object(field)?;
    let reference = required(r, &mut object, "ref", is_not_empty);
    let mut ignore_when_actions = Vec::new();
    if let Some(mut ignore) = object.take("ignoreWhen").and_then(|f| r.object(&f)) {
        ignore_when_actions = plain(required_names(r, &mut ignore, "actions"));
        r.finish(ignore, &["actions"]);
    }
    r.finish(object, &["ref", "ignoreWhen"]);
    Some(SchemaRef { reference: reference?, ignore_when_actions })
}

/// A text that must be there, and not empty.
pub(super) fn required(
    r: &mut Reader,
    object: &mut Object<'_>,
    field: &str,
    valid: fn(&str) -> bool,
) -> Option<Name> {
    let Some(found) = object.take(field) else {
        r.missing(object, field);
        return None;
    };
    r.scalar(&found)?;
    let name = r.name(&found);
    if name.value.is_empty() {
        r.report(Code::MissingField, &name.place, format!("`{field}` is empty"));
        return None;
    }
    if !valid(&name.value) {
        r.report(
            Code::InvalidValue,
            &name.place,
            format!("`{}` is no valid `{field}`", name.value),
        );
    }
    Some(name)
}

/// A list of distinct texts that must have at least one.
pub(super) fn required_names(r: &mut Reader, object: &mut Object<'_>, field: &str) -> Vec<Name> {
    let Some(found) = object.take(field) else {
        r.missing(object, field);
        return Vec::new();
    };
    let names = r.names(&found, is_not_empty);
    if found.is_empty_list() {
        needs_an_item(r, &found, field);
    }
    names
}

/// The items of a list that must have at least one.
pub(super) fn at_least_one<'n>(
    r: &mut Reader,
    object: &mut Object<'n>,
    field: &str,
) -> Vec<Field<'n>> {
    let Some(found) = object.take(field) else {
        r.missing(object, field);
        return Vec::new();
    };
    if found.is_empty_list() {
        needs_an_item(r, &found, field);
    }
    r.items(&found)
}

fn needs_an_item(r: &mut Reader, field: &Field<'_>, name: &str) {
    r.report(Code::MissingField, &field.place, format!("`{name}` needs at least one item"));
}

pub(super) fn plain(names: Vec<Name>) -> Vec<Box<str>> {
    names.into_iter().map(|n| n.value).collect()
}

//! Nodes to a typed policy, by the schema of docs/semantics.md, section 2.
//!
//! Reading goes on after a mistake, so that an author sees all of a file's mistakes at once.

mod bodies;
mod parts;
mod reader;

use std::sync::Arc;

pub(crate) use parts::{is_scope, is_version};
use reader::{Field, Reader};

use super::ast::{Body, Place, Policy};
use super::yaml::Node;
use crate::diag::{Code, Diagnostic};

const API_VERSION: &str = "api.cerbos.dev/v1";
const BODIES: [&str; 6] = [
    "resourcePolicy",
    "principalPolicy",
    "rolePolicy",
    "derivedRoles",
    "exportVariables",
    "exportConstants",
];
const HEADER: [&str; 12] = [
    "apiVersion",
    "description",
    "disabled",
    "metadata",
    "variables",
    "$schema",
    "resourcePolicy",
    "principalPolicy",
    "rolePolicy",
    "derivedRoles",
    "exportVariables",
    "exportConstants",
];

/// Decodes the document of one file.
///
/// # Errors
///
/// Every violation of the field rules in the file.
pub(super) fn policy(
    file: &Arc<str>,
    text: &Arc<str>,
    root: &Node,
) -> Result<Policy, Vec<Diagnostic>> {
    let mut reader = Reader::new(file, text);
    let policy = document(&mut reader, file, text, root);
    let problems = reader.into_problems();
    match policy {
        Some(policy) if problems.is_empty() => Ok(policy),
        _ => Err(problems),
    }
}

fn document(r: &mut Reader<'_>, file: &Arc<str>, text: &Arc<str>, root: &Node) -> Option<Policy> {
    let root = Field { node: root, place: Place { position: root.position, path: "$".into() } };
    let mut header = r.object(&root)?;
    match header.take("apiVersion") {
        None => r.missing(&header, "apiVersion"),
        Some(field) => {
            let version = r.text(&field);
            if &*version != API_VERSION {
                let message = format!("`apiVersion` must be `{API_VERSION}`");
                r.report(Code::InvalidValue, &field.place, message);
            }
        }
    }
    let disabled = header.take("disabled").is_some_and(|f| r.bool(&f));
    if let Some(field) = header.take("description") {
        r.text(&field);
    }
    if let Some(field) = header.take("metadata") {
        parts::metadata(r, &field);
    }
    header.take("$schema");
    // Deprecated; counts as `variables.local` (rule P2).
    let old_variables = header.take("variables");

    let mut found = BODIES.iter().filter(|name| header.has(name));
    let (first, second) = (found.next().copied(), found.next().copied());
    if let Some(second) = second {
        let field = header.take(second)?;
        let message = format!(
            "a file holds one policy, but `{}` and `{second}` are given",
            first.unwrap_or_default()
        );
        r.report(Code::ConflictingFields, &field.place, message);
    }
    let Some(kind) = first else {
        let message = format!("none of `{}` is given", BODIES.join("`, `"));
        r.report(Code::MissingField, &header.place, message);
        r.finish(header, &HEADER);
        return None;
    };
    let field = header.take(kind)?;
    let old_variables = old_variables
        .map(|f| (parts::definitions_map(r, &f), f))
        .filter(|(list, _)| !list.is_empty());
    if let Some((_, f)) = &old_variables
        && kind.starts_with("export")
    {
        r.report(
            Code::ConflictingFields,
            &f.place,
            "top-level `variables` do not go with an export",
        );
    }
    let old_variables = old_variables.map(|(list, _)| list).unwrap_or_default();
    let body = match kind {
        "resourcePolicy" => bodies::resource(r, &field, old_variables).map(Body::Resource),
        "principalPolicy" => bodies::principal(r, &field, old_variables).map(Body::Principal),
        "rolePolicy" => bodies::role(r, &field, old_variables).map(Body::Role),
        "derivedRoles" => bodies::derived_roles(r, &field, old_variables).map(Body::DerivedRoles),
        "exportVariables" => bodies::export_variables(r, &field),
        _ => bodies::export_constants(r, &field),
    };
    r.finish(header, &HEADER);
    Some(Policy {
        file: Arc::clone(file),
        text: Arc::clone(text),
        disabled,
        place: field.place,
        body: body?,
    })
}

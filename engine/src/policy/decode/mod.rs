//! Nodes to a typed policy, by the schema of docs/semantics.md, section 2.
//!
//! Reading goes on after a mistake, so that an author sees all of a file's mistakes at once.

mod bodies;
mod keys;
mod parts;
mod patterns;
mod reader;
mod value;

use std::sync::Arc;

pub(crate) use patterns::{is_scope, is_version};
use reader::{Field, Object, Reader};

use super::ast::{Body, Header, Policy};
use super::source::File;
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

/// What a document gives: as much of the policy as can be told, and everything that is wrong with it.
pub(super) struct Decoded {
    pub(super) policy: Option<Policy>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Decodes a document.
pub(super) fn policy(file: &Arc<File>, root: &Node) -> Decoded {
    let mut reader = Reader::new(Arc::clone(file));
    let policy = document(&mut reader, root);
    let disabled = policy.as_ref().is_some_and(|policy| policy.disabled);
    Decoded { policy, problems: reader.into_problems(disabled) }
}

fn document(r: &mut Reader, root: &Node) -> Option<Policy> {
    let root = r.root(root);
    let mut object = r.object(&root)?;
    let api_version = api_version(r, &mut object);
    let disabled = object.take("disabled").is_some_and(|f| r.bool(&f));
    let variables = object.take("variables");
    let header = Header {
        api_version,
        schema: object.take("$schema").map(|f| r.text(&f)).unwrap_or_default(),
        description: object.take("description").map(|f| r.text(&f)).unwrap_or_default(),
        metadata: object.take("metadata").and_then(|f| parts::metadata(r, &f)).map(Box::new),
        variables: variables.as_ref().map(|f| parts::definitions_map(r, f)).unwrap_or_default(),
    };
    let body = body(r, &mut object);
    if let (Some(variables), Some(Body::ExportVariables { .. } | Body::ExportConstants { .. })) =
        (variables, &body)
        && !header.variables.is_empty()
    {
        let message = "top-level `variables` do not go with an export";
        r.semantic(Code::ConflictingFields, &variables.place, message);
    }
    r.finish(object, &HEADER);
    Some(Policy { is_intact: true, disabled, place: root.place, header, body: body? })
}

fn api_version(r: &mut Reader, object: &mut Object<'_>) -> Box<str> {
    let Some(field) = object.take("apiVersion") else {
        r.missing(object, "apiVersion");
        return "".into();
    };
    let Some(version) = r.scalar(&field).map(reader::text_of) else { return "".into() };
    if &*version != API_VERSION {
        let message = format!("`apiVersion` must be `{API_VERSION}`");
        r.report(Code::InvalidValue, &field.place, message);
    }
    version
}

fn body(r: &mut Reader, object: &mut Object<'_>) -> Option<Body> {
    let mut found = object.present(&BODIES).into_iter();
    let Some(kind) = found.next() else {
        let message = format!("none of `{}` is given", BODIES.join("`, `"));
        r.report(Code::MissingField, &object.place, message);
        return None;
    };
    for second in found {
        if let Some(field) = object.take(second) {
            let message = format!("a file holds one policy, but `{kind}` and `{second}` are given");
            r.report(Code::ConflictingFields, &field.place, message);
        }
    }
    let field: Field<'_> = object.take(kind)?;
    match kind {
        "resourcePolicy" => bodies::resource(r, &field).map(Body::Resource),
        "principalPolicy" => bodies::principal(r, &field).map(Body::Principal),
        "rolePolicy" => bodies::role(r, &field).map(Body::Role),
        "derivedRoles" => bodies::derived_roles(r, &field).map(Body::DerivedRoles),
        "exportVariables" => bodies::export_variables(r, &field),
        _ => bodies::export_constants(r, &field),
    }
}

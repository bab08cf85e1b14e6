//! What cel-go says of a value in a place that takes another type: an output, a field of a message, a key of a JSON
//! object (docs/semantics.md, rule E4).

use std::fmt;

use super::containers::List;
use super::error::EvalError;
use super::eval::Eval;
use super::spiffe::Spiffe;
use super::vals::{Object, V};

/// Why the value is no `target`, which is a type of Go.
fn refused(value: &V<'_>, target: &str) -> String {
    let from = match inside(*value) {
        V::Optional(_) => return "optional.none() dereference".to_owned(),
        V::Type(_) => return "type conversion not supported for 'type'".to_owned(),
        V::Int(_) => return format!("unsupported type conversion from 'int' to {target}"),
        V::UInt(_) => return format!("unsupported type conversion from 'uint' to {target}"),
        V::Ip(_) | V::Cidr(..) => return format!("unsupported type conversion to '{target}'"),
        V::Str(_) => return unsupported("string", target),
        V::Hierarchy(_) => return unsupported("hierarchy", target),
        V::Spiffe(Spiffe::Id(_)) => return unsupported("SPIFFEID", target),
        V::Spiffe(Spiffe::TrustDomain(_)) => return unsupported("SPIFFETrustDomain", target),
        V::Spiffe(Spiffe::Matcher(_)) => return unsupported("SPIFFEMatcher", target),
        V::Null => "'null_type'",
        V::Bool(_) => "bool",
        V::Double(_) => "Double",
        V::Bytes(_) => "Bytes",
        V::List(_) => "list",
        V::Map(_) => "map",
        V::Timestamp(_) => "'Timestamp'",
        V::Duration(_) => "'Duration'",
        V::Object(Object::Request) => "'*enginev1.Request'",
        V::Object(Object::Principal(_)) => "'*enginev1.Request_Principal'",
        V::Object(Object::Resource(_)) => "'*enginev1.Request_Resource'",
        V::Object(Object::AuxData(Some(_))) => "'*enginev1.AuxData'",
        V::Object(Object::Token(_)) => "'*enginev1.AuxData_JWT'",
        V::Object(Object::Runtime) => "'*enginev1.Runtime'",
        V::Object(Object::AuxData(None) | Object::Empty) => "'*dynamicpb.Message'",
    };
    format!("type conversion error from {from} to '{target}'")
}

fn unsupported(from: &str, target: &str) -> String {
    format!("unsupported native conversion from {from} to '{target}'")
}

/// The value is no `target`.
#[cold]
pub(super) fn refusal<'a>(eval: &Eval<'a, '_>, value: &V<'_>, target: &str) -> EvalError<'a> {
    eval.invalid(format_args!("{}", refused(value, target)))
}

/// What a failure is called where it happened within something larger.
#[cold]
pub(super) fn within<'a>(
    eval: &Eval<'a, '_>,
    place: fmt::Arguments<'_>,
    error: EvalError<'a>,
) -> EvalError<'a> {
    match error {
        EvalError::StepsExhausted => error,
        reason => eval.invalid(format_args!("{place}: {reason}")),
    }
}

/// What an optional value holds; Go looks through them.
pub(super) fn inside(value: V<'_>) -> V<'_> {
    let mut value = value;
    while let V::Optional(Some(inner)) = value {
        value = *inner;
    }
    value
}

/// The text of a value that has one in Go: strings, and what Cerbos' libraries write as a string.
pub(super) fn text<'a>(eval: &Eval<'a, '_>, value: V<'a>) -> Result<&'a str, EvalError<'a>> {
    let value = inside(value);
    Ok(match value {
        V::Str(text) => text,
        V::Spiffe(Spiffe::TrustDomain(name)) => name,
        V::Spiffe(Spiffe::Id(id)) => id.text,
        V::Ip(ip) => eval.text(format_args!("{ip}")),
        V::Cidr(ip, bits) => eval.text(format_args!("{ip}/{bits}")),
        V::Hierarchy(names) => joined(eval, names)?,
        other => return Err(refusal(eval, &other, "string")),
    })
}

fn joined<'a>(eval: &Eval<'a, '_>, names: List<'a>) -> Result<&'a str, EvalError<'a>> {
    let mut joined = String::new();
    for (i, name) in names.iter().enumerate() {
        let name = text(eval, name)?;
        eval.step(1 + name.len() / 16)?;
        if i > 0 {
            joined.push('.');
        }
        joined.push_str(name);
    }
    Ok(eval.arena().str(&joined))
}

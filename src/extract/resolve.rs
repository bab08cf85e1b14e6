//! From a declaration and the head of a request to the resource that is asked about.

use std::borrow::Cow;

use authz_engine::{Resource, Value};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use url::form_urlencoded;

use crate::guard::{Check, Source};

/// Why a value cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The route has no parameter of this name.
    NoPathParameter(&'static str),
    /// Nested routes have two of this name, and which one the handler takes for it is not known here.
    PathParameterTwice(&'static str),
    /// The request is at fault; a word for the log says how.
    Request(&'static str),
}

/// The resource a request is about.
///
/// An attribute whose query parameter or header is absent is absent itself. One that is there twice is refused:
/// the handler might go by the other.
pub(super) async fn resolve(check: &Check, parts: &mut Parts) -> Result<Resource, Fault> {
    let path = if takes_from_path(check) { Some(path_parameters(parts).await?) } else { None };
    let values = Values { parts, path };
    let id = match check.id_source() {
        None | Some(Source::Absent) => Cow::Borrowed(""),
        Some(source) => values.get(source)?.ok_or(Fault::Request("id_absent"))?,
    };
    let attr = check
        .attr_sources()
        .iter()
        .filter_map(|&(name, source)| match values.get(source) {
            Ok(value) => value.map(|value| Ok((name, Value::String(value.into())))),
            Err(fault) => Some(Err(fault)),
        })
        .collect::<Result<_, _>>()?;
    Ok(Resource { kind: check.resource().into(), id: id.into(), attr, ..Resource::default() })
}

struct Values<'a> {
    parts: &'a Parts,
    path: Option<RawPathParams>,
}

impl Values<'_> {
    fn get(&self, source: Source) -> Result<Option<Cow<'_, str>>, Fault> {
        match source {
            Source::Absent => Ok(None),
            Source::Path(name) => {
                let all = self.path.iter().flatten();
                let mut values = all.filter(|(key, _)| *key == name).map(|(_, value)| value);
                match (values.next(), values.next()) {
                    (None, _) => Err(Fault::NoPathParameter(name)),
                    (Some(value), None) => Ok(Some(value.into())),
                    (Some(_), Some(_)) => Err(Fault::PathParameterTwice(name)),
                }
            }
            Source::Query(name) => {
                let all =
                    form_urlencoded::parse(self.parts.uri.query().unwrap_or_default().as_bytes());
                let mut values = all.filter(|(key, _)| *key == name).map(|(_, value)| value);
                match (values.next(), values.next()) {
                    (value, None) => Ok(value),
                    _ => Err(Fault::Request("query_parameter_repeated")),
                }
            }
            Source::Header(name) => {
                let mut values = self.parts.headers.get_all(name).iter();
                match (values.next(), values.next()) {
                    (None, _) => Ok(None),
                    (Some(value), None) => match value.to_str() {
                        Ok(text) => Ok(Some(text.into())),
                        Err(_) => Err(Fault::Request("header_not_ascii")),
                    },
                    (Some(_), Some(_)) => Err(Fault::Request("header_repeated")),
                }
            }
        }
    }
}

fn takes_from_path(check: &Check) -> bool {
    let attrs = check.attr_sources().iter().map(|&(_, source)| source);
    check.id_source().into_iter().chain(attrs).any(|source| matches!(source, Source::Path(_)))
}

/// The decoded parameters, as axum's own `Path` sees them.
async fn path_parameters(parts: &mut Parts) -> Result<RawPathParams, Fault> {
    use axum::extract::rejection::RawPathParamsRejection;

    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(parameters) => Ok(parameters),
        Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => {
            Err(Fault::Request("path_not_utf8"))
        }
        // Not called by a router.
        Err(_) => Err(Fault::NoPathParameter("")),
    }
}

#[cfg(test)]
mod tests;

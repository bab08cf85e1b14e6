//! Refusals as responses: status, challenge, and a body that says little.

use std::fmt;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};

use super::{Refusal, TARGET, layer::Context};
use crate::audit::CallId;

/// When to try again after 503: soon, because what could not be decided was not refused.
const RETRY_AFTER_SECONDS: &str = "5";

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// How the client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Http,
    Grpc,
    GrpcWeb,
}

impl Wire {
    /// Reads it from the headers of the request.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let mut words = content_type.split(|byte| matches!(byte, b'+' | b';' | b' '));
        match words.next().map(<[u8]>::to_ascii_lowercase).as_deref() {
            Some(b"application/grpc") => Self::Grpc,
            Some(b"application/grpc-web" | b"application/grpc-web-text") => Self::GrpcWeb,
            _ => Self::Http,
        }
    }
}

/// The challenges of one realm: values of `WWW-Authenticate` (RFC 6750 section 3), made once.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    /// Without an `error`: for requests without credentials, or with credentials of another scheme (section 3.1).
    plain: HeaderValue,
    invalid_token: HeaderValue,
}

impl Default for Challenge {
    fn default() -> Self {
        Self::new("api")
    }
}

impl Challenge {
    pub(crate) fn new(realm: &str) -> Self {
        let mut plain = String::from("Bearer realm=\"");
        for c in realm.chars() {
            match c {
                '"' | '\\' => plain.extend(['\\', c]),
                ' '..='~' => plain.push(c),
                _ => plain.push('?'),
            }
        }
        plain.push('"');
        let invalid_token = format!(
            "{plain}, error=\"invalid_token\", \
             error_description=\"the access token is malformed, expired or not meant for this service\""
        );
        Self { plain: header(&plain), invalid_token: header(&invalid_token) }
    }

    fn value(&self, refusal: &Refusal) -> Option<HeaderValue> {
        match refusal {
            Refusal::Anonymous | Refusal::UnsupportedScheme => Some(self.plain.clone()),
            Refusal::InvalidToken(_) => Some(self.invalid_token.clone()),
            Refusal::InsufficientScope(scope) => {
                // The characters of a scope, RFC 6749 section 3.3: none of them needs quoting.
                let is_of_scope = |c: &char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
                let scope: String = scope.chars().filter(is_of_scope).collect();
                let plain = self.plain.to_str().unwrap_or("Bearer");
                Some(header(&format!("{plain}, error=\"insufficient_scope\", scope=\"{scope}\"")))
            }
            _ => None,
        }
    }
}

/// The response to a refused request. It tells what the caller can do about it, and a call id to ask the operator with.
pub(crate) fn respond(
    refusal: &Refusal,
    call_id: CallId,
    wire: Wire,
    challenge: &Challenge,
) -> Response<Bytes> {
    let mut response = match wire {
        Wire::Http => problem(refusal, call_id, challenge),
        Wire::Grpc => trailers_only(refusal, call_id, "application/grpc"),
        Wire::GrpcWeb => trailers_only(refusal, call_id, "application/grpc-web"),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(refusal.clone());
    response.extensions_mut().insert(call_id);
    response
}

/// Refuses before the inner service is called. `detail` is for the operator.
pub(super) fn refuse(
    refusal: &Refusal,
    detail: &dyn fmt::Display,
    wire: Wire,
    context: &Context,
) -> Response<Bytes> {
    let call_id = CallId::new();
    let reason = refusal.reason();
    if let Refusal::Undecided(_) = refusal {
        tracing::warn!(target: TARGET, %call_id, reason, %detail, "token not verified");
    } else {
        tracing::info!(target: TARGET, %call_id, reason, %detail, "token refused");
    }
    respond(refusal, call_id, wire, &context.challenge)
}

/// RFC 9457. With the type `about:blank` the title is the status' own phrase (section 4.2.1).
fn problem(refusal: &Refusal, call_id: CallId, challenge: &Challenge) -> Response<Bytes> {
    let status = refusal.status();
    // Nothing here comes from the request, and nothing needs escaping.
    let body = format!(
        r#"{{"type":"about:blank","title":"{}","status":{},"detail":"{}","call_id":"{call_id}"}}"#,
        status.canonical_reason().unwrap_or_default(),
        status.as_u16(),
        detail(refusal),
    );
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(value) = challenge.value(refusal) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    response
}

/// gRPC's answer without messages: HTTP status 200, and the gRPC status among the headers.
fn trailers_only(
    refusal: &Refusal,
    call_id: CallId,
    content_type: &'static str,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(GRPC_STATUS, HeaderValue::from_static(grpc_status(refusal)));
    headers.insert(GRPC_MESSAGE, header(&format!("{} (call {call_id})", detail(refusal))));
    response
}

/// The status codes of gRPC, as numbers in text.
fn grpc_status(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Anonymous | Refusal::UnsupportedScheme | Refusal::InvalidToken(_) => "16", // UNAUTHENTICATED
        Refusal::InsufficientScope(_) | Refusal::Denied => "7", // PERMISSION_DENIED
        Refusal::Absent => "5",                                 // NOT_FOUND
        Refusal::Malformed(_) => "3",                           // INVALID_ARGUMENT
        Refusal::Undecided(_) => "14",                          // UNAVAILABLE
        Refusal::Wiring(_) => "13",                             // INTERNAL
    }
}

/// What the client is told: fixed, printable ASCII without quotes, backslashes and percent signs.
fn detail(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Anonymous => "this needs an access token",
        Refusal::UnsupportedScheme => "this needs an access token with the scheme Bearer",
        Refusal::InvalidToken(_) => {
            "the access token is malformed, expired or not meant for this service"
        }
        Refusal::InsufficientScope(_) => "the access token lacks a scope this needs",
        Refusal::Denied => "you may not do this",
        Refusal::Absent => "there is no such resource",
        Refusal::Malformed(_) => {
            "a value this depends on cannot be read or is given more than once"
        }
        Refusal::Undecided(_) => "whether you may do this cannot be decided at present",
        Refusal::Wiring(_) => "the service is not set up properly",
    }
}

/// For text that is known to be printable ASCII.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests;

//! Refusals as responses: status, challenge, and a body that says little.

use std::fmt;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};

use super::{Challenge, Refusal, TARGET, layer::Context, responder::Page};
use crate::audit::CallId;

/// When to try again after 503: soon, because what could not be decided was not refused.
const RETRY_AFTER_SECONDS: &str = "5";

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// How the client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Http,
    /// To a `HEAD` request: the same without content (RFC 9110 section 9.3.2).
    Head,
    Grpc,
    GrpcWeb,
}

impl Wire {
    /// Reads it from the head of the request.
    ///
    /// gRPC is always POST. Its refusals have the HTTP status 200, which a proxy that only asks whether a
    /// request may pass, with GET and the client's headers, would take for a yes.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        match *method {
            Method::POST => {}
            Method::HEAD => return Self::Head,
            _ => return Self::Http,
        }
        let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let mut words = content_type.split(|byte| matches!(byte, b'+' | b';' | b' '));
        match words.next().map(<[u8]>::to_ascii_lowercase).as_deref() {
            Some(b"application/grpc") => Self::Grpc,
            Some(b"application/grpc-web" | b"application/grpc-web-text") => Self::GrpcWeb,
            _ => Self::Http,
        }
    }
}

/// The response to a refused request. It tells what the caller can do about it, and a call id to ask the
/// operator with.
///
/// `page` replaces the body, never the status or the challenge. gRPC has no bodies to replace.
pub(crate) fn respond(
    refusal: &Refusal,
    call_id: CallId,
    wire: Wire,
    challenge: &Challenge,
    page: Option<Page>,
) -> Response<Bytes> {
    let mut response = match wire {
        Wire::Http => http(refusal, call_id, challenge, page),
        Wire::Head => without_content(http(refusal, call_id, challenge, page)),
        Wire::Grpc => trailers_only(refusal, call_id, "application/grpc"),
        Wire::GrpcWeb => trailers_only(refusal, call_id, "application/grpc-web"),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(refusal.clone());
    response.extensions_mut().insert(call_id);
    response
}

/// Refuses before the inner service is called. `detail` is for the operator, `headers` are those of the request.
pub(super) fn refuse(
    refusal: &Refusal,
    detail: &dyn fmt::Display,
    wire: Wire,
    headers: &HeaderMap,
    context: &Context,
) -> Response<Bytes> {
    let call_id = CallId::new();
    let reason = refusal.reason();
    match refusal {
        // The only mistake that shows in here.
        Refusal::Wiring(_) => {
            tracing::error!(
                target: TARGET, %call_id, reason,
                "forward auth needs the address that a request comes from: serve the router's \
                 `into_make_service_with_connect_info::<SocketAddr>()`, or put a `PeerAddr` into the request's extensions"
            );
        }
        Refusal::Undecided(_) => {
            tracing::warn!(target: TARGET, %call_id, reason, %detail, "token not verified");
        }
        _ => tracing::info!(target: TARGET, %call_id, reason, %detail, "token refused"),
    }
    let page = context.page(refusal, call_id, headers);
    respond(refusal, call_id, wire, &context.challenge, page)
}

fn http(
    refusal: &Refusal,
    call_id: CallId,
    challenge: &Challenge,
    page: Option<Page>,
) -> Response<Bytes> {
    let (content_type, body) = page.unwrap_or_else(|| problem(refusal, call_id));
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    if let Some(value) = challenge.value(refusal) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    if refusal.status() == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    response
}

fn without_content(mut response: Response<Bytes>) -> Response<Bytes> {
    let length = std::mem::take(response.body_mut()).len();
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

/// RFC 9457. With the type `about:blank` the title is the status' own phrase (section 4.2.1).
fn problem(refusal: &Refusal, call_id: CallId) -> Page {
    let status = refusal.status();
    // Nothing here comes from the request, and nothing needs escaping.
    let body = format!(
        r#"{{"type":"about:blank","title":"{}","status":{},"detail":"{}","call_id":"{call_id}"}}"#,
        status.canonical_reason().unwrap_or_default(),
        status.as_u16(),
        detail(refusal),
    );
    (HeaderValue::from_static("application/problem+json"), body)
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
    if let Ok(message) = HeaderValue::from_str(&format!("{} (call {call_id})", detail(refusal))) {
        headers.insert(GRPC_MESSAGE, message);
    }
    response
}

/// The status codes of gRPC, as numbers in text.
fn grpc_status(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Anonymous
        | Refusal::UnsupportedScheme
        | Refusal::InvalidRequest(_)
        | Refusal::InvalidToken(_) => "16", // UNAUTHENTICATED
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
        Refusal::InvalidRequest(_) => "the credentials cannot be read or are given more than once",
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

#[cfg(test)]
mod tests;

//! How an endpoint misbehaves.

use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Map, Value};

/// What an endpoint answers instead of what it should.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// This status, and no body.
    Status(u16),
    /// Status 200 and this body, called JSON whatever it is.
    Body(String),
    /// What it should, with one more member of so many bytes.
    Padding(usize),
    /// What it should, with another value in one member: for instance `"active": "true"`.
    Member(String, Value),
    /// What it should, without one member.
    WithoutMember(String),
    /// A redirect to this URL that keeps method and body (307).
    Redirect(String),
}

impl Fault {
    pub(super) async fn answer(self, request: Request, next: Next) -> Response {
        match self {
            Self::Status(status) => {
                let status = StatusCode::from_u16(status);
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
            }
            Self::Body(body) => {
                ([(header::CONTENT_TYPE, "application/json")], Bytes::from(body)).into_response()
            }
            Self::Redirect(url) => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url)]).into_response()
            }
            Self::Padding(_) | Self::Member(..) | Self::WithoutMember(_) => {
                self.spoil(next.run(request).await).await
            }
        }
    }

    /// Changes the object that an answer consists of.
    async fn spoil(self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut body: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
        match self {
            Self::Padding(bytes) => body.insert("padding".to_owned(), "x".repeat(bytes).into()),
            Self::Member(name, value) => body.insert(name, value),
            Self::WithoutMember(name) => body.remove(&name),
            Self::Status(_) | Self::Body(_) | Self::Redirect(_) => None,
        };
        (parts.status, Json(body)).into_response()
    }
}

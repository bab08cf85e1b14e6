//! The ways in which a request is refused.

use std::{error::Error, fmt};

use http::StatusCode;

use crate::token::TokenError;

/// Why a request was refused.
///
/// The set is closed: whoever answers on behalf of a refusal has to think of each. What the client is told depends on
/// the variant alone; the words inside, from a small fixed set, are for logs and metrics.
///
/// A refused response has it in its extensions:
///
/// ```
/// use axum_authz::layer::Refusal;
/// # let mut response = http::Response::new(());
/// # response.extensions_mut().insert(Refusal::Denied);
///
/// let reason = response.extensions().get::<Refusal>().map(Refusal::reason);
/// assert_eq!(reason, Some("denied"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 401: no credentials, and the handler asks for some.
    Anonymous,
    /// 401: credentials of a scheme other than `Bearer`.
    UnsupportedScheme,
    /// 400: the credentials cannot be read, or there are several `Authorization` headers: `invalid_request`,
    /// RFC 6750 section 3.1.
    InvalidRequest(&'static str),
    /// 401: the token is malformed, expired, forged, or meant for others: `invalid_token`. Also: what an
    /// outpost forwards is not one token.
    InvalidToken(&'static str),
    /// 403: the token lacks a scope, which the client is told: `insufficient_scope`.
    InsufficientScope(Box<str>),
    /// 403: the policies say no.
    Denied,
    /// 404: there is no such resource, or the caller may not know of it.
    Absent,
    /// 400: what the decision depends on cannot be read, or is there more than once.
    Malformed(&'static str),
    /// 503: neither yes nor no, because something needed for an answer failed.
    Undecided(&'static str),
    /// 500: the service is not put together properly.
    Wiring(&'static str),
}

impl Refusal {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Anonymous | Self::UnsupportedScheme | Self::InvalidToken(_) => {
                StatusCode::UNAUTHORIZED
            }
            Self::InsufficientScope(_) | Self::Denied => StatusCode::FORBIDDEN,
            Self::Absent => StatusCode::NOT_FOUND,
            Self::InvalidRequest(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Undecided(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Wiring(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One word of a small fixed set, fit for logs and as a label of metrics. Not for clients.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::UnsupportedScheme => "unsupported_scheme",
            Self::InsufficientScope(_) => "scope",
            Self::Denied => "denied",
            Self::Absent => "absent",
            Self::InvalidRequest(reason)
            | Self::InvalidToken(reason)
            | Self::Malformed(reason)
            | Self::Undecided(reason)
            | Self::Wiring(reason) => reason,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "credentials are needed",
            Self::UnsupportedScheme => "the scheme of the credentials is not supported",
            Self::InvalidRequest(_) => "the credentials cannot be read",
            Self::InvalidToken(_) => "the access token is not valid",
            Self::InsufficientScope(_) => "the access token lacks a scope",
            Self::Denied => "the policies do not allow this",
            Self::Absent => "there is no such resource",
            Self::Malformed(_) => "the request cannot be read",
            Self::Undecided(_) => "no decision could be made",
            Self::Wiring(_) => "the service is not set up properly",
        })
    }
}

impl Error for Refusal {}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid(invalid) => Self::InvalidToken(invalid.reason()),
            TokenError::Undecided(undecided) => Self::Undecided(undecided.reason()),
        }
    }
}

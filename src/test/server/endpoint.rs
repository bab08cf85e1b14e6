//! The endpoints, and requests to them as they were seen.

use std::fmt;

use http::{HeaderMap, header};

/// An endpoint of the stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/application/o/SLUG/.well-known/openid-configuration`
    Discovery,
    /// `/application/o/SLUG/jwks/`
    KeySet,
    /// `/application/o/SLUG/end-session/`
    EndSession,
    /// `/application/o/token/`
    Token,
    /// `/application/o/introspect/`
    Introspection,
    /// `/application/o/revoke/`
    Revocation,
    /// `/application/o/userinfo/`
    Userinfo,
}

impl Endpoint {
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/application/o/")?;
        Some(match path.split_once('/')? {
            ("token", "") => Self::Token,
            ("introspect", "") => Self::Introspection,
            ("revoke", "") => Self::Revocation,
            ("userinfo", "") => Self::Userinfo,
            (_, ".well-known/openid-configuration") => Self::Discovery,
            (_, "jwks/") => Self::KeySet,
            (_, "end-session/") => Self::EndSession,
            _ => return None,
        })
    }
}

/// A request as the stand-in saw it.
#[derive(Clone)]
#[non_exhaustive]
pub struct SeenRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub uri: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body: a form, when there is one.
    pub body: String,
}

impl SeenRequest {
    /// The header `Authorization`.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION)?.to_str().ok()
    }

    /// The first field of this name in the form.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }
}

/// Headers and body hold tokens and secrets.
impl fmt::Debug for SeenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

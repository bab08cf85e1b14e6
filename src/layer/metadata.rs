//! The description of the protected resource (RFC 9728), by which clients find the issuer.

use bytes::Bytes;
use http::{
    HeaderValue, Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE,
    },
};
use serde::Serialize;
use url::Url;

use crate::token::{ConfigError, ConfigErrorKind, trusted_url};

/// Registered by RFC 9728 section 8.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// One hour: it changes when the service is deployed anew.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const CACHED_SECONDS: HeaderValue = HeaderValue::from_static("3600");

/// What clients may know about a service before they have a token (RFC 9728): its name and its issuers.
///
/// Given to [`AuthzLayer::resource_metadata`](super::AuthzLayer::resource_metadata), it is served below
/// `/.well-known/oauth-protected-resource`, and every challenge says where. MCP clients find Authentik by it,
/// which serves no such document itself.
///
/// ```
/// use axum_authz::{layer::ResourceMetadata, token::ConfigErrorKind};
///
/// let metadata = ResourceMetadata::new("https://api.example.org/photos")?
///     .scopes_supported(["photos.read", "photos.write"])
///     .resource_name("Photos");
/// assert_eq!(metadata.url(), "https://api.example.org/.well-known/oauth-protected-resource/photos");
///
/// let error = ResourceMetadata::new("http://api.example.org").unwrap_err();
/// assert_eq!(error.kind(), ConfigErrorKind::InsecureUrl);
/// # Ok::<(), axum_authz::token::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "give it to `AuthzLayer::resource_metadata`"]
pub struct ResourceMetadata {
    document: Document,
    url: String,
    path: String,
}

/// The members of RFC 9728 section 2 that are used here.
#[derive(Debug, Clone, Serialize)]
struct Document {
    resource: String,
    authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<String>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<String>,
}

impl ResourceMetadata {
    /// Begins with the resource's identifier (RFC 9728 section 1.2): the URL that clients know the service by,
    /// byte for byte, because they compare it.
    ///
    /// With a path, such as `https://api.example.org/photos`, the document is at
    /// `https://api.example.org/.well-known/oauth-protected-resource/photos`, so a proxy in front has to pass
    /// that path on as well.
    ///
    /// # Errors
    ///
    /// When `resource` is not `https` (plain `http` is accepted on loopback), has credentials, a query or a
    /// fragment, or is not written in the normal form of URLs.
    pub fn new(resource: &str) -> Result<Self, ConfigError> {
        let url = public_url("resource", resource)?;
        if url.query().is_some() {
            let message = "the resource must not have a query";
            return Err(ConfigError::new(ConfigErrorKind::InvalidUrl, message));
        }
        // RFC 9728 section 3.1: the slash behind the host is not repeated.
        let below = if url.path() == "/" { "" } else { url.path() };
        let path = format!("{WELL_KNOWN}{below}");
        let document = Document {
            resource: resource.to_owned(),
            authorization_servers: Vec::new(),
            scopes_supported: Vec::new(),
            // Tokens in queries and forms are never looked at.
            bearer_methods_supported: ["header"],
            resource_name: None,
            resource_documentation: None,
        };
        Ok(Self { document, url: format!("{}{path}", url.origin().ascii_serialization()), path })
    }

    /// Sets the scopes that clients may want to ask for.
    pub fn scopes_supported<T: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        self.document.scopes_supported = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the name shown to people.
    pub fn resource_name(mut self, name: impl Into<String>) -> Self {
        self.document.resource_name = Some(name.into());
        self
    }

    /// Sets the URL of a page for developers.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new); a query is accepted here.
    pub fn documentation(mut self, url: &str) -> Result<Self, ConfigError> {
        public_url("documentation", url)?;
        self.document.resource_documentation = Some(url.to_owned());
        Ok(self)
    }

    /// Where the document is served.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn publish<'a>(mut self, issuers: impl Iterator<Item = &'a str>) -> Published {
        // Byte for byte as in tokens: clients compare these with the `issuer` of the discovery document (RFC
        // 8414 section 3.3).
        self.document.authorization_servers = issuers.map(str::to_owned).collect();
        // Strings and lists of strings always have a JSON form.
        let body = serde_json::to_vec(&self.document).unwrap_or_default();
        Published { url: self.url.into(), path: self.path.into(), body: body.into() }
    }
}

/// The document, ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) url: Box<str>,
    path: Box<str>,
    body: Bytes,
}

impl Published {
    /// The answer to a request for the document. Other requests have none: neither other methods nor other
    /// paths, however similar.
    pub(super) fn answer(&self, method: &Method, path: &str) -> Option<Response<Bytes>> {
        if path != &*self.path {
            return None;
        }
        let mut response = match *method {
            Method::GET => self.document(self.body.clone()),
            // Nothing but the content is missing (RFC 9110 section 9.3.2).
            Method::HEAD => self.document(Bytes::new()),
            Method::OPTIONS => preflight(),
            _ => return None,
        };
        // It is the same for everybody and no secret, and clients in browsers read it before they have any
        // credentials.
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Some(response)
    }

    fn document(&self, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, self.body.len().into());
        headers.insert(CACHE_CONTROL, CACHED);
        response
    }
}

fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, CACHED_SECONDS);
    response
}

/// A URL that is shown to clients: `https`, or plain `http` on this machine.
fn public_url(what: &str, text: &str) -> Result<Url, ConfigError> {
    let url = trusted_url(what, text)?;
    // Clients compare text, and theirs has gone through a parser of URLs.
    let normal = url.as_str();
    if text != normal && Some(text) != normal.strip_suffix('/') {
        let message = format!("the {what} `{text}` is written in an unusual way; write `{normal}`");
        return Err(ConfigError::new(ConfigErrorKind::InvalidUrl, message));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_inserted_before_that_of_the_resource() {
        for (resource, url) in [
            (
                "https://api.example.org",
                "https://api.example.org/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example.org/",
                "https://api.example.org/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example.org:8443/a/b",
                "https://api.example.org:8443/.well-known/oauth-protected-resource/a/b",
            ),
            (
                "https://api.example.org/a/",
                "https://api.example.org/.well-known/oauth-protected-resource/a/",
            ),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/.well-known/oauth-protected-resource"),
            ("http://[::1]:3000/a", "http://[::1]:3000/.well-known/oauth-protected-resource/a"),
        ] {
            assert_eq!(ResourceMetadata::new(resource).unwrap().url(), url, "{resource}");
        }
    }

    #[test]
    fn resources_that_cannot_be_named_to_clients_are_refused() {
        use ConfigErrorKind::{InsecureUrl, InvalidUrl};
        for (resource, kind) in [
            ("", InvalidUrl),
            ("api.example.org", InvalidUrl),
            ("ftp://api.example.org", InvalidUrl),
            ("https://api.example.org/#a", InvalidUrl),
            ("https://api.example.org/?a", InvalidUrl),
            ("https://u:p@api.example.org/", InvalidUrl),
            ("https://API.example.org/", InvalidUrl),
            ("https://api.example.org:443/", InvalidUrl),
            ("https://api.example.org/a/../b", InvalidUrl),
            ("http://api.example.org", InsecureUrl),
            ("http://localhost.example.org", InsecureUrl),
        ] {
            assert_eq!(
                ResourceMetadata::new(resource).err().map(|error| error.kind()),
                Some(kind),
                "{resource}"
            );
        }
        let metadata = ResourceMetadata::new("https://api.example.org").unwrap();
        assert!(metadata.clone().documentation("https://example.org/docs?v=1").is_ok());
        assert_eq!(metadata.documentation("javascript:x").unwrap_err().kind(), InvalidUrl);
    }
}

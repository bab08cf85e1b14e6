//! Where the provider's keys are (OpenID Connect Discovery 1.0 section 4).

use reqwest::Client;
use serde::Deserialize;
use url::Url;

use super::{ConfigError, Undecided, fetch};

/// How to find the key set.
pub(super) enum KeySource {
    /// Read the discovery document at this URL.
    Discovery(Url),
    /// The key set is here.
    KeySet(Url),
}

impl KeySource {
    /// The discovery document below `issuer`, which may end in a slash or not.
    pub(super) fn below(issuer: &str) -> Result<Self, ConfigError> {
        // Exactly one slash between the two: Authentik's issuers end in one, and answer 404 to two.
        let base = issuer.trim_end_matches('/');
        let url = format!("{base}/.well-known/openid-configuration");
        Ok(Self::Discovery(fetch::trusted_url("issuer", &url)?))
    }

    /// The URL that is fetched first.
    pub(super) fn url(&self) -> &Url {
        match self {
            Self::Discovery(url) | Self::KeySet(url) => url,
        }
    }

    /// Where the discovery document is, when it is used.
    pub(super) fn document(&self) -> Option<&Url> {
        match self {
            Self::Discovery(url) => Some(url),
            Self::KeySet(_) => None,
        }
    }

    /// The URL of the key set of `issuer`.
    ///
    /// The discovery document must name the configured issuer byte for byte, wherever it was fetched from:
    /// Authentik writes the same issuer into document and tokens in both of its issuer modes, so that a
    /// difference means that the document belongs to another application.
    pub(super) async fn key_set_url(
        &self,
        client: &Client,
        issuer: &str,
    ) -> Result<Url, Undecided> {
        let url = match self {
            Self::Discovery(url) => url,
            Self::KeySet(url) => return Ok(url.clone()),
        };
        let document = Document::fetch(client, url, issuer).await?;
        same_origin("jwks_uri", &document.jwks_uri, url)
    }
}

/// Where the introspection endpoint of `issuer` is, by the discovery document at `url`.
pub(super) async fn introspection_endpoint(
    client: &Client,
    url: &Url,
    issuer: &str,
) -> Result<Url, Undecided> {
    let document = Document::fetch(client, url, issuer).await?;
    let Some(endpoint) = document.introspection_endpoint else {
        tracing::error!(target: "axum_authz::token", %url, "the discovery document names no introspection endpoint");
        return Err(Undecided::Unusable);
    };
    same_origin("introspection_endpoint", &endpoint, url)
}

/// Parses `found`, the member `name` of the document at `document`, which must not lead elsewhere.
fn same_origin(name: &str, found: &str, document: &Url) -> Result<Url, Undecided> {
    match Url::parse(found) {
        Ok(url) if url.origin() == document.origin() => Ok(url),
        _ => {
            tracing::error!(
                target: "axum_authz::token", url = %document, name, found,
                "the discovery document points to another origin; if that is right, give the URL instead"
            );
            Err(Undecided::Unusable)
        }
    }
}

impl Document {
    /// The document at `url`, which must be that of `issuer`.
    async fn fetch(client: &Client, url: &Url, issuer: &str) -> Result<Self, Undecided> {
        let document = fetch::document(client, url).await?;
        let document = read(&document).map_err(|error| {
            tracing::error!(target: "axum_authz::token", %url, %error, "not a discovery document");
            Undecided::Unusable
        })?;
        if *document.issuer != *issuer {
            tracing::error!(
                target: "axum_authz::token", %url, configured = issuer, found = &*document.issuer,
                "the discovery document names another issuer; when the provider is reached under another \
                 host name than its users know, give the key set's URL instead"
            );
            return Err(Undecided::IssuerMismatch);
        }
        Ok(document)
    }
}

fn read(document: &[u8]) -> serde_json::Result<Document> {
    // By way of a map, because a struct may be written as an array for serde.
    let fields: serde_json::Map<_, _> = serde_json::from_slice(document)?;
    serde_json::from_value(serde_json::Value::Object(fields))
}

#[derive(Deserialize)]
struct Document {
    issuer: Box<str>,
    jwks_uri: Box<str>,
    introspection_endpoint: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_slash_joins_issuer_and_path() {
        let expected =
            "https://id.example.org/application/o/photos/.well-known/openid-configuration";
        for issuer in [
            "https://id.example.org/application/o/photos/",
            "https://id.example.org/application/o/photos",
        ] {
            assert_eq!(KeySource::below(issuer).unwrap().url().as_str(), expected);
        }
        let root = KeySource::below("https://id.example.org/").unwrap();
        assert_eq!(root.url().as_str(), "https://id.example.org/.well-known/openid-configuration");
    }
}

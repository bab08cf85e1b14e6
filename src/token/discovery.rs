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
        let document = fetch::document(client, url).await?;
        let Document { issuer: found, jwks_uri } = read(&document).map_err(|error| {
            tracing::error!(target: "axum_authz::token", %url, %error, "not a discovery document");
            Undecided::Unusable
        })?;
        if *found != *issuer {
            tracing::error!(
                target: "axum_authz::token", %url, configured = issuer, found = &*found,
                "the discovery document names another issuer; when the provider is reached under another \
                 host name than its users know, give the key set's URL instead"
            );
            return Err(Undecided::IssuerMismatch);
        }
        match Url::parse(&jwks_uri) {
            Ok(keys) if keys.origin() == url.origin() => Ok(keys),
            _ => {
                tracing::error!(
                    target: "axum_authz::token", %url, jwks_uri = &*jwks_uri,
                    "the discovery document points to keys of another origin; if that is right, give the \
                     key set's URL instead"
                );
                Err(Undecided::Unusable)
            }
        }
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

//! Small documents over HTTP, from a provider that is trusted but may misbehave.

use std::{error::Error, time::Duration};

use reqwest::{Client, RequestBuilder, header::ACCEPT, redirect};
use url::{Host, Url};

use super::{ConfigError, ConfigErrorKind, Undecided};

/// A discovery document has about 3 KB, a key about 4 KB with its certificate.
const MAX_DOCUMENT: usize = 256 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the first byte sent to the last one received.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 3;

/// A client that gives up in time and does not follow a redirect to another origin.
///
/// `first` is the URL it will be used with. Proxies of the environment are not used for loopback hosts.
pub(super) fn client(first: &Url) -> Result<Client, ConfigError> {
    let redirects = redirect::Policy::custom(|attempt| {
        let same_origin = |url: &Url| url.origin() == attempt.url().origin();
        if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else if attempt.previous().iter().all(same_origin) {
            attempt.follow()
        } else {
            attempt.error("redirect to another origin")
        }
    });
    with_redirects(first, redirects)
}

/// A client for requests with credentials: it follows no redirect at all.
pub(super) fn client_with_credentials(first: &Url) -> Result<Client, ConfigError> {
    with_redirects(first, redirect::Policy::none())
}

fn with_redirects(first: &Url, redirects: redirect::Policy) -> Result<Client, ConfigError> {
    let mut builder = Client::builder()
        .redirect(redirects)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        // Fetches are far apart: a kept connection would be one that the provider has closed since.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("axum-authz/", env!("CARGO_PKG_VERSION")));
    if is_loopback(first) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        ConfigError::new(
            ConfigErrorKind::Transport,
            format!("cannot set up the HTTP client: {error}"),
        )
    })
}

/// Fetches the document at `url`. What goes wrong is logged, with the URL.
pub(super) async fn document(client: &Client, url: &Url) -> Result<Vec<u8>, Undecided> {
    answer(client.get(url.clone()).header(ACCEPT, "application/json"), url).await
}

/// Sends `request`, which is for `url`, and reads the answer. What goes wrong is logged, with the URL.
pub(super) async fn answer(request: RequestBuilder, url: &Url) -> Result<Vec<u8>, Undecided> {
    let unavailable = |error: reqwest::Error| {
        let cause = root_cause(&error).to_string();
        tracing::warn!(target: "axum_authz::token", %url, cause, "provider not reachable");
        Undecided::Unavailable
    };
    let mut response = request.send().await.map_err(unavailable)?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        tracing::warn!(target: "axum_authz::token", %url, status, "provider answered with an error");
        return Err(Undecided::Unavailable);
    }
    let mut document = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        if document.len() + chunk.len() > MAX_DOCUMENT {
            tracing::warn!(target: "axum_authz::token", %url, limit = MAX_DOCUMENT, "document too large");
            return Err(Undecided::Unusable);
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

fn root_cause<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

/// Parses a URL that keys may come from, or clients be sent to: `https`, or plain `http` on this machine;
/// nothing secret in it.
pub(crate) fn trusted_url(what: &str, text: &str) -> Result<Url, ConfigError> {
    let invalid = |why: &str| {
        ConfigError::new(ConfigErrorKind::InvalidUrl, format!("the {what} `{text}` {why}"))
    };
    let url = Url::parse(text).map_err(|error| {
        // The text may be anything, a URL with a password in it too: it is not repeated.
        ConfigError::new(
            ConfigErrorKind::InvalidUrl,
            format!("the {what} is not a URL, which begins with `https://`: {error}"),
        )
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        let message = format!("the {what} must not contain credentials");
        return Err(ConfigError::new(ConfigErrorKind::InvalidUrl, message));
    }
    if url.fragment().is_some() {
        return Err(invalid("must not have a fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(ConfigError::new(
            ConfigErrorKind::InsecureUrl,
            format!(
                "the {what} `{text}` must be `https`; plain `http` is accepted on loopback only"
            ),
        )),
        _ => Err(invalid("must be `https`")),
    }
}

/// Whether `url` leads to this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(url: &str) -> Option<ConfigErrorKind> {
        trusted_url("issuer", url).err().map(|error| error.kind())
    }

    #[test]
    fn plain_http_is_accepted_on_loopback_only() {
        for good in [
            "https://id.example.org/application/o/photos/",
            "http://localhost:9000/application/o/photos/",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000/",
        ] {
            assert_eq!(kind(good), None, "{good}");
        }
        for bad in [
            "http://id.example.org/",
            "http://localhost.example.org/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://127.0.0.1.example.org/",
        ] {
            assert_eq!(kind(bad), Some(ConfigErrorKind::InsecureUrl), "{bad}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for bad in
            ["", "photos", "ftp://localhost/", "file:///etc/passwd", "https://id.example.org/#x"]
        {
            assert_eq!(kind(bad), Some(ConfigErrorKind::InvalidUrl), "{bad}");
        }
        let error = trusted_url("issuer", "https://bob:hunter2@id.example.org/").unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::InvalidUrl);
        assert!(!error.to_string().contains("hunter2"));
    }
}

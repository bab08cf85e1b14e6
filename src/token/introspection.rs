//! Asking the provider whether a token is in force (RFC 7662), the way Authentik answers.

use std::{
    fmt::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{
    Client,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use tokio::sync::{OnceCell, Semaphore};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{ConfigError, ConfigErrorKind, TokenIdentity, Undecided, discovery, fetch};

mod answer;

pub(super) use answer::{Answer, agree};

const CACHE_FOR: Duration = Duration::from_secs(30);
const MAX_CACHE_FOR: Duration = Duration::from_secs(300);
/// More questions at once than this wait for each other.
const MAX_AT_ONCE: usize = 64;
/// And more than this are not asked at all.
const MAX_WAITING: usize = 1024;
/// How long a question waits for its turn. Where anyone can cause questions, there may be more than the
/// provider answers.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Asks Authentik whether a token is (still) in force, beside verifying it.
///
/// Only that way the service learns at once that a token was revoked or its session ended. It costs a request
/// to Authentik for each token and each [`cache_for`](Self::cache_for); any failure, and any answer that cannot
/// be understood, is
/// *undecided* (503).
///
/// In Authentik the client that asks must be confidential and be the one that the tokens are issued to, or,
/// since 2026.2.3, be listed by that one under *Federated OAuth2/OpenID Providers*. Otherwise every answer is
/// `{"active": false}`, which looks as if every token were revoked: as long as no token has been in force, each
/// such answer is logged with that hint.
///
/// ```
/// use std::time::Duration;
/// use axum_authz::token::{Authentik, Introspection};
///
/// # fn secret() -> &'static str { "an-example-of-a-secret" }
/// const HOUR: Duration = Duration::from_secs(3600);
/// let introspection = Introspection::by_client("photos", secret())
///     .only_for(|token| token.lifetime().is_none_or(|lifetime| lifetime > HOUR))
///     .cache_for(Duration::from_secs(10));
/// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
///     .audience("photos")
///     .introspect(introspection)
///     .build()?;
/// # Ok::<(), axum_authz::token::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "give it to `AuthentikBuilder::introspect`"]
pub struct Introspection {
    client_id: Box<str>,
    secret: Zeroizing<String>,
    endpoint: Option<Box<str>>,
    applies: Applies,
    cache_for: Duration,
}

type Applies = Option<Arc<dyn Fn(&TokenIdentity) -> bool + Send + Sync>>;

impl Introspection {
    /// Asks as this client, for all tokens.
    ///
    /// The credentials go into the `Authorization` header (RFC 6749 section 2.3.1). Authentik before 2026.2.2
    /// does not decode them: there, neither may have characters other than letters, digits, `-`, `.`, `_` and
    /// `~`.
    pub fn by_client(client_id: &str, client_secret: &str) -> Self {
        Self {
            client_id: client_id.into(),
            secret: Zeroizing::new(client_secret.to_owned()),
            endpoint: None,
            applies: None,
            cache_for: CACHE_FOR,
        }
    }

    /// Asks at `url`, in Authentik `https://HOST/application/o/introspect/`, instead of where the discovery
    /// document says.
    pub fn endpoint(mut self, url: &str) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Asks only about tokens that `applies` picks: those that live long, those of certain clients. The others
    /// are in force until they expire.
    pub fn only_for(
        mut self,
        applies: impl Fn(&TokenIdentity) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.applies = Some(Arc::new(applies));
        self
    }

    /// How long an answer about a token is believed: 30 seconds unless set, 5 minutes at most.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.cache_for = time;
        self
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("client_id", &self.client_id)
            .field("cache_for", &self.cache_for)
            .finish_non_exhaustive()
    }
}

/// The endpoint, and everything that is needed to ask there.
pub(super) struct Introspector {
    client: Client,
    endpoint: Endpoint,
    authorization: HeaderValue,
    applies: Applies,
    cache_for: Duration,
    at_once: Semaphore,
    waiting: Semaphore,
    /// Whether any token was ever in force: until then, the configuration may be at fault.
    ever_active: AtomicBool,
}

enum Endpoint {
    Configured(Url),
    Discovered { issuer: Arc<str>, document: Url, found: OnceCell<Url> },
}

impl Introspector {
    /// `discovery` is where the discovery document is, when there is one.
    pub(super) fn new(
        introspection: &Introspection,
        issuer: &Arc<str>,
        discovery: Option<&Url>,
    ) -> Result<Self, ConfigError> {
        let error = |kind, message: &str| Err(ConfigError::new(kind, message));
        if introspection.client_id.is_empty() || introspection.secret.is_empty() {
            return error(
                ConfigErrorKind::InvalidKey,
                "introspection needs a client id and a client secret; public clients cannot introspect",
            );
        }
        if introspection.cache_for > MAX_CACHE_FOR {
            return error(
                ConfigErrorKind::OutOfBounds,
                "an answer of the introspection endpoint is believed for 5 minutes at most",
            );
        }
        let endpoint = match (&introspection.endpoint, discovery) {
            (Some(url), _) => {
                Endpoint::Configured(fetch::trusted_url("introspection endpoint", url)?)
            }
            (None, Some(document)) => Endpoint::Discovered {
                issuer: Arc::clone(issuer),
                document: document.clone(),
                found: OnceCell::new(),
            },
            (None, None) => {
                return error(
                    ConfigErrorKind::NoEndpoint,
                    "without a discovery document, give the introspection endpoint with `Introspection::endpoint`",
                );
            }
        };
        // It fetches the discovery document too, which Authentik does not move either.
        let client = match &endpoint {
            Endpoint::Configured(url) | Endpoint::Discovered { document: url, .. } => {
                fetch::client_with_credentials(url)?
            }
        };
        Ok(Self {
            client,
            endpoint,
            authorization: basic(&introspection.client_id, &introspection.secret)?,
            applies: introspection.applies.clone(),
            cache_for: introspection.cache_for,
            at_once: Semaphore::new(MAX_AT_ONCE),
            waiting: Semaphore::new(MAX_WAITING),
            ever_active: AtomicBool::new(false),
        })
    }

    /// Whether `token` is one to be asked about.
    pub(super) fn applies_to(&self, token: &TokenIdentity) -> bool {
        self.applies.as_ref().is_none_or(|applies| applies(token))
    }

    pub(super) fn cache_for(&self) -> Duration {
        self.cache_for
    }

    /// Asks about the token with this text.
    pub(super) async fn ask(&self, token: &str) -> Result<Answer, Undecided> {
        let _place = self.waiting.try_acquire().map_err(|_| Undecided::Introspection)?;
        let turn =
            async { Some((self.endpoint().await.ok()?, self.at_once.acquire().await.ok()?)) };
        let turn = tokio::time::timeout(MAX_WAIT, turn).await.ok().flatten();
        let (endpoint, _permit) = turn.ok_or(Undecided::Introspection)?;
        let form = Zeroizing::new(
            form_urlencoded::Serializer::new(String::new())
                .append_pair("token", token)
                .append_pair("token_type_hint", "access_token")
                .finish(),
        );
        let request = self
            .client
            .post(endpoint.clone())
            .header(ACCEPT, "application/json")
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, self.authorization.clone())
            .body(form.as_bytes().to_vec());
        let document =
            fetch::answer(request, endpoint).await.map_err(|_| Undecided::Introspection)?;
        let answer = Answer::read(&document).inspect_err(|_| {
            tracing::error!(
                target: "axum_authz::token", url = %endpoint,
                "not an answer to an introspection: a JSON object with `active` true or false is needed"
            );
        })?;
        match answer {
            Answer::Active(_) => self.ever_active.store(true, Ordering::Relaxed),
            Answer::Inactive if !self.ever_active.load(Ordering::Relaxed) => tracing::warn!(
                target: "axum_authz::token", url = %endpoint,
                "introspection says that a token is not in force, and has not said otherwise of any token yet; \
                 in Authentik this is also the answer to a wrong client id or secret, to a public client, and to a \
                 client that the token's provider does not list under its federated providers"
            ),
            Answer::Inactive => {}
        }
        Ok(answer)
    }

    async fn endpoint(&self) -> Result<&Url, Undecided> {
        match &self.endpoint {
            Endpoint::Configured(url) => Ok(url),
            Endpoint::Discovered { issuer, document, found } => {
                found
                    .get_or_try_init(|| {
                        discovery::introspection_endpoint(&self.client, document, issuer)
                    })
                    .await
            }
        }
    }
}

/// RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
///
/// A space becomes `%20`, which everyone reads: Authentik decodes percents only. What is unreserved stays as it
/// is, for those that decode nothing.
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue, ConfigError> {
    let encode = |text: &str| {
        let mut encoded = Zeroizing::new(String::with_capacity(3 * text.len()));
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    encoded.push(char::from(byte));
                }
                _ => {
                    let _ = write!(encoded, "%{byte:02X}");
                }
            }
        }
        encoded
    };
    let pair = Zeroizing::new(format!("{}:{}", *encode(client_id), *encode(secret)));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut header = HeaderValue::from_str(&value).map_err(|_| {
        ConfigError::new(ConfigErrorKind::InvalidKey, "the client's credentials cannot be sent")
    })?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_and_hidden() {
        let header = basic("photos web", "a:b%/é~*").unwrap();
        assert!(header.is_sensitive());
        let pair =
            header.to_str().unwrap().strip_prefix("Basic ").map(|text| STANDARD.decode(text));
        assert_eq!(pair.unwrap().unwrap(), b"photos%20web:a%3Ab%25%2F%C3%A9~%2A");
        let text = format!("{:?}", Introspection::by_client("photos", "hunter2"));
        assert!(!text.contains("hunter2"), "{text}");
    }
}

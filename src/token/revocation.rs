//! Tokens, sessions and subjects that are no longer to be believed, although their tokens have not expired.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// A future of a [`Revocations`] store. It must not depend on being polled to its end.
pub type StoreFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is revoked.
///
/// The issuer is part of each: session identifiers and subjects of different issuers have nothing to do with
/// each other.
#[derive(Clone, PartialEq, Eq)]
pub struct Revocation {
    pub(super) issuer: Box<str>,
    pub(super) target: Target,
}

/// The answer of a store, unless it takes longer than anyone should wait.
pub(super) async fn in_time<T>(
    answer: StoreFuture<Result<T, StoreUnavailable>>,
) -> Result<T, StoreUnavailable> {
    const MAX_WAIT: Duration = Duration::from_secs(10);
    tokio::time::timeout(MAX_WAIT, answer).await.unwrap_or(Err(StoreUnavailable))
}

/// The part of a token that is revoked.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Target {
    Session(Box<str>),
    Subject { subject: Box<str>, issued_until: SystemTime },
    Token(Box<str>),
}

impl Revocation {
    /// Every token of the login session `sid`.
    ///
    /// Tokens that Authentik issues for a refresh token after the session has ended have no `sid`, and are not
    /// among them.
    #[must_use]
    pub fn session(issuer: &str, sid: &str) -> Self {
        Self { issuer: issuer.into(), target: Target::Session(sid.into()) }
    }

    /// Every token of `subject` that was issued (`iat`) at or before this time, by the issuer's clock. A login
    /// afterwards is good again.
    #[must_use]
    pub fn subject(issuer: &str, subject: &str, issued_until: SystemTime) -> Self {
        Self {
            issuer: issuer.into(),
            target: Target::Subject { subject: subject.into(), issued_until },
        }
    }

    /// The one token with this `jti`.
    #[must_use]
    pub fn token(issuer: &str, jti: &str) -> Self {
        Self { issuer: issuer.into(), target: Target::Token(jti.into()) }
    }

    /// The issuer, byte for byte.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The name of the claim it goes by, `sid`, `sub` or `jti`, and the claim's value.
    #[must_use]
    pub fn claim(&self) -> (&'static str, &str) {
        match &self.target {
            Target::Session(sid) => ("sid", sid),
            Target::Subject { subject, .. } => ("sub", subject),
            Target::Token(jti) => ("jti", jti),
        }
    }

    /// For a subject: the last time of issue that is revoked.
    #[must_use]
    pub fn issued_until(&self) -> Option<SystemTime> {
        match self.target {
            Target::Subject { issued_until, .. } => Some(issued_until),
            Target::Session(_) | Target::Token(_) => None,
        }
    }

    /// Whether `token` is one of those that are revoked.
    #[must_use]
    pub fn covers(&self, token: &TokenIdentity) -> bool {
        *self.issuer == *token.issuer
            && match &self.target {
                Target::Session(sid) => token.session_id.as_ref() == Some(sid),
                Target::Token(jti) => token.token_id.as_ref() == Some(jti),
                Target::Subject { subject, issued_until } => {
                    token.subject == *subject
                        && token.issued_at.is_none_or(|issued_at| issued_at <= *issued_until)
                }
            }
    }
}

/// Shows what kind of revocation it is, not whose.
impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation")
            .field("issuer", &self.issuer)
            .field("by", &self.claim().0)
            .finish_non_exhaustive()
    }
}

/// What a verified token can be recognized by.
///
/// No `Debug`: it is all claims.
#[derive(Clone)]
pub struct TokenIdentity {
    pub(super) issuer: Arc<str>,
    pub(super) subject: Box<str>,
    pub(super) client_id: Option<Box<str>>,
    pub(super) session_id: Option<Box<str>>,
    pub(super) token_id: Option<Box<str>>,
    pub(super) issued_at: Option<SystemTime>,
    pub(super) expires_at: SystemTime,
}

impl TokenIdentity {
    /// The issuer (`iss`).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject (`sub`).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The client that the token was issued to (`azp`).
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The login session (`sid`); tokens of service accounts have none.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// The token's own identifier (`jti`), which Authentik writes since 2026.5.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// When the token was issued (`iat`).
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.issued_at
    }

    /// When the token expires (`exp`).
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// How long the token lives altogether; `None` without `iat`.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        Some(self.expires_at.duration_since(self.issued_at?).unwrap_or_default())
    }
}

/// What a store says about a token.
#[expect(clippy::exhaustive_enums, reason = "a new answer must break those who match on it")]
pub enum Lookup {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// The answer takes a while: `true` is revoked. An error means *undecided* (503), never *good*, and so does
    /// no answer within 10 seconds.
    Later(StoreFuture<Result<bool, StoreUnavailable>>),
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "Good",
            Self::Revoked => "Revoked",
            Self::Later(_) => "Later(..)",
        })
    }
}

/// A store could not be reached. What happened is the store's to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreUnavailable;

impl StoreUnavailable {
    /// For implementations of [`Revocations`].
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Default for StoreUnavailable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for StoreUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of revocations cannot be reached")
    }
}

impl std::error::Error for StoreUnavailable {}

/// A store of revocations, asked about every token on every request, those whose verification is remembered too.
///
/// [`RevocationList`](super::RevocationList) keeps them in the memory of one process. A service of several
/// processes shares them by an implementation of its own, on top of Redis or the like. An `Arc` of a store is a
/// store.
///
/// ```
/// use std::time::Duration;
/// use axum_authz::token::{Lookup, Revocation, Revocations, StoreFuture, StoreUnavailable, TokenIdentity};
///
/// struct Shared(/* a connection pool */);
///
/// impl Revocations for Shared {
///     fn lookup(&self, token: &TokenIdentity) -> Lookup {
///         let keys = [token.session_id(), token.token_id(), Some(token.subject())].map(|id| id.map(str::to_owned));
///         Lookup::Later(Box::pin(async move {
///             // One round trip: ask for all keys. For the subject, compare the stored time with `issued_at`.
///             let _ = keys;
///             Ok::<bool, StoreUnavailable>(false)
///         }))
///     }
///
///     fn revoke(&self, revocation: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
///         let (claim, value) = revocation.claim();
///         let key = format!("{} {claim} {value}", revocation.issuer());
///         Box::pin(async move {
///             let _ = key;
///             Ok(())
///         })
///     }
///
///     fn retention(&self) -> Duration {
///         Duration::from_secs(24 * 60 * 60)
///     }
/// }
/// ```
pub trait Revocations: Send + Sync + 'static {
    /// Whether a token is revoked: by its session, its own identifier, or its subject; see [`Revocation::covers`].
    fn lookup(&self, token: &TokenIdentity) -> Lookup;

    /// Records a revocation. When the future is done, [`lookup`](Self::lookup) knows of it.
    ///
    /// # Errors
    ///
    /// When that cannot be had. A future that is not done within 10 seconds counts as an error.
    fn revoke(&self, revocation: Revocation) -> StoreFuture<Result<(), StoreUnavailable>>;

    /// For how long a revocation is kept, at least; ten minutes more, to allow for clocks that differ.
    ///
    /// Tokens that live longer are refused (`lifetime`): they would come back to life when their revocation is
    /// forgotten.
    fn retention(&self) -> Duration;

    /// Resolves when something may have been revoked since the call, for
    /// [`Principal::until_ended`](crate::Principal::until_ended). Unless overridden, after ten seconds: whoever
    /// waits asks again then.
    fn changed(&self) -> StoreFuture<()> {
        Box::pin(tokio::time::sleep(Duration::from_secs(10)))
    }
}

/// A store that others hold too.
impl<R: Revocations + ?Sized> Revocations for Arc<R> {
    fn lookup(&self, token: &TokenIdentity) -> Lookup {
        (**self).lookup(token)
    }

    fn revoke(&self, revocation: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        (**self).revoke(revocation)
    }

    fn retention(&self) -> Duration {
        (**self).retention()
    }

    fn changed(&self) -> StoreFuture<()> {
        (**self).changed()
    }
}

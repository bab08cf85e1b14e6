//! Logout tokens (OpenID Connect Back-Channel Logout 1.0): Authentik tells that a session has ended.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    Authentik, Invalid, Revocation, TokenError, Undecided,
    claims::{self, Expectations},
    digest::Digest,
    json,
    jwt::{self, AuthenticPayload},
    provider::{Provider, Trust},
    raw::{Kind, RawToken, SignedWith},
    revocation::in_time,
    verify::Verifier,
};
use crate::{
    danger::LegacyLogoutTokens,
    principal::{Map, Value},
};

/// The member of `events` that makes a token a logout token (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long ago a logout token without `exp` may have been issued.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);
/// How many logout tokens are remembered at least, so that none is taken twice.
const REMEMBERED: usize = 4096;

/// Takes logout tokens, and revokes what they name.
///
/// Clones remember the same tokens.
#[derive(Clone)]
pub struct Logouts {
    verifier: Arc<Verifier>,
    legacy: Option<LegacyLogoutTokens>,
    taken: Arc<Mutex<HashMap<Digest, SystemTime>>>,
}

impl Logouts {
    pub(super) fn new(verifier: &Arc<Verifier>) -> Self {
        Self { verifier: Arc::clone(verifier), legacy: None, taken: Arc::default() }
    }

    /// Takes logout tokens of older servers too; what that opens is said [there](LegacyLogoutTokens).
    #[must_use]
    pub fn accept_legacy(mut self, legacy: LegacyLogoutTokens) -> Self {
        self.legacy = Some(legacy);
        self
    }

    /// Verifies a logout token and revokes the session it names, or else everything its subject was issued
    /// until then.
    ///
    /// When this returns, tokens of that session are refused.
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`] when it is no logout token for us or was taken before (section 2.6), and
    /// [`TokenError::Undecided`] when that could not be found out or the revocation not be stored: then the
    /// issuer should send it again.
    pub async fn take(&self, token: &str) -> Result<(), TokenError> {
        let (provider, payload) = self.authenticate(token).await?;
        let now = provider.clock.now();
        let logout = Logout::check(&payload, &provider.expected, self.legacy.is_some(), now)?;
        let id = Digest::of(format!("{}\n{}", provider.expected.issuer, logout.token_id));
        if self.taken().get(&id).is_some_and(|until| now < *until) {
            return Err(Invalid::Replayed.into());
        }
        let revocations = provider.revocations.as_ref().ok_or(Undecided::Revocations)?;
        let revoked = in_time(revocations.revoke(logout.revocation)).await;
        revoked.map_err(|_| Undecided::Revocations)?;
        self.remember(id, logout.until, now);
        Ok(())
    }

    /// Checks the signature, as for any other token of the issuer.
    async fn authenticate(
        &self,
        presented: &str,
    ) -> Result<(Arc<Provider>, AuthenticPayload), TokenError> {
        if presented.len() > self.verifier.max_length {
            return Err(Invalid::TooLong.into());
        }
        let text = self.verifier.opened(presented)?;
        let raw = RawToken::parse(&text, self.verifier.max_length)?;
        match (raw.kind, self.legacy) {
            (Kind::Logout, _) | (Kind::Jwt, Some(_)) => {}
            _ => return Err(Invalid::NotLogoutToken.into()),
        }
        let claimed = raw.claimed()?;
        let provider = self.verifier.provider(&claimed)?;
        // Nothing is fetched for a token that is not for us.
        provider.expected.check_claimed(&claimed)?;
        let payload = match (&provider.trust, &raw.signed_with) {
            (
                Trust::Published { algorithms, keys },
                SignedWith::Published { algorithm, key_id },
            ) => {
                if !algorithms.contains(algorithm) {
                    return Err(Invalid::Algorithm.into());
                }
                let key_id = key_id.clone();
                let is_known = |current: &super::keys::Current| current.get(&key_id).is_some();
                if !keys.current().as_ref().is_some_and(is_known) {
                    keys.obtain(&key_id).await?;
                }
                let current = keys.current().filter(|current| !current.is_empty());
                let current = current.ok_or(Undecided::NoSigningKey)?;
                let key = current.get(&key_id).ok_or(Invalid::KeyUnknown)?;
                jwt::authenticate(raw, key)?
            }
            (Trust::Secret(secret), SignedWith::Secret) => {
                jwt::authenticate_with_secret(raw, secret)?
            }
            (Trust::Secret(_), SignedWith::Published { .. }) => {
                return Err(Invalid::Algorithm.into());
            }
            // Introspection is for access and refresh tokens only.
            (Trust::Published { .. }, SignedWith::Secret) | (Trust::Introspection, _) => {
                return Err(Invalid::SymmetricAlgorithm.into());
            }
        };
        Ok((Arc::clone(provider), payload))
    }

    fn remember(&self, id: Digest, until: SystemTime, now: SystemTime) {
        let mut taken = self.taken();
        if taken.len() >= REMEMBERED {
            // Only the issuer can fill this, and only with tokens that are soon over.
            taken.retain(|_, until| now < *until);
        }
        taken.insert(id, until);
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, SystemTime>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Logouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logouts").field("legacy", &self.legacy).finish_non_exhaustive()
    }
}

impl Authentik {
    /// What takes the logout tokens of these providers.
    ///
    /// ```
    /// use axum_authz::token::{Authentik, RevocationList};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), axum_authz::token::ConfigError> {
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
    ///     .audience("photos")
    ///     .revocations(RevocationList::default())
    ///     .build()?;
    /// assert!(authentik.logouts()?.take("not a token").await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When a provider has no store of [`Revocations`](super::Revocations), in which logouts could be recorded.
    pub fn logouts(&self) -> Result<Logouts, super::ConfigError> {
        let verifier = self.verifier();
        if verifier.providers.iter().any(|provider| provider.revocations.is_none()) {
            return Err(super::ConfigError::new(
                super::ConfigErrorKind::NoRevocations,
                "a logout has to be recorded somewhere; give a store with `revocations`",
            ));
        }
        Ok(Logouts::new(verifier))
    }
}

/// A logout token that holds. Only [`Logout::check`] makes one.
struct Logout {
    revocation: Revocation,
    token_id: Box<str>,
    /// Until when it could be taken again.
    until: SystemTime,
}

impl Logout {
    /// Section 2.6.
    fn check(
        payload: &AuthenticPayload,
        expected: &Expectations,
        is_legacy: bool,
        now: SystemTime,
    ) -> Result<Self, Invalid> {
        let all = json::object(payload.bytes())?;
        expected.check(&all)?;
        // An ID token has no `events`, and a logout token never has a `nonce`: so that neither is taken for the
        // other.
        let has_event = match all.get("events") {
            Some(Value::Map(events)) => matches!(events.get(EVENT), Some(Value::Map(_))),
            _ => false,
        };
        if !has_event || all.get("nonce").is_some() {
            return Err(Invalid::NotLogoutToken);
        }
        let issued_at = claims::time(&all, "iat")?.ok_or(Invalid::MissingClaim("iat"))?;
        if now.checked_add(expected.leeway).is_some_and(|latest| issued_at > latest) {
            return Err(Invalid::NotYetValid);
        }
        let end = match claims::time(&all, "exp")? {
            Some(end) => end,
            // Authentik writes it since 2025.8.2.
            None if is_legacy => issued_at.checked_add(MAX_AGE).unwrap_or(issued_at),
            None => return Err(Invalid::MissingClaim("exp")),
        };
        let until = end.checked_add(expected.leeway).unwrap_or(end);
        if until <= now {
            return Err(Invalid::Expired);
        }
        let token_id = named(&all, "jti")?.ok_or(Invalid::MissingClaim("jti"))?.into();
        let issuer = &expected.issuer;
        let revocation = match (named(&all, "sid")?, named(&all, "sub")?) {
            (Some(sid), _) => Revocation::session(issuer, sid),
            (None, Some(subject)) => Revocation::subject(issuer, subject, issued_at),
            (None, None) => return Err(Invalid::MissingClaim("sid")),
        };
        Ok(Self { revocation, token_id, until })
    }
}

/// A claim that names something if it is there: nothing is the session of nobody.
fn named<'a>(claims: &'a Map, name: &'static str) -> Result<Option<&'a str>, Invalid> {
    match claims::optional_text(claims, name)? {
        Some("") => Err(Invalid::Claim(name)),
        named => Ok(named),
    }
}

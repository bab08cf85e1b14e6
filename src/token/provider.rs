//! One issuer: what its tokens are held against, and how they are known to be genuine.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    Algorithm, Invalid, Lookup, Revocations, TokenIdentity,
    claims::{Claims, Expectations},
    clock::Clock,
    introspection::Introspector,
    keys::Keys,
    mapping::Mapping,
    revocation::in_time,
    secret::SharedSecret,
};
use crate::principal::{Ended, Lifetime};

/// One issuer. It does not change once built, the keys apart.
pub(super) struct Provider {
    pub(super) expected: Expectations,
    pub(super) trust: Trust,
    pub(super) introspector: Option<Arc<Introspector>>,
    pub(super) revocations: Option<Arc<dyn Revocations>>,
    pub(super) mapping: Mapping,
    pub(super) clock: Clock,
}

/// How a token of the issuer is known to be genuine. There is one way for each issuer, and the token has no say
/// in it.
pub(super) enum Trust {
    /// Signed with a key that the issuer publishes, and one of these algorithms.
    Published { algorithms: Vec<Algorithm>, keys: Arc<Keys> },
    /// Signed with HS256 and the client secret.
    Secret(SharedSecret),
    /// The issuer says so whenever it is asked. `Provider::introspector` is there.
    Introspection,
}

impl Provider {
    /// What can be found out without asking the issuer about whether a token is in force.
    pub(super) fn lookup(&self, token: &TokenIdentity) -> Lookup {
        self.revocations.as_ref().map_or(Lookup::Good, |revocations| revocations.lookup(token))
    }

    /// Whether the issuer's word is needed that `token` is in force.
    pub(super) fn asks_about(&self, token: &TokenIdentity) -> bool {
        match (&self.trust, &self.introspector) {
            (Trust::Introspection, _) => true,
            (_, Some(introspector)) => introspector.applies_to(token),
            (_, None) => false,
        }
    }

    /// Until when an answer that the issuer gives now is believed, by the monotonic clock.
    pub(super) fn believed_until(&self) -> Duration {
        let believed = self.introspector.as_ref().map_or(Duration::ZERO, |it| it.cache_for());
        self.clock.monotonic().saturating_add(believed)
    }

    /// Where tokens can be revoked, they have to say when they were issued, and to be over before their
    /// revocation is forgotten.
    pub(super) fn check_lifetime(&self, token: &TokenIdentity) -> Result<(), Invalid> {
        /// How far ahead the issuer's clock may be, whatever the leeway: `Revocations::retention` allows for it.
        const AHEAD: Duration = Duration::from_secs(300);
        let Some(revocations) = &self.revocations else { return Ok(()) };
        let issued_at = token.issued_at.ok_or(Invalid::MissingClaim("iat"))?;
        if self.clock.now().checked_add(AHEAD).is_some_and(|latest| issued_at > latest) {
            return Err(Invalid::NotYetValid);
        }
        let lifetime = token.lifetime().unwrap_or(Duration::MAX);
        if lifetime > revocations.retention() { Err(Invalid::Lifetime) } else { Ok(()) }
    }
}

/// The identity of a token with these claims.
pub(super) fn identity(claims: &Claims, issuer: &Arc<str>) -> TokenIdentity {
    TokenIdentity {
        issuer: Arc::clone(issuer),
        subject: claims.subject.clone(),
        client_id: claims.client_id.clone(),
        session_id: claims.session_id.clone(),
        token_id: claims.token_id.clone(),
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
    }
}

/// What a principal is told of the end of its token by.
pub(super) struct Session {
    pub(super) identity: Arc<TokenIdentity>,
    pub(super) provider: Arc<Provider>,
    pub(super) ends_at: SystemTime,
}

impl Lifetime for Session {
    fn ended(&self) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        let (identity, provider) = (Arc::clone(&self.identity), Arc::clone(&self.provider));
        let ends_at = self.ends_at;
        Box::pin(async move {
            let expired = std::pin::pin!(provider.clock.sleep_until(ends_at));
            let revoked = std::pin::pin!(revoked(&provider, &identity));
            tokio::select! {
                biased;
                ended = revoked => ended,
                () = expired => Ended::Expired,
            }
        })
    }

    fn has_ended(&self) -> Pin<Box<dyn Future<Output = Option<Ended>> + Send>> {
        let (identity, provider) = (Arc::clone(&self.identity), Arc::clone(&self.provider));
        let ends_at = self.ends_at;
        Box::pin(async move {
            let revoked = match &provider.revocations {
                Some(revocations) => looked_up(&**revocations, &identity).await,
                None => None,
            };
            // The answer may have taken a while.
            revoked.or_else(|| (ends_at <= provider.clock.now()).then_some(Ended::Expired))
        })
    }
}

/// Resolves when `token` is revoked, or when that cannot be found out.
async fn revoked(provider: &Provider, token: &TokenIdentity) -> Ended {
    let Some(revocations) = &provider.revocations else { return std::future::pending().await };
    loop {
        // Before the look-up, so that nothing can come between the two.
        let changed = revocations.changed();
        if let Some(ended) = looked_up(&**revocations, token).await {
            return ended;
        }
        changed.await;
    }
}

/// What the store says of `token` at this moment; nothing if it goes on.
async fn looked_up(revocations: &dyn Revocations, token: &TokenIdentity) -> Option<Ended> {
    match revocations.lookup(token) {
        Lookup::Good => None,
        Lookup::Revoked => Some(Ended::Revoked),
        Lookup::Later(answer) => match in_time(answer).await {
            Ok(false) => None,
            Ok(true) => Some(Ended::Revoked),
            Err(_) => Some(Ended::Undecided),
        },
    }
}

//! What can be said of the providers without asking them.

use std::time::{Duration, SystemTime};

use super::{
    Authentik, Undecided,
    provider::{Provider, Trust},
};

/// The state of the keys, for a readiness probe and for metrics; see [`Authentik::health`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Health {
    /// Each issuer, in the order in which they were given.
    pub issuers: Vec<IssuerHealth>,
    /// How many verified tokens are remembered.
    pub remembered_tokens: usize,
}

impl Health {
    /// Whether every issuer's tokens can be judged, as far as is known.
    ///
    /// `true` before the first token came, when nothing has been fetched yet: a probe that said otherwise would
    /// keep the first token away. Call [`Authentik::prepare`] to fetch before.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.issuers.iter().all(IssuerHealth::is_ready)
    }
}

/// The state of one issuer's keys.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuerHealth {
    /// The issuer, byte for byte as configured.
    pub issuer: Box<str>,
    /// How many keys for signatures it published when last asked; `None` before the first answer, and where
    /// none are used (HS256, introspection).
    pub keys: Option<usize>,
    /// How long ago that was.
    pub key_age: Option<Duration>,
    /// Whether these keys are still believed: up to [`max_key_age`](super::AuthentikBuilder::max_key_age).
    pub believed: bool,
    /// Why the last fetch failed, if it did, and when.
    pub last_error: Option<(SystemTime, Undecided)>,
}

impl IssuerHealth {
    /// Whether this issuer's tokens can be judged, as far as is known.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match (self.keys, &self.last_error) {
            (Some(keys), _) => keys > 0 && self.believed,
            (None, error) => error.is_none(),
        }
    }

    fn of(provider: &Provider) -> Self {
        let issuer = Box::from(&*provider.expected.issuer);
        let Trust::Published { keys, .. } = &provider.trust else {
            return Self { issuer, keys: None, key_age: None, believed: true, last_error: None };
        };
        let (key_age, count) = keys.age().unzip();
        Self {
            issuer,
            keys: count,
            key_age,
            believed: key_age.is_some_and(|age| keys.believes(age)),
            last_error: keys.failure().map(|failure| (failure.at, failure.reason)),
        }
    }
}

impl Authentik {
    /// What is known of the providers' keys. Nothing is fetched.
    ///
    /// ```
    /// # use axum_authz::token::Authentik;
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
    /// let health = authentik.health();
    /// assert!(health.is_ready());
    /// assert_eq!(health.issuers[0].key_age, None);
    /// # Ok::<(), axum_authz::token::ConfigError>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        let verifier = self.verifier();
        Health {
            issuers: verifier.providers.iter().map(|provider| IssuerHealth::of(provider)).collect(),
            remembered_tokens: verifier.cache.len(),
        }
    }

    /// Fetches the keys of every provider that has none in memory, for services that would rather not start
    /// than start without.
    ///
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// Why the keys of one of them cannot be had.
    pub async fn prepare(&self) -> Result<(), Undecided> {
        for provider in &self.verifier().providers {
            if let Trust::Published { keys, .. } = &provider.trust {
                keys.prepare().await?;
            }
        }
        Ok(())
    }
}

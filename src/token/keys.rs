//! The provider's keys in memory: when they are fetched, how long they are believed.
//!
//! A snapshot of the key set hangs on an [`ArcSwapOption`]; looking up a known key reads it and does nothing
//! else. Everything that fetches goes through one [`Mutex`], whose guard moves into the fetching task:
//! whoever comes later waits for that task's result, and no one who stops waiting can stop the fetch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwapOption, Guard};
use reqwest::Client;
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard},
};

use super::{
    ConfigError, Undecided, clock::Clock, discovery::KeySource, fetch, jwks::KeySet,
    jwt::VerificationKey,
};

/// When keys are fetched and how long they are believed.
#[derive(Debug, Clone)]
pub(super) struct Freshness {
    /// The least time between two fetches that unknown keys caused.
    pub(super) refetch_interval: Duration,
    /// The age at which known keys are fetched anew in the background, so that a key the provider has
    /// withdrawn stops working.
    pub(super) refresh_after: Duration,
    /// The age at which keys are no longer believed when the provider cannot be reached.
    pub(super) max_age: Duration,
}

/// The least time between a failed fetch and the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// The least time between two refreshes in the background.
const REFRESH_INTERVAL: Duration = Duration::from_secs(30);

/// The keys of one provider. Shared by all clones of its configuration.
pub(super) struct Keys {
    issuer: Arc<str>,
    source: KeySource,
    client: Client,
    freshness: Freshness,
    clock: Clock,
    snapshot: ArcSwapOption<Snapshot>,
    /// When the next refresh may start, in milliseconds of the monotonic clock.
    next_refresh: AtomicU64,
    flight: Arc<Mutex<History>>,
}

/// A key set and when it was fetched.
pub(super) struct Snapshot {
    keys: KeySet,
    fetched_at: Duration,
}

/// What past fetches mean for the next one. Its lock is the right to fetch.
#[derive(Default)]
struct History {
    /// The last fetch that an unknown key caused and that succeeded.
    refetched_at: Option<Duration>,
    /// The last fetch, when it failed.
    failure: Option<(Duration, Undecided)>,
}

impl Keys {
    pub(super) fn new(
        issuer: Arc<str>,
        source: KeySource,
        freshness: Freshness,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        let client = fetch::client(source.url())?;
        Ok(Self {
            issuer,
            source,
            client,
            freshness,
            clock,
            snapshot: ArcSwapOption::empty(),
            next_refresh: AtomicU64::new(0),
            flight: Arc::default(),
        })
    }

    /// The keys in memory, when there are any that may still be believed. Never waits.
    pub(super) fn current(self: &Arc<Self>) -> Option<Current> {
        let guard = self.snapshot.load();
        let age = self.clock.monotonic().saturating_sub(guard.as_ref()?.fetched_at);
        if age >= self.freshness.refresh_after {
            self.refresh();
        }
        (age < self.freshness.max_age).then_some(Current(guard))
    }

    /// Fetches keys for a token whose key, `id`, is not in memory, unless that was done just now.
    ///
    /// Many may call this at once: one fetch serves all of them. Afterwards the keys in memory are as recent
    /// as they are going to be; whether `id` is among them is for the caller to see.
    pub(super) async fn obtain(self: &Arc<Self>, id: &str) -> Result<(), Undecided> {
        let flight = Arc::clone(&self.flight).lock_owned().await;
        // Whoever held the lock before may have brought the key.
        let current = self.current();
        let known = current.as_ref().map(|current| current.get(id).is_some());
        drop(current);
        let now = self.clock.monotonic();
        let within = |then: Duration, interval| now.saturating_sub(then) < interval;
        match (known, &*flight) {
            (Some(true), _) => return Ok(()),
            (_, History { failure: Some((at, undecided)), .. }) if within(*at, RETRY_INTERVAL) => {
                return Err(*undecided);
            }
            (Some(false), History { refetched_at: Some(at), .. })
                if within(*at, self.freshness.refetch_interval) =>
            {
                return Ok(());
            }
            _ => {}
        }
        // The first fetch of all does not count: a key that is rotated right after it is found at once.
        let cause = if known.is_some() { Cause::UnknownKey } else { Cause::NoKeys };
        let task = tokio::spawn(Arc::clone(self).fetch(flight, cause));
        task.await.unwrap_or(Err(Undecided::Unavailable))
    }

    /// Starts to fetch in the background. Of many callers one does it; none waits.
    fn refresh(self: &Arc<Self>) {
        let now = millis(self.clock.monotonic());
        let next = self.next_refresh.load(Ordering::Relaxed);
        let after = now.saturating_add(millis(REFRESH_INTERVAL));
        let claimed = now >= next
            && self
                .next_refresh
                .compare_exchange(next, after, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if claimed
            && let Ok(runtime) = Handle::try_current()
            && let Ok(flight) = Arc::clone(&self.flight).try_lock_owned()
        {
            runtime.spawn(Arc::clone(self).fetch(flight, Cause::Age));
        }
    }

    async fn fetch(
        self: Arc<Self>,
        mut flight: OwnedMutexGuard<History>,
        cause: Cause,
    ) -> Result<(), Undecided> {
        let result = self.fetch_key_set().await;
        let now = self.clock.monotonic();
        match result {
            Ok(keys) => {
                tracing::info!(
                    target: "axum_authz::token", issuer = &*self.issuer, keys = keys.len(), ?cause,
                    "signing keys fetched"
                );
                self.snapshot.store(Some(Arc::new(Snapshot { keys, fetched_at: now })));
                flight.failure = None;
                if matches!(cause, Cause::UnknownKey) {
                    flight.refetched_at = Some(now);
                }
                Ok(())
            }
            Err(undecided) => {
                flight.failure = Some((now, undecided));
                Err(undecided)
            }
        }
    }

    async fn fetch_key_set(&self) -> Result<KeySet, Undecided> {
        let url = self.source.key_set_url(&self.client, &self.issuer).await?;
        let keys = KeySet::parse(&fetch::document(&self.client, &url).await?)?;
        if keys.is_empty() {
            tracing::error!(
                target: "axum_authz::token", %url,
                "the provider publishes no key to verify with; choose a signing key for it in Authentik"
            );
        }
        Ok(keys)
    }
}

/// Why keys are fetched.
#[derive(Debug, Clone, Copy)]
enum Cause {
    NoKeys,
    UnknownKey,
    Age,
}

/// The keys in memory at one moment.
pub(super) struct Current(Guard<Option<Arc<Snapshot>>>);

impl Current {
    pub(super) fn get(&self, id: &str) -> Option<&VerificationKey> {
        self.0.as_ref()?.keys.get(id)
    }

    /// Whether the provider published no usable key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|snapshot| snapshot.keys.is_empty())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! The provider's keys in memory: when they are fetched, how long they are believed.
//!
//! A snapshot of the key set hangs on an [`ArcSwapOption`]; looking up a known key reads it and does nothing
//! else. There is one fetch at a time, in a task of its own: whoever comes while it goes on waits for its
//! result, and no one who stops waiting stops it. No lock is held meanwhile.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::{ArcSwapOption, Guard};
use reqwest::Client;
use tokio::runtime::Handle;

use super::{
    ConfigError, Undecided,
    clock::Clock,
    digest::Digest,
    discovery::KeySource,
    fetch,
    fetch_history::{Cause, History},
    flights::{Answered, Ask, Flights},
    jwks::KeySet,
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

/// The least time between two refreshes in the background.
const REFRESH_INTERVAL: Duration = Duration::from_secs(30);
/// How long keys that are due for a refresh are used without one: it goes on in the background, while nobody waits.
const REFRESH_WITHIN: Duration = Duration::from_secs(60);
/// How long after a failed fetch the provider counts as down, so that old keys are used without asking it before.
const DOWN_FOR: Duration = Duration::from_secs(5 * 60);

/// How many fetches of others somebody waits for before taking what there is.
const TURNS: usize = 4;

/// The keys of one provider. Shared by all clones of its configuration.
pub(super) struct Keys {
    issuer: Arc<str>,
    source: KeySource,
    client: Client,
    freshness: Freshness,
    clock: Clock,
    snapshot: ArcSwapOption<Snapshot>,
    /// The last fetch, when it failed.
    failure: ArcSwapOption<Failure>,
    /// When the next refresh may start, in milliseconds of the monotonic clock.
    next_refresh: AtomicU64,
    history: Mutex<History>,
    flights: Arc<Flights<(), Result<(), Undecided>>>,
}

/// A key set and when it was fetched.
struct Snapshot {
    keys: KeySet,
    /// Of the document.
    digest: Digest,
    /// Grows with each document that differs from the one before: what was verified with the keys of another
    /// generation has to be verified again.
    generation: u64,
    fetched_at: Duration,
}

/// A fetch that failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    pub(super) at: SystemTime,
    /// By the monotonic clock.
    since: Duration,
    pub(super) reason: Undecided,
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
            failure: ArcSwapOption::empty(),
            next_refresh: AtomicU64::new(0),
            history: Mutex::default(),
            flights: Arc::default(),
        })
    }

    /// The keys in memory, when there are any that may still be believed. Never waits.
    ///
    /// Old ones are for outages: when nobody came for a while, the provider has to be asked first, because it
    /// may have withdrawn a key in the meantime.
    pub(super) fn current(self: &Arc<Self>) -> Option<Current> {
        let guard = self.snapshot.load();
        let now = self.clock.monotonic();
        let age = now.saturating_sub(guard.as_ref()?.fetched_at);
        if age >= self.freshness.refresh_after {
            self.refresh();
        }
        let is_recent = age < self.freshness.refresh_after.saturating_add(REFRESH_WITHIN);
        let is_down = |failure: Failure| now.saturating_sub(failure.since) < DOWN_FOR;
        let is_believed = self.believes(age) && (is_recent || self.failure().is_some_and(is_down));
        is_believed.then_some(Current(guard))
    }

    /// Fetches keys for a token whose key, `id`, is not in memory, unless that was done just now.
    ///
    /// Many may call this at once: one fetch serves all of them. Afterwards the keys in memory are as recent
    /// as they are going to be; whether `id` is among them is for the caller to see.
    pub(super) async fn obtain(self: &Arc<Self>, id: &str) -> Result<(), Undecided> {
        let ask = || match self.needs(id) {
            Ok(cause) => Ask::Out(Arc::clone(self).fetch(cause, Some(id.into()))),
            Err(answer) => Ask::Known(answer),
        };
        for _ in 0..TURNS {
            match self.flights.join((), ask).await {
                Some(Answered::Known(answer)) => return answer,
                Some(Answered::Own(fetched)) => {
                    // Now that the provider is known to be down, old keys may do.
                    let is_known = || self.current().is_some_and(|it| it.get(id).is_some());
                    return fetched.or_else(|reason| if is_known() { Ok(()) } else { Err(reason) });
                }
                // It may have begun before this key was there.
                Some(Answered::Shared(_)) => {}
                None => return Err(Undecided::Unavailable),
            }
        }
        Ok(())
    }

    /// Why the keys have to be fetched for one that is not in memory; or else what there is to say without.
    fn needs(self: &Arc<Self>, id: &str) -> Result<Cause, Result<(), Undecided>> {
        let known = self.current().map(|current| current.get(id).is_some());
        let now = self.clock.monotonic();
        self.history().needs(id, known, now, self.freshness.refetch_interval)
    }

    /// Fetches keys unless there are some that may be believed.
    pub(super) async fn prepare(self: &Arc<Self>) -> Result<(), Undecided> {
        let has_keys = || self.current().is_some_and(|current| !current.is_empty());
        let ask = || match has_keys() {
            true => Ask::Known(Ok(())),
            false => Ask::Out(Arc::clone(self).fetch(Cause::NoKeys, None)),
        };
        let fetched = self.flights.join((), ask).await;
        fetched.map_or(Err(Undecided::Unavailable), Answered::into_inner)?;
        if has_keys() { Ok(()) } else { Err(Undecided::NoSigningKey) }
    }

    /// How old the keys in memory are and how many, whether or not they may still be believed.
    pub(super) fn age(&self) -> Option<(Duration, usize)> {
        let snapshot = self.snapshot.load();
        let snapshot = snapshot.as_ref()?;
        let age = self.clock.monotonic().saturating_sub(snapshot.fetched_at);
        Some((age, snapshot.keys.len()))
    }

    /// Whether keys of this age may still be believed.
    pub(super) fn believes(&self, age: Duration) -> bool {
        age < self.freshness.max_age
    }

    /// The last fetch, when it failed.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.load().as_deref().copied()
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
        if claimed && let Ok(runtime) = Handle::try_current() {
            let keys = Arc::clone(self);
            runtime.spawn(async move {
                let ask = || Ask::Out(Arc::clone(&keys).fetch(Cause::Age, None));
                keys.flights.join((), ask).await
            });
        }
    }

    async fn fetch(
        self: Arc<Self>,
        cause: Cause,
        wanted: Option<Box<str>>,
    ) -> Result<(), Undecided> {
        let result = self.fetch_key_set().await;
        let now = self.clock.monotonic();
        let mut history = self.history();
        match result {
            Ok((keys, digest)) => {
                tracing::info!(
                    target: "axum_authz::token", issuer = &*self.issuer, keys = keys.len(), ?cause,
                    "signing keys fetched"
                );
                history.succeeded(cause, now, wanted, |name| keys.get(name).is_some());
                let generation = match self.snapshot.load().as_deref() {
                    None => 0,
                    Some(last) if last.digest == digest => last.generation,
                    Some(last) => last.generation.wrapping_add(1),
                };
                let snapshot = Snapshot { keys, digest, generation, fetched_at: now };
                self.snapshot.store(Some(Arc::new(snapshot)));
                self.failure.store(None);
                Ok(())
            }
            Err(reason) => {
                let at = self.clock.now();
                self.failure.store(Some(Arc::new(Failure { at, since: now, reason })));
                history.failed(now, reason);
                Err(reason)
            }
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch_key_set(&self) -> Result<(KeySet, Digest), Undecided> {
        let url = self.source.key_set_url(&self.client, &self.issuer).await?;
        let document = fetch::document(&self.client, &url).await?;
        let keys = KeySet::parse(&document).inspect_err(|_| {
            tracing::error!(target: "axum_authz::token", %url, "not a key set");
        })?;
        if keys.is_empty() {
            tracing::error!(
                target: "axum_authz::token", %url,
                "this provider has no signing key (it signs with HS256); choose one for it in Authentik, or give its \
                 client secret with `client_secret_signing`"
            );
        }
        Ok((keys, Digest::of(&document)))
    }
}

/// The keys in memory at one moment.
pub(super) struct Current(Guard<Option<Arc<Snapshot>>>);

impl Current {
    pub(super) fn get(&self, id: &str) -> Option<&VerificationKey> {
        self.0.as_ref()?.keys.get(id)
    }

    /// The generation of these keys.
    pub(super) fn generation(&self) -> u64 {
        self.0.as_ref().map_or(0, |snapshot| snapshot.generation)
    }

    /// Whether the provider published no usable key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|snapshot| snapshot.keys.is_empty())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! Verified tokens, remembered: a token that was verified before costs no signature check.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use quick_cache::{UnitWeighter, sync::DefaultLifecycle};

use super::{
    fingerprint::{AsIs, Fingerprint},
    provider::Provider,
    verify::Verified,
};

/// What is known of tokens, by the fingerprint of their text. What has none is not remembered.
///
/// Bounded: who comes makes room by pushing out what was used least. What is read from it has to be held
/// against the token's end, the keys in use, and the time for which an answer of the issuer is believed:
/// `Verifier::remembered` does.
pub(super) struct Cache(Option<Remembering>);

type Remembering = quick_cache::sync::Cache<Fingerprint, Entry, UnitWeighter, AsIs>;

#[derive(Clone)]
pub(super) enum Entry {
    /// Verified, and in force when last asked.
    Good(Arc<Remembered>),
    /// The provider said that it is not in force; believed until then, by the monotonic clock.
    Inactive(Arc<Provider>, Duration),
}

/// A verified token, and what that rests on.
pub(super) struct Remembered {
    pub(super) verified: Arc<Verified>,
    pub(super) provider: Arc<Provider>,
    /// The generation of the keys it was verified with.
    pub(super) generation: u64,
    /// `exp` with the leeway.
    pub(super) ends_at: SystemTime,
    /// Until when the provider's word that it is in force is believed, by the monotonic clock.
    pub(super) active_until: Duration,
}

impl Remembered {
    /// Whether the issuer has to be asked (again) whether the token is in force.
    pub(super) fn needs_word(&self) -> bool {
        self.provider.asks_about(self.verified.identity())
            && self.provider.clock.monotonic() >= self.active_until
    }

    /// The same token, with the issuer's word that is believed until then.
    pub(super) fn believed(&self, active_until: Duration) -> Self {
        Self {
            verified: Arc::clone(&self.verified),
            provider: Arc::clone(&self.provider),
            generation: self.generation,
            ends_at: self.ends_at,
            active_until,
        }
    }
}

impl Cache {
    pub(super) fn new(entries: usize) -> Self {
        let remembering = || {
            let (weighter, lifecycle) = (UnitWeighter, DefaultLifecycle::default());
            Remembering::with(entries, entries as u64, weighter, AsIs::default(), lifecycle)
        };
        Self((entries > 0).then(remembering))
    }

    pub(super) fn get(&self, of: Option<Fingerprint>) -> Option<Entry> {
        self.0.as_ref()?.get(&of?)
    }

    pub(super) fn insert(&self, of: Option<Fingerprint>, entry: Entry) {
        if let (Some(cache), Some(fingerprint)) = (&self.0, of) {
            cache.insert(fingerprint, entry);
        }
    }

    pub(super) fn remove(&self, of: Option<Fingerprint>) {
        if let (Some(cache), Some(fingerprint)) = (&self.0, of) {
            cache.remove(&fingerprint);
        }
    }

    pub(super) fn capacity(&self) -> usize {
        let capacity = self.0.as_ref().map_or(0, quick_cache::sync::Cache::capacity);
        usize::try_from(capacity).unwrap_or(usize::MAX)
    }

    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, quick_cache::sync::Cache::len)
    }
}

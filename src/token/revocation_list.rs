//! Revocations in the memory of one process.
//!
//! Readers take no lock: each of the shards is a map that is replaced as a whole. A revocation copies one
//! shard, which is the 256th part of what is kept.

use std::{
    collections::HashMap,
    fmt,
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::{
    Lookup, Revocation, Revocations, StoreFuture, StoreUnavailable, TokenIdentity, clock::Clock,
    revocation::Target,
};

const SHARDS: usize = 256;
const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// On top of the retention: twice the greatest leeway, because two clocks are involved.
const GRACE: Duration = Duration::from_secs(2 * 300);

/// A store of revocations in memory. Clones share what is revoked.
///
/// It is empty after a restart, and other processes do not see it: for more than one, implement [`Revocations`].
///
/// ```
/// use std::time::Duration;
/// use axum_authz::token::{Authentik, Revocation, RevocationList, Revocations};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const ISSUER: &str = "https://id.example.org/application/o/photos/";
/// // In Authentik, no access token is valid for longer than this.
/// let revocations = RevocationList::new(Duration::from_secs(2 * 60 * 60));
/// let authentik = Authentik::issuer(ISSUER).audience("photos").revocations(revocations.clone()).build()?;
///
/// revocations.revoke(Revocation::session(ISSUER, "5f2c..")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RevocationList(Arc<Inner>);

struct Inner {
    shards: Box<[ArcSwap<Shard>]>,
    hasher: foldhash::fast::RandomState,
    kept: AtomicUsize,
    retention: Duration,
    changed: Arc<Notify>,
    clock: Clock,
}

/// What is revoked, by the value of the claim it goes by.
type Shard = HashMap<Box<str>, Vec<Entry>, foldhash::fast::RandomState>;

#[derive(Clone)]
struct Entry {
    revocation: Revocation,
    /// By the monotonic clock.
    until: Duration,
}

impl RevocationList {
    /// Keeps each revocation for this time: as long as Authentik's access tokens are valid, or longer. Tokens
    /// that live longer are refused.
    #[must_use]
    pub fn new(retention: Duration) -> Self {
        Self::with_clock(retention, Clock::System)
    }

    /// Takes the time from `clock`.
    #[cfg(feature = "test-kit")]
    #[must_use]
    pub fn on_clock(retention: Duration, clock: &super::TestClock) -> Self {
        Self::with_clock(retention, Clock::Manual(clock.clone()))
    }

    fn with_clock(retention: Duration, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            shards: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
            hasher: foldhash::fast::RandomState::default(),
            kept: AtomicUsize::new(0),
            retention,
            changed: Arc::default(),
            clock,
        }))
    }

    /// How many revocations are kept. Those that are over count until others take their place.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.kept.load(Ordering::Relaxed)
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for RevocationList {
    /// Keeps revocations for a day.
    fn default() -> Self {
        Self::new(RETENTION)
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("kept", &self.len()).finish_non_exhaustive()
    }
}

impl Inner {
    fn shard(&self, value: &str) -> Option<&ArcSwap<Shard>> {
        let hash = self.hasher.hash_one(value);
        self.shards.get(usize::try_from(hash % SHARDS as u64).unwrap_or_default())
    }

    fn is_revoked(&self, token: &TokenIdentity) -> bool {
        let values = [token.session_id(), token.token_id(), Some(token.subject())];
        values.into_iter().flatten().any(|value| {
            let Some(shard) = self.shard(value) else { return false };
            let shard = shard.load();
            let entries = shard.get(value).map(Vec::as_slice).unwrap_or_default();
            entries.iter().any(|entry| entry.revocation.covers(token))
        })
    }

    fn revoke(&self, revocation: &Revocation) {
        let now = self.clock.monotonic();
        let until = now.saturating_add(self.retention).saturating_add(GRACE);
        let value = revocation.claim().1;
        let Some(shard) = self.shard(value) else { return };
        let mut change = (0, 0);
        // Never less than there are, not for a moment: whoever sees none does not look.
        self.kept.fetch_add(1, Ordering::Release);
        shard.rcu(|shard| {
            let before: usize = shard.values().map(Vec::len).sum();
            let mut next = Shard::clone(shard);
            // Whatever is over is thrown away by those who come: there is no one else to do it.
            next.retain(|_, entries| {
                entries.retain(|entry| entry.until > now);
                !entries.is_empty()
            });
            let entries = next.entry(value.into()).or_default();
            entries.retain(|entry| !replaces(revocation, &entry.revocation));
            let keeps = entries.iter().any(|entry| replaces(&entry.revocation, revocation));
            if !keeps {
                entries.push(Entry { revocation: revocation.clone(), until });
            }
            change = (before, next.values().map(Vec::len).sum());
            next
        });
        let (before, after) = change;
        self.kept.fetch_sub((before + 1_usize).saturating_sub(after), Ordering::Release);
        self.changed.notify_waiters();
    }
}

/// Whether everything that `old` revokes is revoked by `new`.
fn replaces(new: &Revocation, old: &Revocation) -> bool {
    match (&new.target, &old.target) {
        (
            Target::Subject { subject, issued_until },
            Target::Subject { subject: other, issued_until: earlier },
        ) => new.issuer == old.issuer && subject == other && issued_until >= earlier,
        _ => new == old,
    }
}

impl Revocations for RevocationList {
    fn lookup(&self, token: &TokenIdentity) -> Lookup {
        if self.0.kept.load(Ordering::Acquire) == 0 || !self.0.is_revoked(token) {
            return Lookup::Good;
        }
        Lookup::Revoked
    }

    fn revoke(&self, revocation: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        self.0.revoke(&revocation);
        Box::pin(std::future::ready(Ok(())))
    }

    fn retention(&self) -> Duration {
        self.0.retention
    }

    fn changed(&self) -> StoreFuture<()> {
        Box::pin(Arc::clone(&self.0.changed).notified_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const ISSUER: &str = "https://id.example.org/application/o/photos/";
    const HOUR: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn token(issuer: &str, sub: &str, sid: &str, jti: &str, issued_at: u64) -> TokenIdentity {
        TokenIdentity {
            issuer: issuer.into(),
            subject: sub.into(),
            client_id: None,
            session_id: Some(sid.into()),
            token_id: Some(jti.into()),
            issued_at: Some(at(issued_at)),
            expires_at: at(issued_at) + HOUR,
        }
    }

    fn revoked(list: &RevocationList, token: &TokenIdentity) -> bool {
        matches!(list.lookup(token), Lookup::Revoked)
    }

    #[test]
    fn each_kind_of_revocation_covers_its_own_claim_only() {
        for (revocation, hit) in [
            (Revocation::session(ISSUER, "x"), [true, false, false]),
            (Revocation::token(ISSUER, "x"), [false, true, false]),
            (Revocation::subject(ISSUER, "x", at(10)), [false, false, true]),
        ] {
            let list = RevocationList::default();
            list.0.revoke(&revocation);
            let tokens = [
                token(ISSUER, "s", "x", "j", 5),
                token(ISSUER, "s", "i", "x", 5),
                token(ISSUER, "x", "i", "j", 5),
            ];
            assert_eq!(tokens.map(|token| revoked(&list, &token)), hit, "{revocation:?}");
            let elsewhere = token("https://other.example.org/", "x", "x", "x", 5);
            assert!(!revoked(&list, &elsewhere), "{revocation:?}");
        }
    }

    #[test]
    fn a_login_after_a_subject_was_revoked_is_good() {
        let list = RevocationList::default();
        list.0.revoke(&Revocation::subject(ISSUER, "alice", at(100)));
        // One that came late does not take back the earlier one, and the other way round.
        list.0.revoke(&Revocation::subject(ISSUER, "alice", at(50)));
        assert_eq!(list.len(), 1);
        assert!(revoked(&list, &token(ISSUER, "alice", "i", "j", 100)));
        assert!(!revoked(&list, &token(ISSUER, "alice", "i", "j", 101)));
        let mut undated = token(ISSUER, "alice", "i", "j", 101);
        undated.issued_at = None;
        assert!(revoked(&list, &undated));
    }

    #[cfg(feature = "test-kit")]
    #[test]
    fn what_is_kept_longer_than_any_token_lives_makes_room() {
        let clock = super::super::TestClock::new();
        let list = RevocationList::on_clock(HOUR, &clock);
        for n in 0..1000 {
            list.0.revoke(&Revocation::session(ISSUER, &n.to_string()));
        }
        assert_eq!(list.len(), 1000);
        clock.advance(HOUR);
        assert!(revoked(&list, &token(ISSUER, "s", "7", "j", 5)));
        clock.advance(GRACE);
        for n in 0..4000 {
            list.0.revoke(&Revocation::session(ISSUER, &format!("next {n}")));
        }
        assert_eq!(list.len(), 4000);
    }

    #[tokio::test]
    async fn whoever_waits_is_told_of_what_is_revoked_after_the_call() {
        let list = RevocationList::default();
        let changed = list.changed();
        list.revoke(Revocation::session(ISSUER, "x")).await.unwrap();
        changed.await;
    }

    #[test]
    fn debug_shows_no_one() {
        let text = format!("{:?}", Revocation::subject(ISSUER, "alice", at(1)));
        assert!(!text.contains("alice"), "{text}");
    }
}

//! What past fetches of keys mean for the next one.

use std::{collections::VecDeque, time::Duration};

use super::Undecided;

/// The least time between a failed fetch and the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How long a key that the provider did not publish is not asked for again.
const MISSING_FOR: Duration = Duration::from_secs(30);
/// How many such keys are remembered.
const MISSING: usize = 64;

/// Why keys are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There are none that may be believed.
    NoKeys,
    /// A token names one that is not there.
    UnknownKey,
    /// They are due.
    Age,
}

/// What past fetches mean for the next one. Times are those of the monotonic clock.
#[derive(Default)]
pub(super) struct History {
    /// The last fetch that an unknown key caused and that succeeded.
    refetched_at: Option<Duration>,
    /// The last fetch, when it failed.
    failure: Option<(Duration, Undecided)>,
    /// Keys that were not there when last looked for, oldest first.
    missing: VecDeque<(Box<str>, Duration)>,
}

impl History {
    /// Why keys have to be fetched for the key `id`; or else what there is to say without. `known` is whether
    /// it is among the keys in memory, when there are any.
    pub(super) fn needs(
        &self,
        id: &str,
        known: Option<bool>,
        now: Duration,
        refetch_interval: Duration,
    ) -> Result<Cause, Result<(), Undecided>> {
        let within = |then: Duration, interval| now.saturating_sub(then) < interval;
        match (known, self.failure, self.refetched_at) {
            (Some(true), ..) => Err(Ok(())),
            (_, Some((at, undecided)), _) if within(at, RETRY_INTERVAL) => Err(Err(undecided)),
            (Some(false), _, Some(at)) if within(at, refetch_interval) => Err(Ok(())),
            (Some(false), ..) if self.is_missing(id, |at| within(at, MISSING_FOR)) => Err(Ok(())),
            (Some(false), ..) => Ok(Cause::UnknownKey),
            // The first fetch of all does not count: a key that is rotated right after it is found at once.
            (None, ..) => Ok(Cause::NoKeys),
        }
    }

    fn is_missing(&self, id: &str, lately: impl Fn(Duration) -> bool) -> bool {
        self.missing.iter().any(|(name, at)| **name == *id && lately(*at))
    }

    /// Keys were fetched, for the sake of `wanted` if there was one; `published` says whether a key is among them.
    pub(super) fn succeeded(
        &mut self,
        cause: Cause,
        now: Duration,
        wanted: Option<Box<str>>,
        published: impl Fn(&str) -> bool,
    ) {
        self.failure = None;
        if cause == Cause::UnknownKey {
            self.refetched_at = Some(now);
        }
        self.missing.retain(|(name, _)| !published(name));
        if let Some(name) = wanted.filter(|name| !published(name)) {
            while self.missing.len() >= MISSING {
                self.missing.pop_front();
            }
            self.missing.push_back((name, now));
        }
    }

    /// A fetch failed.
    pub(super) fn failed(&mut self, now: Duration, reason: Undecided) {
        self.failure = Some((now, reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Duration = Duration::from_secs(5);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_failure_counts_for_a_second() {
        let mut history = History::default();
        history.failed(at(10), Undecided::Unavailable);
        let needs = |known, now| history.needs("a", known, now, FLOOR);
        assert_eq!(needs(None, at(10)), Err(Err(Undecided::Unavailable)));
        assert_eq!(needs(Some(false), at(10)), Err(Err(Undecided::Unavailable)));
        assert_eq!(needs(Some(true), at(10)), Err(Ok(())));
        assert_eq!(needs(None, at(11)), Ok(Cause::NoKeys));
    }

    #[test]
    fn what_is_missing_makes_room_for_what_is_missed_later() {
        let mut history = History::default();
        for number in 0..=MISSING {
            history.succeeded(Cause::Age, at(10), Some(number.to_string().into()), |_| false);
        }
        let needs = |id, now| history.needs(id, Some(false), now, FLOOR);
        assert_eq!(needs("0", at(11)), Ok(Cause::UnknownKey));
        assert_eq!(needs("1", at(11)), Err(Ok(())));
        assert_eq!(needs("1", at(40)), Ok(Cause::UnknownKey));
        history.succeeded(Cause::UnknownKey, at(50), None, |name| name == "2");
        assert_eq!(history.missing.len(), MISSING - 1);
    }
}

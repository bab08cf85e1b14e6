//! What time it is. Tests set it.

#[cfg(feature = "test-kit")]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};

/// Where the time comes from.
#[derive(Debug, Clone)]
pub(crate) enum Clock {
    /// The machine's clocks.
    System,
    /// A clock that a test moves.
    #[cfg(feature = "test-kit")]
    Manual(TestClock),
}

impl Clock {
    /// The time of day, to judge `exp` and `nbf` by.
    pub(crate) fn now(&self) -> SystemTime {
        match self {
            Self::System => SystemTime::now(),
            #[cfg(feature = "test-kit")]
            Self::Manual(clock) => clock.now(),
        }
    }

    /// Resolves when [`now`](Self::now) is `time` or later.
    pub(crate) async fn sleep_until(&self, time: SystemTime) {
        /// A clock that is set, or a machine that sleeps, is noticed after this time.
        const AT_MOST: Duration = Duration::from_secs(60);
        while let Some(left) = time.duration_since(self.now()).ok().filter(|left| !left.is_zero()) {
            match self {
                Self::System => tokio::time::sleep(left.min(AT_MOST)).await,
                #[cfg(feature = "test-kit")]
                Self::Manual(clock) => clock.moved_until(time).await,
            }
        }
    }

    /// Time since some fixed instant. It never goes back, so intervals are measured with it.
    pub(crate) fn monotonic(&self) -> Duration {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        match self {
            Self::System => ORIGIN.elapsed(),
            #[cfg(feature = "test-kit")]
            Self::Manual(clock) => clock.elapsed(),
        }
    }
}

/// A clock that stands still until it is told to move. Clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use axum_authz::test::TestClock;
///
/// let clock = TestClock::new();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), before + Duration::from_secs(60));
/// ```
#[cfg(feature = "test-kit")]
#[derive(Debug, Clone)]
pub struct TestClock {
    start: SystemTime,
    elapsed_nanos: Arc<AtomicU64>,
    moved: Arc<tokio::sync::Notify>,
}

#[cfg(feature = "test-kit")]
impl TestClock {
    /// A clock that shows the present time.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemTime::now())
    }

    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: SystemTime) -> Self {
        Self { start, elapsed_nanos: Arc::default(), moved: Arc::default() }
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.start + self.elapsed()
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.elapsed_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Resolves when it shows `time` or later.
    async fn moved_until(&self, time: SystemTime) {
        loop {
            let moved = self.moved.notified();
            if self.now() >= time {
                return;
            }
            moved.await;
        }
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.elapsed_nanos.load(Ordering::Relaxed))
    }
}

#[cfg(feature = "test-kit")]
impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

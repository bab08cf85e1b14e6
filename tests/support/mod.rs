//! What the tests of this crate's HTTP side share.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::{
    io,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use axum_authz::policies::{Policies, Source};
use tracing_subscriber::fmt::MakeWriter;

/// Users may view and create albums, owners may edit theirs, nobody may delete one, and whether one may be
/// exported takes too long to say.
pub(crate) const ALBUM: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: ["view", "create"]
      effect: EFFECT_ALLOW
      roles: ["user"]
    - actions: ["edit"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          expr: R.attr.owner == P.id && R.id == "1" && !has(R.attr.frozen)
    - actions: ["export"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          expr: >-
            [0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c,
            [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2,3,4,5,6,7,8,9].all(f,
            [0,1,2,3,4,5,6,7,8,9].all(g, P.id != "")))))))
"#;

pub(crate) fn policies() -> Policies {
    Policies::from_sources([Source::new("album.yaml", ALBUM)]).unwrap()
}

/// Everything logged by the current thread, as text.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Collects until the guard is dropped.
    pub(crate) fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        /// While there is one subscriber only, an event that a thread without one comes upon first is off for
        /// good. So there is always another.
        static SECOND: LazyLock<tracing::Dispatch> =
            LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));
        LazyLock::force(&SECOND);
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The one line that contains `words`.
    pub(crate) fn line(&self, words: &str) -> String {
        let text = self.text();
        let mut lines = text.lines().filter(|line| line.contains(words));
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_owned(),
            _ => panic!("not exactly one line with `{words}` in\n{text}"),
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What a future says when it is polled once, and nobody is woken by it.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match Pin::new(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

//! When a principal stops being one.

use std::{fmt, future, pin::Pin};

use super::Principal;

/// Why what was granted to a principal must not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a new end must break those who match on it")]
pub enum Ended {
    /// The token has expired.
    Expired,
    /// The token, its session or everything of its subject was revoked.
    Revoked,
    /// Whether it was revoked cannot be found out any more. This is no "no", and must not be taken for a "go on".
    Undecided,
}

impl Ended {
    /// A short, stable name, for logs and metrics.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Undecided => "undecided",
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the token has expired",
            Self::Revoked => "the token, its session or its subject was revoked",
            Self::Undecided => "whether the token was revoked cannot be found out",
        })
    }
}

/// Whoever knows when a token's time is over.
pub(crate) trait Lifetime: Send + Sync {
    /// Ready when it is. Called any number of times, also after the end.
    fn ended(&self) -> Pin<Box<dyn Future<Output = Ended> + Send>>;

    /// Whether it is at this moment.
    fn has_ended(&self) -> Pin<Box<dyn Future<Output = Option<Ended>> + Send>>;
}

impl Principal {
    /// Waits until the principal's token expires or is revoked.
    ///
    /// Revoked is what the store of revocations says: nobody asks the introspection endpoint or fetches keys
    /// meanwhile.
    ///
    /// A request is decided on once, when it comes. What goes on long after that, such as a stream of
    /// server-sent events or a WebSocket, has to stop by itself:
    ///
    /// ```
    /// # use axum_authz::principal::{Ended, Principal};
    /// # use tokio::sync::mpsc::{Receiver, Sender};
    /// /// Copies news to a client, for as long as it may see them.
    /// async fn feed(me: Principal, mut news: Receiver<String>, client: Sender<String>) -> Option<Ended> {
    ///     let ended = me.until_ended();
    ///     tokio::pin!(ended);
    ///     loop {
    ///         tokio::select! {
    ///             biased; // no further message once it is over
    ///             why = &mut ended => return Some(why),
    ///             next = news.recv() => client.send(next?).await.ok()?,
    ///         }
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// #     let ((tx, news), (client, mut rx)) = (tokio::sync::mpsc::channel(1), tokio::sync::mpsc::channel(1));
    /// #     tx.send("hello".to_owned()).await.unwrap();
    /// #     drop(tx);
    /// #     assert_eq!(feed(Principal::test("bob"), news, client).await, None);
    /// #     assert_eq!(rx.recv().await.as_deref(), Some("hello"));
    /// # }
    /// ```
    ///
    /// The future holds on to nothing of the principal and may be moved into another task. For a principal that
    /// did not come from a token it never becomes ready.
    pub fn until_ended(&self) -> impl Future<Output = Ended> + Send + use<> {
        let ended = self.0.lifetime.as_ref().map(|lifetime| lifetime.ended());
        async move {
            match ended {
                Some(ended) => ended.await,
                None => future::pending().await,
            }
        }
    }

    /// Whether the principal's token has expired or was revoked by now; `None` if it goes on.
    ///
    /// For a principal that did not come from a token it is always `None`.
    pub async fn has_ended(&self) -> Option<Ended> {
        match &self.0.lifetime {
            Some(lifetime) => lifetime.has_ended().await,
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::{Map, Parts};
    use std::{
        sync::Arc,
        task::{Context, Poll, Waker},
    };

    struct Over(Ended);

    impl Lifetime for Over {
        fn ended(&self) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
            Box::pin(future::ready(self.0))
        }

        fn has_ended(&self) -> Pin<Box<dyn Future<Output = Option<Ended>> + Send>> {
            Box::pin(future::ready(Some(self.0)))
        }
    }

    fn poll(lifetime: Option<Arc<dyn Lifetime>>) -> Poll<Ended> {
        let principal = Principal::from_parts(Parts {
            issuer: "https://id.example.org/".into(),
            id: "bob".into(),
            roles: Vec::new(),
            attributes: Map::default(),
            claims: Map::default(),
            expires_at: None,
            lifetime,
        });
        let ended = principal.unwrap().until_ended();
        // The principal is gone; the future is not.
        Box::pin(ended).as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_end_is_that_of_the_lifetime() {
        for end in [Ended::Expired, Ended::Revoked, Ended::Undecided] {
            assert_eq!(poll(Some(Arc::new(Over(end)))), Poll::Ready(end));
        }
    }

    #[test]
    fn without_a_lifetime_there_is_no_end() {
        assert_eq!(poll(None), Poll::Pending);
    }

    #[test]
    fn the_future_can_go_to_another_task() {
        fn is_free<T: Send + 'static>(_: impl FnOnce(&'static Principal) -> T) {}
        is_free(Principal::until_ended);
    }
}

//! Many who ask for the same at once share one answer.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use super::digest::Digest;

/// The questions that are being asked at present.
///
/// The lock is held for a look into the map, never while an answer is waited for.
pub(super) struct Flights<A> {
    running: Mutex<HashMap<Digest, watch::Receiver<Option<A>>>>,
}

impl<A> Default for Flights<A> {
    fn default() -> Self {
        Self { running: Mutex::default() }
    }
}

impl<A: Clone + Send + Sync + 'static> Flights<A> {
    /// The answer to the question `about`: that of whoever is asking it already, or else of `ask`, in a task of its own, so that
    /// no one who stops waiting stops it for the others. `None` when that task panicked.
    pub(super) async fn join<F>(
        self: &Arc<Self>,
        about: Digest,
        ask: impl FnOnce() -> F,
    ) -> Option<A>
    where
        F: Future<Output = A> + Send + 'static,
    {
        let (mut answer, start) = self.answer(about);
        if let Some((landing, send)) = start {
            let asked = ask();
            // Not under the lock: where no task can be started, such as in a runtime that shuts down, this one is dropped
            // right here, and takes its question out of the map.
            tokio::spawn(async move {
                let answer = asked.await;
                // First out of the map: whoever comes now asks anew.
                drop(landing);
                let _ = send.send(Some(answer));
            });
        }
        answer.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// Where the answer will be, and for whoever is the first to ask, what it is given with.
    fn answer(self: &Arc<Self>, about: Digest) -> (watch::Receiver<Option<A>>, Option<Start<A>>) {
        let mut running = self.running();
        if let Some(answer) = running.get(&about) {
            return (answer.clone(), None);
        }
        let (send, answer) = watch::channel(None);
        running.insert(about, answer.clone());
        (answer, Some((Landing { flights: Arc::clone(self), about }, send)))
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, watch::Receiver<Option<A>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Start<A> = (Landing<A>, watch::Sender<Option<A>>);

/// Takes a question out of the map, whatever becomes of its task.
struct Landing<A: Clone + Send + Sync + 'static> {
    flights: Arc<Flights<A>>,
    about: Digest,
}

impl<A: Clone + Send + Sync + 'static> Drop for Landing<A> {
    fn drop(&mut self) {
        self.flights.running().remove(&self.about);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_answer() {
        let flights = Arc::new(Flights::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let asked = Arc::clone(&asked);
            async move {
                tokio::task::yield_now().await;
                asked.fetch_add(1, Ordering::Relaxed)
            }
        };
        let (one, two) = (Digest::of("1"), Digest::of("2"));
        let (a, b, c) =
            tokio::join!(flights.join(one, ask), flights.join(one, ask), flights.join(two, ask));
        assert_eq!(a, b);
        assert!(a != c && asked.load(Ordering::Relaxed) == 2);
        assert_eq!(flights.join(one, ask).await, Some(2));
        assert!(flights.running().is_empty());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_stops_nobody() {
        let flights = Arc::new(Flights::default());
        let (send, receive) = tokio::sync::oneshot::channel::<u8>();
        let first = tokio::spawn({
            let flights = Arc::clone(&flights);
            async move { flights.join(Digest::of("1"), || async { receive.await.ok() }).await }
        });
        tokio::task::yield_now().await;
        first.abort();
        let second =
            tokio::spawn(async move { flights.join(Digest::of("1"), || async { None }).await });
        tokio::task::yield_now().await;
        send.send(7).unwrap();
        assert_eq!(second.await.unwrap(), Some(Some(7)));
    }
}

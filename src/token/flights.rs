//! Many who ask for the same at once share one answer.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// The questions that are being asked at present, by what they are about.
///
/// The lock is held for a look into the map, never while an answer is waited for.
pub(super) struct Flights<K, A> {
    running: Mutex<Running<K, A>>,
}

type Running<K, A> = HashMap<K, watch::Receiver<Option<A>>>;

/// What somebody who comes first does.
pub(super) enum Ask<F, A> {
    /// Asks.
    Out(F),
    /// Needs not: this is the answer.
    Known(A),
}

/// An answer, and whose it is.
pub(super) enum Answered<A> {
    /// To the own question.
    Own(A),
    /// To the question that somebody else was asking already.
    Shared(A),
    /// It was known.
    Known(A),
}

impl<A> Answered<A> {
    /// The answer, whosever it is.
    pub(super) fn into_inner(self) -> A {
        match self {
            Self::Own(answer) | Self::Shared(answer) | Self::Known(answer) => answer,
        }
    }
}

impl<K, A> Default for Flights<K, A> {
    fn default() -> Self {
        Self { running: Mutex::default() }
    }
}

impl<K, A> Flights<K, A>
where
    K: Clone + Eq + Hash + Send + 'static,
    A: Clone + Send + Sync + 'static,
{
    /// The answer to the question `about`: that of whoever is asking it already, or else what comes of `ask`,
    /// in a task of its own, so that no one who stops waiting stops it for the others. `None` when that task
    /// panicked or could not be started.
    ///
    /// `ask` is called when nobody is asking, and nobody else begins to until it has returned: what the last
    /// one has left behind for others to see, it sees.
    pub(super) async fn join<F>(
        self: &Arc<Self>,
        about: K,
        ask: impl FnOnce() -> Ask<F, A>,
    ) -> Option<Answered<A>>
    where
        F: Future<Output = A> + Send + 'static,
    {
        match self.turn(about, ask) {
            Turn::Known(answer) => Some(Answered::Known(answer)),
            Turn::Wait(answer) => landed(answer).await.map(Answered::Shared),
            Turn::Start(asked, landing, send, answer) => {
                // Not under the lock: where no task can be started, such as in a runtime that shuts down, this
                // one is dropped right here, and takes its question out of the map.
                tokio::spawn(async move {
                    let answer = asked.await;
                    // First out of the map: whoever comes now asks anew.
                    drop(landing);
                    let _ = send.send(Some(answer));
                });
                landed(answer).await.map(Answered::Own)
            }
        }
    }

    fn turn<F>(self: &Arc<Self>, about: K, ask: impl FnOnce() -> Ask<F, A>) -> Turn<F, K, A> {
        let mut running = self.running();
        if let Some(answer) = running.get(&about) {
            return Turn::Wait(answer.clone());
        }
        match ask() {
            Ask::Known(answer) => Turn::Known(answer),
            Ask::Out(asked) => {
                let (send, answer) = watch::channel(None);
                running.insert(about.clone(), answer.clone());
                let landing = Landing { flights: Arc::clone(self), about };
                Turn::Start(asked, landing, send, answer)
            }
        }
    }
}

impl<K, A> Flights<K, A> {
    fn running(&self) -> MutexGuard<'_, Running<K, A>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn landed<A: Clone>(mut answer: watch::Receiver<Option<A>>) -> Option<A> {
    answer.wait_for(Option::is_some).await.ok()?.clone()
}

enum Turn<F, K: Eq + Hash, A> {
    Known(A),
    Wait(watch::Receiver<Option<A>>),
    Start(F, Landing<K, A>, watch::Sender<Option<A>>, watch::Receiver<Option<A>>),
}

/// Takes a question out of the map, whatever becomes of its task.
struct Landing<K: Eq + Hash, A> {
    flights: Arc<Flights<K, A>>,
    about: K,
}

impl<K: Eq + Hash, A> Drop for Landing<K, A> {
    fn drop(&mut self) {
        self.flights.running().remove(&self.about);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::ready,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_answer() {
        let flights = Arc::new(Flights::default());
        let asked = AtomicUsize::new(0);
        let join = |about: u8| {
            let ask = || {
                let number = asked.fetch_add(1, Ordering::Relaxed);
                Ask::Out(async move {
                    tokio::task::yield_now().await;
                    number
                })
            };
            flights.join(about, ask)
        };
        let (a, b, c) = tokio::join!(join(1), join(1), join(2));
        assert!(matches!((a, b), (Some(Answered::Own(0)), Some(Answered::Shared(0)))));
        assert!(matches!(c, Some(Answered::Own(1))));
        assert!(matches!(join(1).await, Some(Answered::Own(2))));
        assert!(flights.running().is_empty());
    }

    #[tokio::test]
    async fn whoever_knows_the_answer_asks_nobody() {
        let flights = Arc::new(Flights::default());
        let known = flights.join((), || Ask::<std::future::Ready<u8>, u8>::Known(7)).await;
        assert!(matches!(known, Some(Answered::Known(7))));
        assert!(flights.running().is_empty());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_stops_nobody() {
        let flights = Arc::new(Flights::default());
        let (send, receive) = tokio::sync::oneshot::channel::<u8>();
        let first = tokio::spawn({
            let flights = Arc::clone(&flights);
            async move { flights.join((), || Ask::Out(async { receive.await.ok() })).await.is_some() }
        });
        tokio::task::yield_now().await;
        first.abort();
        let second = tokio::spawn(async move { flights.join((), || Ask::Out(ready(None))).await });
        tokio::task::yield_now().await;
        send.send(7).unwrap();
        assert_eq!(second.await.unwrap().map(Answered::into_inner), Some(Some(7)));
    }
}

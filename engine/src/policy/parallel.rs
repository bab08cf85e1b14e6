//! Work on many files, on as many threads as there are processors for.

use std::num::NonZeroUsize;
use std::thread;

/// Items that are worth a thread.
const MIN_ITEMS: usize = 32;
/// Threads for one load: further ones wait for memory and for the disk.
const MAX_THREADS: usize = 8;

/// How many threads there should be for a load.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MAX_THREADS)
}

/// Does `work` with consecutive parts of `items`, each on a thread of its own; results are in the order of the parts.
/// Where no thread is to be had, this one does the part.
pub(super) fn in_parts<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let size = items.len().div_ceil(threads.max(1)).max(MIN_ITEMS);
    let mut parts = items.chunks(size);
    // The first part is this thread's.
    let Some(first) = parts.next() else { return Vec::new() };
    let (parts, work): (Vec<&[T]>, _) = (parts.collect(), &work);
    thread::scope(|scope| {
        let spawn = |part| thread::Builder::new().spawn_scoped(scope, move || work(part));
        let others: Vec<_> = parts.iter().map(|part| (*part, spawn(part))).collect();
        let mut results = Vec::with_capacity(others.len() + 1);
        results.push(work(first));
        for (part, thread) in others {
            results.push(match thread.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => work(part),
            });
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order_and_hold_everything_once() {
        for count in [0, 1, 31, 32, 33, 100, 1000] {
            let items: Vec<usize> = (0..count).collect();
            for threads in [0, 1, 2, 3, 8] {
                let parts = in_parts(threads, &items, <[usize]>::to_vec);
                assert!(parts.len() <= threads.max(1), "{count} on {threads}");
                assert_eq!(parts.concat(), items, "{count} on {threads}");
            }
        }
    }
}

//! Reloads a folder of policies when it changes.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, Weak, mpsc},
    thread,
    time::Duration,
};

use arc_swap::ArcSwap;
use notify_debouncer_full::{
    DebounceEventResult, Debouncer, RecommendedCache, new_debouncer,
    notify::{
        EventKind, RecommendedWatcher, RecursiveMode,
        event::{AccessKind, AccessMode},
    },
};

use super::{DirLoader, Generation, Options, Policies, Shared, TARGET};
use crate::Error;

/// Editors and `git` write several files, or one file several times; this waits for them to finish.
const QUIET: Duration = Duration::from_millis(200);

pub(super) type Watcher = Debouncer<RecommendedWatcher, RecommendedCache>;

/// Loads the folder and goes on reloading it until the last clone of the result is dropped.
pub(super) fn load(path: PathBuf, options: Options) -> Result<Policies, Error> {
    let (events, changes) = mpsc::channel();
    let mut watcher = new_debouncer(QUIET, None, events).map_err(Error::watch)?;
    // Watching begins before reading, so that no change falls between the two.
    let loader = DirLoader { path, options, watched: true };
    let watching = watcher.watch(&loader.path, RecursiveMode::Recursive);
    // A folder that does not exist is better reported as such than as one that cannot be watched.
    let engine = loader.compile()?;
    watching.map_err(Error::watch)?;

    let shared = Arc::new(Shared {
        current: ArcSwap::from_pointee(Generation { engine, epoch: 1 }),
        listeners: Mutex::default(),
        _watcher: Some(watcher),
    });
    let observed = Arc::downgrade(&shared);
    thread::Builder::new()
        .name("axum-authz-policies".into())
        .spawn(move || reload_on_change(&changes, &loader, &observed))?;
    Ok(Policies(shared))
}

/// Ends when the watcher, which holds the other end of the channel, is dropped with the policies.
fn reload_on_change(
    changes: &mpsc::Receiver<DebounceEventResult>,
    loader: &DirLoader,
    observed: &Weak<Shared>,
) {
    while let Ok(first) = changes.recv() {
        // What has queued up meanwhile is covered by one reload.
        let changed =
            std::iter::once(first).chain(changes.try_iter()).any(|batch| is_change(&batch));
        if changed {
            let Some(shared) = observed.upgrade() else { return };
            reload(&shared, loader);
        }
    }
}

fn reload(shared: &Shared, loader: &DirLoader) {
    match loader.compile() {
        Ok(engine) => {
            let epoch = shared.replace(engine);
            tracing::info!(target: TARGET, epoch, "policies reloaded");
        }
        Err(diagnostics) => {
            let epoch = shared.current.load().epoch;
            tracing::error!(target: TARGET, epoch, "policies not reloaded, the last good set stays in use\n\n{diagnostics}");
        }
    }
}

/// Reading a file is an event too; reacting to it would make every reload cause the next.
fn is_change(batch: &DebounceEventResult) -> bool {
    match batch {
        Ok(events) => events.iter().any(|event| match event.kind {
            EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
            _ => true,
        }),
        Err(errors) => {
            for error in errors {
                tracing::error!(target: TARGET, %error, "watching the policies failed");
            }
            // Something may have been missed.
            true
        }
    }
}

#[cfg(test)]
mod tests;

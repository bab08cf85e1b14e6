//! What is counted at each endpoint, and how it can be made to misbehave.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use tokio::sync::Notify;

use super::{Endpoint, Fault, SeenRequest};
use crate::test::shared::Shared;

/// What is set and counted, for each endpoint and for all.
#[derive(Default)]
pub(in crate::test) struct Switches {
    state: Mutex<Settings>,
    released: Notify,
}

#[derive(Default)]
struct Settings {
    delay: Duration,
    endpoints: BTreeMap<Endpoint, Switch>,
}

#[derive(Default, Clone)]
struct Switch {
    hits: usize,
    last: Option<SeenRequest>,
    delay: Duration,
    held: bool,
    fault: Option<Fault>,
}

impl Switches {
    pub(in crate::test) fn slow(&self, endpoint: Option<Endpoint>, delay: Duration) {
        match endpoint {
            Some(endpoint) => self.change(endpoint, |switch| switch.delay = delay),
            None => self.state().delay = delay,
        }
    }

    pub(in crate::test) fn hold(&self, endpoint: Endpoint, held: bool) {
        self.change(endpoint, |switch| switch.held = held);
        self.released.notify_waiters();
    }

    pub(in crate::test) fn fail(&self, endpoint: Endpoint, fault: Option<Fault>) {
        self.change(endpoint, |switch| switch.fault = fault);
    }

    pub(in crate::test) fn hits(&self, endpoint: Endpoint) -> usize {
        self.state().endpoints.get(&endpoint).map_or(0, |switch| switch.hits)
    }

    pub(in crate::test) fn last_request(&self, endpoint: Endpoint) -> Option<SeenRequest> {
        self.state().endpoints.get(&endpoint)?.last.clone()
    }

    fn change(&self, endpoint: Endpoint, change: impl FnOnce(&mut Switch)) {
        change(self.state().endpoints.entry(endpoint).or_default());
    }

    fn is_held(&self, endpoint: Endpoint) -> bool {
        self.state().endpoints.get(&endpoint).is_some_and(|switch| switch.held)
    }

    async fn wait(&self, endpoint: Option<Endpoint>) {
        let delay = {
            let state = self.state();
            let own = endpoint.and_then(|endpoint| state.endpoints.get(&endpoint));
            own.map_or(state.delay, |own| own.delay.max(state.delay))
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let Some(endpoint) = endpoint else { return };
        loop {
            // Registered before looking, so that a release in between is not missed.
            let mut released = std::pin::pin!(self.released.notified());
            released.as_mut().enable();
            if !self.is_held(endpoint) {
                return;
            }
            released.await;
        }
    }

    fn fault(&self, endpoint: Option<Endpoint>) -> Option<Fault> {
        self.state().endpoints.get(&endpoint?)?.fault.clone()
    }

    fn state(&self) -> MutexGuard<'_, Settings> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a request, makes it wait, answers it or has it answered, and spoils the answer.
pub(super) async fn apply(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let switches = &shared.switches;
    let endpoint = Endpoint::of(request.uri().path());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let Some(endpoint) = endpoint {
        let seen = SeenRequest {
            method: parts.method.to_string(),
            uri: parts.uri.to_string(),
            headers: parts.headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        switches.change(endpoint, |switch| {
            switch.hits += 1;
            switch.last = Some(seen);
        });
    }
    switches.wait(endpoint).await;
    let request = Request::from_parts(parts, Body::from(body));
    match switches.fault(endpoint) {
        None => next.run(request).await,
        Some(fault) => fault.answer(request, next).await,
    }
}

//! What happens to one request, step by step.

use std::{
    cell::RefCell,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, extract::FromRequestParts, http::request::Parts};
use bytes::Bytes;
use http_body::Frame;

tokio::task_local! {
    static STEPS: RefCell<Vec<String>>;
}

/// Writes a step down. Outside of [`record`] nobody is interested.
pub(crate) fn note(step: impl Into<String>) {
    let _ = STEPS.try_with(|steps| steps.borrow_mut().push(step.into()));
}

/// What a future brings, and the steps on the way to it.
pub(crate) async fn record<F: Future>(future: F) -> (F::Output, String) {
    STEPS
        .scope(RefCell::default(), async {
            let output = future.await;
            (output, STEPS.with(|steps| steps.take().join(" ")))
        })
        .await
}

/// A body that notes each time it is polled.
struct Watched(Option<Bytes>);

pub(crate) fn watched(text: String) -> Body {
    Body::new(Watched(Some(text.into())))
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // The end is no step of its own.
        let frame = self.0.take().map(|bytes| Ok(Frame::data(bytes)));
        if frame.is_some() {
            note("body");
        }
        Poll::Ready(frame)
    }
}

/// An argument of handlers that notes when it is looked at.
pub(crate) struct Noted;

impl<S: Sync> FromRequestParts<S> for Noted {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        note("argument");
        Ok(Self)
    }
}

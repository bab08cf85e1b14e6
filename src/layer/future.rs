//! The future of a guarded call: verify, then call. Hand-written, so that it is neither boxed nor tied to one
//! kind of body.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    ResponseBody,
    layer::Context,
    respond::{Wire, refuse},
};
use crate::token::{TokenError, VerifiedToken, Verifying};

pin_project! {
    /// The response of [`Authz`](super::Authz), some time later.
    ///
    /// The inner service is reached from here only with a verified token; dropping the future before that is
    /// as if the request had never come.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F> {
        Verifying { #[pin] verifying: Verifying, held: Option<Held<S, B>> },
        Calling { #[pin] future: F },
        Answered { response: Option<Response<Bytes>> },
    }
}

/// What waits for the token to be verified: a service that was polled ready, and the request for it.
struct Held<S, B> {
    service: S,
    request: Request<B>,
    context: Arc<Context>,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn verifying(
        verifying: Verifying,
        service: S,
        request: Request<B>,
        context: Arc<Context>,
    ) -> Self {
        let held = Some(Held { service, request, context });
        Self { state: State::Verifying { verifying, held } }
    }

    pub(super) fn calling(future: S::Future) -> Self {
        Self { state: State::Calling { future } }
    }

    pub(super) fn answered(response: Response<Bytes>) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }
}

impl<S, B, RB> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<RB>>,
{
    type Output = Result<Response<ResponseBody<RB>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Verifying { verifying, held } => {
                    let result = ready!(verifying.poll(cx));
                    // Taken once: the state is left below.
                    let Some(held) = held.take() else { return Poll::Pending };
                    match result {
                        Ok(token) => State::Calling { future: held.call(token) },
                        Err(error) => State::Answered { response: Some(held.refuse(error)) },
                    }
                }
                StateProjection::Calling { future } => {
                    let response = ready!(future.poll(cx))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProjection::Answered { response } => {
                    // Empty only if polled after completion.
                    let Some(response) = response.take() else { return Poll::Pending };
                    return Poll::Ready(Ok(response.map(ResponseBody::own)));
                }
            };
            state.set(next);
        }
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, B> Held<S, B> {
    fn call(mut self, token: VerifiedToken) -> S::Future
    where
        S: Service<Request<B>>,
    {
        self.request.extensions_mut().insert(token.into_principal());
        self.service.call(self.request)
    }

    fn refuse(self, error: TokenError) -> Response<Bytes> {
        let (method, headers) = (self.request.method(), self.request.headers());
        refuse(&error.into(), &error, Wire::of(method, headers), headers, &self.context)
    }
}

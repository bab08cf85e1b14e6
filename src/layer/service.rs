//! `Authz`, the service the layer makes: decides whether the inner service is called at once, later or never.

use std::{
    mem,
    sync::Arc,
    task::{self, Poll},
};

use http::{Request, Response, header::AUTHORIZATION};
use tower_service::Service;

use super::{
    ResponseBody, ResponseFuture,
    credentials::Credentials,
    layer::Context,
    refusal::Refusal,
    respond::{Wire, refuse},
};
use crate::token::Verifying;

/// The service made by [`AuthzLayer`](super::AuthzLayer).
///
/// It guards any service that takes `http` requests, whatever the types of their bodies and of its error.
#[derive(Debug, Clone)]
pub struct Authz<S> {
    inner: S,
    context: Arc<Context>,
}

/// What the headers of a request lead to.
enum Verdict {
    Anonymous,
    Verify(Verifying),
    Refuse(Refusal),
}

impl<S> Authz<S> {
    pub(super) fn new(inner: S, context: Arc<Context>) -> Self {
        Self { inner, context }
    }

    /// Looks at nothing but headers, so it does not care what the body is.
    fn judge<B>(&self, request: &mut Request<B>) -> Verdict {
        let verdict = match Credentials::read(request.headers()) {
            Credentials::Absent => return Verdict::Anonymous,
            Credentials::Bearer(token) => Verdict::Verify(self.context.authentik.verify(token)),
            Credentials::OtherScheme => Verdict::Refuse(Refusal::UnsupportedScheme),
            Credentials::Unreadable(reason) => Verdict::Refuse(Refusal::InvalidToken(reason)),
        };
        if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        verdict
    }
}

impl<S, B, RB> Service<Request<B>> for Authz<S>
where
    S: Service<Request<B>, Response = Response<RB>> + Clone,
{
    type Response = Response<ResponseBody<RB>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let verdict = self.judge(&mut request);
        let wire = Wire::of(request.headers());
        request.extensions_mut().insert(Arc::clone(&self.context));
        match verdict {
            Verdict::Anonymous => ResponseFuture::calling(self.inner.call(request)),
            Verdict::Verify(verifying) => {
                // Only `self.inner` was polled ready, its clone need not be; so the ready one goes along with the request.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                ResponseFuture::verifying(
                    verifying,
                    ready,
                    request,
                    wire,
                    Arc::clone(&self.context),
                )
            }
            Verdict::Refuse(refusal) => {
                ResponseFuture::refused(refuse(&refusal, &refusal, wire, &self.context))
            }
        }
    }
}

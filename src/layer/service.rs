//! `Authz`, the service the layer makes: decides whether the inner service is called at once, later or never.

use std::{
    fmt, mem,
    sync::Arc,
    task::{self, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri, header::AUTHORIZATION};
use tower_service::Service;

use super::{
    ForwardAuth, ResponseBody, ResponseFuture,
    credentials::Credentials,
    forward,
    layer::Context,
    peer,
    refusal::Refusal,
    respond::{Wire, refuse},
};
use crate::{principal::Principal, token::Verifying};

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

    /// Looks at nothing but headers and the address of the peer, so it does not care what the body is.
    fn judge<B>(&self, request: &mut Request<B>) -> Verdict {
        let forward = self.context.forward.as_ref();
        let forward = forward.map(|forward| (forward, peer::of(request.extensions())));
        let headers = request.headers_mut();
        let screened = forward::screen(forward, headers);
        let may_be_forwarded = !matches!(screened, Ok(None));
        let verdict = match screened {
            Ok(Some(outpost)) => forwarded(outpost, headers),
            Ok(None) => self.direct(headers),
            Err(refusal) => Verdict::Refuse(refusal),
        };
        // A request that passes has one of each at most.
        if let Some(value) = headers.get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        if may_be_forwarded && let Some(value) = headers.get_mut(forward::JWT) {
            value.set_sensitive(true);
        }
        verdict
    }

    fn direct(&self, headers: &HeaderMap) -> Verdict {
        match Credentials::read(headers) {
            Credentials::Absent => Verdict::Anonymous,
            Credentials::Bearer(token) => Verdict::Verify(self.context.authentik.verify(token)),
            Credentials::Basic | Credentials::OtherScheme => {
                Verdict::Refuse(Refusal::UnsupportedScheme)
            }
            Credentials::Unreadable(reason) => Verdict::Refuse(Refusal::InvalidRequest(reason)),
        }
    }

    fn refuse<B>(
        &self,
        refusal: &Refusal,
        detail: &dyn fmt::Display,
        request: &Request<B>,
    ) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        let wire = Wire::of(request.method(), request.headers());
        let response = refuse(refusal, detail, wire, request.headers(), &self.context);
        ResponseFuture::answered(response)
    }

    /// The answer to a request for the description of the resource.
    fn metadata<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        self.context.metadata.as_ref()?.answer(request.method(), original_uri(request).path())
    }
}

/// Within nested routers of axum the path has lost its beginning, so that another one might look like ours.
fn original_uri<B>(request: &Request<B>) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = request.extensions().get::<axum::extract::OriginalUri>() {
        return &original.0;
    }
    request.uri()
}

/// The request has an `X-authentik-jwt` that is the outpost's.
fn forwarded(outpost: &ForwardAuth, headers: &HeaderMap) -> Verdict {
    let token = match forward::token(headers) {
        Ok(token) => token,
        Err(reason) => return Verdict::Refuse(Refusal::InvalidToken(reason)),
    };
    match Credentials::read(headers) {
        // Outposts add `Basic` for the services behind them, when told so in Authentik.
        Credentials::Absent | Credentials::Basic => Verdict::Verify(outpost.verify(token)),
        Credentials::Bearer(same) if same == token => Verdict::Verify(outpost.verify(token)),
        // Whoever is meant by the one need not be meant by the other.
        Credentials::Bearer(_) | Credentials::OtherScheme => {
            Verdict::Refuse(Refusal::InvalidToken("several_credentials"))
        }
        Credentials::Unreadable(reason) => Verdict::Refuse(Refusal::InvalidRequest(reason)),
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
        if let Some(response) = self.metadata(&request) {
            return ResponseFuture::answered(response);
        }
        let verdict = self.judge(&mut request);
        let outer = request.extensions_mut().insert(Arc::clone(&self.context));
        if outer.is_some_and(|outer| !Arc::ptr_eq(&outer, &self.context)) {
            // Whom a layer around this one believes need not be believed here.
            request.extensions_mut().remove::<Principal>();
        }
        match verdict {
            Verdict::Anonymous => ResponseFuture::calling(self.inner.call(request)),
            Verdict::Verify(verifying) => match verifying.at_once() {
                Ok(Ok(token)) => {
                    request.extensions_mut().insert(token.into_principal());
                    ResponseFuture::calling(self.inner.call(request))
                }
                Ok(Err(error)) => self.refuse(&error.into(), &error, &request),
                Err(verifying) => {
                    // Only `self.inner` was polled ready, its clone need not be; so the ready one goes along with
                    // the request.
                    let clone = self.inner.clone();
                    let ready = mem::replace(&mut self.inner, clone);
                    ResponseFuture::verifying(verifying, ready, request, Arc::clone(&self.context))
                }
            },
            Verdict::Refuse(refusal) => self.refuse(&refusal, &refusal, &request),
        }
    }
}

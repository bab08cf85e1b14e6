//! What `finish` makes: a service into which nothing can be put any more.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    ServiceExt,
    extract::{Request, connect_info::IntoMakeServiceWithConnectInfo},
    response::Response,
    routing::future::RouteFuture,
    serve::{IncomingStream, Listener},
};
use tower_service::Service;

use super::Manifest;

/// A service whose every route is in its [`Manifest`]; made by [`Router::finish`](super::Router::finish).
///
/// It is given to [`axum::serve()`] as it is. Layers of Tower can be put around it; routes cannot be added.
#[derive(Debug, Clone)]
#[must_use = "a service does nothing unless it is served"]
pub struct Secured {
    router: axum::Router,
    /// Shared, because servers clone the service for each request.
    manifest: Arc<Manifest>,
}

impl Secured {
    pub(super) fn new(router: axum::Router, manifest: Manifest) -> Self {
        // Makes handlers to services once, instead of for each request.
        Self { router: router.with_state(()), manifest: Arc::new(manifest) }
    }

    /// The routes, and who may call them.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// For [`axum::serve()`], when handlers or [forward auth](crate::layer::ForwardAuth) want to know the peer's
    /// address: `C` is [`SocketAddr`](std::net::SocketAddr) then.
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        <Self as ServiceExt<Request>>::into_make_service_with_connect_info(self)
    }
}

impl<B> Service<http::Request<B>> for Secured
where
    axum::Router: Service<
            http::Request<B>,
            Response = Response,
            Error = Infallible,
            Future = RouteFuture<Infallible>,
        >,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.router.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        self.router.call(request)
    }
}

/// For [`axum::serve()`]: each connection gets a clone.
impl<L: Listener> Service<IncomingStream<'_, L>> for Secured {
    type Response = Self;
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: IncomingStream<'_, L>) -> Self::Future {
        ready(Ok(self.clone()))
    }
}

//! `get(..)`, `post(..)` and so on: the handlers of one path.

use std::{convert::Infallible, panic::Location};

use axum::{
    extract::Request,
    response::IntoResponse,
    routing::{self, MethodRouter},
};
use http::Method;
use tower_layer::Layer;
use tower_service::Service;

use super::{Access, Declared, GuardedHandler};

/// Handlers for the methods of one path, each with its declaration; made by [`get`], [`post`] and so on.
///
/// ```
/// use axum_authz::{authenticated, authorize, guard::{Router, get}};
///
/// #[authorize(action = "list", resource = "album")]
/// async fn list() {}
///
/// #[authorize(action = "create", resource = "album")]
/// async fn create() {}
///
/// let router: Router = Router::new().route("/albums", get(list).post(create));
/// assert_eq!(router.routes().len(), 2);
/// ```
#[derive(Debug, Clone)]
#[must_use = "handlers do nothing unless they are given to a route"]
pub struct Methods<S = ()> {
    pub(super) inner: MethodRouter<S>,
    pub(super) declared: Vec<(Option<Method>, Access, &'static Location<'static>)>,
    pub(super) shows_manifest: bool,
}

macro_rules! methods {
    ($($name:ident, $method:ident, $text:literal;)*) => {
        $(
            #[doc = concat!("Calls `handler` for `", $text, "` requests, if what it declares holds.")]
            #[track_caller]
            pub fn $name<H, T, S>(handler: H) -> Methods<S>
            where
                H: GuardedHandler<T, S>,
                T: Declared + 'static,
                S: Clone + Send + Sync + 'static,
            {
                Methods::of(Some(Method::$method), routing::$name(handler), T::ACCESS, Location::caller())
            }
        )*

        impl<S: Clone + Send + Sync + 'static> Methods<S> {
            $(
                #[doc = concat!("Calls `handler` for `", $text, "` requests, if what it declares holds.")]
                ///
                /// # Panics
                ///
                /// If the method has a handler already.
                #[track_caller]
                pub fn $name<H, T>(mut self, handler: H) -> Self
                where
                    H: GuardedHandler<T, S>,
                    T: Declared + 'static,
                {
                    self.declared.push((Some(Method::$method), T::ACCESS, Location::caller()));
                    Self { inner: self.inner.$name(handler), ..self }
                }
            )*
        }
    };
}

methods! {
    get, GET, "GET";
    post, POST, "POST";
    put, PUT, "PUT";
    patch, PATCH, "PATCH";
    delete, DELETE, "DELETE";
    head, HEAD, "HEAD";
    options, OPTIONS, "OPTIONS";
    trace, TRACE, "TRACE";
}

/// Calls `handler` for requests of every method that has no handler of its own, if what it declares holds.
#[track_caller]
pub fn any<H, T, S>(handler: H) -> Methods<S>
where
    H: GuardedHandler<T, S>,
    T: Declared + 'static,
    S: Clone + Send + Sync + 'static,
{
    Methods::of(None, routing::any(handler), T::ACCESS, Location::caller())
}

impl<S: Clone + Send + Sync + 'static> Methods<S> {
    fn of(
        method: Option<Method>,
        inner: MethodRouter<S>,
        access: Access,
        location: &'static Location<'static>,
    ) -> Self {
        Self { inner, declared: vec![(method, access, location)], shows_manifest: false }
    }

    /// Leaves the route table to the handlers, as [`Manifest`](super::Manifest) in the request's extensions.
    pub(crate) fn with_manifest(self) -> Self {
        Self { shows_manifest: true, ..self }
    }

    /// Puts a Tower layer around the handlers given so far, as
    /// [`MethodRouter::layer`](https://docs.rs/axum/0.8/axum/routing/struct.MethodRouter.html#method.layer) does.
    ///
    /// It runs before the handlers' declarations are enforced, on requests that may turn out to be refused.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.layer(layer), ..self }
    }

    /// As [`layer`](Self::layer), but not around the answer to methods without a handler.
    ///
    /// # Panics
    ///
    /// If no handler was given before.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.route_layer(layer), ..self }
    }
}

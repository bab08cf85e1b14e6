//! The guarded router: axum's, for handlers that declare who may call them.

use std::{convert::Infallible, panic::Location};

use axum::{extract::Request, handler::Handler, middleware, response::IntoResponse, routing};
use http::Method;
use tower_layer::Layer;
use tower_service::Service;

use super::{Declared, Enforcement, GuardedHandler, Methods, Route, Rule, Unguarded};

/// A router of handlers that declare who may call them.
///
/// It takes the same calls as [`axum::Router`], and its handlers are the same functions. What it does not take is a
/// handler without a declaration, or a router of axum's: neither compiles. [`finish`](Self::finish) holds the whole
/// table against the policies and makes a service of it.
///
/// ```
/// use axum_authz::{authorize, guard::{Router, get}, public};
///
/// #[authorize(action = "view", resource = "album", id = path("id"))]
/// async fn show() {}
///
/// #[public(reason = "liveness probe")]
/// async fn healthz() {}
///
/// let albums = Router::new().route("/{id}", get(show));
/// let router: Router = Router::new().nest("/albums", albums).route("/healthz", get(healthz));
/// let routes: Vec<String> = router.routes().iter().map(ToString::to_string).collect();
/// assert_eq!(routes, ["GET /albums/{id}", "GET /healthz"]);
/// ```
///
/// A handler without a declaration:
///
/// ```compile_fail,E0277
/// use axum_authz::guard::{Router, get};
///
/// async fn show() {}
///
/// let router: Router = Router::new().route("/albums/{id}", get(show));
/// ```
#[derive(Debug, Clone)]
#[must_use = "a router serves nothing before `finish`"]
pub struct Router<S = ()> {
    pub(super) inner: axum::Router<S>,
    pub(super) routes: Vec<Route>,
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// A router without routes. Everything is answered 404.
    pub fn new() -> Self {
        Self { inner: axum::Router::new(), routes: Vec::new() }
    }

    /// Adds the handlers of one path; the path is written as for
    /// [`axum::Router::route`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.route).
    ///
    /// # Panics
    ///
    /// If the path is not well formed, or the path or one of its methods has a handler already.
    #[track_caller]
    pub fn route(mut self, path: &str, methods: Methods<S>) -> Self {
        let Methods { inner, declared, shows_manifest } = methods;
        self.routes.extend(declared.into_iter().map(|(method, access, location)| Route {
            method,
            path: path.to_owned(),
            fallback: false,
            rule: Rule::Declared(access),
            shows_manifest,
            location,
        }));
        Self { inner: self.inner.route(path, inner), ..self }
    }

    /// Adds a service for all methods of one path that is called whoever asks. It is listed with its reason.
    ///
    /// A token that is not valid is refused here too: the layer has done so before. An `axum::Router` is a service
    /// after
    /// [`into_service`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.into_service); below a path that ends in `{*rest}` it sees the whole path.
    ///
    /// # Panics
    ///
    /// As [`route`](Self::route).
    #[track_caller]
    pub fn route_unguarded<T>(mut self, path: &str, service: T, why: Unguarded) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        T::Response: IntoResponse,
        T::Future: Send + 'static,
    {
        self.note(None, path, false, Rule::Unguarded(why), Location::caller());
        Self { inner: self.inner.route_service(path, service), ..self }
    }

    /// Answers what no route does, if what the handler declares holds.
    ///
    /// # Panics
    ///
    /// If the router is merged with another that has a fallback.
    #[track_caller]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: Declared + 'static,
    {
        self.forget_fallback();
        self.note(None, "/", true, Rule::Declared(T::ACCESS), Location::caller());
        Self { inner: self.inner.fallback(handler), ..self }
    }

    /// Answers what no route does, whoever asks. It is listed with its reason.
    ///
    /// # Panics
    ///
    /// As [`fallback`](Self::fallback).
    #[track_caller]
    pub fn fallback_public<H, T>(mut self, handler: H, why: Unguarded) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.forget_fallback();
        self.note(None, "/", true, Rule::Unguarded(why), Location::caller());
        // Beside it there may be another fallback, which does declare something.
        let handler = handler.layer(middleware::map_request(nothing_to_enforce));
        Self { inner: self.inner.fallback(handler), ..self }
    }

    /// Adds the routes of another router below a prefix.
    ///
    /// # Panics
    ///
    /// If the prefix is empty or `/`, or paths overlap.
    #[track_caller]
    pub fn nest(mut self, prefix: &str, router: Self) -> Self {
        self.routes.extend(router.routes.into_iter().map(|route| route.nest(prefix)));
        Self { inner: self.inner.nest(prefix, router.inner), ..self }
    }

    /// Adds the routes of another router.
    ///
    /// # Panics
    ///
    /// If paths overlap, or both routers have a fallback.
    #[track_caller]
    pub fn merge(mut self, router: Self) -> Self {
        self.routes.extend(router.routes);
        Self { inner: self.inner.merge(router.inner), ..self }
    }

    /// Puts a Tower layer around the routes given so far, as
    /// [`axum::Router::layer`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.layer) does.
    ///
    /// It runs after the token was verified and before the handlers' declarations are enforced, on requests that
    /// may turn out to be refused. It does not see requests for paths and methods that no route has; what has to
    /// see them, such as a layer for CORS, goes around the service that [`finish`](Self::finish) makes.
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

    /// As [`layer`](Self::layer), but not around the fallback.
    ///
    /// # Panics
    ///
    /// If no route was given before.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.route_layer(layer), ..self }
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        let Self { inner, routes } = self;
        Router { inner: inner.with_state(state), routes }
    }

    /// The routes given so far.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    fn note(
        &mut self,
        method: Option<Method>,
        path: &str,
        fallback: bool,
        rule: Rule,
        location: &'static Location<'static>,
    ) {
        self.routes.push(Route {
            method,
            path: path.to_owned(),
            fallback,
            rule,
            shows_manifest: false,
            location,
        });
    }

    /// A router has one fallback of its own; a later one takes the place of an earlier one.
    fn forget_fallback(&mut self) {
        self.routes.retain(|route| !(route.fallback && route.path == "/"));
    }
}

async fn nothing_to_enforce(request: Request) -> Request {
    Enforcement::note_nothing(request.extensions());
    request
}

impl<S: Clone + Send + Sync + 'static> Default for Router<S> {
    fn default() -> Self {
        Self::new()
    }
}

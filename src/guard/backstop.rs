//! The last line: what is not in the manifest is not called, and what nobody decided on does not leave.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{MatchedPath, NestedPath, Request},
    response::Response,
};
use foldhash::HashMap;
use http::{Extensions, HeaderValue, Method, StatusCode, header::ALLOW};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::{Access, Manifest, Route};
use crate::{
    audit::{CallId, TARGET},
    layer::{Challenge, Refusal, Wire, respond},
};

/// Compares each request with the manifest before anything else of the router sees it, and lets no success out for
/// which no declaration was enforced.
///
/// The types keep handlers without a declaration out. This is for what types cannot see, such as a layer that
/// answers in the place of what it was put around: a cache that does not ask who is calling, or another router.
#[derive(Debug, Clone)]
pub(super) struct Backstop(Arc<Table>);

#[derive(Debug)]
struct Table {
    paths: HashMap<String, Entry>,
    fallbacks: Vec<Route>,
    manifest: Manifest,
}

/// What the manifest says of one path.
#[derive(Debug, Default)]
struct Entry {
    methods: Vec<(Method, Needs)>,
    /// Of the handler that takes all other methods.
    any: Option<Needs>,
    shows_manifest: bool,
}

/// Whether a success needs a declaration that was enforced: one of these.
#[derive(Debug, Clone)]
enum Needs {
    Nothing,
    Declaration(Arc<[Access]>),
}

/// What the manifest says of a request.
enum Verdict {
    Known { needs: Needs, shows_manifest: bool },
    MethodUnknown(HeaderValue),
    PathUnknown,
}

/// Left for the extractors in each request that needs a declaration; they note there that it was enforced.
#[derive(Debug, Clone)]
pub(crate) struct Enforcement {
    declared: Arc<[Access]>,
    enforced: Arc<AtomicBool>,
}

impl Enforcement {
    /// Notes that from now on the request is refused unless `access` holds. That counts if it is what the route
    /// declares: a layer may ask for something else.
    pub(crate) fn note(extensions: &Extensions, access: &Access) {
        if let Some(Self { declared, enforced }) = extensions.get()
            && declared.iter().any(|declared| declared.is_enforced_by(access))
        {
            enforced.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that there is nothing to enforce.
    pub(super) fn note_nothing(extensions: &Extensions) {
        if let Some(Self { enforced, .. }) = extensions.get() {
            enforced.store(true, Ordering::Relaxed);
        }
    }

    fn is_noted(&self) -> bool {
        self.enforced.load(Ordering::Relaxed)
    }
}

impl Needs {
    /// Of whichever of these routes is called. One that needs nothing says so then.
    fn of<'r>(routes: impl IntoIterator<Item = &'r Route>) -> Self {
        let declared: Vec<Access> = routes.into_iter().filter_map(Route::access).collect();
        match declared.iter().all(Access::is_public) {
            true => Self::Nothing,
            false => Self::Declaration(declared.into()),
        }
    }
}

impl Backstop {
    pub(super) fn new(manifest: &Manifest) -> Self {
        let mut paths: HashMap<String, Entry> = HashMap::default();
        let (fallbacks, routes): (Vec<&Route>, Vec<&Route>) =
            manifest.routes().iter().partition(|route| route.fallback);
        for route in routes {
            let entry = paths.entry(route.path.clone()).or_default();
            entry.shows_manifest |= route.shows_manifest;
            match &route.method {
                Some(method) => entry.methods.push((method.clone(), Needs::of([route]))),
                None => entry.any = Some(Needs::of([route])),
            }
        }
        let fallbacks = fallbacks.into_iter().cloned().collect();
        Self(Arc::new(Table { paths, fallbacks, manifest: manifest.clone() }))
    }
}

impl Table {
    fn verdict(&self, request: &Request) -> Verdict {
        let Some(pattern) = request.extensions().get::<MatchedPath>() else {
            let path = request.uri().path();
            // Which of them the router calls is its own business.
            let mut covering =
                self.fallbacks.iter().filter(|fallback| fallback.may_cover(path)).peekable();
            return match covering.peek() {
                Some(_) => Verdict::Known { needs: Needs::of(covering), shows_manifest: false },
                None => Verdict::PathUnknown,
            };
        };
        // Within another router, the pattern begins with that one's.
        let outer = request.extensions().get::<NestedPath>().map_or("", NestedPath::as_str);
        let pattern = pattern.as_str().strip_prefix(outer.trim_end_matches('/'));
        // At the prefix itself nothing is left.
        let pattern = pattern.map(|own| if own.is_empty() { "/" } else { own });
        match pattern.and_then(|pattern| self.paths.get(pattern)) {
            Some(entry) => match entry.needs(request.method()) {
                Some(needs) => Verdict::Known { needs, shows_manifest: entry.shows_manifest },
                None => Verdict::MethodUnknown(entry.allow()),
            },
            None => Verdict::PathUnknown,
        }
    }
}

impl Entry {
    /// Of the handler for this method, if there is one. One for `GET` answers `HEAD` as well (RFC 9110 section
    /// 9.3.2).
    fn needs(&self, method: &Method) -> Option<Needs> {
        let of = |method: &Method| {
            self.methods.iter().find(|(known, _)| known == method).map(|(_, needs)| needs)
        };
        let own = of(method);
        let as_get = || if *method == Method::HEAD { of(&Method::GET) } else { None };
        own.or_else(as_get).or(self.any.as_ref()).cloned()
    }

    /// RFC 9110 section 10.2.1.
    fn allow(&self) -> HeaderValue {
        let mut names: Vec<&str> = self.methods.iter().map(|(method, _)| method.as_str()).collect();
        if names.contains(&"GET") && !names.contains(&"HEAD") {
            names.push("HEAD");
        }
        names.sort_unstable();
        // Names of methods are tokens, which headers can hold.
        HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

impl<S> Layer<S> for Backstop {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, backstop: self.clone() }
    }
}

/// The service made by [`Backstop`].
#[derive(Debug, Clone)]
pub(super) struct Guarded<S> {
    inner: S,
    backstop: Backstop,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let table = &*self.backstop.0;
        let mut refused = Response::default();
        match table.verdict(&request) {
            Verdict::Known { needs, shows_manifest } => {
                if shows_manifest {
                    request.extensions_mut().insert(table.manifest.clone());
                }
                let watched = match needs {
                    Needs::Nothing => None,
                    Needs::Declaration(declared) => {
                        let enforcement = Enforcement { declared, enforced: Arc::default() };
                        request.extensions_mut().insert(enforcement.clone());
                        let wire = Wire::of(request.method(), request.headers());
                        let route = request.extensions().get::<MatchedPath>().cloned();
                        Some(Watched { enforcement, wire, route })
                    }
                };
                return Answer::Called { future: self.inner.call(request), watched };
            }
            Verdict::MethodUnknown(allow) => {
                *refused.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
                refused.headers_mut().insert(ALLOW, allow);
            }
            Verdict::PathUnknown => *refused.status_mut() = StatusCode::NOT_FOUND,
        }
        Answer::Refused { response: Some(refused) }
    }
}

/// What is needed to judge the answer.
struct Watched {
    enforcement: Enforcement,
    wire: Wire,
    route: Option<MatchedPath>,
}

impl Watched {
    /// The answer, unless it is a success that nobody was asked about.
    fn judge(&self, response: Response) -> Response {
        let gives =
            response.status().is_success() || response.status() == StatusCode::SWITCHING_PROTOCOLS;
        // In the terms of gRPC a refusal has the status 200.
        let refuses = response.extensions().get::<Refusal>().is_some();
        if !gives || refuses || self.enforcement.is_noted() {
            return response;
        }
        let call_id = CallId::new();
        tracing::error!(
            target: TARGET,
            %call_id,
            route = self.route.as_ref().map_or("(fallback)", MatchedPath::as_str),
            "a response was made without the handler's declaration having been enforced, and is withheld: a layer around the handler \
             answers in its place. Put such a layer around the service that `finish` makes, or let it call the handler"
        );
        let refusal = Refusal::Wiring("declaration_not_enforced");
        respond(&refusal, call_id, self.wire, &Challenge::default(), None).map(Body::from)
    }
}

pin_project! {
    /// The inner service's future, or an answer that is there.
    #[project = AnswerProjection]
    pub(super) enum Answer<F> {
        Called { #[pin] future: F, watched: Option<Watched> },
        Refused { response: Option<Response> },
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answer<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            AnswerProjection::Called { future, watched } => {
                future.poll(cx).map_ok(|response| match watched {
                    Some(watched) => watched.judge(response),
                    None => response,
                })
            }
            // A future that is polled after its end never ends.
            AnswerProjection::Refused { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
        }
    }
}

//! What the caller may do, for a user interface.

use std::{sync::Arc, time::SystemTime};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header::CACHE_CONTROL};
use serde::Serialize;

use crate::{
    Principal,
    audit::{CallId, TARGET},
    extract::Authorized,
    guard::{Access, Authenticated, Check, Manifest, Methods, Route, Rule, get, outlook},
    layer::{Context, Refusal, Wire, respond},
    policies::{Outlook, Undecided},
};

/// An endpoint that tells a user interface which routes its caller may call, so that it can leave out what would be
/// refused.
///
/// It answers `GET`, to any caller with a valid token, and is given a path like handlers are:
///
/// ```
/// use axum_authz::{authorize, endpoint::capabilities, guard::{Router, get}};
///
/// #[authorize(action = "view", resource = "album", id = path("id"))]
/// async fn show() {}
///
/// let router: Router = Router::new().route("/albums/{id}", get(show)).route("/capabilities", capabilities());
/// assert_eq!(router.routes().len(), 2);
/// ```
///
/// # Answers
///
/// For each route with a declaration, in the order of the [`Manifest`]:
///
/// ```json
/// {"routes":[
///   {"method":"GET","path":"/albums/{id}","checks":[{"action":"view","resource":"album"}],"allowed":"depends"},
///   {"method":"GET","path":"/capabilities","checks":[],"allowed":"yes"}
/// ]}
/// ```
///
/// `method` is `any` where one handler takes all. `allowed` is `yes` or `no` when that holds for every request of
/// this caller, and `depends` when it depends on the resource: [`Permissions`](crate::extract::Permissions) tell it
/// of one. It is an advice about what to show; the routes decide anew on each request.
///
/// 503 when anything cannot be decided; there are no answers with gaps. No answer may be cached.
///
/// # What is not told
///
/// - Routes without a guard, and fallbacks: nobody is to be led there.
/// - Routes that decide on a concealed kind of resource, to callers whom they would answer 404 in any case.
/// - Why: scopes, conditions and reasons stay inside.
#[track_caller]
pub fn capabilities<S: Clone + Send + Sync + 'static>() -> Methods<S> {
    get(answer).with_manifest()
}

async fn answer(caller: Authorized<Authenticated>, request: Request) -> Response {
    let extensions = request.extensions();
    let (Some(principal), Some(context), Some(manifest)) =
        (caller.principal(), extensions.get::<Arc<Context>>(), extensions.get::<Manifest>())
    else {
        // The guarded router sees to it that they are there.
        let call_id = CallId::new();
        tracing::error!(target: TARGET, %call_id, "the endpoint of capabilities is not routed by the guarded router");
        let context = extensions.get::<Arc<Context>>().map(|context| &**context);
        return refuse(&Refusal::Wiring("manifest_missing"), call_id, &request, context);
    };
    match tell(manifest, principal, context).await {
        Ok(told) => told.into_response(),
        Err(undecided) => {
            let call_id = CallId::new();
            tracing::warn!(
                target: TARGET,
                %call_id,
                subject = principal.id(),
                epoch = undecided.epoch(),
                "capabilities not told: {undecided}"
            );
            refuse(&Refusal::Undecided(undecided.reason()), call_id, &request, Some(context))
        }
    }
}

/// What is told of all routes.
#[derive(Serialize)]
struct Capabilities {
    routes: Vec<RouteView>,
}

#[derive(Serialize)]
struct RouteView {
    method: String,
    path: String,
    checks: Vec<CheckView>,
    allowed: &'static str,
}

#[derive(Serialize)]
struct CheckView {
    action: &'static str,
    resource: &'static str,
}

async fn tell(
    manifest: &Manifest,
    principal: &Principal,
    context: &Context,
) -> Result<Capabilities, Undecided> {
    let now = SystemTime::now();
    let mut routes = Vec::new();
    for route in manifest.routes().iter().filter(|route| !route.is_fallback()) {
        let Some(access) = route.access() else { continue };
        let rule = Rule::Declared(access);
        let outlook = outlook(rule, Some(principal), &*context.decider, now).await?;
        // What does not show in answers of the route does not show here.
        if outlook != Outlook::Never || !is_concealed(&access) {
            routes.push(RouteView::new(route, &access, outlook));
        }
    }
    Ok(Capabilities { routes })
}

fn is_concealed(access: &Access) -> bool {
    access.checks().iter().any(Check::is_concealed)
}

impl RouteView {
    fn new(route: &Route, access: &Access, outlook: Outlook) -> Self {
        let checks = access.checks().into_iter();
        let checks =
            checks.map(|check| CheckView { action: check.action(), resource: check.resource() });
        Self {
            method: route.method().map_or("any", http::Method::as_str).to_owned(),
            path: route.path().to_owned(),
            checks: checks.collect(),
            allowed: match outlook {
                Outlook::Always => "yes",
                Outlook::Depends => "depends",
                Outlook::Never => "no",
            },
        }
    }
}

impl IntoResponse for Capabilities {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self).into_response();
        let private = HeaderValue::from_static("private, no-store");
        response.headers_mut().insert(CACHE_CONTROL, private);
        response
    }
}

fn refuse(
    refusal: &Refusal,
    call_id: CallId,
    request: &Request,
    context: Option<&Context>,
) -> Response {
    let headers = request.headers();
    let wire = Wire::of(request.method(), headers);
    let page = context.and_then(|context| context.page(refusal, call_id, headers));
    let challenge = context.map(|context| context.challenge.clone()).unwrap_or_default();
    respond(refusal, call_id, wire, &challenge, page).map(Body::from)
}

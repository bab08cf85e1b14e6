//! Services that are not put together properly, and requests for the head of an answer.

use std::{borrow::Cow, convert::Infallible};

use axum::{
    Json, Router,
    body::Body,
    extract::FromRequestParts,
    http::{Method, Request, StatusCode, request::Parts},
    routing::get,
};
use axum_authz::{
    Principal,
    extract::{All, Authorized, Changed, Decider, Loaded, PrincipalOf},
    guard,
    policies::Map,
    resource::{Attribute, Load, Resource},
};

use crate::{
    handlers,
    matrix::FORMS,
    service::{Answer, Setup, bearer, boxed},
    support::Log,
    trail::note,
    world::{Album, App, Edit, Hidden, List, policies},
    wrong::Wrong,
};

#[tokio::test]
async fn without_the_layer_every_declaration_answers_500_and_the_log_names_the_fix() {
    let setup = Setup::new(policies()).await;
    let service = boxed(handlers::plain().with_state(App));
    for form in FORMS.iter().filter(|form| form.path != "/public") {
        for wrong in [Wrong::Nothing, Wrong::Anonymous] {
            let (log, _guard) = Log::start();
            let answer = Answer::to(&service, wrong.request(form.path, &setup)).await;
            assert_eq!((answer.status, &*answer.steps), (500, ""), "{}", form.path);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert!(!answer.body.contains("layer") && !answer.body.contains("Authz"));
            let line = log.line(".layer(AuthzLayer::new(authentik, policies))");
            assert!(line.contains("ERROR"), "{line}");
            assert!(line.contains(&format!("route=\"{}\"", form.path)), "{line}");
            assert!(line.contains(&answer.call_id.unwrap().to_string()), "{line}");
        }
    }
}

#[tokio::test]
async fn without_the_layer_no_argument_of_a_handler_works() {
    #[derive(serde::Deserialize)]
    struct Claims {}
    let service = boxed(
        Router::new()
            .route("/decider", get(async |_: Decider| note("handler")))
            .route("/principal", get(async |_: Principal| note("handler")))
            .route("/optional", get(async |_: Option<Principal>| note("handler")))
            .route("/claims", get(async |_: PrincipalOf<Claims>| note("handler"))),
    );
    for path in ["/decider", "/principal", "/optional", "/claims"] {
        let (log, _guard) = Log::start();
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = Answer::to(&service, request).await;
        assert_eq!((answer.status, &*answer.steps), (500, ""), "{path}");
        log.line(".layer(AuthzLayer::new(authentik, policies))");
    }
}

async fn loaded(_: Loaded<Album, Edit>) {
    note("handler");
}

async fn both(_: All<(Authorized<List>, Loaded<Album, Edit>)>) {
    note("handler");
}

async fn changed(_: Changed<Album, Json<Album>, Edit>) {
    note("handler");
}

async fn hidden(_: Loaded<Hidden, Edit>) {
    note("handler");
}

macro_rules! routes {
    ($router:ty, $($routing:ident)::+) => {{
        use $($routing)::+::{get, post};
        <$router>::new()
            .route("/loaded", get(loaded))
            .route("/hidden/{other}", get(hidden))
            .route("/both/{album}", get(both))
            .route("/changed", post(changed))
            .nest("/twice/{id}", <$router>::new().route("/{id}", get(loaded)))
            .route("/right/{id}", get(loaded))
            .route("/concealed/{id}", get(hidden))
            .route("/list/{id}", get(both))
    }};
}

fn services(setup: &Setup) -> [crate::service::Boxed; 2] {
    let plain: Router<App> = routes!(Router<App>, axum::routing);
    let guarded: guard::Router<App> = routes!(guard::Router<App>, guard);
    [setup.plain(plain.with_state(App)), setup.finish(guarded.with_state(App))]
}

#[tokio::test]
async fn a_key_that_the_route_does_not_have_is_the_services_fault() {
    let setup = Setup::new(policies()).await;
    let alice = bearer(setup.user("alice"));
    for service in services(&setup) {
        for (method, path, pattern) in [
            (Method::GET, "/loaded", "/loaded"),
            (Method::HEAD, "/loaded", "/loaded"),
            (Method::GET, "/hidden/1", "/hidden/{other}"),
            (Method::GET, "/both/1", "/both/{album}"),
            (Method::POST, "/changed", "/changed"),
            (Method::GET, "/twice/1/2", "/twice/{id}/{id}"),
        ] {
            let (log, _guard) = Log::start();
            let request = Request::builder()
                .method(&method)
                .uri(path)
                .header("authorization", &alice)
                .header("content-type", "application/json")
                .body(crate::trail::watched("{".into()));
            let answer = Answer::to(&service, request.unwrap()).await;
            assert_eq!(answer.status, 500, "{method} {path}: {}", answer.steps);
            assert!(answer.steps.ends_with("foresee(edit)"), "{method} {path}: {}", answer.steps);
            assert_eq!(answer.body.is_empty(), method == Method::HEAD, "{method} {path}");
            let line = log.line("ERROR");
            assert!(line.contains("compare `Load::Key` with the route's path"), "{line}");
            assert!(line.contains(&format!("route=\"{pattern}\"")), "{line}");
            assert!(line.contains(&answer.call_id.unwrap().to_string()), "{line}");
        }
    }
}

/// A key that has to be asked for elsewhere.
struct Remote;

impl<S: Sync> FromRequestParts<S> for Remote {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Err(match parts.uri.path() {
            "/503" => (StatusCode::SERVICE_UNAVAILABLE, "gone"),
            "/500" => (StatusCode::INTERNAL_SERVER_ERROR, "no such extension"),
            "/404" => (StatusCode::NOT_FOUND, "no such album"),
            _ => (StatusCode::BAD_REQUEST, "no key"),
        })
    }
}

/// An album somewhere else.
struct Far(Album);

impl Resource for Far {
    const KIND: &'static str = Album::KIND;
    const ATTRIBUTES: &'static [Attribute] = Album::ATTRIBUTES;

    fn id(&self) -> Cow<'_, str> {
        self.0.id()
    }

    fn attributes(&self) -> Map {
        self.0.attributes()
    }
}

impl Load<()> for Far {
    type Key = Remote;
    type Error = Infallible;

    async fn load((): &(), _: Remote) -> Result<Option<Self>, Infallible> {
        note("load");
        Ok(None)
    }
}

#[tokio::test]
async fn what_becomes_of_a_key_is_of_the_refusals_own_kind() {
    let setup = Setup::new(policies()).await;
    let router = Router::new().route("/{which}", get(async |_: Loaded<Far, Edit>| note("handler")));
    let service = setup.plain(router);
    let alice = bearer(setup.user("alice"));
    for (path, status) in [("/503", 503), ("/500", 500), ("/404", 400), ("/400", 400)] {
        let request = Request::get(path).header("authorization", &alice).body(Body::empty());
        let answer = Answer::to(&service, request.unwrap()).await;
        assert_eq!((answer.status, &*answer.steps), (status, "foresee(edit)"), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.header("retry-after").is_some(), status == 503, "{path}");
    }
}

/// RFC 9110 section 9.3.2: the same head, and nothing else.
#[tokio::test]
async fn head_is_answered_as_get_without_content() {
    let setup = Setup::new(policies()).await;
    for service in services(&setup) {
        for path in ["/right/{id}", "/concealed/{id}", "/list/{id}"] {
            for wrong in Wrong::ALL {
                let mut answers = Vec::new();
                for method in [Method::GET, Method::HEAD] {
                    let mut request = wrong.request(path, &setup);
                    *request.method_mut() = method;
                    answers.push(Answer::to(&service, request).await);
                }
                let [get, head] = &*answers else { panic!("two were asked") };
                assert_eq!(head.status, get.status, "{path} {wrong:?}");
                assert_eq!(head.steps, get.steps, "{path} {wrong:?}");
                assert_eq!(head.body, "", "{path} {wrong:?}");
                let length = get.body.len().to_string();
                assert_eq!(head.header("content-length"), Some(&*length), "{path} {wrong:?}");
                let others = |answer: &Answer| {
                    let mut headers = answer.headers.clone();
                    headers.remove("content-length");
                    headers
                };
                assert_eq!(others(head), others(get), "{path} {wrong:?}");
            }
        }
    }
}

/// gRPC has statuses of its own, and 200 for all of them.
#[tokio::test]
async fn grpc_calls_are_refused_in_their_own_terms() {
    let setup = Setup::new(policies()).await;
    for (router, service) in setup.both() {
        for form in FORMS {
            for wrong in Wrong::ALL {
                let (status, steps) = form.outcome(*wrong);
                // Who looks at the body wants it to be JSON.
                if status == 200 || ["argument", "body"].iter().any(|step| steps.contains(step)) {
                    continue;
                }
                let status = match status {
                    400 => "3",
                    401 => "16",
                    403 => "7",
                    404 => "5",
                    503 => "14",
                    _ => continue,
                };
                let mut request = wrong.request(form.path, &setup);
                let grpc = "application/grpc+proto".parse().unwrap();
                request.headers_mut().insert("content-type", grpc);
                let answer = Answer::to(&service, request).await;
                let context = format!("{router} {} {wrong:?}", form.path);
                assert_eq!((answer.status, &*answer.body), (200, ""), "{context}");
                assert_eq!(answer.header("grpc-status"), Some(status), "{context}");
                assert_eq!(answer.steps, steps, "{context}");
            }
        }
    }
}

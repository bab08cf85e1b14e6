//! What `finish` finds.

use super::support::Log;
use axum_authz::{
    ErrorKind,
    extract::Authorized,
    guard::{Access, Action, Check, DeclaresAccess, RouteProblem, Router, Source, Unguarded, get},
    layer::AuthzLayer,
    policies::{self, Policies},
    test::TestIssuer,
};

const ALBUM: &str = "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  variables:
    local:
      hidden: R.attr.archived || R.attr.frozen
  rules:
    - {actions: [list], effect: EFFECT_ALLOW, roles: [user]}
    - {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: '!V.hidden'}}}
    - {actions: ['*'], effect: EFFECT_ALLOW, roles: [admin]}
";

macro_rules! declarations {
    ($($name:ident = $check:expr;)*) => {$(
        struct $name;

        impl DeclaresAccess for $name {
            const ACCESS: Access = Access::Check($check);
        }
    )*};
}

declarations! {
    NoKind = Check::new("list", "albun");
    NoAction = Check::new("veiw", "album");
    OnlyByPattern = Check::new("purge", "album");
    NoParameter = Check::new("list", "album").id(Source::Path("album")).attrs(&[("a", Source::Path("album"))]);
    Twice = Check::new("list", "album").id(Source::Path("id"));
    NoAttributes = Check::new("view", "album");
    SaidAbsent = Check::new("view", "album").attrs(&[("archived", Source::Query("a")), ("frozen", Source::Absent)]);
    Everything = Check::new("veiw", "album").id(Source::Path("album"));
}

struct List;

impl Action for List {
    const KIND: &'static str = "album";
    const NAME: &'static str = "list";
}

async fn handler<D: DeclaresAccess>(_: Authorized<D>) {}

fn layer(issuer: &TestIssuer) -> AuthzLayer {
    let policies = Policies::from_sources([policies::Source::new("album.yaml", ALBUM)]).unwrap();
    AuthzLayer::new(issuer.authentik().build().unwrap(), policies)
}

async fn problems(router: Router) -> Vec<RouteProblem> {
    let issuer = TestIssuer::start().await;
    match router.finish(layer(&issuer)) {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Routes);
            error.route_problems().to_vec()
        }
    }
}

async fn messages(router: Router) -> Vec<String> {
    problems(router).await.into_iter().map(|problem| problem.message).collect()
}

#[tokio::test]
async fn a_table_that_fits_is_served() {
    let router = Router::new()
        .route("/albums", get(handler::<List>))
        .route("/purge", get(handler::<OnlyByPattern>))
        .route("/albums/{id}", get(handler::<SaidAbsent>));
    assert_eq!(messages(router).await, Vec::<String>::new());
}

#[tokio::test]
async fn unknown_kinds_and_actions_are_found_with_what_was_meant() {
    let router =
        Router::new().route("/a", get(handler::<NoKind>)).route("/b", get(handler::<NoAction>));
    let found = messages(router).await;
    assert_eq!(
        found,
        [
            "no policy is about the kind of resource `albun`; did you mean `album`?",
            "no policy names the action `veiw` on `album`, though a pattern covers it; did you mean `view`? If not, name it in a rule",
        ]
    );
}

#[tokio::test]
async fn path_parameters_are_compared_with_the_whole_path() {
    let nested = Router::new()
        .nest("/albums/{album}", Router::new().route("/list", get(handler::<NoParameter>)));
    assert_eq!(messages(nested).await, Vec::<String>::new());
    let missing = Router::new().route("/albums/{id}", get(handler::<NoParameter>));
    assert_eq!(
        messages(missing).await,
        [
            "the path has no parameter `album`: write `{album}` in it, or `path(\"..\")` with a name that it has"
        ]
    );
    let rest = Router::new().route("/albums/{*album}", get(handler::<NoParameter>));
    assert_eq!(messages(rest).await, Vec::<String>::new());
    let fallback = Router::new().nest("/albums/{id}", Router::new().fallback(handler::<Twice>));
    assert_eq!(messages(fallback).await.len(), 1);
}

#[tokio::test]
async fn attributes_that_are_read_and_not_offered_are_found_where_they_are_read() {
    let found = messages(Router::new().route("/", get(handler::<NoAttributes>))).await;
    assert_eq!(
        found,
        [
            "album.yaml:10 reads `R.attr.archived` for `view` on `album`, and this offers no attributes: load the resource with \
             `Loaded`, or say that it is never there: `attr(archived = absent)`",
            "album.yaml:10 reads `R.attr.frozen` for `view` on `album`, and this offers no attributes: load the resource with \
             `Loaded`, or say that it is never there: `attr(frozen = absent)`",
        ]
    );
}

#[tokio::test]
async fn all_problems_of_all_routes_come_together_with_their_places() {
    let inner = Router::new().route("/{id}", get(handler::<Everything>));
    let line = line!() + 1;
    let methods = get(handler::<NoKind>).post(handler::<NoParameter>);
    let found = problems(Router::new().nest("/z", inner).route("/a/{x}", methods)).await;
    let routes: Vec<&str> = found.iter().map(|problem| problem.route.as_str()).collect();
    assert_eq!(routes, ["GET /a/{x}", "POST /a/{x}", "GET /z/{id}", "GET /z/{id}"]);
    for (problem, column) in found.iter().zip([19, 42]) {
        assert_eq!(problem.place, format!("{}:{line}:{column}", file!()));
    }
    let printed = found[0].to_string();
    assert!(printed.starts_with("GET /a/{x} (tests/routes/startup.rs:"), "{printed}");
}

#[tokio::test]
async fn main_prints_one_line_for_each_problem() {
    let issuer = TestIssuer::start().await;
    let router =
        Router::new().route("/a", get(handler::<NoKind>)).route("/b", get(handler::<NoAction>));
    let printed = format!("{:?}", router.finish(layer(&issuer)).unwrap_err());
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "the routes do not fit the policies:");
    assert!(lines[2].starts_with("GET /a ("), "{printed}");
    assert!(lines[3].starts_with("GET /b ("), "{printed}");
}

#[tokio::test]
async fn what_is_open_has_a_reason() {
    let why = Unguarded::because(" ");
    let router = Router::new()
        .route_unguarded("/metrics", axum::routing::MethodRouter::<()>::new(), why)
        .fallback_public(async || "page", Unguarded::because("the page of the application"));
    assert_eq!(
        messages(router).await,
        ["it is open and the reason is empty: say why that is right"]
    );
}

/// Decides somewhere else, and does not tell what is known there.
struct Elsewhere;

impl axum_authz::decide::Decide for Elsewhere {
    fn decide<'a>(
        &'a self,
        _: axum_authz::decide::Question<'a>,
        _: &'a str,
    ) -> axum_authz::decide::Answer<'a, policies::Decision> {
        axum_authz::decide::Answer::now(Ok(policies::Decision::new(policies::Effect::Deny)))
    }
}

#[tokio::test]
async fn without_a_vocabulary_only_paths_are_checked() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), Elsewhere);
    let router =
        Router::new().route("/a", get(handler::<NoKind>)).route("/b", get(handler::<NoParameter>));
    let error = router.finish(layer).unwrap_err();
    assert_eq!(error.route_problems().len(), 1);
    assert!(error.route_problems()[0].message.contains("`album`"));
}

#[tokio::test]
async fn policies_that_are_reloaded_are_held_against_the_routes_too() {
    let (log, _guard) = Log::start();
    let issuer = TestIssuer::start().await;
    let listeners = Reloaded::default();
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), listeners.clone());
    let _app = Router::new().route("/albums", get(handler::<List>)).finish(layer).unwrap();
    let reload = |text: &str| {
        let policies = Policies::from_sources([policies::Source::new("album.yaml", text)]).unwrap();
        listeners.0.lock().unwrap().iter().for_each(|listener| listener(&policies.vocabulary()));
    };
    reload(ALBUM);
    assert!(!log.text().contains("does not fit"), "{}", log.text());
    reload(&ALBUM.replace("actions: [list]", "actions: [enumerate]").replace("'*'", "'x'"));
    let line = log.line("a route does not fit the reloaded policies");
    assert!(line.contains("GET /albums (tests/routes/startup.rs:"), "{line}");
    assert!(line.contains("no policy speaks of the action `list` on `album`"), "{line}");
}

type Listeners = std::sync::Mutex<Vec<Box<dyn Fn(&policies::Vocabulary) + Send + Sync>>>;

/// Tells of other policies when the test says so.
#[derive(Clone, Default)]
struct Reloaded(std::sync::Arc<Listeners>);

impl axum_authz::decide::Decide for Reloaded {
    fn decide<'a>(
        &'a self,
        _: axum_authz::decide::Question<'a>,
        _: &'a str,
    ) -> axum_authz::decide::Answer<'a, policies::Decision> {
        axum_authz::decide::Answer::now(Ok(policies::Decision::new(policies::Effect::Deny)))
    }

    fn on_change(&self, listener: Box<dyn Fn(&policies::Vocabulary) + Send + Sync>) {
        self.0.lock().unwrap().push(listener);
    }
}

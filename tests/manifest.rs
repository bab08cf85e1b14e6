//! The manifest of a service, the file of who may call what, and the endpoint that tells a user interface.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{borrow::Cow, convert::Infallible, fs, path::Path as FilePath, process::Command};

use axum::{
    body::Body,
    extract::Path,
    http::{Request, Response},
};
use axum_authz::{
    Principal, authenticated, authorize,
    decide::{Answer, Decide, Question},
    endpoint::capabilities,
    extract::Loaded,
    guard::{Action, Manifest, Router, Secured, Unguarded, get},
    layer::AuthzLayer,
    policies::{Decision, Map, Policies, Source, Undecided},
    public,
    resource::{Attribute, Load, Resource},
    test::{TestIssuer, assert_access_matrix, check_access_matrix},
    token::Authentik,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::{ServiceExt, service_fn};

const ALBUM: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: ["*"]
      effect: EFFECT_ALLOW
      roles: ["admin"]
    - actions: ["list", "create"]
      effect: EFFECT_ALLOW
      roles: ["user"]
    - actions: ["view"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          expr: R.attr.owner == P.id
"#;

const DIARY: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: diary
  version: default
  rules:
    - actions: ["read"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          expr: R.attr.owner == P.id
"#;

fn policies() -> Policies {
    let sources = [Source::new("album.yaml", ALBUM), Source::new("diary.yaml", DIARY)];
    Policies::from_sources(sources).unwrap()
}

struct View;

impl Action for View {
    const KIND: &'static str = "album";
    const NAME: &'static str = "view";
}

struct Read;

impl Action for Read {
    const KIND: &'static str = "diary";
    const NAME: &'static str = "read";
}

/// Everything is alice's.
macro_rules! owned {
    ($name:ident, $kind:literal, $conceal:literal) => {
        struct $name;

        impl Resource for $name {
            const KIND: &'static str = $kind;
            const ATTRIBUTES: &'static [Attribute] = &[Attribute::new("owner")];
            const CONCEAL: bool = $conceal;

            fn id(&self) -> Cow<'_, str> {
                "1".into()
            }

            fn attributes(&self) -> Map {
                [("owner", "alice".into())].into_iter().collect()
            }
        }

        impl Load<()> for $name {
            type Key = Path<u64>;
            type Error = Infallible;

            async fn load(_: &(), _: Path<u64>) -> Result<Option<Self>, Infallible> {
                Ok(Some(Self))
            }
        }
    };
}

owned!(Album, "album", false);
owned!(Diary, "diary", true);

#[authorize(action = "list", resource = "album")]
async fn list() {}

#[authorize(action = "create", resource = "album", scope = "photos.write")]
async fn create() {}

async fn show(_: Loaded<Album, View>) {}

#[authorize(action = "delete", resource = "album", id = path("id"))]
async fn delete() {}

async fn read(_: Loaded<Diary, Read>) {}

#[authenticated(scope = "openid")]
async fn whoami() {}

#[authenticated]
async fn lost() {}

#[public(reason = "liveness probe")]
async fn healthz() {}

const METRICS: Unguarded = Unguarded::because("scraped on a private port");

fn routes() -> Router {
    let metrics = service_fn(async |_: Request<Body>| Ok(Response::new(Body::empty())));
    let album = Router::new().route("/", get(show).delete(delete));
    let albums = Router::new().route("/", get(list).post(create)).nest("/{id}", album);
    let others = Router::new().route("/diaries/{id}", get(read)).route("/whoami", get(whoami));
    Router::new()
        .nest("/albums", albums)
        .merge(others)
        .route("/capabilities", capabilities())
        .route("/healthz", get(healthz))
        .route_unguarded("/metrics", metrics, METRICS)
        .fallback(lost)
}

fn layer(policies: impl Decide) -> AuthzLayer {
    let issuer = "https://id.example.org/application/o/photos/";
    AuthzLayer::new(Authentik::issuer(issuer).audience("photos").build().unwrap(), policies)
}

fn app() -> Secured {
    routes().finish(layer(policies())).unwrap()
}

#[test]
fn the_table_has_every_route_below_its_prefixes() {
    assert_eq!(
        format!("{:#}", app().manifest()),
        "\
METHOD  PATH           ACCESS
any     / (fallback)   any caller
GET     /albums        list on album
POST    /albums        create on album with scope photos.write
DELETE  /albums/{id}   delete on album
GET     /albums/{id}   view on album, loaded
GET     /capabilities  any caller
GET     /diaries/{id}  read on diary, loaded, concealed
GET     /healthz       public: liveness probe
any     /metrics       unguarded: scraped on a private port
GET     /whoami        any caller with scope openid"
    );
}

#[test]
fn places_are_those_in_this_file() {
    let text = app().manifest().to_string();
    let routes: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(routes.len(), 10);
    for route in routes {
        assert!(route.contains("  tests/manifest.rs:"), "{route}");
    }
}

#[test]
fn json_has_every_route() {
    let json = serde_json::to_value(app().manifest()).unwrap();
    let routes = json["routes"].as_array().unwrap();
    assert_eq!(routes.len(), 10);
    let show = &routes[4];
    assert_eq!((&show["method"], &show["path"]), (&json!("GET"), &json!("/albums/{id}")));
    assert_eq!(show["access"]["basis"], "loaded");
    assert_eq!(show["access"]["attributes"], json!([{ "name": "owner", "from": "resource" }]));
    assert_eq!(show["location"]["file"], "tests/manifest.rs");
}

fn personas() -> [(&'static str, Principal); 4] {
    let user = |id| Principal::test(id).role("user").scope("openid");
    [
        ("guest", Principal::test("guest")),
        ("user", user("bob")),
        ("writer", user("alice").scope("photos.write")),
        ("admin", Principal::test("root").role("admin").scope("photos.write")),
    ]
}

/// [`in_child`] runs it in a process of its own, with another folder than this package's.
#[test]
fn who_may_call_what_is_as_checked_in() {
    let app = app();
    let Some(dir) = std::env::var_os("AUTHZ_TEST_DIR") else {
        assert_access_matrix!(&app, &policies(), personas(), "tests/access.txt");
        return;
    };
    let manifest: &Manifest = app.manifest();
    check_access_matrix(dir, "access.txt", manifest, &policies(), personas());
}

/// Whether the matrix is that in `dir`, and what is printed.
fn in_child(dir: &FilePath, update: Option<&str>) -> (bool, String) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "who_may_call_what_is_as_checked_in", "--nocapture"]);
    child.env("AUTHZ_TEST_DIR", dir);
    child.env_remove("AUTHZ_UPDATE").env("RUST_BACKTRACE", "0");
    if let Some(update) = update {
        child.env("AUTHZ_UPDATE", update);
    }
    let output = child.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_file_is_written_only_when_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("access.txt");
    for update in [None, Some("0"), Some("")] {
        let (passed, printed) = in_child(dir.path(), update);
        assert!(!passed && !file.exists(), "{printed}");
        assert!(printed.contains("AUTHZ_UPDATE=1 cargo test"), "{printed}");
    }
    assert!(in_child(dir.path(), Some("1")).0);
    let checked_in = fs::read_to_string("tests/access.txt").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), checked_in);
    assert!(in_child(dir.path(), None).0);
}

#[test]
fn a_difference_is_shown_by_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("access.txt");
    let checked_in = fs::read_to_string("tests/access.txt").unwrap();
    let is_delete = |line: &&str| line.contains("DELETE /albums/{id}");
    let is = checked_in.lines().find(is_delete).unwrap();
    let was = is.replacen("no ", "yes", 1);
    fs::write(&file, checked_in.replace(is, &was)).unwrap();

    let (passed, printed) = in_child(dir.path(), None);
    assert!(!passed);
    assert!(printed.contains(&format!(":\n\n- {was}\n+ {is}\n\n")), "{printed}");
    assert!(printed.contains("access.txt") && printed.contains("`AUTHZ_UPDATE=1 cargo test`"));
    // It is left as it was.
    assert!(fs::read_to_string(&file).unwrap().contains(&was));
}

#[test]
fn ends_of_lines_are_no_difference() {
    let dir = tempfile::tempdir().unwrap();
    let checked_in = fs::read_to_string("tests/access.txt").unwrap();
    fs::write(dir.path().join("access.txt"), checked_in.replace('\n', "\r\n")).unwrap();
    let (passed, printed) = in_child(dir.path(), None);
    assert!(passed, "{printed}");
}

#[test]
#[should_panic = "two personas of the name `bob`"]
fn personas_have_names_of_their_own() {
    let twice = [("bob", Principal::test("bob")), ("bob", Principal::test("other"))];
    assert_access_matrix!(&app(), &policies(), twice, "tests/access.txt");
}

#[test]
#[should_panic = "the name of a persona is one word, and `the admin` is not"]
fn names_of_personas_are_words() {
    let names = [("the admin", Principal::test("root"))];
    assert_access_matrix!(&app(), &policies(), names, "tests/access.txt");
}

#[test]
#[should_panic = "who may call GET /albums cannot be told: no decision: down"]
fn no_answer_is_no_cell() {
    assert_access_matrix!(&app(), &Down, personas(), "tests/access.txt");
}

/// Cannot be asked.
struct Down;

impl Decide for Down {
    fn decide<'a>(&'a self, _: Question<'a>, _: &'a str) -> Answer<'a, Decision> {
        Answer::later(async { Err(Undecided::unavailable("down")) })
    }
}

async fn ask(app: &Secured, method: &str, token: Option<String>) -> (u16, String, Value) {
    let mut request = Request::builder().method(method).uri("/capabilities");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let caching = response.headers()["cache-control"].to_str().unwrap().to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, caching, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn capabilities_are_those_of_the_caller() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), policies());
    let app = routes().finish(layer).unwrap();

    let all = [
        ("GET", "/albums"),
        ("POST", "/albums"),
        ("DELETE", "/albums/{id}"),
        ("GET", "/albums/{id}"),
        ("GET", "/capabilities"),
        ("GET", "/diaries/{id}"),
        ("GET", "/healthz"),
        ("GET", "/whoami"),
    ];
    for (group, scope, expected) in [
        ("guest", "openid", ["no", "no", "no", "no", "yes", "", "yes", "yes"]),
        ("user", "openid", ["yes", "no", "no", "depends", "yes", "depends", "yes", "yes"]),
        ("user", "photos.write", ["yes", "yes", "no", "depends", "yes", "depends", "yes", "no"]),
        ("admin", "photos.write", ["yes", "yes", "yes", "yes", "yes", "", "yes", "no"]),
    ] {
        let token = issuer.token("alice").groups([group]).scope(scope).sign();
        let (status, caching, told) = ask(&app, "GET", Some(token)).await;
        assert_eq!((status, &*caching), (200, "private, no-store"), "{told}");
        let told = told["routes"].as_array().unwrap();
        let told: Vec<(&str, &str, &str)> = told
            .iter()
            .map(|route| {
                let text = |name: &str| route[name].as_str().unwrap();
                (text("method"), text("path"), text("allowed"))
            })
            .collect();
        // A concealed kind is not spoken of to those who can have nothing of it.
        let expected: Vec<(&str, &str, &str)> = all
            .iter()
            .zip(expected)
            .filter(|(_, allowed)| !allowed.is_empty())
            .map(|(&(method, path), allowed)| (method, path, allowed))
            .collect();
        assert_eq!(told, expected, "{group} {scope}");
    }
}

#[tokio::test]
async fn capabilities_say_what_is_asked_and_nothing_else() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), policies());
    let app = routes().finish(layer).unwrap();
    let token = issuer.token("alice").groups(["user"]).sign();
    let (_, _, told) = ask(&app, "GET", Some(token.clone())).await;
    let expected = json!({
        "method": "GET",
        "path": "/albums/{id}",
        "checks": [{ "action": "view", "resource": "album" }],
        "allowed": "depends",
    });
    assert_eq!(told["routes"][3], expected);
    for hidden in ["scope", "photos.write", "reason", "probe", "metrics", ".rs", "owner"] {
        assert!(!told.to_string().contains(hidden), "{hidden}: {told}");
    }
    let (status, caching, told) = ask(&app, "HEAD", Some(token)).await;
    assert_eq!((status, &*caching, told), (200, "private, no-store", Value::Null));
}

#[tokio::test]
async fn capabilities_are_told_completely_or_not_at_all() {
    let issuer = TestIssuer::start().await;
    let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), Down);
    let app = routes().finish(layer).unwrap();
    assert_eq!(ask(&app, "GET", None).await.0, 401);
    let (status, caching, told) = ask(&app, "GET", Some(issuer.token("alice").sign())).await;
    assert_eq!((status, &*caching, &told["status"]), (503, "no-store", &json!(503)));
    assert!(told.get("routes").is_none() && !told.to_string().contains("down"), "{told}");
}

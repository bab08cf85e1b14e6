//! Access in OpenAPI documents: both orders of the macros, what is added and what is left alone.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{borrow::Cow, convert::Infallible};

use axum::{
    Json,
    extract::{Path, Query},
};
use axum_authz::{
    authenticated, authorize,
    extract::{All, Loaded},
    guard::{Action, Router, Secured, any, get, openapi::TokenScheme, post},
    layer::AuthzLayer,
    policies::{Map, Policies, Source},
    public,
    resource::{Attribute, Load, Resource},
    token::Authentik,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{
    OpenApi, ToSchema,
    openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
};

const KINDS: [(&str, &str); 2] = [("album", "album.yaml"), ("diary", "diary.yaml")];

fn policies() -> Policies {
    let policy = |(kind, file)| {
        let text = format!(
            "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: {kind}\n  version: default\n  rules:\n    \
             - {{ actions: [\"*\"], effect: EFFECT_ALLOW, roles: [\"user\"] }}\n"
        );
        Source::new(file, text)
    };
    Policies::from_sources(KINDS.map(policy)).unwrap()
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

macro_rules! resource {
    ($name:ident, $kind:literal, $conceal:literal) => {
        struct $name;

        impl Resource for $name {
            const KIND: &'static str = $kind;
            const ATTRIBUTES: &'static [Attribute] = &[];
            const CONCEAL: bool = $conceal;

            fn id(&self) -> Cow<'_, str> {
                "1".into()
            }

            fn attributes(&self) -> Map {
                Map::default()
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

resource!(Album, "album", false);
resource!(Diary, "diary", true);

#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "described, never read")]
struct NewAlbum {
    title: String,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[expect(dead_code, reason = "described, never read")]
struct Page {
    page: u32,
}

/// Creates an album.
#[authorize(action = "create", resource = "album", scope = "photos.read photos.write")]
#[utoipa::path(post, path = "/albums", params(Page), responses((status = 201)))]
async fn above(Query(_page): Query<Page>, Json(_album): Json<NewAlbum>) {}

/// Creates an album.
#[utoipa::path(post, path = "/below", params(Page), responses((status = 201)))]
#[authorize(action = "create", resource = "album", scope = "photos.read photos.write")]
async fn below(Query(_page): Query<Page>, Json(_album): Json<NewAlbum>) {}

#[utoipa::path(get, path = "/albums/{album_id}", params(("album_id" = u64, Path)), responses((status = 200)))]
async fn show(_album: Loaded<Album, View>) {}

#[utoipa::path(get, path = "/diaries/{id}", params(("id" = u64, Path)), responses((status = 200)))]
async fn read(_: Loaded<Diary, Read>) {}

#[utoipa::path(get, path = "/both/{id}", params(("id" = u64, Path)), responses((status = 200)))]
async fn both(_found: All<(Loaded<Album, View>, Loaded<Diary, Read>)>) {}

#[authenticated]
#[utoipa::path(get, path = "/whoami", responses((status = 200)))]
async fn whoami() {}

#[utoipa::path(get, path = "/settings", responses((status = 200)))]
#[authenticated(scope = "openid")]
async fn settings() {}

#[public(reason = "liveness probe")]
#[utoipa::path(get, path = "/healthz", responses((status = 200)))]
async fn healthz() {}

#[utoipa::path(get, path = "/files/{rest}", params(("rest" = String, Path)), responses((status = 200)))]
#[authenticated]
async fn files() {}

/// What it says of itself stays.
#[authorize(action = "delete", resource = "album")]
#[utoipa::path(
    delete,
    path = "/albums",
    security(("own_key" = [])),
    responses(
        (status = 204),
        (status = 403, description = "the album is locked"),
        (status = "5XX", description = "whatever"),
    )
)]
async fn clear() {}

#[expect(dead_code, reason = "in the document only")]
#[utoipa::path(put, path = "/albums", responses((status = 200)))]
#[authenticated]
async fn unrouted() {}

#[authenticated]
async fn undocumented() {}

#[derive(OpenApi)]
#[openapi(paths(above, below, show, read, both, whoami, settings, healthz, files, clear))]
struct Api;

fn routes() -> Router {
    let albums = Router::new().route("/", post(above).delete(clear)).route("/{id}", get(show));
    let others = Router::new()
        .route("/below", post(below))
        .route("/diaries/{id}", get(read))
        .route("/both/{id}", get(both))
        .route("/whoami", get(whoami))
        .route("/settings", get(settings));
    Router::new()
        .nest("/albums", albums)
        .merge(others)
        .route("/healthz", get(healthz))
        .route("/files/{*rest}", any(files))
        .fallback(undocumented)
}

fn app(routes: Router) -> Secured {
    let issuer = "https://id.example.org/application/o/photos/";
    let authentik = Authentik::issuer(issuer).audience("photos").build().unwrap();
    routes.finish(AuthzLayer::new(authentik, policies())).unwrap()
}

/// The document, annotated, when it and the routes agree.
fn annotated() -> Value {
    let mut document = Api::openapi();
    let differences = app(routes()).manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    assert!(differences.is_empty(), "{differences}");
    serde_json::to_value(&document).unwrap()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn each_operation_has_the_security_and_the_refusals_of_its_route() {
    let document = annotated();
    let scoped = |scopes: &[&str]| json!([{ "access_token": scopes }]);
    let both_scopes = scoped(&["photos.read", "photos.write"]);
    for (path, method, security, expected) in [
        ("/albums", "post", both_scopes.clone(), &["201", "401", "403", "503"][..]),
        ("/below", "post", both_scopes, &["201", "401", "403", "503"]),
        ("/albums/{album_id}", "get", scoped(&[]), &["200", "401", "403", "404", "503"]),
        ("/diaries/{id}", "get", scoped(&[]), &["200", "401", "404", "503"]),
        ("/both/{id}", "get", scoped(&[]), &["200", "401", "403", "404", "503"]),
        ("/whoami", "get", scoped(&[]), &["200", "401", "503"]),
        ("/settings", "get", scoped(&["openid"]), &["200", "401", "403", "503"]),
        ("/files/{rest}", "get", scoped(&[]), &["200", "401", "503"]),
        ("/healthz", "get", Value::Null, &["200"]),
    ] {
        let operation = &document["paths"][path][method];
        assert_eq!(operation["security"], security, "{path}");
        assert_eq!(statuses(operation), expected, "{path}");
    }
}

#[test]
fn macros_stand_in_either_order_and_the_declaration_does_not_show() {
    let document = annotated();
    let without_name = |path: &str| {
        let mut operation = document["paths"][path]["post"].clone();
        operation.as_object_mut().unwrap().remove("operationId");
        operation
    };
    let above = without_name("/albums");
    assert_eq!(above, without_name("/below"));
    assert_eq!(above["summary"], "Creates an album.");
    let parameters = above["parameters"].as_array().unwrap();
    assert_eq!(parameters.len(), 1, "{parameters:?}");
    assert_eq!(parameters[0]["name"], "page");
    let body = &above["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/NewAlbum");
    let text = document.to_string();
    assert!(!text.contains("__authz") && !text.contains("Authorized"), "{text}");
    for path in ["/albums/{album_id}", "/both/{id}"] {
        let operation = &document["paths"][path]["get"];
        assert_eq!(operation["parameters"].as_array().unwrap().len(), 1, "{path}");
        assert!(operation["requestBody"].is_null(), "{path}");
    }
}

#[test]
fn refusals_are_problems_and_the_schema_is_there() {
    let document = annotated();
    let responses = &document["paths"]["/albums/{album_id}"]["get"]["responses"];
    for status in ["401", "403", "404", "503"] {
        let content = &responses[status]["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/AccessProblem", "{status}");
    }
    assert!(responses["401"]["headers"]["WWW-Authenticate"].is_object());
    assert!(responses["503"]["headers"]["Retry-After"].is_object());
    let schema = &document["components"]["schemas"]["AccessProblem"];
    assert_eq!(schema["required"], json!(["type", "title", "status", "detail", "call_id"]));
}

#[test]
fn what_is_written_already_stays() {
    let document = annotated();
    let clear = &document["paths"]["/albums"]["delete"];
    assert_eq!(clear["security"], json!([{ "own_key": [] }]));
    assert_eq!(statuses(clear), ["204", "401", "403", "5XX"]);
    assert_eq!(clear["responses"]["403"]["description"], "the album is locked");

    let mut own = Api::openapi();
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-key")));
    own.components.get_or_insert_default().add_security_scheme("access_token", key);
    app(routes()).manifest().annotate(&mut own, &TokenScheme::bearer_jwt());
    let own = serde_json::to_value(&own).unwrap();
    assert_eq!(own["components"]["securitySchemes"]["access_token"]["type"], "apiKey");
}

#[test]
fn annotating_twice_changes_nothing() {
    let app = app(routes());
    let mut document = Api::openapi();
    app.manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    let once = serde_json::to_value(&document).unwrap();
    app.manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    assert_eq!(serde_json::to_value(&document).unwrap(), once);
}

#[test]
fn the_scheme_says_where_tokens_are_to_be_had() {
    let url = "https://id.example.org/application/o/photos/.well-known/openid-configuration";
    for (scheme, expected) in [
        (
            TokenScheme::open_id_connect(url),
            json!({ "type": "openIdConnect", "openIdConnectUrl": url }),
        ),
        (
            TokenScheme::bearer_jwt(),
            json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }),
        ),
    ] {
        let mut document = Api::openapi();
        app(routes()).manifest().annotate(&mut document, &scheme);
        let document = serde_json::to_value(&document).unwrap();
        assert_eq!(document["components"]["securitySchemes"]["access_token"], expected);
    }
}

#[test]
fn what_the_document_asks_of_all_is_not_asked_of_public_operations() {
    let mut document = Api::openapi();
    document.security = Some(vec![SecurityRequirement::new("access_token", [""; 0])]);
    app(routes()).manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    let document = serde_json::to_value(&document).unwrap();
    assert_eq!(document["paths"]["/healthz"]["get"]["security"], json!([]));
}

#[test]
fn operations_that_only_the_document_calls_open_are_told() {
    for open in [Vec::new(), vec![SecurityRequirement::default()]] {
        let mut document = Api::openapi();
        for path in ["/whoami", "/healthz"] {
            let item = document.paths.paths.get_mut(path).unwrap();
            item.get.as_mut().unwrap().security = Some(open.clone());
        }
        let differences =
            app(routes()).manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
        assert_eq!(differences.said_open, ["GET /whoami"]);
        assert!(!differences.is_empty());
        assert_eq!(
            differences.to_string(),
            "GET /whoami: open to all in the document, and its route asks for a token\n"
        );
    }
}

#[test]
fn operations_without_route_and_routes_without_operation_are_told() {
    #[derive(OpenApi)]
    #[openapi(paths(above, whoami, unrouted))]
    struct Other;

    let routes = Router::new()
        .route("/albums", post(above).get(undocumented))
        .route("/whoami", any(whoami))
        .route("/Whoami", get(undocumented))
        .fallback(undocumented);
    let mut document = Other::openapi();
    let differences = app(routes).manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    assert_eq!(differences.without_route, ["PUT /albums"]);
    assert_eq!(differences.undocumented, ["GET /Whoami", "GET /albums"]);
    assert_eq!(
        differences.to_string(),
        "PUT /albums: in the document, and no route answers it\n\
         GET /Whoami: a route, and not in the document\n\
         GET /albums: a route, and not in the document\n"
    );
    let document = serde_json::to_value(&document).unwrap();
    // Whether it is refused is not known, so nothing is said of it.
    assert_eq!(statuses(&document["paths"]["/albums"]["put"]), ["200"]);
    assert_eq!(statuses(&document["paths"]["/whoami"]["get"]), ["200", "401", "503"]);
}

//! Access in OpenAPI documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use utoipa::openapi::{
    OpenApi, PathItem, RefOr, Response,
    path::Operation,
    security::{HttpAuthScheme, HttpBuilder, OpenIdConnect, SecurityRequirement, SecurityScheme},
};

use super::{Access, Basis, Manifest, Route, Rule};

mod path;
mod responses;

/// The name of the security scheme in the document.
const SCHEME: &str = "access_token";

/// How a document says where access tokens are to be had.
///
/// ```
/// use axum_authz::guard::openapi::TokenScheme;
///
/// let scheme = TokenScheme::open_id_connect(
///     "https://id.example.org/application/o/photos/.well-known/openid-configuration",
/// );
/// # let _ = (scheme, TokenScheme::bearer_jwt());
/// ```
#[derive(Clone)]
pub struct TokenScheme(SecurityScheme);

impl TokenScheme {
    /// From the provider that this discovery document describes; of Authentik it is the issuer's URL followed by
    /// `.well-known/openid-configuration`.
    #[must_use]
    pub fn open_id_connect(discovery_url: &str) -> Self {
        Self(SecurityScheme::OpenIdConnect(OpenIdConnect::new(discovery_url)))
    }

    /// From somewhere else: the document says no more than that they are sent as bearer tokens (RFC 6750).
    #[must_use]
    pub fn bearer_jwt() -> Self {
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        Self(SecurityScheme::Http(http.build()))
    }
}

impl fmt::Debug for TokenScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            SecurityScheme::OpenIdConnect(_) => "TokenScheme(open_id_connect)",
            _ => "TokenScheme(bearer_jwt)",
        })
    }
}

/// Where a document and the routes do not agree; made by [`Manifest::annotate`].
///
/// It is printed one line for each difference, and is empty when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Differences {
    /// Operations of the document that no route answers, as in `GET /albums/{id}`.
    pub without_route: Vec<String>,
    /// Routes that the document does not tell of, as in `GET /albums/{id}`. Fallbacks are not expected in it.
    pub undocumented: Vec<String>,
    /// Operations that the document says anybody may call, by a `security` of their own, and whose routes ask for a
    /// token.
    pub said_open: Vec<String>,
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.without_route.is_empty() && self.undocumented.is_empty() && self.said_open.is_empty()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for operation in &self.without_route {
            writeln!(f, "{operation}: in the document, and no route answers it")?;
        }
        for route in &self.undocumented {
            writeln!(f, "{route}: a route, and not in the document")?;
        }
        for operation in &self.said_open {
            writeln!(
                f,
                "{operation}: open to all in the document, and its route asks for a token"
            )?;
        }
        Ok(())
    }
}

impl Manifest {
    /// Writes into an OpenAPI document who may call its operations, and tells where the document and the routes do
    /// not agree.
    ///
    /// - The security scheme `access_token`, as `scheme` says.
    /// - For each operation with a route `security`, with the scopes that are declared; for those that anybody may
    ///   call none, also if the document has one for all.
    /// - The responses 401 and 503 where a token is needed, 403 where scopes or policies can refuse, 404 where the
    ///   resource may be absent or is concealed. Their content is `application/problem+json`, described by the schema
    ///   `AccessProblem`.
    ///
    /// What is in the document already stays: an operation's own `security`, a response of the same status (or of its
    /// range, `4XX`), a scheme or schema of the same name.
    ///
    /// A path of the document is that of a route when they are the same but for the names of their placeholders;
    /// `{*rest}` is written `{rest}` there.
    ///
    /// The attributes of this crate stand above or below `#[utoipa::path]`.
    ///
    /// ```
    /// use axum_authz::{authorize, guard::{Router, get, openapi::TokenScheme}, layer::AuthzLayer};
    /// # use axum_authz::{policies::{Policies, Source}, token::Authentik};
    /// use utoipa::OpenApi;
    ///
    /// #[authorize(action = "view", resource = "album", id = path("id"))]
    /// #[utoipa::path(get, path = "/albums/{id}", responses((status = 200, body = String)))]
    /// async fn show() -> String {
    ///     String::new()
    /// }
    ///
    /// #[derive(OpenApi)]
    /// #[openapi(paths(show))]
    /// struct Api;
    ///
    /// # fn main() -> Result<(), axum_authz::Error> {
    /// # let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
    /// # let policies = Policies::from_sources([Source::new("album.yaml", r#"
    /// # apiVersion: api.cerbos.dev/v1
    /// # resourcePolicy:
    /// #   resource: album
    /// #   version: default
    /// #   rules: [{ actions: ["view"], effect: EFFECT_ALLOW, roles: ["user"] }]
    /// # "#)])?;
    /// # let layer = AuthzLayer::new(authentik, policies);
    /// let app = Router::new().route("/albums/{id}", get(show)).finish(layer)?;
    /// let mut document = Api::openapi();
    /// let differences = app.manifest().annotate(&mut document, &TokenScheme::bearer_jwt());
    /// assert!(differences.is_empty(), "{differences}");
    ///
    /// let json = serde_json::to_value(&document).unwrap();
    /// let show = &json["paths"]["/albums/{id}"]["get"];
    /// assert_eq!(show["security"], serde_json::json!([{ "access_token": [] }]));
    /// assert!(show["responses"]["403"].is_object());
    /// # Ok(())
    /// # }
    /// ```
    pub fn annotate(&self, document: &mut OpenApi, scheme: &TokenScheme) -> Differences {
        let components = document.components.get_or_insert_default();
        let scheme = RefOr::T(scheme.0.clone());
        components.security_schemes.entry(SCHEME.to_owned()).or_insert(scheme);
        components.schemas.entry(responses::SCHEMA.to_owned()).or_insert_with(responses::schema);

        let is_secured = document.security.as_ref().is_some_and(|all| !all.is_empty());
        let routes = by_path(self.routes());
        let (mut documented, mut without_route) = (BTreeSet::new(), Vec::new());
        let mut said_open = Vec::new();
        for (path, item) in &mut document.paths.paths {
            let here = routes.get(&path::normal(path)).map_or(&[][..], Vec::as_slice);
            for (method, operation) in operations(item) {
                match answering(here, method) {
                    Some((position, route)) => {
                        documented.insert(position);
                        annotate(operation, route, is_secured);
                        if needs_token(route).is_some() && is_open(operation) {
                            said_open.push(format!("{method} {path}"));
                        }
                    }
                    None => without_route.push(format!("{method} {path}")),
                }
            }
        }
        let routes = self.routes().iter().enumerate();
        let undocumented = routes
            .filter(|(position, route)| !route.is_fallback() && !documented.contains(position))
            .map(|(_, route)| route.to_string());
        Differences { without_route, undocumented: undocumented.collect(), said_open }
    }
}

/// A route, and its position in the manifest.
type Numbered<'a> = (usize, &'a Route);

fn by_path(routes: &[Route]) -> BTreeMap<String, Vec<Numbered<'_>>> {
    let mut paths: BTreeMap<String, Vec<Numbered<'_>>> = BTreeMap::new();
    for (position, route) in routes.iter().enumerate().filter(|(_, route)| !route.is_fallback()) {
        paths.entry(path::normal(route.path())).or_default().push((position, route));
    }
    paths
}

/// The route among those of one path that answers a method: its own, for `HEAD` that of `GET`, or the one for all.
fn answering<'a>(routes: &[Numbered<'a>], method: &str) -> Option<Numbered<'a>> {
    let of = |wanted: Option<&str>| {
        let own = |route: &Route| route.method().map(http::Method::as_str) == wanted;
        routes.iter().copied().find(|(_, route)| own(route))
    };
    let of_get = || if method == "HEAD" { of(Some("GET")) } else { None };
    of(Some(method)).or_else(of_get).or_else(|| of(None))
}

/// The operations of a path, by method.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&str, &mut Operation)> {
    let PathItem { get, put, post, delete, options, head, patch, trace, query, .. } = item;
    let others = item.additional_operations.iter_mut();
    let fixed = [
        ("GET", get),
        ("PUT", put),
        ("POST", post),
        ("DELETE", delete),
        ("OPTIONS", options),
        ("HEAD", head),
        ("PATCH", patch),
        ("TRACE", trace),
        ("QUERY", query),
    ];
    let fixed = fixed.into_iter().filter_map(|(method, slot)| Some((method, slot.as_mut()?)));
    fixed.chain(others.map(|(method, operation)| (method.as_str(), operation)))
}

/// What a route declares, unless anybody may call it.
fn needs_token(route: &Route) -> Option<Access> {
    match route.rule() {
        Rule::Declared(access) if !access.is_public() => Some(access),
        _ => None,
    }
}

/// Whether an operation says that it needs no credentials: it asks for nothing, or for nothing as one of several
/// ways.
fn is_open(operation: &Operation) -> bool {
    let nothing = SecurityRequirement::default();
    operation.security.as_ref().is_some_and(|ways| ways.is_empty() || ways.contains(&nothing))
}

fn annotate(operation: &mut Operation, route: &Route, is_secured: bool) {
    let Some(access) = needs_token(route) else {
        // An empty list takes back what the document asks of all operations.
        if is_secured {
            operation.security.get_or_insert_default();
        }
        return;
    };
    let scopes = scopes(&access);
    let can_refuse =
        !scopes.is_empty() || access.checks().iter().any(|check| !check.is_concealed());
    operation.security.get_or_insert_with(|| vec![SecurityRequirement::new(SCHEME, scopes)]);
    respond(operation, responses::unauthorized);
    if can_refuse {
        respond(operation, responses::forbidden);
    }
    if can_be_absent(&access) {
        respond(operation, responses::not_found);
    }
    respond(operation, responses::unavailable);
}

/// All scopes that are needed, each once.
fn scopes(access: &Access) -> Vec<&'static str> {
    let mut scopes = Vec::new();
    for part in access.parts() {
        for scope in part.required_scope().into_iter().flat_map(|scopes| scopes.split(' ')) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    scopes
}

fn can_be_absent(access: &Access) -> bool {
    let loads = |basis| matches!(basis, Basis::Loaded | Basis::Changed);
    access.checks().iter().any(|check| check.is_concealed() || loads(check.basis()))
}

/// Adds a response, unless the document has one for this status.
fn respond(operation: &mut Operation, response: fn() -> (&'static str, Response)) {
    let (status, response) = response();
    let responses = &mut operation.responses.responses;
    let range = if status.starts_with('4') { ["4XX", "4xx"] } else { ["5XX", "5xx"] };
    if !range.iter().any(|range| responses.contains_key(*range)) {
        responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}

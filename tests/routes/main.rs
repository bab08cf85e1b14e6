//! The guarded router: a large table, ways around it, and what is found out before the first request.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod fallbacks;
mod scopes;
mod smuggling;
mod startup;
mod table;

#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write as _;

use axum::{body::Body, extract::Request, response::Response};
use axum_authz::{
    extract::Authorized,
    guard::{Access, Check, DeclaresAccess, Router, Secured, Source},
    layer::AuthzLayer,
    policies::{self, Policies},
    test::TestIssuer,
};
use http::{Method, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

const KINDS: [&str; 10] =
    ["album", "photo", "comment", "tag", "person", "group", "invoice", "order", "report", "note"];
const ACTIONS: [&str; 6] = ["list", "create", "view", "replace", "edit", "delete"];

/// The action with this number on the kind with this number, on the path's `id` if `ONE`.
struct Act<const KIND: usize, const ACTION: usize, const ONE: bool>;

impl<const KIND: usize, const ACTION: usize, const ONE: bool> DeclaresAccess
    for Act<KIND, ACTION, ONE>
{
    const ACCESS: Access = {
        let check = Check::new(ACTIONS[ACTION], KINDS[KIND]);
        Access::Check(if ONE { check.id(Source::Path("id")) } else { check })
    };
}

/// What every guarded handler of these tests is: it says that it was reached.
async fn reached<const KIND: usize, const ACTION: usize, const ONE: bool>(
    _: Authorized<Act<KIND, ACTION, ONE>>,
) -> &'static str {
    "reached"
}

/// Users may do everything to everything.
fn permissive() -> Policies {
    let sources = KINDS.map(|kind| {
        let mut text = format!(
            "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: {kind}\n  version: default\n  rules:\n"
        );
        let actions = ACTIONS.join(", ");
        writeln!(text, "    - {{actions: [{actions}], effect: EFFECT_ALLOW, roles: [user]}}").unwrap();
        policies::Source::new(format!("{kind}.yaml"), text)
    });
    Policies::from_sources(sources).unwrap()
}

/// A service, and the issuer whose tokens it believes.
struct Service {
    app: Secured,
    issuer: TestIssuer,
}

impl Service {
    async fn of(router: Router) -> Self {
        let issuer = TestIssuer::start().await;
        let layer = AuthzLayer::new(issuer.authentik().build().unwrap(), permissive());
        Self { app: router.finish(layer).unwrap(), issuer }
    }

    async fn call(&self, method: &Method, path: &str, who: Who) -> Response {
        self.app.clone().oneshot(self.request(method, path, who)).await.unwrap()
    }

    async fn status(&self, method: &Method, path: &str, who: Who) -> StatusCode {
        self.call(method, path, who).await.status()
    }

    fn request(&self, method: &Method, path: &str, who: Who) -> Request {
        let request = Request::builder().method(method).uri(path);
        let token = |group: &str| self.issuer.token("bob").groups([group]).sign();
        let request = match who {
            Who::Nobody => request,
            Who::User => request.header(header::AUTHORIZATION, format!("Bearer {}", token("user"))),
            Who::Stranger => {
                request.header(header::AUTHORIZATION, format!("Bearer {}", token("stranger")))
            }
        };
        request.body(Body::empty()).unwrap()
    }
}

#[derive(Clone, Copy)]
enum Who {
    Nobody,
    /// May do everything.
    User,
    /// May do nothing.
    Stranger,
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

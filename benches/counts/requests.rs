//! Requests to a handler, without a layer and with all of it: a known token and a decision.

use std::convert::Infallible;

use authz_engine::policy::Source;
use axum::{Router, body::Body, response::Response, routing::get};
use axum_authz::{authorize, guard, layer::AuthzLayer, policies::Policies};
use http::Request;
use tower_service::Service;

use crate::{
    paths::counted,
    tokens::{QUICK, at_once, requests, setup},
};

const ROUTE: &str = "/users/{user}/albums/{id}";
const POLICY: &str = "
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [photos-users]
      condition:
        match:
          expr: R.attr.owner == P.id
";

async fn answer() -> &'static str {
    "ok"
}

#[authorize(action = "view", resource = "album", id = path("id"), attr(owner = path("user")))]
async fn answer_if_allowed() -> &'static str {
    "ok"
}

/// What the handler costs by itself.
pub(crate) fn bare(turns: u32) {
    count("no.such.token", turns, Router::new().route(ROUTE, get(answer)).with_state(()));
}

/// The layer, the guarded router, the decision and the handler.
pub(crate) fn decided(turns: u32) {
    let setup = setup(QUICK, 16);
    let policies = Policies::from_sources([Source::new("album.yaml", POLICY)]).expect("policies");
    let layer = AuthzLayer::new(setup.authentik.clone(), policies);
    let app = guard::Router::new().route(ROUTE, guard::get(answer_if_allowed)).finish(layer);
    count(&setup.token, turns, app.expect("routes that fit the policies"));
}

fn count<S>(token: &str, turns: u32, mut service: S)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let mut requests = requests(token, turns);
    counted(turns, &mut || {
        let request = requests.next().expect("as many as there are turns");
        let Ok(response) = at_once(service.call(request.map(|()| Body::empty())));
        assert!(response.status().is_success());
    });
}

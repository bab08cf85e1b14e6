//! The sides, each set up as its documentation says. All have the same route and the same answer.

use axum::{Router, body::Body, routing::get};
use axum_authz::{
    guard,
    layer::AuthzLayer,
    policies::{Policies, Source},
    prelude::authorize,
};
use axum_keycloak_auth::{
    PassthroughMode, Url,
    instance::{KeycloakAuthInstance, KeycloakConfig},
    layer::KeycloakAuthLayer,
};
use jwt_authorizer::{Authorizer, IntoLayer, JwtAuthorizer, Validation};
use tower_oauth2_resource_server::{server::OAuth2ResourceServer, tenant::TenantConfiguration};

use crate::{
    issuer::{Issuer, REALM},
    service::{Service, Work, runtime},
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

pub(crate) fn all(issuer: &Issuer) -> [Service; 7] {
    [
        bare(),
        ours("axum-authz, verification only", Work::Verify, issuer, None),
        ours("axum-authz, no token remembered", Work::VerifyAnew, issuer, Some(0)),
        ours_with_a_decision(issuer),
        axum_keycloak_auth(issuer),
        jwt_authorizer(issuer),
        tower_oauth2_resource_server(issuer),
    ]
}

fn bare() -> Service {
    let app = Router::new().route(ROUTE, get(answer));
    Service::start::<_, Body, _, _>(
        "axum, no layer",
        Work::Bare,
        runtime(),
        app,
        async |listener, app| {
            axum::serve(listener, app).await.expect("it serves");
        },
    )
}

fn ours(name: &'static str, work: Work, issuer: &Issuer, remembered: Option<usize>) -> Service {
    let mut authentik = issuer.test.authentik();
    if let Some(count) = remembered {
        authentik = authentik.remembered_tokens(count);
    }
    let layer = AuthzLayer::new(authentik.build().expect("a provider"), policies());
    let app = Router::new().route(ROUTE, get(answer)).layer(layer);
    Service::start::<_, Body, _, _>(name, work, runtime(), app, async |listener, app| {
        axum::serve(listener, app).await.expect("it serves");
    })
}

fn ours_with_a_decision(issuer: &Issuer) -> Service {
    let authentik = issuer.test.authentik().build().expect("a provider");
    let layer = AuthzLayer::new(authentik, policies());
    let app = guard::Router::new()
        .route(ROUTE, guard::get(answer_if_allowed))
        .finish(layer)
        .expect("routes that fit the policies");
    let name = "axum-authz with a decision";
    Service::start::<_, Body, _, _>(name, Work::Decide, runtime(), app, async |listener, app| {
        axum::serve(listener, app).await.expect("it serves");
    })
}

fn policies() -> Policies {
    Policies::from_sources([Source::new("album.yaml", POLICY)]).expect("policies")
}

/// It does not look at the issuer.
fn axum_keycloak_auth(issuer: &Issuer) -> Service {
    let runtime = runtime();
    let layer = {
        let _inside = runtime.enter();
        let server = Url::parse(&issuer.keycloak).expect("a URL");
        let config = KeycloakConfig::builder().server(server).realm(REALM.to_owned()).build();
        KeycloakAuthLayer::<String>::builder()
            .instance(KeycloakAuthInstance::new(config))
            .passthrough_mode(PassthroughMode::Block)
            .persist_raw_claims(false)
            .expected_audiences(vec![issuer.test.audience().to_owned()])
            .build()
    };
    let app = Router::new().route(ROUTE, get(answer)).layer(layer);
    Service::start::<_, Body, _, _>(
        "axum-keycloak-auth 0.8",
        Work::Other,
        runtime,
        app,
        async |listener, app| {
            axum::serve(listener, app).await.expect("it serves");
        },
    )
}

/// On axum 0.7, where a parameter of a route is written in another way.
fn jwt_authorizer(issuer: &Issuer) -> Service {
    let runtime = runtime();
    let validation =
        Validation::new().iss(&[issuer.test.issuer()]).aud(&[issuer.test.audience()]).nbf(true);
    let authorizer: Authorizer = runtime
        .block_on(JwtAuthorizer::from_oidc(issuer.test.issuer()).validation(validation).build())
        .expect("an authorizer");
    let app = axum_0_7::Router::new()
        .route("/users/:user/albums/:id", axum_0_7::routing::get(answer))
        .layer(authorizer.into_layer());
    Service::start::<_, axum_0_7::body::Body, _, _>(
        "jwt-authorizer 0.15",
        Work::Other,
        runtime,
        app,
        async |listener, app| {
            axum_0_7::serve(listener, app).await.expect("it serves");
        },
    )
}

fn tower_oauth2_resource_server(issuer: &Issuer) -> Service {
    let runtime = runtime();
    let server = runtime.block_on(async {
        let tenant = TenantConfiguration::builder(issuer.test.issuer())
            .audiences(&[issuer.test.audience()])
            .build()
            .await
            .expect("a tenant");
        <OAuth2ResourceServer>::builder().add_tenant(tenant).build().await.expect("a server")
    });
    let app = Router::new().route(ROUTE, get(answer)).layer(server.into_layer());
    let name = "tower-oauth2-resource-server 0.12";
    Service::start::<_, Body, _, _>(name, Work::Other, runtime, app, async |listener, app| {
        axum::serve(listener, app).await.expect("it serves");
    })
}

//! The issuer that all sides have their keys from, and its tokens.

use axum::{Router, response::Redirect, routing::get};
use axum_authz::test::TestIssuer;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

/// The realm under which `axum-keycloak-auth` finds the issuer.
pub(crate) const REALM: &str = "photos";
/// Who asks; the route and the policy compare with it.
pub(crate) const USER: &str = "alice";

/// A stand-in for Authentik, with a door that has Keycloak's address.
pub(crate) struct Issuer {
    pub(crate) test: TestIssuer,
    /// Where Keycloak would listen.
    pub(crate) keycloak: String,
    pub(crate) good: String,
    pub(crate) broken: String,
    pub(crate) expired: String,
    /// Kept to the end: dropping it stops it.
    _runtime: Runtime,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let test = runtime.block_on(TestIssuer::start());
        let document = test.discovery_url();
        let door = Router::new().route(
            &format!("/realms/{REALM}/.well-known/openid-configuration"),
            get(async move || Redirect::temporary(&document)),
        );
        let listener =
            runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port of its own");
        let keycloak = format!("http://{}/", listener.local_addr().expect("an address"));
        runtime.spawn(async move { axum::serve(listener, door).await });

        // The claims of Authentik, and those that Keycloak's tokens have besides.
        let token = || {
            test.token(USER)
                .groups(["photos-users"])
                .claim("typ", "Bearer")
                .claim("realm_access", serde_json::json!({ "roles": ["photos-users"] }))
        };
        let (good, expired) = (token().sign(), token().expired().sign());
        let broken = token().sign_with_other_key().sign();
        Self { test, keycloak, good, broken, expired, _runtime: runtime }
    }
}

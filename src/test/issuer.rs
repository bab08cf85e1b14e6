//! The stand-in itself.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    Endpoint, Fault, SeenRequest, TestApplication, TestIssuerBuilder,
    server::{self, Server},
    shared::Shared,
};

/// An in-process stand-in for Authentik with one application or several, on loopback.
///
/// It stands for its first application: the methods of [`TestApplication`] are its own. See the [module
/// page](super) for an example. It stops when it is dropped.
pub struct TestIssuer {
    first: TestApplication,
    address: SocketAddr,
    server: Mutex<Option<Server>>,
}

impl TestIssuer {
    /// Starts a stand-in on a free port.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Describes a stand-in that differs from the default.
    pub fn builder() -> TestIssuerBuilder {
        TestIssuerBuilder::new()
    }

    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub(super) fn serve(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let first = shared.applications.first().expect("a stand-in has an application");
        let first = TestApplication::new(&shared, first);
        let server = Server::start(listener, shared)?;
        Ok(Self { first, address, server: Mutex::new(Some(server)) })
    }

    /// The application with this slug.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn of(&self, slug: &str) -> TestApplication {
        self.first.shared.of_slug(slug).expect("the stand-in should have this application")
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        self.url("token")
    }

    /// The URL of its introspection endpoint (RFC 7662).
    #[must_use]
    pub fn introspection_url(&self) -> String {
        self.url("introspect")
    }

    /// The URL of its revocation endpoint (RFC 7009).
    #[must_use]
    pub fn revocation_url(&self) -> String {
        self.url("revoke")
    }

    /// The URL of its userinfo endpoint.
    #[must_use]
    pub fn userinfo_url(&self) -> String {
        self.url("userinfo")
    }

    /// Revokes a token that was issued: introspection still finds it and says that it is not active.
    ///
    /// The revocation endpoint is not the same: it forgets the token.
    ///
    /// # Panics
    ///
    /// When the token was not issued here.
    pub fn revoke(&self, token: &str) {
        assert!(self.first.shared.store.revoke(token), "the token should have been issued");
    }

    /// Ends a login session: its access tokens are forgotten, refresh tokens stay.
    pub fn end_session(&self, sid: &str) {
        self.first.shared.store.end_session(sid, None);
    }

    /// Stops listening and closes all connections. Tokens can still be made.
    pub fn go_down(&self) {
        drop(self.server().take());
    }

    /// Listens again, on the same address.
    ///
    /// # Panics
    ///
    /// When the address is taken.
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn come_up(&self) {
        let mut server = self.server();
        if server.is_none() {
            let listener = server::listen(self.address).expect("the address should be free");
            let started = Server::start(listener, Arc::clone(&self.first.shared));
            *server = Some(started.expect("the stand-in should start"));
        }
    }

    /// Waits this long before each answer from now on.
    pub fn slow(&self, delay: Duration) {
        self.first.shared.switches.slow(None, delay);
    }

    /// Waits this long before each answer of one endpoint from now on.
    pub fn slow_at(&self, endpoint: Endpoint, delay: Duration) {
        self.first.shared.switches.slow(Some(endpoint), delay);
    }

    /// Keeps requests to an endpoint waiting until [`release`](Self::release).
    pub fn hold(&self, endpoint: Endpoint) {
        self.first.shared.switches.hold(endpoint, true);
    }

    /// Answers the requests that [`hold`](Self::hold) kept waiting.
    pub fn release(&self, endpoint: Endpoint) {
        self.first.shared.switches.hold(endpoint, false);
    }

    /// Lets an endpoint misbehave from now on.
    pub fn fail(&self, endpoint: Endpoint, fault: Fault) {
        self.first.shared.switches.fail(endpoint, Some(fault));
    }

    /// Ends what [`fail`](Self::fail) began.
    pub fn recover(&self, endpoint: Endpoint) {
        self.first.shared.switches.fail(endpoint, None);
    }

    /// How often an endpoint was asked.
    #[must_use]
    pub fn hits(&self, endpoint: Endpoint) -> usize {
        self.first.shared.switches.hits(endpoint)
    }

    /// How often a discovery document was asked for.
    #[must_use]
    pub fn discovery_hits(&self) -> usize {
        self.hits(Endpoint::Discovery)
    }

    /// How often a key set was asked for.
    #[must_use]
    pub fn jwks_hits(&self) -> usize {
        self.hits(Endpoint::KeySet)
    }

    /// How often the introspection endpoint was asked.
    #[must_use]
    pub fn introspection_hits(&self) -> usize {
        self.hits(Endpoint::Introspection)
    }

    /// The last request to an endpoint.
    #[must_use]
    pub fn last_request(&self, endpoint: Endpoint) -> Option<SeenRequest> {
        self.first.shared.switches.last_request(endpoint)
    }

    fn url(&self, name: &str) -> String {
        format!("{}/application/o/{name}/", self.first.shared.origin)
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for TestIssuer {
    type Target = TestApplication;

    fn deref(&self) -> &TestApplication {
        &self.first
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

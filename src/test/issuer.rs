//! The stand-in itself.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use super::{
    Alg, TestClock, TestPerson, TestToken,
    keys::SigningKey,
    server::{self, Server},
};
use crate::token::{Authentik, AuthentikBuilder};

/// An in-process stand-in for Authentik with one application, on loopback.
///
/// See the [module page](super) for an example. It stops when it is dropped.
pub struct TestIssuer {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: Mutex<Option<Server>>,
}

/// What the handle and the server share.
pub(super) struct Shared {
    pub(super) origin: String,
    pub(super) issuer: String,
    pub(super) slug: String,
    pub(super) audience: String,
    pub(super) people: Vec<TestPerson>,
    pub(super) discovery_hits: AtomicUsize,
    pub(super) jwks_hits: AtomicUsize,
    mode: IssuerMode,
    algorithm: Alg,
    generation: AtomicUsize,
    publishes_key: bool,
    delay_millis: AtomicU64,
    clock: Option<TestClock>,
}

/// Which issuer Authentik writes into tokens and discovery document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Authentik has these two")]
pub enum IssuerMode {
    /// `ORIGIN/application/o/SLUG/`, the default.
    PerProvider,
    /// `ORIGIN/`, for all applications. The discovery document stays below the application.
    Global,
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
        TestIssuerBuilder {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            slug: "photos".to_owned(),
            audience: "photos".to_owned(),
            mode: IssuerMode::PerProvider,
            algorithm: Alg::RS256,
            publishes_key: true,
            people: Vec::new(),
            clock: None,
        }
    }

    /// The issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The audience of its tokens: the client id.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.shared.audience
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its discovery document.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        let Shared { origin, slug, .. } = &*self.shared;
        format!("{origin}/application/o/{slug}/.well-known/openid-configuration")
    }

    /// The URL of its key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        let Shared { origin, slug, .. } = &*self.shared;
        format!("{origin}/application/o/{slug}/jwks/")
    }

    /// The URL of its token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/application/o/token/", self.shared.origin)
    }

    /// The description of a provider that accepts its tokens, to be changed or built.
    pub fn authentik(&self) -> AuthentikBuilder {
        let mut builder = Authentik::issuer(self.issuer()).audience(self.audience());
        if self.shared.mode == IssuerMode::Global {
            builder = builder.discovery_url(&self.discovery_url());
        }
        if let Some(clock) = &self.shared.clock {
            builder = builder.clock(clock);
        }
        builder
    }

    /// An access token for `username`: with the claims of the person of this name, or of someone in no group.
    pub fn token(&self, username: &str) -> TestToken {
        let known = self.shared.people.iter().find(|person| person.username == username);
        TestToken::new(&self.shared, &known.cloned().unwrap_or_else(|| TestPerson::new(username)))
    }

    /// Replaces the signing key. As in Authentik, the old one is gone at once.
    pub fn rotate(&self) {
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
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
            let started = Server::start(listener, Arc::clone(&self.shared));
            *server = Some(started.expect("the stand-in should start"));
        }
    }

    /// Waits this long before each answer from now on.
    pub fn slow(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.shared.delay_millis.store(millis, Ordering::Relaxed);
    }

    /// How often a discovery document was asked for.
    #[must_use]
    pub fn discovery_hits(&self) -> usize {
        self.shared.discovery_hits.load(Ordering::Relaxed)
    }

    /// How often a key set was asked for.
    #[must_use]
    pub fn jwks_hits(&self) -> usize {
        self.shared.jwks_hits.load(Ordering::Relaxed)
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn signing_key(&self) -> Arc<SigningKey> {
        SigningKey::shared(self.algorithm, self.generation.load(Ordering::Relaxed))
    }

    pub(super) fn published_keys(&self) -> Vec<Arc<SigningKey>> {
        if self.publishes_key { vec![self.signing_key()] } else { Vec::new() }
    }

    pub(super) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_millis.load(Ordering::Relaxed))
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.as_ref().map_or_else(SystemTime::now, TestClock::now)
    }
}

/// The description of a stand-in; see [`TestIssuer::builder`].
#[derive(Debug, Clone)]
#[must_use = "call `start` to get a stand-in"]
pub struct TestIssuerBuilder {
    address: SocketAddr,
    slug: String,
    audience: String,
    mode: IssuerMode,
    algorithm: Alg,
    publishes_key: bool,
    people: Vec<TestPerson>,
    clock: Option<TestClock>,
}

impl TestIssuerBuilder {
    /// Listens on this address, for instance `127.0.0.1:9000`, instead of a free port.
    ///
    /// # Panics
    ///
    /// When `address` is no IP address with a port.
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn bind(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an IP address and a port");
        self
    }

    /// Sets the application's slug, `photos` otherwise.
    pub fn slug(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.slug);
        self
    }

    /// Sets the client id, which is the audience of tokens: `photos` otherwise.
    pub fn audience(mut self, audience: &str) -> Self {
        audience.clone_into(&mut self.audience);
        self
    }

    /// Sets the issuer mode.
    pub fn mode(mut self, mode: IssuerMode) -> Self {
        self.mode = mode;
        self
    }

    /// Signs with this algorithm instead of RS256.
    pub fn algorithm(mut self, algorithm: Alg) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Publishes no key, as a provider does for which no signing key was chosen.
    pub fn without_key(mut self) -> Self {
        self.publishes_key = false;
        self
    }

    /// Adds a person who can sign in at the token endpoint.
    pub fn person(mut self, person: TestPerson) -> Self {
        self.people.push(person);
        self
    }

    /// Takes the time from `clock`, for its tokens and for [`TestIssuer::authentik`].
    pub fn clock(mut self, clock: &TestClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When the address is taken; see [`try_start`](Self::try_start).
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub async fn start(self) -> TestIssuer {
        self.try_start().await.expect("the stand-in should start")
    }

    /// Starts it. When this returns, it accepts connections.
    ///
    /// # Errors
    ///
    /// When the address is taken.
    pub async fn try_start(self) -> io::Result<TestIssuer> {
        let listener = server::listen(self.address)?;
        let address = listener.local_addr()?;
        let origin = format!("http://{address}");
        let shared = Arc::new(Shared {
            issuer: server::issuer(self.mode, &origin, &self.slug),
            origin,
            slug: self.slug,
            audience: self.audience,
            people: self.people,
            discovery_hits: AtomicUsize::new(0),
            jwks_hits: AtomicUsize::new(0),
            mode: self.mode,
            algorithm: self.algorithm,
            generation: AtomicUsize::new(0),
            publishes_key: self.publishes_key,
            delay_millis: AtomicU64::new(0),
            clock: self.clock,
        });
        let server = Server::start(listener, Arc::clone(&shared))?;
        Ok(TestIssuer { shared, address, server: Mutex::new(Some(server)) })
    }
}

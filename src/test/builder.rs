//! The description of a stand-in.

use std::{io, net::SocketAddr, sync::Arc};

use serde::Serialize;

use super::{
    Alg, TestClock, TestIssuer, TestPerson,
    application::Application,
    certificate::Validity,
    key_set::{self, KeySet, KeySettings, KidStyle, hex},
    server,
    shared::Shared,
    token::json,
};

/// Which issuer Authentik writes into tokens and discovery document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Authentik has these two")]
pub enum IssuerMode {
    /// `ORIGIN/application/o/SLUG/`, the default.
    PerProvider,
    /// `ORIGIN/`, for all applications. The discovery document stays below the application.
    Global,
}

/// The description of a stand-in; see [`TestIssuer::builder`].
///
/// A stand-in has one application, `photos`, and as many more as are [added](Self::application). What is said about
/// an application is said about the one added last.
#[derive(Debug, Clone)]
#[must_use = "call `start` to get a stand-in"]
pub struct TestIssuerBuilder {
    address: SocketAddr,
    people: Vec<TestPerson>,
    clock: Option<TestClock>,
    earlier: Vec<Settings>,
    current: Settings,
}

/// What is said about one application and its provider.
#[derive(Debug, Clone)]
struct Settings {
    slug: String,
    client_id: String,
    client_secret: Option<String>,
    public: bool,
    mode: IssuerMode,
    signs_with_secret: bool,
    encrypts: bool,
    scopes: Vec<String>,
    federated: Vec<String>,
    keys: KeySettings,
}

impl Settings {
    fn new(slug: &str, certificate: &str, mode: IssuerMode) -> Self {
        let scopes = ["openid", "email", "profile", "entitlements", "offline_access"];
        Self {
            slug: slug.to_owned(),
            client_id: slug.to_owned(),
            client_secret: None,
            public: false,
            mode,
            signs_with_secret: false,
            encrypts: false,
            scopes: scopes.map(str::to_owned).to_vec(),
            federated: Vec::new(),
            keys: KeySettings::new(certificate),
        }
    }

    fn build(self, origin: &str) -> Application {
        let issuer = match self.mode {
            IssuerMode::PerProvider => format!("{origin}/application/o/{}/", self.slug),
            IssuerMode::Global => format!("{origin}/"),
        };
        // 128 characters, as Authentik generates them; the same ones in every run.
        let client_secret = self.client_secret.unwrap_or_else(|| {
            let seed = format!("client secret of {}", self.slug);
            hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, seed.as_bytes()))
        });
        Application {
            slug: self.slug,
            client_id: self.client_id,
            client_secret,
            issuer,
            mode: self.mode,
            public: self.public,
            signs_with_secret: self.signs_with_secret,
            encrypts: self.encrypts,
            scopes: self.scopes,
            federated: self.federated,
            keys: KeySet::new(self.keys),
        }
    }
}

impl TestIssuerBuilder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            people: Vec::new(),
            clock: None,
            earlier: Vec::new(),
            current: Settings::new("photos", "default", IssuerMode::PerProvider),
        }
    }

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

    /// Adds a person who can sign in at the token endpoint.
    pub fn person(mut self, person: TestPerson) -> Self {
        self.people.push(person);
        self
    }

    /// Takes the time from `clock`, for its tokens and for
    /// [`TestApplication::authentik`](super::TestApplication::authentik).
    pub fn clock(mut self, clock: &TestClock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Adds an application with this slug and client id, the issuer mode of the one before and a key of its own.
    ///
    /// ```
    /// # use axum_authz::test::TestIssuer;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let issuer = TestIssuer::builder().slug("photos").application("cli").public_client().start().await;
    /// let token = issuer.of("cli").token("alice").sign();
    /// # }
    /// ```
    pub fn application(mut self, slug: &str) -> Self {
        let next = Settings::new(slug, slug, self.current.mode);
        self.earlier.push(std::mem::replace(&mut self.current, next));
        self
    }

    /// Sets the application's slug, `photos` otherwise.
    pub fn slug(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.current.slug);
        self
    }

    /// Sets the client id, which is the audience of tokens: `photos` otherwise.
    pub fn audience(mut self, audience: &str) -> Self {
        audience.clone_into(&mut self.current.client_id);
        self
    }

    /// Sets the client secret, which is 128 letters and digits otherwise.
    pub fn client_secret(mut self, secret: &str) -> Self {
        self.current.client_secret = Some(secret.to_owned());
        self
    }

    /// Makes it a public client: the introspection endpoint tells it nothing.
    pub fn public_client(mut self) -> Self {
        self.current.public = true;
        self
    }

    /// Sets the issuer mode.
    pub fn mode(mut self, mode: IssuerMode) -> Self {
        self.current.mode = mode;
        self
    }

    /// Adds a scope that clients may have. Others are left out of what the token endpoint grants.
    pub fn scope(mut self, scope: &str) -> Self {
        self.current.scopes.push(scope.to_owned());
        self
    }

    /// Lets another application's client ask about tokens of this one (Authentik's "Federated OAuth2/OpenID
    /// Providers").
    pub fn federated_with(mut self, slug: &str) -> Self {
        self.current.federated.push(slug.to_owned());
        self
    }

    /// Signs with this algorithm instead of RS256.
    pub fn algorithm(mut self, algorithm: Alg) -> Self {
        self.current.keys.algorithm = algorithm;
        self
    }

    /// Signs with HS256 and the client secret, as a provider does for which no signing key was chosen: no `kid`, and
    /// the key set is `{}`.
    pub fn client_secret_signing(mut self) -> Self {
        self.current.signs_with_secret = true;
        self.without_key()
    }

    /// Keeps the signing key out of the key set and signs with it all the same.
    pub fn without_key(mut self) -> Self {
        self.current.keys.publishes_signing_key = false;
        self
    }

    /// Names the certificate that the signing key is in. Applications with the same certificate have the same key.
    ///
    /// The first application of each stand-in has `default`, others have their slug.
    pub fn certificate(mut self, name: &str) -> Self {
        name.clone_into(&mut self.current.keys.certificate);
        self
    }

    /// Lets the certificate beside the key (`x5c`) have expired.
    pub fn expired_certificate(mut self) -> Self {
        self.current.keys.validity = Validity::Expired;
        self
    }

    /// Sets how keys are named.
    pub fn kid_style(mut self, style: KidStyle) -> Self {
        self.current.keys.kid = style;
        self
    }

    /// Sets any member of the published signing key.
    pub fn jwk_member(mut self, name: &str, value: impl Serialize) -> Self {
        self.current.keys.members.push((name.to_owned(), Some(json(value))));
        self
    }

    /// Leaves a member out of the published signing key.
    pub fn without_jwk_member(mut self, name: &str) -> Self {
        self.current.keys.members.push((name.to_owned(), None));
        self
    }

    /// Publishes one more key, as it stands. See also [`TestApplication::jwk`](super::TestApplication::jwk).
    pub fn extra_jwk(mut self, jwk: impl Serialize) -> Self {
        self.current.keys.extra.push(json(jwk));
        self
    }

    /// Encrypts all its tokens and publishes the key for it beside the signing key, as a provider with an
    /// encryption key does.
    pub fn encrypted_tokens(mut self) -> Self {
        self.current.encrypts = true;
        self.encryption_jwk()
    }

    /// Publishes the encryption key. Tokens stay as they are.
    pub fn encryption_jwk(mut self) -> Self {
        self.current.keys.publishes_encryption_key = true;
        self
    }

    /// Publishes an EC key for encryption whose `alg` is RSA-OAEP-256, as Authentik does.
    pub fn ec_encryption_jwk(self) -> Self {
        self.extra_jwk(key_set::ec_encryption_jwk())
    }

    /// Publishes a key without `kty` and `kid`, as older versions of Authentik do.
    pub fn stub_jwk(self) -> Self {
        self.extra_jwk(key_set::stub_jwk())
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
        let settings = self.earlier.into_iter().chain([self.current]);
        let applications = settings.map(|settings| Arc::new(settings.build(&origin))).collect();
        let shared = Shared::new(origin, applications, self.people, self.clock);
        TestIssuer::serve(listener, Arc::new(shared))
    }
}

//! One application of the stand-in, with its provider.

use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::Value;

use super::{
    IssuerMode, TestToken, encryption,
    key_set::{KeySet, hex},
    keys::{Key, pem},
    shared::Shared,
    store::{Kind, Row},
    token::json,
};
use crate::token::{Authentik, AuthentikBuilder};

/// What the stand-in knows of an application.
pub(super) struct Application {
    pub(super) slug: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) issuer: String,
    pub(super) mode: IssuerMode,
    pub(super) public: bool,
    pub(super) signs_with_secret: bool,
    pub(super) encrypts: bool,
    pub(super) scopes: Vec<String>,
    /// The slugs of applications whose clients may ask about tokens of this one.
    pub(super) federated: Vec<String>,
    pub(super) keys: KeySet,
}

impl Application {
    /// The user whom Authentik makes up for a client that signs in with its own secret.
    pub(super) fn service_account(&self) -> String {
        format!("ak-{}-client_credentials", self.slug)
    }
}

/// One application of a [`TestIssuer`](super::TestIssuer), which stands for its first one.
///
/// It can make tokens for as long as it lives, also while nothing listens.
#[derive(Clone)]
pub struct TestApplication {
    pub(super) shared: Arc<Shared>,
    pub(super) application: Arc<Application>,
}

impl TestApplication {
    pub(super) fn new(shared: &Arc<Shared>, application: &Arc<Application>) -> Self {
        Self { shared: Arc::clone(shared), application: Arc::clone(application) }
    }

    /// The issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.application.issuer
    }

    /// The audience of its tokens: the client id.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.application.client_id
    }

    /// The client's secret. Public clients have one too, as in Authentik.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.application.client_secret
    }

    /// The URL of its discovery document.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        self.url(".well-known/openid-configuration")
    }

    /// The URL of its key set.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        self.url("jwks/")
    }

    /// The URL that ends the session of an `id_token_hint`.
    #[must_use]
    pub fn end_session_url(&self) -> String {
        self.url("end-session/")
    }

    /// The description of a provider that accepts its tokens, to be changed or built.
    ///
    /// What a service has to be handed is not in it: the [secret](Self::client_secret) of a provider without
    /// signing key, and the [key](Self::encryption_key_pem) to encrypted tokens.
    pub fn authentik(&self) -> AuthentikBuilder {
        let mut builder = Authentik::issuer(self.issuer()).audience(self.audience());
        if self.application.mode == IssuerMode::Global {
            builder = builder.discovery_url(&self.discovery_url());
        }
        if let Some(clock) = &self.shared.clock {
            builder = builder.clock(clock);
        }
        builder
    }

    /// An access token for `username`: with the claims of the person of this name, or of someone in no group.
    pub fn token(&self, username: &str) -> TestToken {
        TestToken::access(self, &self.shared.person(username))
    }

    /// A refresh token: 128 random letters that introspection calls active, and no JWT.
    #[must_use]
    pub fn refresh_token(&self, username: &str) -> String {
        let token = hex(super::token::random_bytes::<64>());
        let month = Duration::from_secs(30 * 24 * 3600);
        let row = self.token(username).expires_in(month).row(Kind::Refresh);
        self.shared.store.insert(&token, row);
        token
    }

    /// The login session (`sid`) that tokens for `username` are of: 64 hexadecimal digits.
    #[must_use]
    pub fn sid(&self, username: &str) -> String {
        let seed = format!("session of {username}");
        hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, seed.as_bytes()))
    }

    /// Replaces the signing key. As in Authentik, the old one is gone at once.
    pub fn rotate(&self) {
        self.application.keys.rotate(false);
    }

    /// Replaces the signing key and goes on publishing the old one. Authentik does not do this; others do.
    pub fn rotate_with_overlap(&self) {
        self.application.keys.rotate(true);
    }

    /// Stops publishing the key of this name. Tokens are signed as before.
    pub fn withdraw(&self, kid: &str) {
        self.application.keys.withdraw(kid);
    }

    /// Publishes one more key, as it stands.
    pub fn publish(&self, jwk: impl Serialize) {
        self.application.keys.publish(json(jwk));
    }

    /// The name of the signing key.
    #[must_use]
    pub fn kid(&self) -> String {
        self.application.keys.kid(&self.signing_key())
    }

    /// The signing key as it is published (RFC 7517).
    #[must_use]
    pub fn jwk(&self) -> Value {
        self.application.keys.jwk(&self.signing_key())
    }

    /// The private half of the encryption key, as `PRIVATE KEY` (PKCS #8, RFC 7468 section 10): what a service
    /// is handed to decrypt tokens with.
    #[must_use]
    pub fn encryption_key_pem(&self) -> String {
        pem("PRIVATE KEY", &encryption::key().pkcs8())
    }

    /// The private half of a key that was never published, as [`encryption_key_pem`](Self::encryption_key_pem).
    #[must_use]
    pub fn other_encryption_key_pem(&self) -> String {
        pem("PRIVATE KEY", &encryption::other_key().pkcs8())
    }

    /// Encrypts any text as tokens are encrypted, to have something inside that is no token.
    #[must_use]
    pub fn encrypt(&self, plaintext: &str) -> String {
        let key = encryption::key();
        encryption::encrypt(
            &key,
            &encryption::header(&self.application.keys.encryption_kid()),
            plaintext,
        )
    }

    pub(super) fn signing_key(&self) -> Arc<Key> {
        self.application.keys.signing_key()
    }

    pub(super) fn store(&self, token: &str, row: Row) {
        self.shared.store.insert(token, row);
    }

    fn url(&self, name: &str) -> String {
        format!("{}/application/o/{}/{name}", self.shared.origin, self.application.slug)
    }
}

impl fmt::Debug for TestApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApplication").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

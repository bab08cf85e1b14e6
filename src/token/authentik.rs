//! The provider, once described.

use std::{fmt, sync::Arc};

use super::{
    Algorithm, AuthentikBuilder, Verifying, claims::Expectations, clock::Clock, keys::Keys,
    mapping::Mapping,
};

/// A provider of Authentik, whose access tokens are accepted.
///
/// Clones are cheap and share the provider's keys.
#[derive(Clone)]
pub struct Authentik(Arc<Config>);

/// Everything that verification needs. It does not change once built, the keys apart.
pub(super) struct Config {
    pub(super) expected: Expectations,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) max_length: usize,
    pub(super) mapping: Mapping,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Clock,
}

impl Authentik {
    /// Begins the description of the provider with this issuer.
    ///
    /// The issuer is the text that stands in the tokens' `iss`, byte for byte: usually
    /// `https://HOST/application/o/SLUG/` with its trailing slash, or `https://HOST/` in Authentik's issuer mode
    /// "global", which needs [`discovery_url`](AuthentikBuilder::discovery_url) too. It must be `https`; plain
    /// `http` is accepted on loopback only.
    ///
    /// Nothing is fetched until the first token arrives.
    ///
    /// ```
    /// use axum_authz::token::Authentik;
    ///
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
    ///     .audience("photos")
    ///     .static_role("user")
    ///     .build()?;
    /// # Ok::<(), axum_authz::token::ConfigError>(())
    /// ```
    pub fn issuer(issuer: &str) -> AuthentikBuilder {
        AuthentikBuilder::new(issuer)
    }

    pub(super) fn new(config: Config) -> Self {
        Self(Arc::new(config))
    }

    /// Verifies the text of a token.
    ///
    /// The future is ready at once when the token's key is known. Otherwise it waits for the provider, and
    /// must then be polled within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`](super::TokenError::Invalid) when the token is bad, and
    /// [`TokenError::Undecided`](super::TokenError::Undecided) when that could not be found out.
    ///
    /// ```
    /// # use axum_authz::token::{Authentik, Invalid, TokenError};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), axum_authz::token::ConfigError> {
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
    /// let refused = authentik.verify("not a token").await.unwrap_err();
    /// assert_eq!(refused, TokenError::Invalid(Invalid::Malformed));
    /// assert_eq!(refused.reason(), "malformed");
    /// # Ok(())
    /// # }
    /// ```
    pub fn verify(&self, token: &str) -> Verifying {
        Verifying::start(&self.0, token)
    }

    /// The issuer, byte for byte as configured.
    #[must_use]
    pub fn issuer_url(&self) -> &str {
        &self.0.expected.issuer
    }

    /// The issuers whose tokens are accepted, byte for byte as configured.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.issuer_url())
    }

    /// The accepted audiences.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.0.expected.audiences.iter().map(|audience| &**audience)
    }
}

impl fmt::Debug for Authentik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentik")
            .field("issuer", &self.0.expected.issuer)
            .field("audiences", &self.0.expected.audiences)
            .field("algorithms", &self.0.algorithms)
            .finish_non_exhaustive()
    }
}

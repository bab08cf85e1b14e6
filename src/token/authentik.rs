//! The providers, once described.

use std::{fmt, sync::Arc};

use super::{
    AuthentikBuilder, ConfigError, ConfigErrorKind, DecryptionKey, Verifying,
    cache::Cache,
    fingerprint::Fingerprints,
    provider::{Provider, Trust},
    verify::Verifier,
};

/// One or several providers of Authentik, whose access tokens are accepted.
///
/// Clones are cheap and share the providers' keys and everything that is remembered.
#[derive(Clone)]
pub struct Authentik(Arc<Verifier>);

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

    pub(super) fn new(verifier: Verifier) -> Self {
        Self(Arc::new(verifier))
    }

    pub(super) fn verifier(&self) -> &Arc<Verifier> {
        &self.0
    }

    /// Accepts the tokens of each of these providers.
    ///
    /// A token is held against the one provider whose issuer it names; there is no trying. Providers with the
    /// same issuer (Authentik's issuer mode "global") are told apart by the client a token was issued to, or
    /// else by its audience.
    ///
    /// As many tokens are remembered as by all of them together, and as long ones are looked at as by any of them.
    ///
    /// A subject is one person for one issuer only. Where policies go by `P.id`, and the issuers are not
    /// applications of one Authentik in the default subject mode, use
    /// [`id_with_issuer`](AuthentikBuilder::id_with_issuer).
    ///
    /// ```
    /// # use axum_authz::token::Authentik;
    /// let of = |slug: &str| {
    ///     Authentik::issuer(&format!("https://id.example.org/application/o/{slug}/")).audience(slug).build()
    /// };
    /// let authentik = Authentik::any([of("photos")?, of("photos-cli")?])?;
    /// assert_eq!(authentik.issuers().count(), 2);
    /// # Ok::<(), axum_authz::token::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is none, when two of them have the same issuer and an audience in common, or when there are
    /// several decryption keys of which one has no name.
    pub fn any(providers: impl IntoIterator<Item = Self>) -> Result<Self, ConfigError> {
        let ambiguous =
            |message: String| Err(ConfigError::new(ConfigErrorKind::Ambiguous, message));
        let (mut all, mut decryption) = (Vec::<Arc<Provider>>::new(), Vec::new());
        let (mut max_length, mut remembered) = (0, 0);
        for Self(verifier) in providers {
            for provider in &verifier.providers {
                let twin = all.iter().find(|other| {
                    other.expected.issuer == provider.expected.issuer
                        && provider.expected.audiences.iter().any(|it| other.expected.accepts(it))
                });
                if twin.is_some() {
                    return ambiguous(format!(
                        "two providers have the issuer `{}` and an audience in common, so that a token could be of either; give each audiences of its own",
                        provider.expected.issuer
                    ));
                }
                all.push(Arc::clone(provider));
            }
            for key in &verifier.decryption {
                if !decryption.iter().any(|known: &Arc<DecryptionKey>| known.is(key)) {
                    decryption.push(Arc::clone(key));
                }
            }
            max_length = max_length.max(verifier.max_length);
            remembered += verifier.cache.capacity();
        }
        if all.is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::NoProvider,
                "there is no provider whose tokens would be accepted; give one at least",
            ));
        }
        if decryption.len() > 1 && decryption.iter().any(|key| key.name().is_none()) {
            return ambiguous(
                "of several decryption keys, each needs its name (`kid`); give it with `DecryptionKey::named`".to_owned(),
            );
        }
        Ok(Self::new(Verifier {
            providers: all.into(),
            decryption: decryption.into(),
            max_length,
            cache: Cache::new(remembered),
            fingerprints: Fingerprints::new(),
            questions: Arc::default(),
        }))
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

    /// The issuers, byte for byte as configured, in the order in which they were given.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.0.providers.iter().map(|provider| &*provider.expected.issuer)
    }

    /// The accepted audiences, issuer by issuer.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        let providers = self.0.providers.iter();
        providers
            .flat_map(|provider| provider.expected.audiences.iter().map(|audience| &**audience))
    }
}

impl fmt::Debug for Authentik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.providers.iter().map(|provider| &**provider)).finish()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust: &dyn fmt::Debug = match &self.trust {
            Trust::Published { algorithms, .. } => algorithms,
            Trust::Secret(_) => &"HS256",
            Trust::Introspection => &"introspection",
        };
        f.debug_struct("Provider")
            .field("issuer", &self.expected.issuer)
            .field("audiences", &self.expected.audiences)
            .field("trust", trust)
            .finish_non_exhaustive()
    }
}

//! The provider as its users describe it.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    Algorithm, Authentik, ConfigError, ConfigErrorKind, Introspection, Revocations,
    cache::Cache,
    claims::Expectations,
    clock::Clock,
    discovery::KeySource,
    fetch,
    fingerprint::Fingerprints,
    introspection::Introspector,
    jwe::DecryptionKey,
    keys::{Freshness, Keys},
    mapping::Mapping,
    provider::{Provider, Trust},
    secret::SharedSecret,
    verify::Verifier,
};

const LEEWAY: Duration = Duration::from_secs(30);
const MAX_LEEWAY: Duration = Duration::from_secs(300);
const MAX_TOKEN_LENGTH: usize = 16 * 1024;
const MIN_MAX_TOKEN_LENGTH: usize = 1024;
const FRESHNESS: Freshness = Freshness {
    refetch_interval: Duration::from_secs(5),
    refresh_after: Duration::from_secs(10 * 60),
    max_age: Duration::from_secs(24 * 60 * 60),
};
const MIN_REFETCH_INTERVAL: Duration = Duration::from_secs(1);
/// Some 4 KB each.
const REMEMBERED_TOKENS: usize = 4096;

/// The description of a provider in the making; see [`Authentik::issuer`].
#[derive(Clone)]
#[must_use = "call `build` to get a provider"]
pub struct AuthentikBuilder {
    pub(super) issuer: Arc<str>,
    pub(super) audiences: Vec<Box<str>>,
    pub(super) clients: Vec<Box<str>>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) discovery_url: Option<Box<str>>,
    pub(super) jwks_url: Option<Box<str>>,
    pub(super) leeway: Duration,
    pub(super) max_length: usize,
    pub(super) freshness: Freshness,
    pub(super) trust: TrustBy,
    /// Whether it was said in two ways how tokens are known to be genuine.
    pub(super) contradicts: bool,
    pub(super) decryption: Option<DecryptionKey>,
    pub(super) introspection: Option<Introspection>,
    pub(super) revocations: Option<Arc<dyn Revocations>>,
    pub(super) remembered_tokens: usize,
    pub(super) mapping: Mapping,
    pub(super) clock: Clock,
}

/// How tokens are known to be genuine, as far as the builder knows.
#[derive(Clone)]
pub(super) enum TrustBy {
    PublishedKeys,
    ClientSecret(SharedSecret),
    Introspection,
}

impl AuthentikBuilder {
    pub(super) fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: Vec::new(),
            clients: Vec::new(),
            algorithms: Algorithm::ALL.to_vec(),
            discovery_url: None,
            jwks_url: None,
            leeway: LEEWAY,
            max_length: MAX_TOKEN_LENGTH,
            freshness: FRESHNESS,
            trust: TrustBy::PublishedKeys,
            contradicts: false,
            decryption: None,
            introspection: None,
            revocations: None,
            remembered_tokens: REMEMBERED_TOKENS,
            mapping: Mapping::default(),
            clock: Clock::System,
        }
    }

    /// Accepts tokens for this audience: in Authentik, the client id of the provider that issues them.
    /// At least one is needed; call it again for each further client whose tokens may be used here.
    pub fn audience(mut self, audience: &str) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens that were issued to this client too, although it is none of the audiences.
    ///
    /// In Authentik a token's audience is the client that it was issued to (`azp`), so nothing is to be said
    /// here, unless a scope mapping replaces `aud`: then this is the client id of the provider with that
    /// mapping. The audience has to be one of ours all the same.
    pub fn client(mut self, client_id: &str) -> Self {
        self.clients.push(client_id.into());
        self
    }

    /// Accepts these signature algorithms only, instead of all there is support for. Each key is used with
    /// the one algorithm that belongs to it in any case.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Reads the discovery document at `url` instead of below the issuer.
    ///
    /// Needed for Authentik's issuer mode "global", where the issuer is `https://HOST/` and the document stays
    /// at `https://HOST/application/o/SLUG/.well-known/openid-configuration`.
    ///
    /// # Security
    ///
    /// The document must name the configured issuer byte for byte, and keys of the document's own origin, here
    /// too: in both modes Authentik writes the same issuer into document and tokens. Where the service
    /// reaches Authentik under another host name than users do, Authentik writes that other name into the
    /// document; use [`jwks_url`](Self::jwks_url) then.
    pub fn discovery_url(mut self, url: &str) -> Self {
        self.discovery_url = Some(url.into());
        self
    }

    /// Fetches the key set from `url`, without any discovery document: in Authentik,
    /// `https://HOST/application/o/SLUG/jwks/`. It takes precedence over
    /// [`discovery_url`](Self::discovery_url).
    ///
    /// # Security
    ///
    /// Whoever answers at `url` decides which tokens are genuine. The slug must be that of the
    /// application, because each application has its own key.
    pub fn jwks_url(mut self, url: &str) -> Self {
        self.jwks_url = Some(url.into());
        self
    }

    /// How far the clocks of Authentik and of this machine may differ: 30 seconds unless set, 5 minutes at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The longest token that is looked at, in bytes: 16 KiB unless set, 1 KiB at least.
    pub fn max_token_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// The least time between two fetches of the key set that tokens with unknown keys cause: 5 seconds unless
    /// set, 1 second at least. A key that is rotated twice within this time is found with a delay.
    pub fn refetch_interval(mut self, interval: Duration) -> Self {
        self.freshness.refetch_interval = interval;
        self
    }

    /// How long keys are believed while the provider cannot be reached: 24 hours unless set.
    ///
    /// As long as it can be reached, keys that are used are fetched anew every 10 minutes in the background, so
    /// that a key it has withdrawn stops working. When nobody has come for longer, the first who comes waits
    /// for the fetch; older keys are used only when it fails.
    pub fn max_key_age(mut self, age: Duration) -> Self {
        self.freshness.max_age = age;
        self
    }

    /// Takes tokens that are signed with HS256 and the client secret, and no others.
    ///
    /// That is what Authentik issues for a provider without signing key; proxy providers never have one. No key
    /// is fetched then: a signature with HS256 is never held against a published key, and one with a published
    /// key not accepted here.
    ///
    /// # Security
    ///
    /// Whoever knows the secret can make tokens: this service, everyone who may see the provider in Authentik,
    /// and every other service that was given it. Choose a signing key for the provider where you can.
    pub fn client_secret_signing(mut self, client_secret: SharedSecret) -> Self {
        self.contradicts |= matches!(self.trust, TrustBy::Introspection);
        self.trust = TrustBy::ClientSecret(client_secret);
        self
    }

    /// Takes encrypted tokens too (JWE with RSA-OAEP-256 and A256CBC-HS512, which is what Authentik makes of
    /// all tokens of a provider with an encryption key). `key` is that provider's private key.
    ///
    /// Tokens that are not encrypted are taken as before: encryption hides, it proves nothing.
    pub fn decryption_key(mut self, key: DecryptionKey) -> Self {
        self.decryption = Some(key);
        self
    }

    /// Asks the issuer, besides verifying tokens, whether they are in force.
    pub fn introspect(mut self, introspection: Introspection) -> Self {
        self.introspection = Some(introspection);
        self
    }

    /// Takes the issuer's word for it that a token is genuine, instead of checking a signature.
    ///
    /// For providers without signing key whose client secret this service should not know, such as those of
    /// clients that registered themselves. Every token is asked about; [`only_for`](Introspection::only_for)
    /// has no effect. Its claims are checked as always.
    ///
    /// # Security
    ///
    /// Whoever answers at the introspection endpoint decides which tokens are genuine. Every text with the
    /// right issuer and audience in it leads to a question.
    pub fn verify_by_introspection(mut self, introspection: Introspection) -> Self {
        self.contradicts |= matches!(self.trust, TrustBy::ClientSecret(_));
        self.introspection = Some(introspection);
        self.trust = TrustBy::Introspection;
        self
    }

    /// Asks this store about every token, and refuses what is revoked there.
    ///
    /// It is what [back-channel logout](crate::endpoint::BackChannelLogout) feeds. Tokens have to say when they
    /// were issued then (`iat`), and to live no longer than revocations are kept for.
    pub fn revocations(mut self, store: impl Revocations) -> Self {
        self.revocations = Some(Arc::new(store));
        self
    }

    /// How many verified tokens are remembered: 4096 unless set, 0 for none. One that is presented again costs
    /// no signature check; it is held against the time, the keys in use and what is revoked all the same.
    pub fn remembered_tokens(mut self, count: usize) -> Self {
        self.remembered_tokens = count;
        self
    }

    /// Takes the time from `clock`.
    #[cfg(feature = "test-kit")]
    pub fn clock(mut self, clock: &super::TestClock) -> Self {
        self.clock = Clock::Manual(clock.clone());
        self
    }

    /// Checks the description. No network is used.
    ///
    /// # Errors
    ///
    /// When a URL cannot be used, no audience was given, or a value is out of bounds.
    ///
    /// ```
    /// use axum_authz::token::{Authentik, ConfigErrorKind};
    ///
    /// let error = Authentik::issuer("http://id.example.org/").audience("photos").build().unwrap_err();
    /// assert_eq!(error.kind(), ConfigErrorKind::InsecureUrl);
    /// ```
    pub fn build(self) -> Result<Authentik, ConfigError> {
        self.check()?;
        let source = match (&self.jwks_url, &self.discovery_url) {
            (Some(url), _) => KeySource::KeySet(fetch::trusted_url("key set's URL", url)?),
            (None, Some(url)) => KeySource::Discovery(fetch::trusted_url("discovery URL", url)?),
            (None, None) => KeySource::below(&self.issuer)?,
        };
        let introspector = match &self.introspection {
            None => None,
            Some(introspection) => {
                let document = source.document();
                Some(Arc::new(Introspector::new(introspection, &self.issuer, document)?))
            }
        };
        let trust = match self.trust {
            TrustBy::ClientSecret(secret) => Trust::Secret(secret),
            TrustBy::Introspection => Trust::Introspection,
            TrustBy::PublishedKeys => {
                let (issuer, clock) = (Arc::clone(&self.issuer), self.clock.clone());
                let keys = Arc::new(Keys::new(issuer, source, self.freshness, clock)?);
                Trust::Published { algorithms: self.algorithms, keys }
            }
        };
        let provider = Provider {
            expected: Expectations {
                issuer: self.issuer,
                audiences: self.audiences,
                clients: self.clients,
                leeway: self.leeway,
            },
            trust,
            introspector,
            revocations: self.revocations,
            mapping: self.mapping,
            clock: self.clock,
        };
        Ok(Authentik::new(Verifier {
            providers: [Arc::new(provider)].into(),
            decryption: self.decryption.into_iter().map(Arc::new).collect(),
            max_length: self.max_length,
            cache: Cache::new(self.remembered_tokens),
            fingerprints: Fingerprints::new(),
            questions: Arc::default(),
        }))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let out_of_bounds =
            |message: &str| Err(ConfigError::new(ConfigErrorKind::OutOfBounds, message));
        let issuer = fetch::trusted_url("issuer", &self.issuer)?;
        if issuer.query().is_some() {
            return Err(ConfigError::new(
                ConfigErrorKind::InvalidUrl,
                "the issuer must not have a query; give it as it stands in the tokens' `iss`",
            ));
        }
        if self.audiences.is_empty() || self.audiences.iter().any(|audience| audience.is_empty()) {
            return Err(ConfigError::new(
                ConfigErrorKind::NoAudience,
                "no audience, or an empty one; give the client id of the provider with `audience`",
            ));
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::new(
                ConfigErrorKind::NoAlgorithm,
                "the list of algorithms is empty; name one at least, or leave `algorithms` out",
            ));
        }
        if self.contradicts {
            return Err(ConfigError::new(
                ConfigErrorKind::Ambiguous,
                "a provider is trusted in one way: by `client_secret_signing` or by `verify_by_introspection`; to ask besides \
                 verifying, use `introspect`",
            ));
        }
        if self.leeway > MAX_LEEWAY {
            return out_of_bounds("the leeway is longer than 5 minutes; set the clocks instead");
        }
        if self.freshness.refetch_interval < MIN_REFETCH_INTERVAL {
            return out_of_bounds("the refetch interval is shorter than 1 second");
        }
        if self.max_length < MIN_MAX_TOKEN_LENGTH {
            return out_of_bounds(
                "the longest token that is looked at has less than 1 KiB, which access tokens have",
            );
        }
        if self.revocations.as_ref().is_some_and(|store| store.retention().is_zero()) {
            return out_of_bounds(
                "revocations are kept for no time at all, so that every token would be refused; keep them as long as tokens are valid",
            );
        }
        self.mapping.check()
    }
}

/// Shows neither secrets nor keys.
impl fmt::Debug for AuthentikBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthentikBuilder")
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .field("mapping", &self.mapping)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::RevocationList;

    const ISSUER: &str = "https://id.example.org/application/o/photos/";

    fn kind(builder: AuthentikBuilder) -> Option<ConfigErrorKind> {
        builder.build().err().map(|error| error.kind())
    }

    #[test]
    fn an_audience_is_mandatory() {
        assert_eq!(kind(Authentik::issuer(ISSUER)), Some(ConfigErrorKind::NoAudience));
        assert_eq!(kind(Authentik::issuer(ISSUER).audience("")), Some(ConfigErrorKind::NoAudience));
        assert_eq!(kind(Authentik::issuer(ISSUER).audience("photos")), None);
    }

    #[test]
    fn values_out_of_bounds_are_refused() {
        let builder = Authentik::issuer(ISSUER).audience("photos");
        let long = builder.clone().leeway(Duration::from_secs(301));
        assert_eq!(kind(long), Some(ConfigErrorKind::OutOfBounds));
        let flood = builder.clone().refetch_interval(Duration::ZERO);
        assert_eq!(kind(flood), Some(ConfigErrorKind::OutOfBounds));
        let secret = SharedSecret::new("a secret of thirty-two bytes or more").unwrap();
        let by_secret = builder.clone().client_secret_signing(secret.clone());
        let asked = || Introspection::by_client("photos", "secret");
        assert_eq!(kind(by_secret.clone().introspect(asked())), None);
        let both = by_secret.verify_by_introspection(asked());
        assert_eq!(kind(both), Some(ConfigErrorKind::Ambiguous));
        let both = builder.clone().verify_by_introspection(asked()).client_secret_signing(secret);
        assert_eq!(kind(both), Some(ConfigErrorKind::Ambiguous));
        let nothing = builder.clone().max_token_length(1023);
        assert_eq!(kind(nothing), Some(ConfigErrorKind::OutOfBounds));
        let forgetful = builder.clone().revocations(RevocationList::new(Duration::ZERO));
        assert_eq!(kind(forgetful), Some(ConfigErrorKind::OutOfBounds));
        let least = builder.clone().max_token_length(1024).refetch_interval(Duration::from_secs(1));
        let least = least.revocations(RevocationList::new(Duration::from_secs(1)));
        assert_eq!(kind(least.leeway(Duration::from_secs(300))), None);
        assert_eq!(kind(builder.clone().algorithms([])), Some(ConfigErrorKind::NoAlgorithm));
        let insecure = builder.clone().jwks_url("http://id.example.org/jwks/");
        assert_eq!(kind(insecure), Some(ConfigErrorKind::InsecureUrl));
        let insecure = builder.discovery_url("http://id.example.org/");
        assert_eq!(kind(insecure), Some(ConfigErrorKind::InsecureUrl));
    }

    #[test]
    fn the_issuer_is_kept_byte_for_byte() {
        for issuer in [ISSUER, "https://ID.example.org:443/application/o/photos"] {
            let authentik = Authentik::issuer(issuer).audience("photos").build().unwrap();
            assert_eq!(authentik.issuers().collect::<Vec<_>>(), [issuer]);
        }
    }
}

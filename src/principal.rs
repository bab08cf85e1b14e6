//! Who asks: the verified caller of a request.
//!
//! A [`Principal`] is what remains of a token once it has been verified: the identity, the roles and
//! the claims, in the form in which policies read them. It knows nothing of HTTP or of tokens.

use std::{fmt, sync::Arc, time::SystemTime};

use authz_engine::AuxData;
pub(crate) use authz_engine::request::InvalidClaim;
pub use authz_engine::{Map, Value};

mod lifetime;
mod scopes;
#[cfg(feature = "test-kit")]
mod test_kit;
mod typed;

pub use lifetime::Ended;
pub(crate) use lifetime::Lifetime;
pub(crate) use scopes::scopes;
pub use typed::ClaimsUnfit;

/// The verified caller of a request.
///
/// Cloning is cheap, and a clone can be moved into another task. The identity is the pair of
/// [`issuer`](Self::issuer) and [`id`](Self::id): two issuers may use the same subject, and in some of
/// Authentik's subject modes (user name, e-mail address) a subject can pass to another person.
///
/// Policies see it as `P`, and the claims of its token as `request.auxData.jwt`, in the form that Cerbos gives them:
/// `exp`, `iat` and `nbf` as text that `timestamp(..)` reads, `aud` as a list, and nothing of claims that are null.
///
/// `Debug` shows the issuer and the identifier, never roles or claims.
///
/// ```
/// # #[cfg(feature = "test-kit")] {
/// use axum_authz::principal::Principal;
///
/// let bob = Principal::test("bob").role("user").attribute("department", "media");
/// assert_eq!(bob.id(), "bob");
/// assert!(bob.has_role("user"));
/// # }
/// ```
#[derive(Clone)]
pub struct Principal(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    engine: authz_engine::Principal,
    issuer: Arc<str>,
    claims: Map,
    /// The claims as policies see them.
    aux: AuxData,
    expires_at: Option<SystemTime>,
    lifetime: Option<Arc<dyn Lifetime>>,
    typed: typed::Slot,
}

/// What a principal is made of, filled in by the mapping of verified claims.
pub(crate) struct Parts {
    pub(crate) issuer: Arc<str>,
    pub(crate) id: Box<str>,
    pub(crate) roles: Vec<Box<str>>,
    pub(crate) attributes: Map,
    /// Verified: the accessors for single claims rely on the types that verification has made sure of.
    pub(crate) claims: Map,
    pub(crate) expires_at: Option<SystemTime>,
    /// Who knows when it ends; without one it never does.
    pub(crate) lifetime: Option<Arc<dyn Lifetime>>,
}

impl Principal {
    /// Fails when policies cannot be shown the claims, because a registered one has another type than it must have.
    pub(crate) fn from_parts(parts: Parts) -> Result<Self, InvalidClaim> {
        let Parts { issuer, id, roles, attributes, claims, expires_at, lifetime } = parts;
        let aux = AuxData::from_claims(&claims)?;
        let engine = authz_engine::Principal { id, roles, attr: attributes, ..Default::default() };
        let typed = typed::Slot::default();
        Ok(Self(Arc::new(Inner { engine, issuer, claims, aux, expires_at, lifetime, typed })))
    }

    /// The identifier, `P.id` in policies: the token's subject (`sub`, RFC 7519 section 4.1.2), unless the provider's
    /// description says otherwise.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.engine.id
    }

    /// The issuer that vouches for the identifier (`iss`), byte for byte as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The roles, in the order in which policies try them; without duplicates.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.engine.roles.iter().map(|role| &**role)
    }

    /// Whether the principal has `role`, compared byte for byte.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|own| own == role)
    }

    /// The attribute `name`, `P.attr.name` in policies.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&Value> {
        self.attributes().get(name)
    }

    /// All attributes, `P.attr` in policies.
    #[must_use]
    pub fn attributes(&self) -> &Map {
        &self.0.engine.attr
    }

    /// The verified claims of the token, as the issuer signed them. [`claims_as`](Self::claims_as) reads them
    /// into a type.
    #[must_use]
    pub fn claims(&self) -> &Map {
        &self.0.claims
    }

    /// The scopes that were granted to the client (`scope`, RFC 6749 section 3.3), in the token's order.
    ///
    /// Authentik writes the claim since 2025.10. Without it there are none, and neither is there one for a
    /// member of the claim that cannot be a scope.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        scopes(self.claims())
    }

    /// Whether the client was granted `scope`, compared byte for byte.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// Who acts for the principal by delegation (`act.sub`, RFC 8693 section 4.1): the subject of the party that
    /// exchanged the principal's token for this one.
    ///
    /// `None` says that nobody else is involved: a token whose `act` cannot be read is refused.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.claims().get("act")?.as_map()?.get("sub")?.as_str()
    }

    /// The login session at the provider (`sid`, OpenID Connect Back-Channel Logout section 2.1).
    ///
    /// In Authentik, tokens that no login stands behind have none: those by client credentials and by token exchange.
    /// A policy that wants humans asks for `has(request.auxData.jwt.sid)`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.claims().get("sid")?.as_str()
    }

    /// The token's own identifier (`jti`, RFC 7519 section 4.1.7). Authentik writes one since 2026.5.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.claims().get("jti")?.as_str()
    }

    /// When the token expires (`exp`), without the leeway that verification grants.
    ///
    /// `None` for principals that did not come from a token.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// The principal as the policy engine takes it.
    pub(crate) fn engine(&self) -> &authz_engine::Principal {
        &self.0.engine
    }

    /// The claims as the policy engine takes them.
    pub(crate) fn aux(&self) -> &AuxData {
        &self.0.aux
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("issuer", &self.issuer())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

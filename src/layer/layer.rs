//! `AuthzLayer`, and what its services share.

use std::sync::Arc;

use tower_layer::Layer;

use super::{Authz, respond::Challenge};
use crate::{policies::Policies, token::Authentik};

/// Verifies the bearer token of each request; see the [module's page](super) for when a request passes.
///
/// Cloning is cheap, and clones share keys and policies.
#[derive(Debug, Clone)]
#[must_use = "a layer that is not applied guards nothing"]
pub struct AuthzLayer(Arc<Context>);

/// What the layer's services, and the extractors behind them, work with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(super) authentik: Authentik,
    #[cfg_attr(not(feature = "axum"), expect(dead_code, reason = "asked by the extractors"))]
    pub(crate) policies: Policies,
    pub(crate) challenge: Challenge,
}

impl AuthzLayer {
    /// A layer that believes the tokens of `authentik`; handlers behind it are decided on by `policies`.
    pub fn new(authentik: Authentik, policies: Policies) -> Self {
        Self(Arc::new(Context { authentik, policies, challenge: Challenge::default() }))
    }

    /// Sets the realm named in `WWW-Authenticate` (RFC 9110 section 11.5); `api` when not set.
    ///
    /// The realm is shown to clients. Characters other than printable ASCII become `?`.
    pub fn realm(self, realm: impl AsRef<str>) -> Self {
        let mut context = Arc::unwrap_or_clone(self.0);
        context.challenge = Challenge::new(realm.as_ref());
        Self(Arc::new(context))
    }
}

impl<S> Layer<S> for AuthzLayer {
    type Service = Authz<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authz::new(inner, Arc::clone(&self.0))
    }
}

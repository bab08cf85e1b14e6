//! `AuthzLayer`, and what its services share.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use http::{HeaderMap, HeaderValue};

use super::{
    Authz, Challenge, ForwardAuth, Refusal, ResourceMetadata,
    metadata::Published,
    responder::{Page, Responder},
};
use crate::{audit::CallId, decide::Decide, token::Authentik};

/// Verifies the bearer token of each request; see the [module's page](super) for when a request passes.
///
/// Cloning is cheap, and clones share keys and policies.
#[derive(Debug, Clone)]
#[must_use = "a layer that is not applied guards nothing"]
pub struct AuthzLayer(Arc<Context>);

/// What the layer's services, and the extractors behind them, work with.
#[derive(Clone)]
pub(crate) struct Context {
    pub(super) authentik: Authentik,
    #[cfg_attr(not(feature = "axum"), expect(dead_code, reason = "asked by the extractors"))]
    pub(crate) decider: Arc<dyn Decide>,
    pub(crate) challenge: Challenge,
    pub(super) forward: Option<ForwardAuth>,
    pub(super) metadata: Option<Published>,
    realm: Box<str>,
    responder: Responder,
}

impl AuthzLayer {
    /// A layer that believes the tokens of `authentik`; handlers behind it are decided on by `policies`, the
    /// embedded ones or whoever else [decides](Decide).
    pub fn new(authentik: Authentik, policies: impl Decide) -> Self {
        Self(Arc::new(Context {
            authentik,
            decider: Arc::new(policies),
            challenge: Challenge::default(),
            forward: None,
            metadata: None,
            realm: Challenge::REALM.into(),
            responder: Responder::default(),
        }))
    }

    /// Sets the realm named in `WWW-Authenticate` (RFC 9110 section 11.5); `api` when not set.
    ///
    /// The realm is shown to clients. Characters other than printable ASCII become `?`.
    pub fn realm(self, realm: impl AsRef<str>) -> Self {
        self.change(|context| context.realm = realm.as_ref().into())
    }

    /// Believes an outpost of Authentik in front of this service, too; see [`ForwardAuth`]. Off unless set.
    pub fn forward_auth(self, forward: ForwardAuth) -> Self {
        self.change(|context| context.forward = Some(forward))
    }

    /// Tells clients where tokens are to be had: the layer answers at the [document's
    /// path](ResourceMetadata::url) itself, without credentials and before the service is called, and names the
    /// document in each challenge (RFC 9728). Off unless set.
    ///
    /// The document lists the issuers of bearer tokens. Layer the outermost router: [axum's
    /// `Router::layer`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.layer) covers paths without a
    /// route as well, a layer of a nested router or of single routes (`route_layer`) does not see this path.
    ///
    /// ```
    /// use axum_authz::layer::{AuthzLayer, ResourceMetadata};
    /// # use axum_authz::{policies::Policies, token::Authentik};
    /// # fn layer(authentik: Authentik, policies: Policies) -> Result<AuthzLayer, axum_authz::Error> {
    /// let metadata = ResourceMetadata::new("https://api.example.org")?.resource_name("Photos");
    /// Ok(AuthzLayer::new(authentik, policies).resource_metadata(metadata))
    /// # }
    /// ```
    pub fn resource_metadata(self, metadata: ResourceMetadata) -> Self {
        self.change(|context| {
            context.metadata = Some(metadata.publish(context.authentik.issuers()));
        })
    }

    /// Writes the bodies of refusals with `write`, which gets the refusal, the call id and the headers of the
    /// request, and returns a media type with a body, or `None` for the usual one.
    ///
    /// Status and challenge stay as they are, and so does the fact of refusal. gRPC callers have no body to replace.
    ///
    /// ```
    /// use http::HeaderValue;
    /// # use axum_authz::{layer::AuthzLayer, policies::Policies, token::Authentik};
    /// # fn layer(authentik: Authentik, policies: Policies) -> AuthzLayer {
    /// AuthzLayer::new(authentik, policies).respond_with(|refusal, call_id, _| {
    ///     let page = format!("{}: {refusal} (call {call_id})", refusal.status());
    ///     Some((HeaderValue::from_static("text/plain"), page))
    /// })
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// [`Refusal::reason`] is meant for operators: it tells those who try out tokens how far they got.
    pub fn respond_with(
        self,
        write: impl Fn(&Refusal, CallId, &HeaderMap) -> Option<(HeaderValue, String)>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.change(|context| context.responder = Responder::new(write))
    }

    /// Who decides behind this layer.
    #[cfg(feature = "axum")]
    pub(crate) fn decider(&self) -> &dyn Decide {
        &*self.0.decider
    }

    fn change(self, change: impl FnOnce(&mut Context)) -> Self {
        let mut context = Arc::unwrap_or_clone(self.0);
        change(&mut context);
        let metadata = context.metadata.as_ref().map(|published| &*published.url);
        context.challenge = Challenge::new(&context.realm, metadata);
        Self(Arc::new(context))
    }
}

impl Context {
    /// The service's own words for a refusal, if it has any.
    pub(crate) fn page(
        &self,
        refusal: &Refusal,
        call_id: CallId,
        headers: &HeaderMap,
    ) -> Option<Page> {
        self.responder.page(refusal, call_id, headers)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("authentik", &self.authentik)
            .field("forward", &self.forward)
            .field("metadata", &self.metadata)
            .field("realm", &self.realm)
            .field("responder", &self.responder)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for AuthzLayer {
    type Service = Authz<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authz::new(inner, Arc::clone(&self.0))
    }
}

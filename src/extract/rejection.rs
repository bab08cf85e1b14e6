//! What a handler's caller gets instead of the handler's answer.

use std::{error::Error, fmt, sync::Arc};

use axum::{
    body::Body,
    extract::MatchedPath,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, request::Parts};

use super::TARGET;
use crate::{
    audit::CallId,
    layer::{Challenge, Context, Page, Refusal, Wire, respond},
};

/// A refused request, on its way to become a response.
///
/// The response is that of [`layer`](crate::layer): fixed text, a call id, and the challenge of the layer's realm.
#[derive(Clone)]
pub struct Rejection {
    refusal: Refusal,
    call_id: CallId,
    wire: Wire,
    /// Boxed to keep the error small.
    page: Option<Box<Page>>,
    context: Option<Arc<Context>>,
}

impl Rejection {
    /// Why the request is refused.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// What client and operator can both refer to.
    #[must_use]
    pub fn call_id(&self) -> CallId {
        self.call_id
    }

    /// Nobody is calling, and somebody has to be.
    pub(super) fn anonymous(parts: &Parts, context: &Arc<Context>) -> Self {
        let call_id = CallId::new();
        tracing::debug!(target: TARGET, %call_id, route = route(parts), reason = "anonymous", "no credentials");
        Self::recorded(Refusal::Anonymous, call_id, parts, context)
    }

    /// For a refusal the log has already been told of under this call id.
    pub(super) fn recorded(
        refusal: Refusal,
        call_id: CallId,
        parts: &Parts,
        context: &Arc<Context>,
    ) -> Self {
        let wire = Wire::of(&parts.method, &parts.headers);
        Self::answering(refusal, call_id, wire, &parts.headers, context)
    }

    /// As [`recorded`](Self::recorded), where the request is not at hand any more.
    pub(super) fn answering(
        refusal: Refusal,
        call_id: CallId,
        wire: Wire,
        headers: &HeaderMap,
        context: &Arc<Context>,
    ) -> Self {
        let page = context.page(&refusal, call_id, headers).map(Box::new);
        Self { refusal, call_id, wire, page, context: Some(Arc::clone(context)) }
    }

    /// There is no context to refuse in.
    pub(super) fn layer_missing(parts: &Parts) -> Self {
        let call_id = CallId::new();
        tracing::error!(
            target: TARGET,
            %call_id,
            route = route(parts),
            "the handler of this route needs `AuthzLayer`: add `.layer(AuthzLayer::new(authentik, policies))` to the router after this route"
        );
        let refusal = Refusal::Wiring("layer_missing");
        let wire = Wire::of(&parts.method, &parts.headers);
        Self { refusal, call_id, wire, page: None, context: None }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let Self { refusal, call_id, wire, page, context } = self;
        let page = page.map(|page| *page);
        match context {
            Some(context) => respond(&refusal, call_id, wire, &context.challenge, page),
            None => respond(&refusal, call_id, wire, &Challenge::default(), page),
        }
        .map(Body::from)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (call {})", self.refusal, self.call_id)
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { refusal, call_id, .. } = self;
        f.debug_struct("Rejection")
            .field("refusal", refusal)
            .field("call_id", call_id)
            .finish_non_exhaustive()
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.refusal)
    }
}

/// The pattern of the route, never the path that was asked for: that one is the caller's text.
pub(super) fn route(parts: &Parts) -> &str {
    parts.extensions.get::<MatchedPath>().map_or("(no route)", MatchedPath::as_str)
}

//! Bodies of refusals in the service's own words.

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue};

use super::Refusal;
use crate::audit::CallId;

/// A body with its media type.
pub(crate) type Page = (HeaderValue, String);

type Write = dyn Fn(&Refusal, CallId, &HeaderMap) -> Option<Page> + Send + Sync;

/// What [`AuthzLayer::respond_with`](super::AuthzLayer::respond_with) was given, if anything.
#[derive(Clone, Default)]
pub(super) struct Responder(Option<Arc<Write>>);

impl Responder {
    pub(super) fn new(
        write: impl Fn(&Refusal, CallId, &HeaderMap) -> Option<Page> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(write)))
    }

    pub(super) fn page(
        &self,
        refusal: &Refusal,
        call_id: CallId,
        headers: &HeaderMap,
    ) -> Option<Page> {
        self.0.as_ref().and_then(|write| write(refusal, call_id, headers))
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Responder(own)" } else { "Responder(default)" })
    }
}

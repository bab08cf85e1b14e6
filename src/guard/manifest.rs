//! The route table of a service.

use std::sync::Arc;

use http::Method;

use super::Route;

/// All routes of a service, and who may call them.
#[derive(Debug, Clone)]
pub struct Manifest(Arc<[Route]>);

impl Manifest {
    pub(super) fn new(mut routes: Vec<Route>) -> Self {
        let method = |route: &Route| route.method.as_ref().map_or("any", Method::as_str).to_owned();
        routes.sort_by_cached_key(|route| (route.path.clone(), route.fallback, method(route)));
        Self(routes.into())
    }

    /// The routes, sorted by path and method.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.0
    }
}

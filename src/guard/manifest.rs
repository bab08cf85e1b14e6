//! The route table of a service.

use std::sync::Arc;

use http::Method;

use super::Route;

mod json;
mod outlook;
mod text;

pub(crate) use outlook::outlook;
pub(super) use text::one_line;

#[cfg(test)]
mod tests;

/// All routes of a service, and who may call them.
///
/// It is printed as a table, one line for each route. The last column is the place where the route was given its
/// handler; as places change with every edit, `{:#}` leaves it out, for what is checked in.
///
/// ```
/// use axum_authz::{authorize, guard::{Router, get}, layer::AuthzLayer, public};
/// # use axum_authz::{policies::{Policies, Source}, token::Authentik};
///
/// #[authorize(action = "view", resource = "album", id = path("id"), scope = "photos.read")]
/// async fn show() {}
///
/// #[public(reason = "liveness probe")]
/// async fn healthz() {}
///
/// # fn main() -> Result<(), axum_authz::Error> {
/// # let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
/// # let policies = Policies::from_sources([Source::new("album.yaml", r#"
/// # apiVersion: api.cerbos.dev/v1
/// # resourcePolicy:
/// #   resource: album
/// #   version: default
/// #   rules: [{ actions: ["view"], effect: EFFECT_ALLOW, roles: ["user"] }]
/// # "#)])?;
/// # let layer = AuthzLayer::new(authentik, policies);
/// let albums = Router::new().route("/{id}", get(show));
/// let app = Router::new().nest("/albums", albums).route("/healthz", get(healthz)).finish(layer)?;
///
/// assert_eq!(format!("{:#}", app.manifest()), "\
/// METHOD  PATH          ACCESS
/// GET     /albums/{id}  view on album with scope photos.read
/// GET     /healthz      public: liveness probe");
/// # Ok(())
/// # }
/// ```
///
/// [`Serialize`](serde::Serialize) writes the same and more for programs: an object whose member `routes` has for
/// each route `method` (`any` for all methods), `path`, `fallback`, `access` and `location`. What `access` has
/// besides its `type` depends on that:
///
/// | `type` | further members |
/// |---|---|
/// | `check` | `action`, `resource`, `basis` (`request`, `loaded`, `body`, `changed`), `id`, `attributes`, `scopes`, `concealed` |
/// | `authenticated` | `scopes` |
/// | `public`, `unguarded` | `reason` |
/// | `all` | `of`: several of these |
///
/// `id` and each of `attributes` say where the value comes `from`: `path`, `query` or `header` with the `parameter`'s
/// name, `resource`, or `absent`.
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

impl AsRef<Self> for Manifest {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<Manifest> for super::Secured {
    fn as_ref(&self) -> &Manifest {
        self.manifest()
    }
}

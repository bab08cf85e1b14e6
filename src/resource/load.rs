//! From a key to a resource.

use axum::extract::FromRequestParts;

use super::Resource;

/// Finds a resource by a key from the head of the request.
///
/// ```
/// use std::{collections::HashMap, convert::Infallible, sync::Arc};
///
/// use axum_authz::prelude::*;
///
/// #[derive(Clone, Resource)]
/// #[resource(kind = "album")]
/// struct Album {
///     #[id]
///     id: u64,
///     #[attr]
///     owner: String,
/// }
///
/// #[derive(Clone)]
/// struct App {
///     albums: Arc<HashMap<u64, Album>>,
/// }
///
/// impl Load<App> for Album {
///     type Key = Path<u64>;
///     type Error = Infallible;
///
///     async fn load(app: &App, Path(id): Path<u64>) -> Result<Option<Self>, Infallible> {
///         Ok(app.albums.get(&id).cloned())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded from the state `{S}`",
    label = "no `Load<{S}>`",
    note = "say how it is found: `impl Load<{S}> for {Self} {{ type Key = Path<..>; type Error = ..; \
            async fn load(state: &{S}, key: Self::Key) -> Result<Option<Self>, Self::Error> {{ .. }} }}`"
)]
pub trait Load<S>: Resource + Sized {
    /// What the resource is found by: an extractor that does not read the body, such as `Path<u64>`.
    type Key: FromRequestParts<S> + Send;
    /// Why it could not be looked for. It goes to the log; the client gets 503.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Finds the resource; `None` if there is none of this key.
    ///
    /// # Errors
    ///
    /// Whether there is one could not be found out. That is neither yes nor no.
    fn load(
        state: &S,
        key: Self::Key,
    ) -> impl Future<Output = Result<Option<Self>, Self::Error>> + Send;
}

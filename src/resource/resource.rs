//! The trait of what access is decided on.

use std::borrow::Cow;

use super::Attribute;
use crate::policies::Map;

/// A type whose values policies decide on.
///
/// Derive it. Written by hand, [`attributes`](Self::attributes) must agree with [`ATTRIBUTES`](Self::ATTRIBUTES): the
/// latter is what the policies are compared with when the service starts.
///
/// ```
/// use std::borrow::Cow;
///
/// use axum_authz::{
///     policies::{Map, Value},
///     resource::{Attribute, Resource},
/// };
///
/// struct Album {
///     id: u64,
///     owner: String,
/// }
///
/// impl Resource for Album {
///     const KIND: &'static str = "album";
///     const ATTRIBUTES: &'static [Attribute] = &[Attribute::new("owner").column("owner_id")];
///
///     fn id(&self) -> Cow<'_, str> {
///         self.id.to_string().into()
///     }
///
///     fn attributes(&self) -> Map {
///         [("owner", Value::from(self.owner.as_str()))].into_iter().collect()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource that policies can decide on",
    label = "not a resource",
    note = "derive it: `#[derive(Resource)] #[resource(kind = \"..\")]`, with `#[attr]` or `#[no_attr]` on each field"
)]
pub trait Resource: Send + Sync + 'static {
    /// The kind, the `resource` of a resource policy.
    const KIND: &'static str;
    /// What policies may read, in the order of the fields.
    const ATTRIBUTES: &'static [Attribute];
    /// Attributes that policies may read and that resources of this type never have.
    ///
    /// One policy may speak of several types of resource. An attribute that is neither here nor in
    /// [`ATTRIBUTES`](Self::ATTRIBUTES) counts as a mistake in the policy.
    const ABSENT: &'static [&'static str] = &[];
    /// Whether callers who are refused are told that there is no such resource: 404, byte for byte as if it were
    /// absent.
    const CONCEAL: bool = false;
    /// Whether [`scope`](Self::scope) may be something else than the default.
    const SCOPED: bool = false;
    /// The table that holds the resources.
    const TABLE: Option<&'static str> = None;
    /// The column of the identifier.
    const ID_COLUMN: Option<&'static str> = None;
    /// The column of the version.
    const VERSION_COLUMN: Option<&'static str> = None;

    /// The identifier (`R.id`). Empty for what has none yet.
    fn id(&self) -> Cow<'_, str>;

    /// The attributes (`R.attr`).
    fn attributes(&self) -> Map;

    /// The scope whose policies apply; empty for the engine's default, `.` for the root.
    fn scope(&self) -> &str {
        ""
    }

    /// The version of the row, for an update that fails when somebody else was faster.
    fn version(&self) -> Option<Cow<'_, str>> {
        None
    }
}

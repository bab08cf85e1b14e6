//! An action as a type, so that a misspelt one does not compile.

/// An action on a kind of resource, as policies name both.
///
/// The types are written by the build-script helper `axum-authz-build` from the policies, or by hand. Each is a
/// declaration by itself ([`DeclaresAccess`](super::DeclaresAccess)), of the action on a resource without
/// identifier and attributes.
///
/// ```
/// use axum_authz::guard::{Access, Action, Check, DeclaresAccess};
///
/// /// Looks at an album.
/// struct View;
///
/// impl Action for View {
///     const KIND: &'static str = "album";
///     const NAME: &'static str = "view";
/// }
///
/// assert_eq!(<View as DeclaresAccess>::ACCESS, Access::Check(Check::new("view", "album")));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action of the policies",
    label = "not an action",
    note = "name a type that `axum-authz-build` has written, such as `album::View`, or implement `Action` for this one"
)]
pub trait Action: Send + Sync + 'static {
    /// The kind of resource, the `resource` of a resource policy.
    const KIND: &'static str;
    /// The action's name in the policies.
    const NAME: &'static str;
}

//! Bodies of requests that are, or change, a resource.

use axum::{Form, Json};

use super::Resource;

/// A body in which there is a resource, for [`Checked`](crate::extract::Checked); implemented for `Json<R>` and
/// `Form<R>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no resource that can be decided on",
    label = "not `Carries`",
    note = "`Json<T>` and `Form<T>` carry a `T` with `#[derive(Resource)]`; for other bodies write `impl Carries for {Self}`"
)]
pub trait Carries {
    /// The type of the resource.
    type Resource: Resource;

    /// What is decided on.
    fn resource(&self) -> &Self::Resource;
}

impl<R: Resource> Carries for Json<R> {
    type Resource = R;

    fn resource(&self) -> &R {
        &self.0
    }
}

impl<R: Resource> Carries for Form<R> {
    type Resource = R;

    fn resource(&self) -> &R {
        &self.0
    }
}

/// A change of an `R`, for [`Changed`](crate::extract::Changed); of `T`, it is one of `Json<T>` and `Form<T>` too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no change of `{R}`",
    label = "not `Change<{R}>`",
    note = "say what it makes of one: `impl Change<{R}> for {Self} {{ fn apply(&self, old: &{R}) -> {R} {{ .. }} }}`"
)]
pub trait Change<R> {
    /// The resource as it will be. Nothing is changed yet.
    ///
    /// Everything that will be stored has to be in it: the policies decide on what this returns. Its identifier is
    /// that of `old`; a change of it is refused, because it would be about another resource.
    fn apply(&self, old: &R) -> R;
}

impl<R, T: Change<R>> Change<R> for Json<T> {
    fn apply(&self, old: &R) -> R {
        self.0.apply(old)
    }
}

impl<R, T: Change<R>> Change<R> for Form<T> {
    fn apply(&self, old: &R) -> R {
        self.0.apply(old)
    }
}

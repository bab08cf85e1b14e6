//! The trait of declarations, and the one declaration that needs no details.

use super::{Access, Action, Check};

/// A type that says who may call a handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare who may call a handler",
    label = "not a declaration of access",
    note = "write the action and the resource: `#[authorize(action = \"..\", resource = \"..\")]`, \
            or implement `DeclaresAccess` for this type"
)]
pub trait DeclaresAccess {
    /// Who may call.
    const ACCESS: Access;
}

/// Any caller with a valid token: what `#[authenticated]` declares.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(());

impl DeclaresAccess for Authenticated {
    const ACCESS: Access = Access::Authenticated { scope: None };
}

/// An action says everything but which resource.
#[diagnostic::do_not_recommend]
impl<A: Action> DeclaresAccess for A {
    const ACCESS: Access = Access::Check(Check::new(A::NAME, A::KIND));
}

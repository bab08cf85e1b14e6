//! Handlers of the guarded router.

use axum::handler::Handler;

/// A handler as axum has it; implemented for every [`Handler`].
///
/// The guarded router asks for this instead, because the compiler's message about it is of this crate.
#[diagnostic::on_unimplemented(
    message = "this is not a handler for this router",
    label = "not a handler",
    note = "a handler is an `async fn` whose arguments are extractors, the body last, and that returns a response",
    note = "`Loaded<R, _>` and `Changed<R, ..>` need `impl Load<S> for R`, where `S` is the router's state",
    note = "write `#[axum::debug_handler]` below the declaration to see which argument is wrong"
)]
pub trait GuardedHandler<T, S>: Handler<T, S> {}

#[diagnostic::do_not_recommend]
impl<H: Handler<T, S>, T, S> GuardedHandler<T, S> for H {}

//! Extractors: the caller, and the decision on what the handler declares.
//!
//! | argument | passes when | otherwise |
//! |---|---|---|
//! | [`Principal`](crate::Principal) | the request carries a valid token | 401 |
//! | `Option<Principal>` | always; `None` if the request carries no credentials at all | |
//! | [`PrincipalOf<C>`](PrincipalOf) | the token is valid, and its claims fit into a `C` | 401, 403 |
//! | `Option<PrincipalOf<C>>` | the same, or the request carries no credentials at all | 403 |
//! | [`Authorized<D>`](Authorized) | what `D` declares holds | 401, 403, 503 |
//! | [`Loaded<R, A>`](Loaded) | there is such an `R`, and the caller may do `A` with it | 401, 403, 404, 503 |
//! | [`All<(..)>`](All) | each of several of these holds | the same |
//! | [`Checked<B, A>`](Checked) | the caller may do `A` with what is in the body `B` | 401, 403, 503; what `B` answers |
//! | [`Changed<R, B, A>`](Changed) | the caller may do `A` with an `R` as it is, and as the body `B` makes it | both of the above |
//! | [`Decider`] | the request carries a valid token; it answers further questions | 401 |
//!
//! axum takes the arguments of a handler from left to right and the body last, so that with one of those that declare
//! something in first place nothing else of the request is looked at before the decision: a caller without the right
//! learns nothing about what a well-formed body would be.
//!
//! Behind no [`AuthzLayer`](crate::layer::AuthzLayer) each of them answers 500, and logs an error that says so;
//! only what is declared public is reached.

mod ahead;
mod all;
mod authorized;
mod changed;
mod checked;
mod decider;
mod gate;
mod loaded;
mod permissions;
mod principal;
mod principal_of;
mod recheck;
mod rejection;
mod resolve;

pub use all::All;
pub use authorized::Authorized;
pub use changed::Changed;
pub use checked::{BodyRejection, Checked};
pub use decider::Decider;
pub use loaded::Loaded;
pub use permissions::{Actions, Permissions};
pub use principal_of::PrincipalOf;
pub use recheck::Lapsed;
pub use rejection::Rejection;

// Why a decision could not be made is told where decisions are.
use crate::audit::TARGET;

//! What makes a handler fit for the guarded router: an extractor of ours stands first.

use axum::extract::{FromRequest, FromRequestParts};
use http::request::Parts;

use super::{Access, Ahead, RequiresScope};

/// An extractor that refuses the request unless what it declares holds.
///
/// Only this crate's extractors are: [`Authorized`](crate::extract::Authorized),
/// [`Loaded`](crate::extract::Loaded), [`Checked`](crate::extract::Checked), [`Changed`](crate::extract::Changed)
/// and [`All`](crate::extract::All) of them. An extractor of somebody else's could declare what it does not
/// enforce.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who may call a handler",
    label = "not a declaration of access",
    note = "the first argument says it: `Authorized<..>`, `Loaded<..>`, `Checked<..>`, `Changed<..>` or `All<(..)>`"
)]
pub trait Enforced: sealed::Sealed {
    /// Who may call.
    const ACCESS: Access;
}

/// The arguments of a handler, the first of which is [`Enforced`].
///
/// axum gives every handler the type of its arguments as the `T` of [`Handler<T, S>`](axum::handler::Handler): a
/// tuple of a marker and the arguments. The guarded router asks this of it.
#[diagnostic::on_unimplemented(
    message = "this handler does not declare who may call it",
    label = "handler without a declaration of access",
    note = "put `#[authorize(..)]`, `#[authenticated]` or `#[public(reason = \"..\")]` above the handler",
    note = "or make `Authorized<..>`, `Loaded<..>`, `Checked<..>`, `Changed<..>` or `All<(..)>` its FIRST argument"
)]
pub trait Declared: sealed::Sealed {
    /// Who may call.
    const ACCESS: Access;
}

/// Tells axum's own markers from others: it is a [`FromRequest`] with these and, as it cannot be named elsewhere,
/// with no other. So a tuple with another marker belongs to no function that axum calls with its arguments.
#[derive(Debug)]
pub struct Probe(());

impl<S: Sync> FromRequestParts<S> for Probe {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(()))
    }
}

impl<S: Sync> FromRequest<S> for Probe {
    type Rejection = std::convert::Infallible;

    async fn from_request(_: axum::extract::Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(()))
    }
}

pub(crate) mod sealed {
    /// Keeps a trait to this crate.
    pub trait Sealed {}
}

macro_rules! declared {
    ($($($rest:ident)*;)*) => {$(
        impl<M, First: Enforced, $($rest,)*> sealed::Sealed for (M, First, $($rest,)*)
        where
            Probe: FromRequest<(), M>,
        {
        }

        #[diagnostic::do_not_recommend]
        impl<M, First: Enforced, $($rest,)*> Declared for (M, First, $($rest,)*)
        where
            Probe: FromRequest<(), M>,
        {
            const ACCESS: Access = First::ACCESS;
        }
    )*};
}

/// `Ahead<X>` first counts only if the `X` it is ahead of stands last.
macro_rules! declared_ahead {
    ($($($rest:ident)*;)*) => {$(
        impl<M, Scope: RequiresScope, Last: Enforced, $($rest,)*> sealed::Sealed
            for (M, Ahead<Last, Scope>, $($rest,)* Last)
        where
            Probe: FromRequest<(), M>,
        {
        }

        #[diagnostic::do_not_recommend]
        impl<M, Scope: RequiresScope, Last: Enforced, $($rest,)*> Declared
            for (M, Ahead<Last, Scope>, $($rest,)* Last)
        where
            Probe: FromRequest<(), M>,
        {
            const ACCESS: Access = Last::ACCESS.requiring(Scope::SCOPE);
        }
    )*};
}

// axum's handlers have sixteen arguments at most.
declared! {
    ;
    A2;
    A2 A3;
    A2 A3 A4;
    A2 A3 A4 A5;
    A2 A3 A4 A5 A6;
    A2 A3 A4 A5 A6 A7;
    A2 A3 A4 A5 A6 A7 A8;
    A2 A3 A4 A5 A6 A7 A8 A9;
    A2 A3 A4 A5 A6 A7 A8 A9 A10;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16;
}

declared_ahead! {
    ;
    A2;
    A2 A3;
    A2 A3 A4;
    A2 A3 A4 A5;
    A2 A3 A4 A5 A6;
    A2 A3 A4 A5 A6 A7;
    A2 A3 A4 A5 A6 A7 A8;
    A2 A3 A4 A5 A6 A7 A8 A9;
    A2 A3 A4 A5 A6 A7 A8 A9 A10;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14;
    A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15;
}

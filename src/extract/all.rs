//! `All`: several declarations that must hold together.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Rejection, gate::Gate};
use crate::guard::{Access, Enforced, Enforcement, sealed};

/// Two to four declarations, all of which hold.
///
/// What each of them could be refused for without loading anything comes first, for all of them; then they are
/// taken one after the other. The first that does not hold ends it.
///
/// ```
/// use axum_authz::{extract::{All, Loaded}, guard::Action, prelude::*};
/// # #[derive(Resource)]
/// # #[resource(kind = "album")]
/// # struct Album { #[id] id: u64 }
/// # #[derive(Resource)]
/// # #[resource(kind = "folder")]
/// # struct Folder { #[id] id: u64 }
/// # struct Move;
/// # impl Action for Move { const KIND: &'static str = "album"; const NAME: &'static str = "move"; }
/// # struct Add;
/// # impl Action for Add { const KIND: &'static str = "folder"; const NAME: &'static str = "add"; }
///
/// async fn put_into(All((album, folder)): All<(Loaded<Album, Move>, Loaded<Folder, Add>)>) -> String {
///     format!("album {} is in folder {}", album.id, folder.id)
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct All<T>(pub T);

macro_rules! all {
    ($($($part:ident)*;)*) => {$(
        impl<$($part: Enforced,)*> sealed::Sealed for All<($($part,)*)> {}

        impl<$($part: Enforced,)*> Enforced for All<($($part,)*)> {
            const ACCESS: Access = Access::All(&[$($part::ACCESS,)*]);
        }

        impl<$($part,)* S> FromRequestParts<S> for All<($($part,)*)>
        where
            $($part: Enforced + FromRequestParts<S, Rejection = Rejection> + Send,)*
            S: Send + Sync,
        {
            type Rejection = Rejection;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
                let access = const { <Self as Enforced>::ACCESS };
                Enforcement::note(&parts.extensions, &access);
                if !access.is_public() {
                    Gate::enter(parts)?.foresee_all(&access, parts).await?;
                }
                Ok(Self(($($part::from_request_parts(parts, state).await?,)*)))
            }
        }
    )*};
}

all! {
    A B;
    A B C;
    A B C D;
}

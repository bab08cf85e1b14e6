//! `Ahead`: the first half of a decision whose second half needs the body.

use std::{fmt, marker::PhantomData};

use crate::Principal;

/// The caller is known, and could be allowed what `X` declares; `X` is the [`Checked`](crate::extract::Checked) or
/// [`Changed`](crate::extract::Changed) at the end of the same handler's arguments.
///
/// `#[authorize(album::Create, body)]` puts it in front, and with `scope = ".."` the token must have what `S`
/// [requires](RequiresScope). The guarded router takes it only together with its `X`:
///
/// ```compile_fail,E0277
/// use axum::Json;
/// use axum_authz::{extract::Checked, guard::{self, Action, Ahead}, prelude::*};
/// # #[derive(serde::Deserialize, Resource)]
/// # #[resource(kind = "album")]
/// # struct NewAlbum { #[attr] public: bool }
/// # struct Create;
/// # impl Action for Create { const KIND: &'static str = "album"; const NAME: &'static str = "create"; }
///
/// async fn create(_: Ahead<Checked<Json<NewAlbum>, Create>>, new: Json<NewAlbum>) {}
///
/// let _: guard::Router = guard::Router::new().route("/albums", guard::post(create));
/// ```
pub struct Ahead<X, S = AnyScope> {
    principal: Principal,
    rest: PhantomData<fn() -> (X, S)>,
}

/// A type that says which scopes the token must have, for [`Ahead`].
pub trait RequiresScope: 'static {
    /// The scopes, separated by single spaces; all of them are required.
    const SCOPE: Option<&'static str>;
}

/// Requires none.
#[derive(Debug, Clone, Copy)]
pub enum AnyScope {}

impl RequiresScope for AnyScope {
    const SCOPE: Option<&'static str> = None;
}

impl<X, S> Ahead<X, S> {
    pub(crate) fn new(principal: Principal) -> Self {
        Self { principal, rest: PhantomData }
    }

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl<X, S> fmt::Debug for Ahead<X, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ahead").field(&self.principal).finish()
    }
}

//! Decisions on a row of the database.
//!
//! `#[authorize(..)]` decides on what the route knows. Who owns an album is known to the database only, so
//! [`Row`] loads it and asks the same policies again: before the handler runs, and before the body is read.

use std::marker::PhantomData;
use std::time::SystemTime;

use axum::extract::{FromRequestParts, Path};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum_authz::Principal;
use axum_authz::policies::{Effect, Policies, Resource};
use axum_authz::principal::Value;

use crate::app::App;
use crate::store::Album;

/// What a handler wants to do with an album.
pub(crate) trait Action {
    const NAME: &'static str;
}

macro_rules! actions {
    ($($name:ident = $action:literal),+) => {
        $(pub(crate) struct $name;
        impl Action for $name {
            const NAME: &'static str = $action;
        })+
    };
}

actions!(View = "view", Edit = "edit", Delete = "delete", Share = "share", Flag = "flag");

/// The album of the route, which the caller may do `A` with.
pub(crate) struct Row<A> {
    pub(crate) album: Album,
    action: PhantomData<A>,
}

impl<A: Action> FromRequestParts<App> for Row<A> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let me =
            Principal::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let Path(id) = Path::<i64>::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let album = app
            .store
            .album(id)
            .await
            .map_err(undecided)?
            .ok_or(StatusCode::NOT_FOUND.into_response())?;
        match may(&app.policies, &me, A::NAME, &album)? {
            true => Ok(Self { album, action: PhantomData }),
            false => Err(StatusCode::FORBIDDEN.into_response()),
        }
    }
}

#[expect(clippy::result_large_err, reason = "the error is the response itself")]
/// Asks the policies. No answer is neither yes nor no.
pub(crate) fn may(
    policies: &Policies,
    me: &Principal,
    action: &str,
    album: &Album,
) -> Result<bool, Response> {
    let attr = [
        ("owner", Value::from(album.owner.as_str())),
        ("public", Value::from(album.public)),
        ("flagged", Value::from(album.flagged)),
        (
            "shared_with",
            Value::from(album.shared_with.iter().map(String::as_str).collect::<Vec<_>>()),
        ),
    ];
    let resource = Resource {
        kind: "album".into(),
        id: album.id.to_string().into(),
        attr: attr.into_iter().collect(),
        ..Resource::default()
    };
    let decision = policies.decide(me, &resource, action, SystemTime::now()).map_err(undecided)?;
    Ok(decision.effect() == Effect::Allow)
}

pub(crate) fn undecided(error: impl std::error::Error) -> Response {
    tracing::error!(%error, "no answer");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response()
}

//! `Checked`: a body that was decided on.

use std::{fmt, marker::PhantomData, ops::Deref};

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};

use super::{Rejection, gate::Gate};
use crate::{
    Principal,
    guard::{Access, Action, Basis, Check, Enforced, Enforcement, sealed},
    policies::Decision,
    resource::Carries,
};

/// A body, such as [`Json<NewAlbum>`](axum::Json), that the caller may do `A` with.
///
/// What happens, in this order, and what the client gets where it ends:
///
/// 1. the caller is known, else 401;
/// 2. some resource of the kind could be allowed to the caller, else 403: nothing of the body is read;
/// 3. the body can be read, else what its extractor answers, such as 400 or 422;
/// 4. the policies allow `A` on what it [carries](Carries), else 403; no answer is 503.
///
/// As a body it is the last argument. If it is the only one, it is the declaration; else
/// `#[authorize(album::Create, body)]` puts [`Ahead`](crate::guard::Ahead) in front, which takes the first two
/// steps before the other arguments are looked at.
///
/// ```
/// use axum::Json;
/// use axum_authz::{extract::Checked, guard::Action, prelude::*};
///
/// #[derive(serde::Deserialize, Resource)]
/// #[resource(kind = "album")]
/// struct NewAlbum {
///     #[attr]
///     public: bool,
///     #[no_attr]
///     title: String,
/// }
///
/// struct Create;
///
/// impl Action for Create {
///     const KIND: &'static str = "album";
///     const NAME: &'static str = "create";
/// }
///
/// async fn create(new: Checked<Json<NewAlbum>, Create>) -> String {
///     let title = &new.title;
///     format!("{title} is {}'s", new.principal().id())
/// }
/// # let _: axum_authz::guard::Router = axum_authz::guard::Router::new().route("/albums", axum_authz::guard::post(create));
/// ```
#[must_use]
pub struct Checked<B: Carries, A: Action> {
    body: B,
    decision: Decision,
    gate: Gate,
    action: PhantomData<fn() -> A>,
}

impl<B: Carries, A: Action> Checked<B, A> {
    const CHECK: Check = Check::of::<B::Resource, A>(Basis::Body);

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.gate.principal
    }

    /// What the policies said.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The body. What the decision was worth is over with this.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B: Carries, A: Action> Deref for Checked<B, A> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.body
    }
}

impl<B: Carries, A: Action> sealed::Sealed for Checked<B, A> {}

impl<B: Carries, A: Action> Enforced for Checked<B, A> {
    const ACCESS: Access = Access::Check(Self::CHECK);
}

impl<B, A, S> FromRequest<S> for Checked<B, A>
where
    B: FromRequest<S> + Carries + Send,
    A: Action,
    S: Send + Sync,
{
    type Rejection = BodyRejection<B::Rejection>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        Enforcement::note(&parts.extensions, &Access::Check(Self::CHECK));
        let gate = Gate::enter(&parts)?;
        gate.foresee(&Self::CHECK, &parts).await?;
        let request = Request::from_parts(parts.clone(), body);
        let body = B::from_request(request, state).await.map_err(BodyRejection::Body)?;
        let decision = gate.decide_on(body.resource(), &Self::CHECK, &parts).await?;
        Ok(Self { body, decision, gate, action: PhantomData })
    }
}

impl<B: Carries + fmt::Debug, A: Action> fmt::Debug for Checked<B, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("body", &self.body)
            .field("principal", &self.gate.principal)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

/// The request is refused, or its body cannot be read.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else that can go wrong with a body")]
pub enum BodyRejection<E> {
    /// The caller may not.
    Refused(Rejection),
    /// The body's own extractor has refused it.
    Body(E),
}

impl<E> From<Rejection> for BodyRejection<E> {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl<E: IntoResponse> IntoResponse for BodyRejection<E> {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(rejection) => rejection.into_response(),
            Self::Body(rejection) => rejection.into_response(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for BodyRejection<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(rejection) => rejection.fmt(f),
            Self::Body(rejection) => rejection.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for BodyRejection<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(rejection) => rejection.source(),
            Self::Body(rejection) => rejection.source(),
        }
    }
}

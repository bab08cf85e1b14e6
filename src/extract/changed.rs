//! `Changed`: a resource, as it is and as the body would make it.

use std::{fmt, marker::PhantomData};

use axum::extract::{FromRequest, Request};
use http::request::Parts;

use super::{BodyRejection, Rejection, TARGET, gate::Gate, loaded::load, rejection::route};
use crate::{
    Principal,
    audit::CallId,
    guard::{Access, Action, Basis, Check, Enforced, Enforcement, sealed},
    layer::Refusal,
    policies::Decision,
    resource::{Change, Load, Resource},
};

/// A resource of the type `R`, and the body `B` that changes it: the caller may do `A` with it as it is, and as it
/// will be.
///
/// So an owner cannot give away what the policies would not let them own, and nobody can take what is not theirs by
/// calling it theirs.
///
/// What happens, in this order, and what the client gets where it ends:
///
/// 1. the steps of [`Loaded`](super::Loaded): the caller, what could be allowed, the key, the resource, the
///    decision on it as it is;
/// 2. the body can be read, else what its extractor answers, such as 400 or 422;
/// 3. what the body [would make](Change::apply) of the resource has the same identifier, else 400;
/// 4. the policies allow `A` on it, else 403; no answer is 503.
///
/// As a body it is the last argument. If it is the only one, it is the declaration; else
/// `#[authorize(album::Edit, body)]` puts [`Ahead`](crate::guard::Ahead) in front.
///
/// ```
/// use axum::Json;
/// use axum_authz::{extract::Changed, guard::Action, prelude::*, resource::Change};
///
/// #[derive(Resource)]
/// #[resource(kind = "album")]
/// struct Album {
///     #[id]
///     id: u64,
///     #[attr]
///     owner: String,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Patch {
///     owner: Option<String>,
/// }
///
/// impl Change<Album> for Patch {
///     fn apply(&self, old: &Album) -> Album {
///         Album { id: old.id, owner: self.owner.clone().unwrap_or_else(|| old.owner.clone()) }
///     }
/// }
///
/// struct Edit;
///
/// impl Action for Edit {
///     const KIND: &'static str = "album";
///     const NAME: &'static str = "edit";
/// }
///
/// async fn edit(change: Changed<Album, Json<Patch>, Edit>) -> String {
///     format!("{} had it, {} has it", change.old().owner, change.new().owner)
/// }
/// ```
#[must_use]
pub struct Changed<R: Resource, B: Change<R>, A: Action> {
    old: R,
    new: R,
    body: B,
    decision: Decision,
    gate: Gate,
    action: PhantomData<fn() -> A>,
}

impl<R: Resource, B: Change<R>, A: Action> Changed<R, B, A> {
    const CHECK: Check = Check::of::<R, A>(Basis::Changed);

    /// The resource as it is.
    #[must_use]
    pub fn old(&self) -> &R {
        &self.old
    }

    /// The resource as the body makes it.
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "the opposite of `old`")]
    pub fn new(&self) -> &R {
        &self.new
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &B {
        &self.body
    }

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.gate.principal
    }

    /// What the policies said of the resource as it will be.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The resource as it is, as it will be, and the body. What the decisions were worth is over with this.
    #[must_use]
    pub fn into_parts(self) -> (R, R, B) {
        (self.old, self.new, self.body)
    }
}

impl<R: Resource, B: Change<R>, A: Action> sealed::Sealed for Changed<R, B, A> {}

impl<R: Resource, B: Change<R>, A: Action> Enforced for Changed<R, B, A> {
    const ACCESS: Access = Access::Check(Self::CHECK);
}

impl<R, B, A, S> FromRequest<S> for Changed<R, B, A>
where
    R: Load<S>,
    B: FromRequest<S> + Change<R> + Send,
    A: Action,
    S: Send + Sync,
{
    type Rejection = BodyRejection<B::Rejection>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        Enforcement::note(&parts.extensions, &Access::Check(Self::CHECK));
        let gate = Gate::enter(&parts)?;
        gate.foresee(&Self::CHECK, &parts).await?;
        let old = load::<R, S>(&gate, &mut parts, state).await?;
        let _ = gate.decide_on(&old, &Self::CHECK, &parts).await?;
        let request = Request::from_parts(parts.clone(), body);
        let body = B::from_request(request, state).await.map_err(BodyRejection::Body)?;
        let new = body.apply(&old);
        if new.id() != old.id() {
            return Err(another(R::KIND, &gate, &parts).into());
        }
        // Whoever may change it as it is knows of it.
        let revealed = const { Self::CHECK.revealed() };
        let decision = gate.decide_on(&new, &revealed, &parts).await?;
        Ok(Self { old, new, body, decision, gate, action: PhantomData })
    }
}

/// What is stored under the other identifier was not loaded, and nobody has decided on it.
fn another(kind: &str, gate: &Gate, parts: &Parts) -> Rejection {
    let call_id = CallId::new();
    tracing::info!(
        target: TARGET,
        %call_id,
        subject = gate.principal.id(),
        kind,
        route = route(parts),
        "the body would make another resource of it: one with another identifier"
    );
    gate.refuse(Refusal::Malformed("identifier_changed"), call_id, parts)
}

impl<R, B, A> fmt::Debug for Changed<R, B, A>
where
    R: Resource + fmt::Debug,
    B: Change<R> + fmt::Debug,
    A: Action,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed")
            .field("old", &self.old)
            .field("new", &self.new)
            .field("body", &self.body)
            .field("principal", &self.gate.principal)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

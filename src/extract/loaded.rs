//! `Loaded`: the resource, found and decided on before the handler runs.

use std::{any::type_name, fmt, marker::PhantomData, ops::Deref};

use axum::{
    body::to_bytes,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use super::{Rejection, TARGET, gate::Gate, rejection::route};
use crate::{
    Principal,
    audit::CallId,
    guard::{Access, Action, Basis, Check, Enforced, Enforcement, sealed},
    layer::Refusal,
    policies::Decision,
    resource::{Load, Resource},
};

/// A resource of the type `R`, which the caller may do `A` with.
///
/// What happens, in this order, and what the client gets where it ends:
///
/// 1. the caller is known, else 401;
/// 2. some resource of the kind could be allowed to the caller, else 403: nothing is loaded;
/// 3. the [key](Load::Key) can be read from the head of the request, else 400;
/// 4. the resource is [loaded](Load::load), else 503; if there is none, 404;
/// 5. the policies allow `A` on it, else 403; no answer is 503;
/// 6. then the next argument is looked at, and at last the body.
///
/// Resources that are [concealed](Resource::CONCEAL) give 404 instead of 403, with the same body as one that is not
/// there. How long the answer takes can still tell them apart.
///
/// # A proof
///
/// A value of this type cannot be made otherwise than by asking. A function that takes one cannot be called without
/// the question having been answered, and not with the answer to another question:
///
/// ```compile_fail,E0308
/// use axum_authz::{extract::Loaded, guard::Action, prelude::*};
/// # #[derive(Resource)]
/// # #[resource(kind = "album")]
/// # struct Album { #[id] id: u64 }
/// # struct View;
/// # impl Action for View { const KIND: &'static str = "album"; const NAME: &'static str = "view"; }
/// # struct Edit;
/// # impl Action for Edit { const KIND: &'static str = "album"; const NAME: &'static str = "edit"; }
///
/// async fn rename(album: &Loaded<Album, Edit>, title: &str) {}
///
/// async fn show(album: Loaded<Album, View>) {
///     rename(&album, "mine now").await;
/// }
/// ```
///
/// That `A` and `R` are about the same kind of resource is checked when code is made for it, so by `cargo build`
/// and `cargo test`, not by `cargo check`:
///
/// ```compile_fail,E0080
/// use axum_authz::{extract::Loaded, guard::{Action, Router, get}, prelude::{Load, Path, Resource}};
/// # #[derive(Resource)]
/// # #[resource(kind = "album")]
/// # struct Album { #[id] id: u64 }
/// # impl<S: Send + Sync> Load<S> for Album {
/// #     type Key = Path<u64>;
/// #     type Error = std::convert::Infallible;
/// #     async fn load(_: &S, Path(id): Path<u64>) -> Result<Option<Self>, Self::Error> { Ok(Some(Self { id })) }
/// # }
///
/// struct ViewFolder;
///
/// impl Action for ViewFolder {
///     const KIND: &'static str = "folder";
///     const NAME: &'static str = "view";
/// }
///
/// async fn show(_: Loaded<Album, ViewFolder>) {}
///
/// let _: Router = Router::new().route("/albums/{id}", get(show));
/// ```
///
/// It is owned and may be moved into another task; what takes long asks [again](Self::recheck) before it acts. The
/// resource cannot be changed in it, because the decision was about what it was; a type with interior mutability
/// would undo that. Somebody else can change what is stored between the loading and the writing: write `WHERE rev =
/// ..` with the [version](Resource::version) that was loaded.
#[must_use]
pub struct Loaded<R: Resource, A: Action> {
    resource: R,
    decision: Decision,
    pub(super) gate: Gate,
    action: PhantomData<fn() -> A>,
}

impl<R: Resource, A: Action> Loaded<R, A> {
    pub(super) const CHECK: Check = Check::of::<R, A>(Basis::Loaded);

    /// Decides on `resource`: the only place where a proof is made.
    pub(super) async fn decide(resource: R, gate: Gate, parts: &Parts) -> Result<Self, Rejection> {
        let decision = gate.decide_on(&resource, &Self::CHECK, parts).await?;
        Ok(Self::allowed(resource, decision, gate))
    }

    /// `decision` is [`Gate`]'s, and allows.
    pub(super) fn allowed(resource: R, decision: Decision, gate: Gate) -> Self {
        Self { resource, decision, gate, action: PhantomData }
    }

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.gate.principal
    }

    /// What the policies said.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The resource. What the decision was worth is over with this.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.resource
    }
}

impl<R: Resource, A: Action> Deref for Loaded<R, A> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.resource
    }
}

impl<R: Resource, A: Action> sealed::Sealed for Loaded<R, A> {}

impl<R: Resource, A: Action> Enforced for Loaded<R, A> {
    const ACCESS: Access = Access::Check(Self::CHECK);
}

impl<R, A, S> FromRequestParts<S> for Loaded<R, A>
where
    R: Load<S>,
    A: Action,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Enforcement::note(&parts.extensions, &Access::Check(Self::CHECK));
        let gate = Gate::enter(parts)?;
        gate.foresee(&Self::CHECK, parts).await?;
        let resource = load::<R, S>(&gate, parts, state).await?;
        Self::decide(resource, gate, parts).await
    }
}

impl<R: Resource + fmt::Debug, A: Action> fmt::Debug for Loaded<R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("resource", &self.resource)
            .field("principal", &self.gate.principal)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

/// Finds the resource that the head of the request names.
pub(super) async fn load<R, S>(gate: &Gate, parts: &mut Parts, state: &S) -> Result<R, Rejection>
where
    R: Load<S>,
    S: Send + Sync,
{
    let key = R::Key::from_request_parts(parts, state).await;
    let key = match key.map_err(IntoResponse::into_response) {
        Ok(key) => key,
        Err(response) => {
            let why = NoKey::of(response).await;
            return Err(no_key::<R>(why, gate, parts));
        }
    };
    match R::load(state, key).await {
        Ok(Some(resource)) => Ok(resource),
        Ok(None) => {
            let call_id = CallId::new();
            tracing::info!(
                target: TARGET,
                %call_id,
                subject = gate.principal.id(),
                kind = R::KIND,
                route = route(parts),
                "there is no such resource"
            );
            Err(gate.refuse(Refusal::Absent, call_id, parts))
        }
        Err(error) => {
            let call_id = CallId::new();
            tracing::error!(
                target: TARGET,
                %call_id,
                subject = gate.principal.id(),
                kind = R::KIND,
                route = route(parts),
                error = &error as &(dyn std::error::Error + 'static),
                "the resource could not be loaded"
            );
            Err(gate.refuse(Refusal::Undecided("loader_failed"), call_id, parts))
        }
    }
}

/// The key's extractor has refused.
#[derive(Clone, Copy)]
enum NoKey {
    /// The request is at fault.
    Malformed,
    /// The route or the state does not have what it asks for.
    Missing,
    /// It could not find out.
    Unavailable,
}

impl NoKey {
    /// `Path` blames the client when the route does not have a parameter that is asked for by name, or has it twice.
    /// No path would do then.
    async fn of(response: Response) -> Self {
        const LONGEST: usize = 4096;
        match response.status() {
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Missing,
            _ => {
                let text = to_bytes(response.into_body(), LONGEST).await.unwrap_or_default();
                let starts = |words: &str| text.starts_with(words.as_bytes());
                // Axum's words, and after the colon serde's.
                match starts("Invalid URL: missing field") || starts("Invalid URL: duplicate field")
                {
                    true => Self::Missing,
                    false => Self::Malformed,
                }
            }
        }
    }
}

fn no_key<R: Resource>(why: NoKey, gate: &Gate, parts: &Parts) -> Rejection {
    let (call_id, route) = (CallId::new(), route(parts));
    let refusal = match why {
        NoKey::Missing => {
            tracing::error!(
                target: TARGET,
                %call_id,
                kind = R::KIND,
                resource = type_name::<R>(),
                route,
                "the key that the resource is loaded by cannot be had on this route: compare `Load::Key` with the route's path"
            );
            Refusal::Wiring("key_missing")
        }
        NoKey::Unavailable => {
            tracing::warn!(
                target: TARGET,
                %call_id,
                kind = R::KIND,
                route,
                "the key that the resource is loaded by cannot be found out at present"
            );
            Refusal::Undecided("key_unavailable")
        }
        NoKey::Malformed => {
            tracing::info!(
                target: TARGET,
                %call_id,
                kind = R::KIND,
                route,
                "the key of the resource cannot be read"
            );
            Refusal::Malformed("key")
        }
    };
    gate.refuse(refusal, call_id, parts)
}

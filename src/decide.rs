//! Who decides: the interface between the extractors and an engine.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use crate::{
    Principal,
    policies::{Decision, Outline, Outlook, Policies, Resource, Undecided, Vocabulary},
};

/// Decides for the [layer](crate::layer) and the [extractors](crate::extract).
///
/// The embedded implementation is [`Policies`]. Nothing above this trait knows which engine answers, so that one in
/// another process can do it as well; its answers are [later](Answer::later) instead of [now](Answer::now).
///
/// Whoever cannot answer says [`Undecided`]. An implementation that answers yes or no in such a case is wrong.
///
/// ```
/// use std::time::SystemTime;
/// use axum_authz::{
///     Principal,
///     decide::{Answer, Decide, Question},
///     policies::{Decision, Effect, Undecided},
/// };
///
/// /// Lets people do everything to what bears their name.
/// struct OwnThings;
///
/// impl Decide for OwnThings {
///     fn decide<'a>(&'a self, question: Question<'a>, _action: &'a str) -> Answer<'a, Decision> {
///         let own = *question.resource.id == *question.principal.id();
///         Answer::now(Ok(Decision::new(if own { Effect::Allow } else { Effect::Deny })))
///     }
/// }
/// ```
pub trait Decide: Send + Sync + 'static {
    /// Decides one action on one resource.
    fn decide<'a>(&'a self, question: Question<'a>, action: &'a str) -> Answer<'a, Decision>;

    /// Decides several actions on one resource; one answer each, in their order.
    ///
    /// Unless implemented, the actions are asked about one after the other.
    fn decide_each<'a>(
        &'a self,
        question: Question<'a>,
        actions: &'a [&'a str],
    ) -> Answer<'a, Vec<Decision>> {
        Answer::later(async move {
            let mut decisions = Vec::with_capacity(actions.len());
            for action in actions {
                decisions.push(self.decide(question, action).await?);
            }
            Ok(decisions)
        })
    }

    /// What can be said of an action before the resource is known.
    ///
    /// [`Outlook::Never`] spares the work of loading the resource, so it must be certain. Unless implemented,
    /// everything [depends](Outlook::Depends).
    fn foresee<'a>(
        &'a self,
        principal: &'a Principal,
        outline: Outline<'a>,
        action: &'a str,
        now: SystemTime,
    ) -> Answer<'a, Outlook> {
        let _ = (principal, outline, action, now);
        Answer::now(Ok(Outlook::Depends))
    }

    /// What the policies know at this moment, to hold the declarations of a service against; `None` if that
    /// cannot be told.
    fn vocabulary(&self) -> Option<Vocabulary> {
        None
    }

    /// Calls `listener` whenever other policies have come into use, with what those know. Unless implemented, never.
    fn on_change(&self, listener: Box<dyn Fn(&Vocabulary) + Send + Sync>) {
        drop(listener);
    }
}

/// Who asks about what, and when.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Question<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The resource.
    pub resource: &'a Resource,
    /// The instant that conditions see.
    pub now: SystemTime,
}

/// A future that may be ready from the start. Then it is made without an allocation.
#[must_use = "futures do nothing unless awaited"]
pub struct Answer<'a, T>(Inner<'a, T>);

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Undecided>> + Send + 'a>>;

enum Inner<'a, T> {
    Now(Option<Result<T, Undecided>>),
    Later(Later<'a, T>),
}

impl<'a, T> Answer<'a, T> {
    /// An answer that is there.
    pub fn now(answer: Result<T, Undecided>) -> Self {
        Self(Inner::Now(Some(answer)))
    }

    /// An answer that has to be waited for.
    pub fn later(answer: impl Future<Output = Result<T, Undecided>> + Send + 'a) -> Self {
        Self(Inner::Later(Box::pin(answer)))
    }
}

impl<T: Unpin> Future for Answer<'_, T> {
    type Output = Result<T, Undecided>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            // A future that is polled after its end never ends.
            Inner::Now(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Inner::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Answer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Inner::Now(_) => "Answer::now(..)",
            Inner::Later(_) => "Answer::later(..)",
        })
    }
}

impl Decide for Policies {
    fn decide<'a>(&'a self, question: Question<'a>, action: &'a str) -> Answer<'a, Decision> {
        let Question { principal, resource, now } = question;
        Answer::now(Self::decide(self, principal, resource, action, now))
    }

    fn decide_each<'a>(
        &'a self,
        question: Question<'a>,
        actions: &'a [&'a str],
    ) -> Answer<'a, Vec<Decision>> {
        let Question { principal, resource, now } = question;
        Answer::now(Self::decide_each(self, principal, resource, actions, now))
    }

    fn foresee<'a>(
        &'a self,
        principal: &'a Principal,
        outline: Outline<'a>,
        action: &'a str,
        now: SystemTime,
    ) -> Answer<'a, Outlook> {
        // All that can go wrong is that it takes too long. The decision need not: what it knows spares it much.
        let outlook = Self::foresee(self, principal, &outline, action, now);
        Answer::now(Ok(outlook.unwrap_or(Outlook::Depends)))
    }

    fn vocabulary(&self) -> Option<Vocabulary> {
        Some(Self::vocabulary(self))
    }

    fn on_change(&self, listener: Box<dyn Fn(&Vocabulary) + Send + Sync>) {
        Self::on_change(self, listener);
    }
}

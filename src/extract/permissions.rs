//! What the caller may do with one resource.

use std::{fmt, marker::PhantomData};

use serde::{Serialize, Serializer};

use crate::{guard::Action, resource::Resource};

/// Which of several actions a caller may do with one `R`; made by
/// [`Decider::permissions`](super::Decider::permissions).
///
/// It is a snapshot for showing, not a proof: what is done later is decided on then. As JSON it is an object,
/// `{"edit":true,"share":false}`.
#[must_use]
pub struct Permissions<R> {
    actions: Box<[(&'static str, bool)]>,
    resource: PhantomData<fn() -> R>,
}

impl<R> Permissions<R> {
    pub(super) fn new(actions: Box<[(&'static str, bool)]>) -> Self {
        Self { actions, resource: PhantomData }
    }

    /// All actions that were asked about, and whether each is allowed.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, bool)> {
        self.actions.iter().copied()
    }
}

impl<R: Resource> Permissions<R> {
    /// Whether `A` is allowed. An action that was not among those asked about is not.
    ///
    /// That it is about the same kind of resource is checked by the compiler:
    ///
    /// ```compile_fail,E0080
    /// use axum_authz::{extract::Permissions, guard::Action, prelude::*};
    /// # #[derive(Resource)]
    /// # #[resource(kind = "album")]
    /// # struct Album { #[id] id: u64 }
    /// # struct EditFolder;
    /// # impl Action for EditFolder { const KIND: &'static str = "folder"; const NAME: &'static str = "edit"; }
    ///
    /// fn shows_button(may: &Permissions<Album>) -> bool {
    ///     may.allows::<EditFolder>()
    /// }
    /// # let _: fn(&Permissions<Album>) -> bool = shows_button;
    /// ```
    #[must_use]
    pub fn allows<A: Action>(&self) -> bool {
        let () = const { same_kind::<A, R>() };
        self.iter().any(|(action, allowed)| allowed && action == A::NAME)
    }
}

impl<R> Clone for Permissions<R> {
    fn clone(&self) -> Self {
        Self::new(self.actions.clone())
    }
}

impl<R> fmt::Debug for Permissions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<R> Serialize for Permissions<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// An action, or a tuple of up to twelve.
pub trait Actions: sealed::Sealed {
    /// The kinds of resources, one for each action.
    const KINDS: &'static [&'static str];
    /// Their names in the policies.
    const NAMES: &'static [&'static str];
}

mod sealed {
    /// The two lists of [`Actions`](super::Actions) belong together.
    pub trait Sealed {}
}

impl<A: Action> sealed::Sealed for A {}

impl<A: Action> Actions for A {
    const KINDS: &'static [&'static str] = &[A::KIND];
    const NAMES: &'static [&'static str] = &[A::NAME];
}

macro_rules! actions {
    ($($($action:ident)*;)*) => {$(
        impl<$($action: Action,)*> sealed::Sealed for ($($action,)*) {}

        impl<$($action: Action,)*> Actions for ($($action,)*) {
            const KINDS: &'static [&'static str] = &[$($action::KIND,)*];
            const NAMES: &'static [&'static str] = &[$($action::NAME,)*];
        }
    )*};
}

actions! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

/// For the compiler: that all the actions are about the type's kind of resource.
pub(super) const fn same_kind<L: Actions, R: Resource>() {
    let mut kinds = L::KINDS;
    while let [kind, rest @ ..] = kinds {
        assert!(
            crate::guard::same(kind, R::KIND),
            "one of the actions is about another kind of resource than the type"
        );
        kinds = rest;
    }
}

//! What can be declared.

use super::Action;
use crate::{
    policies::Outline,
    resource::{Attribute, Resource},
};

/// Who may call a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Whoever the policies allow to do this.
    Check(Check),
    /// Any caller with a valid token.
    Authenticated {
        /// The scopes the token must have, separated by single spaces.
        scope: Option<&'static str>,
    },
    /// Anybody.
    Public {
        /// Why that is right, for whoever reviews the routes.
        reason: &'static str,
    },
    /// Those whom each of these lets call.
    All(&'static [Self]),
}

/// A question to the policies, as far as it is known before a request comes: an action on a kind of resource,
/// and where the request says which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    action: &'static str,
    resource: &'static str,
    id: Option<Source>,
    attrs: &'static [(&'static str, Source)],
    scope: Option<&'static str>,
    basis: Basis,
    shape: Option<Shape>,
}

/// What a decision is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// What the declaration takes from the path, the query and the headers.
    Request,
    /// The resource, loaded before the decision.
    Loaded,
    /// The body, read after it is known that the caller could be allowed.
    Body,
    /// The resource as it is, and as the body would make it.
    Changed,
}

impl Basis {
    /// Whether the decision needs something that is not in the head of the request.
    pub(crate) const fn is_later(self) -> bool {
        !matches!(self, Self::Request)
    }
}

/// What is known of a resource from its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) attributes: &'static [Attribute],
    pub(crate) absent: &'static [&'static str],
    pub(crate) conceal: bool,
    pub(crate) scoped: bool,
}

impl Access {
    /// The scopes the caller's token must have, separated by single spaces.
    ///
    /// Of [`All`](Self::All) it is each part that has scopes, and this is `None`.
    #[must_use]
    pub const fn required_scope(&self) -> Option<&'static str> {
        match self {
            Self::Check(check) => check.required_scope(),
            Self::Authenticated { scope } => *scope,
            Self::Public { .. } | Self::All(_) => None,
        }
    }

    /// The same, if the token also has these scopes. Only a question to the policies is asked ahead of a body.
    pub(crate) const fn requiring(self, scope: Option<&'static str>) -> Self {
        assert!(
            matches!(self, Self::Check(_)) || scope.is_none(),
            "a scope can be asked for ahead of `Checked` and `Changed` only"
        );
        match (self, scope) {
            (Self::Check(check), Some(scope)) => Self::Check(check.scope(scope)),
            (access, _) => access,
        }
    }

    /// Whether an extractor that enforces `other` is the one that declares this. Scopes ahead of a body were asked
    /// for before it.
    pub(super) fn is_enforced_by(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Check(declared), Self::Check(check)) if check.basis.is_later() => {
                Check { scope: None, ..*declared } == Check { scope: None, ..*check }
            }
            _ => self == other,
        }
    }

    /// Whether anybody may call.
    pub(crate) fn is_public(&self) -> bool {
        match self {
            Self::Public { .. } => true,
            Self::All(parts) => parts.iter().all(Self::is_public),
            Self::Check(_) | Self::Authenticated { .. } => false,
        }
    }

    /// What it consists of: itself, or the parts of [`All`](Self::All).
    pub(crate) fn parts(&self) -> Vec<Self> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::parts).collect(),
            one => vec![*one],
        }
    }

    /// All questions to the policies in it.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let check = |part| match part {
            Self::Check(check) => Some(check),
            _ => None,
        };
        self.parts().into_iter().filter_map(check).collect()
    }
}

/// The part of a request a value is taken from. Nothing of the body is, because the decision comes before the
/// body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The parameter of this name in the path of the route, percent-decoded.
    Path(&'static str),
    /// The parameter of this name in the query, decoded as `application/x-www-form-urlencoded`.
    Query(&'static str),
    /// The header of this name.
    Header(&'static str),
    /// Nowhere: policies may read the attribute, and the declaration says that it is never there.
    Absent,
}

impl Check {
    /// Asks for `action` on a resource of the kind `resource`.
    #[must_use]
    pub const fn new(action: &'static str, resource: &'static str) -> Self {
        Self {
            action,
            resource,
            id: None,
            attrs: &[],
            scope: None,
            basis: Basis::Request,
            shape: None,
        }
    }

    /// Asks for the action `A` on an `R`. That both are about the same kind of resource is checked by the compiler.
    pub(crate) const fn of<R: Resource, A: Action>(basis: Basis) -> Self {
        const {
            assert!(
                same(R::KIND, A::KIND),
                "the action is about another kind of resource than the type: compare `Action::KIND` and `Resource::KIND`"
            );
        }
        let shape = Shape {
            attributes: R::ATTRIBUTES,
            absent: R::ABSENT,
            conceal: R::CONCEAL,
            scoped: R::SCOPED,
        };
        Self { basis, shape: Some(shape), ..Self::new(A::NAME, R::KIND) }
    }

    /// Says where the resource's identifier comes from (`R.id`). Without it the identifier is empty.
    #[must_use]
    pub const fn id(mut self, source: Source) -> Self {
        self.id = Some(source);
        self
    }

    /// Says where attributes of the resource come from (`R.attr`). Their values are strings.
    #[must_use]
    pub const fn attrs(mut self, attrs: &'static [(&'static str, Source)]) -> Self {
        self.attrs = attrs;
        self
    }

    /// Says which scopes the caller's token must have (RFC 6749 section 3.3): all of those in `scope`,
    /// separated by single spaces.
    ///
    /// A scope says what the client may do on the user's behalf, not what the user may do: it comes before the
    /// policies' answer and never instead of it. Text that is no list of scopes is fulfilled by no token.
    #[must_use]
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The action asked for.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// The kind of the resource.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        self.resource
    }

    /// Where the identifier comes from.
    #[must_use]
    pub const fn id_source(&self) -> Option<Source> {
        self.id
    }

    /// The scopes the caller's token must have, separated by single spaces.
    #[must_use]
    pub const fn required_scope(&self) -> Option<&'static str> {
        self.scope
    }

    /// What the decision is based on.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// Whether a caller who is denied is told that there is no such resource.
    #[must_use]
    pub const fn is_concealed(&self) -> bool {
        matches!(self.shape, Some(Shape { conceal: true, .. }))
    }

    /// The same, for those who know already that there is such a resource.
    pub(crate) const fn revealed(mut self) -> Self {
        if let Some(shape) = &mut self.shape {
            shape.conceal = false;
        }
        self
    }

    /// What is known of the resource before it is loaded.
    pub(crate) fn outline(&self) -> Outline<'static> {
        let outline = Outline::new(self.resource).by_default();
        match self.shape {
            Some(Shape { scoped: true, .. }) => Outline { scope: None, ..outline },
            _ => outline,
        }
    }

    pub(crate) const fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// The attributes' names, and where their values come from.
    #[must_use]
    pub const fn attr_sources(&self) -> &'static [(&'static str, Source)] {
        self.attrs
    }
}

/// Whether two texts are equal, for the compiler.
pub(crate) const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    while let ([first, rest @ ..], [of_other, rest_of_other @ ..]) = (one, other) {
        if *first != *of_other {
            return false;
        }
        (one, other) = (rest, rest_of_other);
    }
    one.is_empty() && other.is_empty()
}

//! What can be declared.

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
}

impl Access {
    /// The scopes the caller's token must have, separated by single spaces.
    #[must_use]
    pub const fn required_scope(&self) -> Option<&'static str> {
        match self {
            Self::Check(check) => check.required_scope(),
            Self::Authenticated { scope } => *scope,
            Self::Public { .. } => None,
        }
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
}

impl Check {
    /// Asks for `action` on a resource of the kind `resource`.
    #[must_use]
    pub const fn new(action: &'static str, resource: &'static str) -> Self {
        Self { action, resource, id: None, attrs: &[], scope: None }
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

    /// The attributes' names, and where their values come from.
    #[must_use]
    pub const fn attr_sources(&self) -> &'static [(&'static str, Source)] {
        self.attrs
    }
}

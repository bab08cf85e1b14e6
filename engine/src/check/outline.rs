//! What is known of a resource before it is loaded, and what that says about decisions.

/// What is known of a resource before it is loaded. What is `None` may turn out to be anything.
///
/// ```
/// use authz_engine::check::Outline;
///
/// let any_album = Outline::new("album");
/// let this_album = Outline { id: Some("7"), scope: Some(""), ..Outline::new("album") };
/// assert_eq!(this_album.kind, any_album.kind);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outline<'a> {
    /// Kind, as the resource will name it.
    pub kind: &'a str,
    /// Identifier (`R.id`).
    pub id: Option<&'a str>,
    /// Scope, as the resource will give it; empty means the engine's default, `.` the root.
    pub scope: Option<&'a str>,
    /// Policy version, as the resource will give it; empty means the engine's default.
    pub policy_version: Option<&'a str>,
}

impl<'a> Outline<'a> {
    /// Any resource of a kind, in any scope and by any version.
    #[must_use]
    pub fn new(kind: &'a str) -> Self {
        Self { kind, id: None, scope: None, policy_version: None }
    }

    /// The same, in the engine's default scope and by its default version.
    #[must_use]
    pub fn by_default(self) -> Self {
        Self { scope: Some(""), policy_version: Some(""), ..self }
    }
}

/// What decisions can come to, whatever is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outlook {
    /// Every such resource is allowed.
    Always,
    /// It depends on the resource, or nobody can tell.
    Depends,
    /// No such resource is allowed.
    Never,
}

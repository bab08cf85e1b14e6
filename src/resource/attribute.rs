//! What is known of an attribute before there is a resource.

/// An attribute of a type of resource: its name in policies, its column, and what `None` means.
///
/// ```
/// use axum_authz::resource::{Attribute, NoneIs};
///
/// const TEAM: Attribute = Attribute::new("team").column("team_id").none(NoneIs::Omitted);
/// assert_eq!((TEAM.name(), TEAM.column_name()), ("team", "team_id"));
/// assert_eq!(TEAM.none_is(), Some(NoneIs::Omitted));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    name: &'static str,
    column: &'static str,
    none: Option<NoneIs>,
}

/// What policies see where a value is `None`. In the table it is `NULL` either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoneIs {
    /// Nothing: the attribute is missing, `has(R.attr.team)` is false and reading it fails.
    Omitted,
    /// `null`: the attribute is there, and `R.attr.team == null` is true.
    Null,
}

impl Attribute {
    /// An attribute that always has a value. Its column has the same name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, column: name, none: None }
    }

    /// Says which column of the table holds it.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    /// Says that it may be `None`, and what that means to policies.
    #[must_use]
    pub const fn none(mut self, is: NoneIs) -> Self {
        self.none = Some(is);
        self
    }

    /// Its name in policies: `owner` for `R.attr.owner`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The column of the table that holds it.
    #[must_use]
    pub const fn column_name(&self) -> &'static str {
        self.column
    }

    /// What `None` means; nothing if the attribute always has a value.
    #[must_use]
    pub const fn none_is(&self) -> Option<NoneIs> {
        self.none
    }
}

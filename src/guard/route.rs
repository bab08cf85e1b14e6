//! One line of the route table.

use std::{fmt, panic::Location};

use http::Method;

use super::{Access, manifest::one_line};

/// A method and a path, and who may call them.
#[derive(Debug, Clone)]
pub struct Route {
    pub(super) method: Option<Method>,
    pub(super) path: String,
    pub(super) fallback: bool,
    pub(super) rule: Rule,
    /// Whether the handler is given the whole table.
    pub(super) shows_manifest: bool,
    pub(super) location: &'static Location<'static>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// What the handler declares.
    Declared(Access),
    /// Nothing is checked.
    Unguarded(Unguarded),
}

/// Says that nothing is checked, and why that is right.
///
/// ```
/// use axum_authz::guard::Unguarded;
///
/// const METRICS: Unguarded = Unguarded::because("scraped on a private port");
/// assert_eq!(METRICS.reason(), "scraped on a private port");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct Unguarded(&'static str);

impl Unguarded {
    /// The reason, for whoever reviews the routes.
    pub const fn because(reason: &'static str) -> Self {
        Self(reason)
    }

    /// The reason.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

impl Route {
    /// The method; `None` for all that no other route of the same path has.
    ///
    /// A route for `GET` answers `HEAD` as well, unless there is one for it.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    /// The path with its placeholders, nested routers' prefixes included: `/albums/{id}`. Of a
    /// [fallback](Self::is_fallback) the prefix below which it answers.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it answers what no other route does.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.fallback
    }

    /// Who may call.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What the handler declares; `None` for routes without a guard.
    #[must_use]
    pub fn access(&self) -> Option<Access> {
        match self.rule {
            Rule::Declared(access) => Some(access),
            Rule::Unguarded(_) => None,
        }
    }

    /// Where the route was given its handler.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Puts the path below a prefix, as axum's `nest` does.
    pub(super) fn nest(mut self, prefix: &str) -> Self {
        self.path = match (prefix.strip_suffix('/'), self.path.as_str()) {
            (Some(prefix), path) => format!("{prefix}{path}"),
            (None, "/") => prefix.to_owned(),
            (None, path) => format!("{prefix}{path}"),
        };
        self
    }

    /// Whether a path may be this fallback's: below its prefix, in which any segment can stand where there is a
    /// brace.
    pub(super) fn may_cover(&self, path: &str) -> bool {
        let mut segments = path.split('/').skip(1);
        let mut prefix = self.path.split('/').skip(1).filter(|part| !part.is_empty());
        prefix.all(|part| {
            segments.next().is_some_and(|segment| part == segment || part.contains('{'))
        })
    }
}

/// Method and path, as in `GET /albums/{id}`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method.as_ref().map_or("any", Method::as_str))?;
        write!(f, " {}", one_line(&self.path))?;
        if self.fallback { f.write_str(" (fallback)") } else { Ok(()) }
    }
}

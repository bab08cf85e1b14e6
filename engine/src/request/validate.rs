//! What a request must look like before anything is decided (docs/semantics.md, rule I1).
//!
//! The engine itself takes any names and answers that no policy matches. Whoever takes requests from outside asks
//! here first, so that a mistake comes back as one and not as a denial.

use std::collections::HashSet;
use std::fmt;

use super::{Principal, Resource};
use crate::value::Map;

/// A field of a request that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidField {
    /// Which one, such as `roles[1]`.
    pub field: Box<str>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// It is not there, or empty.
    Missing,
    /// The same item twice.
    Repeated,
    /// It has the form of no policy version.
    NoVersion,
    /// It has the form of no scope.
    NoScope,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "must not be empty",
            Self::Repeated => "must not list anything twice",
            Self::NoVersion => "may have letters, digits and underscores only",
            Self::NoScope => {
                "must be names of letters, digits, underscores and hyphens with dots between them, or one dot"
            }
        })
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

impl std::error::Error for InvalidField {}

impl InvalidField {
    fn new(field: impl Into<Box<str>>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }

    /// The same field, as part of another one: `id` inside of `principal` is `principal.id`.
    #[must_use]
    pub fn inside(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field).into(), ..self }
    }
}

impl Principal {
    /// What is wrong with it: an identifier and roles are needed, each role once.
    ///
    /// ```
    /// use authz_engine::Principal;
    ///
    /// let nobody = Principal { id: "alice".into(), scope: "a..b".into(), ..Principal::default() };
    /// let wrong: Vec<String> = nobody.validate().iter().map(ToString::to_string).collect();
    /// assert_eq!(wrong[0], "`roles` must not be empty");
    /// assert!(wrong[1].starts_with("`scope` must be names"));
    /// ```
    #[must_use]
    pub fn validate(&self) -> Vec<InvalidField> {
        let mut wrong = Vec::new();
        needed("id", &self.id, &mut wrong);
        names("roles", &self.roles, &mut wrong);
        common(&self.policy_version, &self.scope, &self.attr, &mut wrong);
        wrong
    }
}

impl Resource {
    /// What is wrong with it: a kind and an identifier are needed.
    #[must_use]
    pub fn validate(&self) -> Vec<InvalidField> {
        let mut wrong = Vec::new();
        needed("kind", &self.kind, &mut wrong);
        needed("id", &self.id, &mut wrong);
        common(&self.policy_version, &self.scope, &self.attr, &mut wrong);
        wrong
    }
}

/// What is wrong with the actions that are asked about: one is needed, each once.
#[must_use]
pub fn validate_actions(actions: &[impl AsRef<str>]) -> Vec<InvalidField> {
    let mut wrong = Vec::new();
    names("actions", actions, &mut wrong);
    wrong
}

fn needed(field: &str, value: &str, wrong: &mut Vec<InvalidField>) {
    if value.is_empty() {
        wrong.push(InvalidField::new(field, Problem::Missing));
    }
}

fn names(field: &str, list: &[impl AsRef<str>], wrong: &mut Vec<InvalidField>) {
    if list.is_empty() {
        wrong.push(InvalidField::new(field, Problem::Missing));
    }
    let mut seen = HashSet::new();
    let distinct = list.iter().all(|item| seen.insert(item.as_ref()));
    if !distinct {
        wrong.push(InvalidField::new(field, Problem::Repeated));
    }
    for (i, item) in list.iter().enumerate() {
        needed(&format!("{field}[{i}]"), item.as_ref(), wrong);
    }
}

fn common(version: &str, scope: &str, attr: &Map, wrong: &mut Vec<InvalidField>) {
    if !version.chars().all(is_word) {
        wrong.push(InvalidField::new("policyVersion", Problem::NoVersion));
    }
    if !is_scope(scope) {
        wrong.push(InvalidField::new("scope", Problem::NoScope));
    }
    if attr.get("").is_some() {
        wrong.push(InvalidField::new("attr[\"\"]", Problem::Missing));
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// `^(^$|\.|[0-9a-zA-Z][\w\-]*(\.\w[\w\-]*)*)$`
fn is_scope(scope: &str) -> bool {
    let segment = |s: &str| s.starts_with(is_word) && s.chars().all(|c| is_word(c) || c == '-');
    matches!(scope, "" | ".") || !scope.starts_with('_') && scope.split('.').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: impl FnOnce(&mut Principal, &mut Resource)) -> Vec<String> {
        let mut principal =
            Principal { id: "p".into(), roles: vec!["user".into()], ..Principal::default() };
        let mut resource = Resource { kind: "doc".into(), id: "1".into(), ..Resource::default() };
        change(&mut principal, &mut resource);
        let principal = principal.validate().into_iter().map(|f| f.inside("principal"));
        let resource = resource.validate().into_iter().map(|f| f.inside("resource"));
        principal.chain(resource).map(|f| f.field.into_string()).collect()
    }

    #[test]
    fn identifiers_kinds_and_roles_are_needed() {
        assert_eq!(wrong(|_, _| {}), [""; 0]);
        assert_eq!(wrong(|p, _| p.id = "".into()), ["principal.id"]);
        assert_eq!(wrong(|p, _| p.roles.clear()), ["principal.roles"]);
        assert_eq!(wrong(|p, _| p.roles.push("".into())), ["principal.roles[1]"]);
        assert_eq!(wrong(|p, _| p.roles.push("user".into())), ["principal.roles"]);
        assert_eq!(wrong(|_, r| r.kind = "".into()), ["resource.kind"]);
        assert_eq!(wrong(|_, r| r.id = "".into()), ["resource.id"]);
        assert_eq!(wrong(|_, r| r.kind = "a[*] ".into()), [""; 0]);
        assert_eq!(
            wrong(|_, r| r.attr = [("", crate::Value::Null)].into_iter().collect()),
            ["resource.attr[\"\"]"]
        );
    }

    /// Each was sent to Cerbos.
    #[test]
    fn versions_and_scopes_have_a_form() {
        for (version, fits) in [
            ("1", true),
            ("default_1", true),
            ("a-b", false),
            ("a.b", false),
            ("é", false),
            (" ", false),
        ] {
            assert_eq!(
                wrong(|p, _| p.policy_version = version.into()).is_empty(),
                fits,
                "{version}"
            );
        }
        for (scope, fits) in [
            (".", true),
            ("a", true),
            ("a.b", true),
            ("a-b.c_d", true),
            ("1.2", true),
            ("a._b", true),
            (".a", false),
            ("..", false),
            ("a..b", false),
            ("a.", false),
            ("-a", false),
            ("_a", false),
            ("a.-b", false),
            ("é", false),
            ("a b", false),
        ] {
            assert_eq!(wrong(|_, r| r.scope = scope.into()).is_empty(), fits, "{scope}");
        }
    }

    #[test]
    fn actions_are_distinct() {
        assert_eq!(validate_actions(&["a", "b"]), []);
        let field = |actions: &[&str]| validate_actions(actions)[0].to_string();
        assert_eq!(field(&[]), "`actions` must not be empty");
        assert_eq!(field(&["a", "a"]), "`actions` must not list anything twice");
        assert_eq!(field(&["a", ""]), "`actions[1]` must not be empty");
    }
}

//! Names in decisions.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arrayvec::ArrayString;

/// The name of a policy or scope, as decisions hold it.
///
/// A short one is copied, so that threads that decide by the same policy do not meet in a reference count; a long one is
/// shared.
#[derive(Clone)]
pub struct Name(Kept);

#[derive(Clone)]
enum Kept {
    Short(ArrayString<SHORT>),
    Long(Arc<str>),
}

/// Bytes of `resource.leave_request.vdefault/acme.hr.uk`, and some more.
const SHORT: usize = 52;

impl Name {
    /// The empty name: the root scope.
    pub(super) fn empty() -> Self {
        Self(Kept::Short(ArrayString::new()))
    }

    pub(super) fn of(name: &Arc<str>) -> Self {
        Self(match ArrayString::from(name) {
            Ok(short) => Kept::Short(short),
            Err(_) => Kept::Long(Arc::clone(name)),
        })
    }

    /// The name of these parts.
    pub(super) fn join(parts: &[&str]) -> Self {
        let mut short = ArrayString::new();
        if parts.iter().all(|part| short.try_push_str(part).is_ok()) {
            return Self(Kept::Short(short));
        }
        Self(Kept::Long(parts.concat().into()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kept::Short(name) => name,
            Kept::Long(name) => name,
        }
    }
}

impl From<Arc<str>> for Name {
    fn from(name: Arc<str>) -> Self {
        Self::of(&name)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_kept() {
        let short: Arc<str> = "x".repeat(SHORT).into();
        let long: Arc<str> = "x".repeat(SHORT + 1).into();
        assert_eq!(Name::of(&short), Name::join(&[&short]));
        assert_eq!(Name::of(&long), Name::join(&["x", &short]));
        assert_ne!(Name::of(&short), Name::of(&long));
        assert_eq!((Arc::strong_count(&short), Arc::strong_count(&long)), (1, 1));
        let kept = (Name::of(&short), Name::of(&long));
        assert_eq!((Arc::strong_count(&short), Arc::strong_count(&long)), (1, 2));
        assert_eq!((&*kept.0, &*kept.1), (&*short, &*long));
        assert_eq!(Name::empty(), "");
    }
}

//! Names that policies use, numbered, so that a request compares numbers.

use std::sync::Arc;

use super::Hash;

/// The number of a name.
pub(crate) type Id = u32;

/// The number of names that no policy uses.
pub(crate) const UNKNOWN: Id = Id::MAX;

/// Names of one sort: roles, actions, versions.
#[derive(Debug, Default)]
pub(crate) struct Names {
    ids: Hash<Arc<str>, Id>,
    names: Vec<Arc<str>>,
}

impl Names {
    /// The number of a name, a new one where it has none.
    pub(super) fn add(&mut self, name: &str) -> Id {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = Id::try_from(self.names.len()).unwrap_or(UNKNOWN);
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.ids.insert(name, id);
        id
    }

    /// The number of a name, or [`UNKNOWN`].
    pub(crate) fn id(&self, name: &str) -> Id {
        self.ids.get(name).copied().unwrap_or(UNKNOWN)
    }

    /// The name of a number.
    pub(crate) fn name(&self, id: Id) -> &str {
        usize::try_from(id).ok().and_then(|at| self.names.get(at)).map_or("", |name| name)
    }

    /// All names, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

//! The keys of one mapping, each of which may be given once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::{Key, Node};
use crate::diag::Position;

/// Keys of a mapping that are compared one by one; of more than that a table is made.
const FEW: usize = 16;

/// The keys that a mapping has already, and where each stands first.
#[derive(Default)]
pub(super) struct Seen {
    merge: Option<Position>,
    /// All of its own keys, once there are many.
    table: HashMap<Arc<str>, Position>,
}

impl Seen {
    /// Where the key was given before, if it was. It is taken in; `own` are the other keys, each once.
    pub(super) fn before(
        &mut self,
        own: &[(Key, Arc<Node>)],
        key: &Key,
        is_merge: bool,
    ) -> Option<Position> {
        if is_merge {
            let before = self.merge;
            self.merge = before.or(Some(key.position));
            return before;
        }
        if own.len() < FEW {
            return own.iter().find(|(other, _)| other.name == key.name).map(|(k, _)| k.position);
        }
        if self.table.is_empty() {
            self.table = own.iter().map(|(k, _)| (Arc::clone(&k.name), k.position)).collect();
        }
        match self.table.entry(Arc::clone(&key.name)) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(key.position);
                None
            }
        }
    }

    /// Whether one of the mapping's `own` keys has this name.
    pub(super) fn has<'o>(
        &self,
        mut own: impl Iterator<Item = &'o (Key, Arc<Node>)>,
        name: &str,
    ) -> bool {
        if self.table.is_empty() {
            return own.any(|(key, _)| *key.name == *name);
        }
        self.table.contains_key(name)
    }
}

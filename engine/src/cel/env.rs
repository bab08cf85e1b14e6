//! What names mean: the declarations an expression is compiled against.

use std::collections::HashMap;

use crate::value::Map;

/// Declared identifiers.
///
/// [`Env::policy`] is what conditions of policies see; [`Env::bare`] declares nothing.
#[derive(Debug, Clone, Default)]
pub struct Env {
    pub(super) is_policy: bool,
    pub(super) variables: Vec<Box<str>>,
    slots: HashMap<Box<str>, usize>,
    pub(super) constants: Map,
    pub(super) bindings: Vec<Box<str>>,
}

impl Env {
    /// `request P R variables V constants C globals G runtime`.
    #[must_use]
    pub fn policy() -> Self {
        Self { is_policy: true, ..Self::default() }
    }

    /// Nothing declared.
    #[must_use]
    pub fn bare() -> Self {
        Self::default()
    }

    /// Declares the policy's variables; each is a slot of
    /// [`Activation::variables`](super::Activation::variables), in this order.
    #[must_use]
    pub fn variables(mut self, names: impl IntoIterator<Item = Box<str>>) -> Self {
        self.variables = names.into_iter().collect();
        self.slots.clear();
        for (slot, name) in self.variables.iter().enumerate() {
            self.slots.entry(name.clone()).or_insert(slot);
        }
        self
    }

    /// The slot of a variable.
    pub(super) fn slot(&self, name: &str) -> Option<usize> {
        self.slots.get(name).copied()
    }

    /// Declares the policy's constants, which become part of the program.
    #[must_use]
    pub fn constants(mut self, values: Map) -> Self {
        self.constants = values;
        self
    }

    /// Declares identifiers of any type; each is a slot of
    /// [`Activation::bindings`](super::Activation::bindings), in this order.
    #[must_use]
    pub fn bindings(mut self, names: impl IntoIterator<Item = Box<str>>) -> Self {
        self.bindings = names.into_iter().collect();
        self
    }
}

//! What expressions read, collected.

use std::collections::BTreeSet;

use super::{Attribute, AttributeKind};
use crate::cel::Expression;

/// Names that expressions read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) attributes: BTreeSet<Attribute>,
    pub(super) variables: BTreeSet<Box<str>>,
    pub(super) constants: BTreeSet<Box<str>>,
    /// Whether `runtime` is.
    pub(super) runtime: bool,
}

impl Reads {
    pub(super) fn add(&mut self, other: Self) {
        self.attributes.extend(other.attributes);
        self.variables.extend(other.variables);
        self.constants.extend(other.constants);
        self.runtime |= other.runtime;
    }

    /// Adds what an expression reads. One that is none reads nothing.
    pub(super) fn expression(&mut self, text: &str) {
        let Ok(expression) = Expression::parse(text) else { return };
        self.runtime |= text.contains("runtime");
        let found = expression.references();
        self.variables.extend(found.variables.into_iter().map(|(name, _)| name));
        self.constants.extend(found.constants.into_iter().map(|(name, _)| name));
        let kinds = [
            (AttributeKind::Principal, found.principal_attributes),
            (AttributeKind::Resource, found.resource_attributes),
        ];
        for (kind, names) in kinds {
            self.attributes.extend(names.into_iter().map(|name| Attribute { name, kind }));
        }
    }
}

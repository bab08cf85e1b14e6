//! What expressions read, collected.

use std::collections::BTreeSet;

use super::{Attribute, AttributeKind};
use crate::cel::Expression;

/// Names that expressions read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// As Cerbos shows them: those that are named after a dot.
    pub(super) attributes: BTreeSet<Attribute>,
    /// Attributes of the resource, named in whatever way.
    pub(super) of_resource: BTreeSet<Box<str>>,
    pub(super) variables: BTreeSet<Box<str>>,
    pub(super) constants: BTreeSet<Box<str>>,
    /// Whether `runtime` is.
    pub(super) runtime: bool,
}

impl Reads {
    pub(super) fn add(&mut self, other: Self) {
        self.attributes.extend(other.attributes);
        self.of_resource.extend(other.of_resource);
        self.variables.extend(other.variables);
        self.constants.extend(other.constants);
        self.runtime |= other.runtime;
    }

    /// Adds what an expression reads. One that is none reads nothing.
    pub(super) fn expression(&mut self, text: &str) {
        let Ok(expression) = Expression::parse(text) else { return };
        self.runtime |= text.contains("runtime");
        self.of_resource.extend(expression.attributes_of_resource());
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

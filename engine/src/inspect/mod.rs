//! What policies use and define: actions, attributes, variables, constants, derived roles, and one another.
//!
//! Three views, as in Cerbos. [`policies`] is of policies as they are written, also of sets that do not load;
//! [`policy_sets`] is of what is left of them when they are compiled, with their ancestors; [`rule_tables`] is the
//! same without saying what is used, because everything is. All serialize to the JSON of Cerbos' `InspectPolicies`.
//!
//! [`vocabulary`] tells by kind and action what policies speak of and read.
//!
//! ```
//! use authz_engine::inspect;
//! use authz_engine::policy::Source;
//!
//! let text = "
//! apiVersion: api.cerbos.dev/v1
//! resourcePolicy:
//!   resource: album
//!   version: default
//!   rules:
//!     - {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.attr.public}}}
//! ";
//! let found = inspect::policies([Source::new("album.yaml", text)]);
//! let album = &found.policies["resource.album.vdefault"];
//! assert_eq!(&*album.actions[0], "view");
//! assert_eq!(&*album.attributes[0].name, "public");
//! ```

mod compiled;
mod facts;
mod speech;
#[cfg(test)]
mod tests;
mod units;
mod vocabulary;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::diag::Diagnostics;
use crate::value::Value;
pub use compiled::{Kept, KeptOfRole, kept, policy_sets, rule_tables};
pub use units::{Unit, units};
pub use vocabulary::{Read, Vocabulary, vocabulary};
pub use written::policies;

/// What [`policies`] found.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspected {
    /// By what Cerbos shows for a policy, such as `resource.album.vdefault/acme`.
    pub policies: BTreeMap<String, Inspection>,
    /// What is imported and not there.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub missing_policies: BTreeSet<String>,
    /// Why something may be missing here: what is wrong with files by themselves.
    #[serde(skip)]
    pub diagnostics: Diagnostics,
}

/// What one policy uses and defines. Every list is sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspection {
    /// The policy's `metadata.storeIdentifier`, else its file; of compiled policies what Cerbos shows for them.
    pub policy_id: Box<str>,
    /// Actions of its rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Box<str>>,
    /// Attributes that its expressions read as `R.attr.x` or `P.attr.x`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Its constants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// Derived roles that it defines, or that its rules name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub derived_roles: Vec<DerivedRole>,
    /// Its variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
}

/// An attribute that an expression reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: Box<str>,
    /// Whose it is.
    pub kind: AttributeKind,
}

/// Whose an attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum AttributeKind {
    /// `P.attr`
    #[serde(rename = "KIND_PRINCIPAL_ATTRIBUTE")]
    Principal,
    /// `R.attr`
    #[serde(rename = "KIND_RESOURCE_ATTRIBUTE")]
    Resource,
}

/// A constant and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Constant {
    /// Its name.
    pub name: Box<str>,
    /// Its value; `None` when nothing defines it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Where it is defined.
    pub kind: Kind,
    /// The policy that defines it; empty when that is not known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: Box<str>,
    /// Whether an expression reads it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub used: bool,
}

/// A variable and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: Box<str>,
    /// Its expression; `null` when nothing defines it, as in Cerbos.
    pub value: Box<str>,
    /// Where it is defined.
    pub kind: Kind,
    /// The policy that defines it; empty when that is not known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: Box<str>,
    /// Whether an expression reads it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub used: bool,
}

/// A derived role and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct DerivedRole {
    /// Its name.
    pub name: Box<str>,
    /// Where it is defined.
    pub kind: Kind,
    /// The policy that defines it; empty when that is not known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub source: Box<str>,
}

/// Where something is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Kind {
    /// Here, for others.
    #[serde(rename = "KIND_EXPORTED")]
    Exported,
    /// In a policy that this one imports.
    #[serde(rename = "KIND_IMPORTED")]
    Imported,
    /// Here.
    #[serde(rename = "KIND_LOCAL")]
    Local,
    /// Nowhere.
    #[serde(rename = "KIND_UNDEFINED")]
    Undefined,
    /// Compiled policies do not tell.
    #[serde(rename = "KIND_UNKNOWN")]
    Unknown,
}

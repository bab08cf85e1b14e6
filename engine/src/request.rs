//! What a decision is asked about: who, on what, with which auxiliary data.

mod claims;
mod validate;

use crate::value::Map;
pub use claims::InvalidClaim;
pub use validate::{InvalidField, Problem, validate_actions};

/// Who asks: the principal of a request (`request.principal`, `P`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Principal {
    /// Identifier, as policies see it in `P.id`.
    pub id: Box<str>,
    /// Static roles, in the order in which they are tried: the first that is allowed wins (section 5 of the semantics, rule 5).
    pub roles: Vec<Box<str>>,
    /// Attributes (`P.attr`).
    pub attr: Map,
    /// Policy version for principal policies; empty means the engine's default.
    pub policy_version: Box<str>,
    /// Scope; empty means the engine's default, `.` the root.
    pub scope: Box<str>,
}

/// What is asked about: the resource of a request (`request.resource`, `R`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// Kind, the `resource` of a resource policy.
    pub kind: Box<str>,
    /// Identifier (`R.id`).
    pub id: Box<str>,
    /// Attributes (`R.attr`).
    pub attr: Map,
    /// Policy version; empty means the engine's default.
    pub policy_version: Box<str>,
    /// Scope; empty means the engine's default, `.` the root.
    pub scope: Box<str>,
}

/// Verified claims beside the principal (`request.auxData`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuxData {
    /// Claims of the one token (`request.auxData.jwt`).
    pub jwt: Map,
    /// Claims of several named tokens (`request.auxData.jwts[name].claims`), sorted by name.
    pub jwts: Vec<(Box<str>, Map)>,
}

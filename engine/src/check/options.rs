//! What changes decisions besides the policies.

use crate::value::Map;

/// What becomes of attributes that do not fit the schemas of their policy: Cerbos' `schema.enforcement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SchemaEnforcement {
    /// Attributes are not validated.
    #[default]
    None,
    /// [`CheckOutput::validation_errors`](super::CheckOutput::validation_errors) tells, and the decision is what it would
    /// have been.
    Warn,
    /// [`CheckOutput::validation_errors`](super::CheckOutput::validation_errors) tells, and every action is denied, also
    /// what a principal policy allows.
    Reject,
}

/// What changes decisions besides the policies; the names and defaults are those of Cerbos' configuration.
///
/// ```
/// use authz_engine::Options;
///
/// let mut options = Options::default();
/// options.lenient_scope_search = true;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The version of a request that names none: `default`.
    pub default_policy_version: Box<str>,
    /// The scope of a request that names none: the root.
    pub default_scope: Box<str>,
    /// Values of `globals`, `G`.
    pub globals: Map,
    /// Begin at the nearest scope that exists instead of finding nothing.
    pub lenient_scope_search: bool,
    /// Deny where an evaluated condition fails, instead of treating it as not met.
    pub strict_evaluation: bool,
    /// What becomes of attributes that do not fit their schemas; not validated unless set.
    pub schema_enforcement: SchemaEnforcement,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            default_policy_version: "default".into(),
            default_scope: "".into(),
            globals: Map::default(),
            lenient_scope_search: false,
            strict_evaluation: false,
            schema_enforcement: SchemaEnforcement::None,
        }
    }
}

//! From text to a closed, resolved set of policies.
//!
//! ```text
//! Source -> yaml::Node (with positions) -> ast::Policy -> PolicySet (closed, every expression compiled)
//! ```

mod ast;
mod decode;
mod glob;
mod inventory;
mod names;
mod resolve;
mod schemas;
mod set;
mod source;
#[cfg(test)]
mod tests;
mod variables;
pub(crate) mod yaml;

pub(crate) use ast::ScopePermissions;
pub(crate) use decode::{is_scope, is_version};
pub(crate) use glob::Glob;
pub(crate) use inventory::RulePlace;
pub(crate) use names::{policy_key, sanitize, scope_and_parents};
pub use set::PolicySet;
pub(crate) use set::{
    Condition, DerivedRole, Kind, Leaf, Output, Params, Policy, SchemaUse, Schemas,
};
pub use source::Source;

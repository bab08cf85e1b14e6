//! From text to a closed, resolved set of policies.
//!
//! ```text
//! Source -> yaml::Node (with positions) -> ast::Policy -> PolicySet (closed, every expression compiled)
//! ```

pub(crate) mod ast;
mod cycles;
mod decode;
mod definitions;
mod glob;
mod index;
mod inventory;
mod json;
mod limits;
mod lint;
mod load;
mod names;
mod parallel;
mod path;
mod permissions;
mod problems;
mod resolve;
mod resolver;
mod schemas;
mod set;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod unit;
mod write;
mod written;
pub(crate) mod yaml;

use crate::diag::Diagnostic;
use crate::suggest::{MAX_KNOWN, closest};

pub(crate) use ast::ScopePermissions;
pub(crate) use decode::{is_scope, is_version};
pub(crate) use glob::Glob;
pub(crate) use index::{Import, Index};
pub(crate) use inventory::RulePlace;
pub(crate) use load::read;
pub(crate) use names::{key_parts, policy_key, sanitize, sanitize_into, scope_and_parents};
pub(crate) use problems::Problems;
pub use set::PolicySet;
pub(crate) use set::{
    Condition, DerivedRole, Kind, Leaf, Output, Params, Policy, Rule, SchemaUse, Schemas,
};
pub(crate) use source::{File, read_bytes};
pub use source::{Source, read_dir};
#[doc(hidden)]
pub use stream::{Document, read_stream};
pub(crate) use written::{Rules, Written};

/// Adds the known name that was probably meant.
fn suggest_import<'k>(
    problem: Diagnostic,
    name: &str,
    known: impl Iterator<Item = &'k str>,
) -> Diagnostic {
    let known: Vec<&str> = known.take(MAX_KNOWN).collect();
    match closest(name, &known) {
        Some(best) => problem.help(format!("did you mean `{best}`?")),
        None => problem,
    }
}

//! Embedded evaluation of Cerbos policies.

pub mod cel;
pub mod check;
pub mod diag;
pub mod explain;
pub mod inspect;
pub mod policy;
pub mod request;
mod schema;
mod suggest;
pub mod suite;
pub mod table;
pub mod value;

pub use check::{Decision, Effect, Engine, Options, SchemaEnforcement, Undecided};
pub use request::{AuxData, Principal, Resource};
pub use value::{Map, Value};

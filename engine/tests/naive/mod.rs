//! The decision algorithm of `docs/semantics.md`, sections 3 to 8, written down once more: for reading, not for speed.
//!
//! Reads policies from JSON by itself; of the engine it uses expressions only. The set must be one that loads.

#![allow(dead_code, unreachable_pub, reason = "each program that includes this uses a part of it")]
#![allow(clippy::indexing_slicing, clippy::panic, reason = "JSON objects, and tests")]

mod evaluate;
mod glob;
mod names;
mod policies;
mod question;
mod restrict;
mod rows;

pub use policies::Policies;
pub use question::Answer;

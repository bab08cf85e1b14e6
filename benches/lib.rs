//! What the benchmarks share: policies to decide on, questions to ask, and how to measure.
//!
//! | module | what |
//! |---|---|
//! | [`workload`] | sets of policies of any size with their requests, made here or read from a folder |
//! | [`measure`] | samples of several sides in turn, and their medians |

pub mod measure;
pub mod workload;

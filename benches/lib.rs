//! Nothing but benchmarks: `cel.rs` compares conditions with the crate `cel`.

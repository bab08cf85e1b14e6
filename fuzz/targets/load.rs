//! Text to policies.

#![no_main]
#![allow(dead_code, reason = "the target `check` uses the rest")]

#[path = "../../engine/tests/naive/mod.rs"]
mod naive;
#[path = "../../engine/tests/common/policy_probe.rs"]
mod policy_probe;
#[path = "../../engine/tests/random/mod.rs"]
mod random;

libfuzzer_sys::fuzz_target!(|text: &str| {
    policy_probe::load(text);
});

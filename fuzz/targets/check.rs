//! Bytes to policies and requests, decided by the engine and by the rules written down once more.

#![no_main]
#![allow(dead_code, reason = "the target `load` uses the rest")]

#[path = "../../engine/tests/naive/mod.rs"]
mod naive;
#[path = "../../engine/tests/common/policy_probe.rs"]
mod policy_probe;
#[path = "../../engine/tests/random/mod.rs"]
mod random;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    policy_probe::check(bytes);
});

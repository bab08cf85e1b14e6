//! Text to value.

#![no_main]

#[path = "../../engine/tests/common/probe.rs"]
mod probe;

libfuzzer_sys::fuzz_target!(|text: &str| {
    probe::evaluate(text);
});

//! Policies that fuzzing found: they load or are refused, and are decided as the rules say.

mod naive;
#[path = "common/policy_probe.rs"]
mod policy_probe;
mod random;

use std::path::Path;

/// Findings of the target `load` end in `.yaml`, those of `check` in `.bytes`.
#[test]
fn every_finding_returns() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy_findings");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        if path.extension().is_some_and(|extension| extension == "bytes") {
            policy_probe::check(&bytes);
        } else {
            policy_probe::load(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn random_bytes_are_decided_as_the_rules_say() {
    let mut dice = random::Dice::of_seed(1);
    for length in 0..150 {
        let bytes: Vec<u8> =
            (0..length * 10).map(|_| u8::try_from(dice.below(256)).unwrap_or_default()).collect();
        policy_probe::check(&bytes);
    }
}

//! On how many threads a set is loaded has no part in what comes out.

use super::super::load::load_on;
use super::super::{PolicySet, Source};
use crate::diag::Diagnostics;

const HEAD: &str = "apiVersion: api.cerbos.dev/v1\n";
const THREADS: [usize; 4] = [2, 3, 7, 64];

/// Six files of a kind, one of them with roles that the others import.
fn unit(n: usize) -> Vec<(String, String)> {
    let resource = |scope: &str, condition: &str| {
        format!(
            "resourcePolicy:\n  resource: kind_{n}\n  version: default\n  scope: '{scope}'\n  \
             importDerivedRoles: [roles_{n}]\n  variables: {{import: [exports_{n}]}}\n  rules:\n    \
             - {{actions: [view], effect: EFFECT_ALLOW, derivedRoles: [owner]}}\n    \
             - actions: ['edit:*']\n      effect: EFFECT_ALLOW\n      roles: [user]\n      \
             condition: {{match: {{expr: '{condition}'}}}}\n"
        )
    };
    let files = [
        ("root", resource("", "V.same && R.attr.open")),
        ("acme", resource("acme", "V.same")),
        ("acme_de", resource("acme.de", "!V.same")),
        (
            "roles",
            format!(
                "derivedRoles:\n  name: roles_{n}\n  definitions:\n    \
                 - {{name: owner, parentRoles: [user], condition: {{match: {{expr: R.attr.owner == P.id}}}}}}\n"
            ),
        ),
        (
            "exports",
            format!(
                "exportVariables:\n  name: exports_{n}\n  definitions: {{same: R.attr.a == P.attr.a}}\n"
            ),
        ),
        // A warning.
        (
            "clerk",
            format!(
                "rolePolicy: {{role: clerk_{n}, rules: [{{resource: 'a:b', allowActions: [view]}}]}}\n"
            ),
        ),
    ];
    files.map(|(name, text)| (format!("{name}_{n:03}.yaml"), format!("{HEAD}{text}"))).to_vec()
}

fn load(threads: usize, files: &[(String, String)]) -> Result<PolicySet, Diagnostics> {
    let sources = files.iter().map(|(name, text)| Source::new(name.as_str(), text.as_str()));
    load_on(threads, sources.collect(), &[])
}

#[test]
fn a_set_is_the_same() {
    let files: Vec<_> = (0..60).flat_map(unit).collect();
    let one = load(1, &files).unwrap();
    assert_eq!((one.len(), one.warnings().len()), (240, 60));
    for threads in THREADS {
        let set = load(threads, &files).unwrap();
        assert_eq!(set.warnings(), one.warnings());
        assert!(format!("{:?}", set.policies) == format!("{:?}", one.policies));
        assert_eq!(set.to_sources(), one.to_sources());
    }
}

#[test]
fn mistakes_are_the_same_and_in_the_same_order() {
    // With more mistakes than get suggestions, of all stages: files, what they import, expressions, variables.
    type Mistake = (&'static str, &'static str, &'static str);
    const MISTAKES: [Mistake; 7] = [
        ("root", "roles: [user]", "roles: [user"),
        ("acme", "version: default", "vershun: default"),
        ("acme", "derivedRoles: [owner]", "derivedRoles: [ownr]"),
        ("acme_de", "!V.same", "!V.smae"),
        ("root", "R.attr.open", "R.atr.open"),
        ("roles", "== P.id", "== P.id +"),
        ("exports", "R.attr.a", "V.nothing"),
    ];
    for (every, part) in [(1, 7), (5, 7), (2, 5), (7, 1), (59, 7)] {
        let mut files: Vec<_> = (0..60).flat_map(unit).collect();
        for n in (0..60).step_by(every) {
            let (file, from, to) = MISTAKES[(n / every + every) % part];
            let name = format!("{file}_{n:03}.yaml");
            let (_, text) = files.iter_mut().find(|(other, _)| *other == name).unwrap();
            assert!(text.contains(from));
            *text = text.replace(from, to);
        }
        let one = load(1, &files).unwrap_err();
        assert!(one.len() >= 60 / every);
        for threads in THREADS {
            assert_eq!(load(threads, &files).unwrap_err(), one, "{threads} threads");
        }
    }
}

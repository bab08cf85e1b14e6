//! How the cost of a decision grows: `cargo bench -p authz-benches --bench growth`, or `.. -- "derived roles"` for the
//! dimensions with these words in their names.
//!
//! Policies made for it, in which one dimension varies and everything else stays small. What is asked is allowed, by
//! what is found last where there is an order. The lines of JSON in `target/bench/growth.jsonl` are what
//! `plots/plot.py` draws.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program of its own: its output is the report"
)]

use std::{fmt::Write as _, fs, hint::black_box, io::Write as _, path::PathBuf};

use authz_benches::measure::{Side, medians, repeat};
use authz_engine::{
    Effect, Engine, Map, Options, Principal, Resource, Value,
    cel::Timestamp,
    policy::{PolicySet, Source},
};

/// How many sizes of a dimension are measured.
const SIZES: usize = 6;

struct Dimension {
    name: &'static str,
    sizes: [usize; SIZES],
    case: fn(usize) -> Case,
}

const DIMENSIONS: [Dimension; 9] = [
    Dimension { name: "policies", sizes: [1, 4, 16, 64, 256, 1000], case: policies },
    Dimension { name: "rules for other actions", sizes: [1, 4, 16, 64, 256, 1000], case: rules },
    Dimension { name: "rules for the action", sizes: [1, 4, 16, 64, 256, 1000], case: matching },
    Dimension { name: "roles of the principal", sizes: [1, 2, 4, 16, 64, 256], case: roles },
    Dimension { name: "derived roles", sizes: [1, 2, 4, 16, 64, 256], case: derived_roles },
    Dimension { name: "scopes above the resource", sizes: [1, 2, 4, 8, 16, 32], case: scopes },
    Dimension { name: "attributes", sizes: [1, 4, 16, 64, 256, 1000], case: attributes },
    Dimension {
        name: "comparisons in the condition",
        sizes: [1, 2, 4, 16, 64, 256],
        case: condition,
    },
    Dimension {
        name: "elements of a list in the condition",
        sizes: [1, 4, 16, 64, 256, 1000],
        case: list,
    },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let is_asked_for =
        |dimension: &Dimension| words.iter().all(|w| dimension.name.contains(w.as_str()));
    let mut lines = String::new();
    for Dimension { name, sizes, case } in DIMENSIONS.into_iter().filter(is_asked_for) {
        let now = Timestamp::now();
        let cases = sizes.map(case);
        for (size, case) in sizes.iter().zip(&cases) {
            assert_eq!(case.decide(now), Effect::Allow, "{name}, {size}");
        }
        let sides = cases.each_ref().map(|case| {
            Box::new(move |turns| repeat(turns, || black_box(case).decide(now))) as Side<'_>
        });
        println!("{name}");
        for (size, ns) in sizes.into_iter().zip(medians(sides)) {
            println!("{size:>8}{ns:>12.1} ns");
            let line = serde_json::json!({
                "bench": "growth", "dimension": name, "size": size, "ns": (ns * 10.0).round() / 10.0,
            });
            writeln!(lines, "{line}").expect("a string takes it");
        }
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    fs::create_dir_all(target.join("bench")).expect("a folder for the lines");
    let file =
        fs::OpenOptions::new().create(true).append(true).open(target.join("bench/growth.jsonl"));
    file.and_then(|mut file| file.write_all(lines.as_bytes())).expect("lines can be written");
}

/// A question and who answers it.
struct Case {
    engine: Engine,
    principal: Principal,
    resource: Resource,
}

impl Case {
    /// Alice asks to see a document of her own.
    fn new(policies: impl IntoIterator<Item = String>) -> Self {
        let named = policies.into_iter().enumerate();
        let sources = named.map(|(n, text)| Source::new(format!("{n}.yaml"), text));
        let set = PolicySet::load(sources).expect("policies that load");
        Self {
            engine: Engine::new(set, Options::default()),
            principal: Principal {
                id: "alice".into(),
                roles: vec!["user".into()],
                attr: map([("team", "red".into())]),
                ..Principal::default()
            },
            resource: Resource {
                kind: "document".into(),
                id: "7".into(),
                attr: map([("owner", "alice".into())]),
                ..Resource::default()
            },
        }
    }

    fn decide(&self, now: Timestamp) -> Effect {
        let decision = self.engine.decide(&self.principal, &self.resource, "view", None, now);
        decision.expect("an answer").effect
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    entries.into_iter().collect()
}

const OWN: &str = "R.attr.owner == P.id";

fn policy(kind: &str, rules: &str) -> String {
    format!(
        "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: {kind}\n  version: default\n  rules:\n{rules}"
    )
}

fn rule(action: &str, who: &str, condition: &str) -> String {
    let condition = condition.replace('\'', "''");
    format!(
        "    - actions: [{action}]\n      effect: EFFECT_ALLOW\n      {who}\n      condition: {{match: {{expr: '{condition}'}}}}\n"
    )
}

const USERS: &str = "roles: [user]";

/// Policies for other kinds beside the one that counts.
fn policies(size: usize) -> Case {
    let others = (1..size).map(|n| policy(&format!("other_{n}"), &rule("view", USERS, OWN)));
    Case::new(others.chain([policy("document", &rule("view", USERS, OWN))]))
}

fn rules(size: usize) -> Case {
    let others = (1..size).map(|n| rule(&format!("other_{n}"), USERS, OWN));
    Case::new([policy("document", &others.chain([rule("view", USERS, OWN)]).collect::<String>())])
}

/// Rules whose conditions have to be evaluated until one holds.
fn matching(size: usize) -> Case {
    let others = (1..size).map(|n| rule("view", USERS, &format!("R.attr.owner == \"user {n}\"")));
    Case::new([policy("document", &others.chain([rule("view", USERS, OWN)]).collect::<String>())])
}

/// The role that a rule is for is the last one.
fn roles(size: usize) -> Case {
    let mut case = Case::new([policy("document", &rule("view", USERS, OWN))]);
    let others = (1..size).map(|n| format!("role_{n}").into());
    case.principal.roles = others.chain(["user".into()]).collect();
    case
}

/// A rule is for all of them, and the last one is the principal's.
fn derived_roles(size: usize) -> Case {
    let role = |name: &str, condition: &str| {
        format!(
            "    - {{name: {name}, parentRoles: [user], condition: {{match: {{expr: '{condition}'}}}}}}\n"
        )
    };
    let names: Vec<String> = (1..size).map(|n| format!("role_{n}")).collect();
    let others =
        (1..).zip(&names).map(|(n, name)| role(name, &format!("R.attr.owner == \"user {n}\"")));
    let definitions: String = others.chain([role("owner", OWN)]).collect();
    let derived = format!(
        "apiVersion: api.cerbos.dev/v1\nderivedRoles:\n  name: derived\n  definitions:\n{definitions}"
    );
    let names = names.iter().map(String::as_str).chain(["owner"]).collect::<Vec<_>>().join(", ");
    let document = policy("document", &rule("view", &format!("derivedRoles: [{names}]"), "true"));
    Case::new([
        derived,
        document.replace("  rules:\n", "  importDerivedRoles: [derived]\n  rules:\n"),
    ])
}

/// Each scope has a policy that says nothing of the action, but the root has.
fn scopes(size: usize) -> Case {
    let names: Vec<String> = (1..=size).map(|n| format!("s{n}")).collect();
    let scoped = (1..=size).map(|depth| {
        let scope = names.iter().take(depth).map(String::as_str).collect::<Vec<_>>().join(".");
        let text = policy("document", &rule("edit", USERS, OWN));
        text.replace("  rules:\n", &format!("  scope: {scope}\n  rules:\n"))
    });
    let mut case = Case::new(scoped.chain([policy("document", &rule("view", USERS, OWN))]));
    case.resource.scope = names.join(".").into();
    case
}

/// Attributes that no condition reads beside the one that is read.
fn attributes(size: usize) -> Case {
    let mut case = Case::new([policy("document", &rule("view", USERS, OWN))]);
    let names: Vec<String> = (1..size).map(|n| format!("attribute_{n}")).collect();
    let others = names.iter().map(|name| (name.as_str(), Value::from("something")));
    case.resource.attr = others.chain([("owner", "alice".into())]).collect();
    case
}

fn condition(size: usize) -> Case {
    let comparisons: Vec<String> = (1..size)
        .map(|n| format!("R.attr.owner != \"user {n}\""))
        .chain([OWN.to_owned()])
        .collect();
    Case::new([policy("document", &rule("view", USERS, &comparisons.join(" && ")))])
}

/// The element that is looked for is the last one.
fn list(size: usize) -> Case {
    let expr = "R.attr.readers.exists(r, r == P.id)";
    let mut case = Case::new([policy("document", &rule("view", USERS, expr))]);
    let readers: Vec<String> =
        (1..size).map(|n| format!("user {n}")).chain(["alice".to_owned()]).collect();
    case.resource.attr = map([("readers", Value::from(readers))]);
    case
}

//! Conditions as policies have them, and the one request that they are asked about. Shared by the benchmark and
//! the test of allocations.

use authz_engine::cel::Timestamp;
use authz_engine::{Map, Principal, Resource, Value};

/// Name and text. All of them hold.
pub(crate) const CONDITIONS: [(&str, &str); 8] = [
    ("c1", "R.attr.owner == P.id"),
    ("c2", r#"P.attr.department in ["finance", "legal", "sales"] && R.attr.amount < 1000"#),
    ("c3", "has(R.attr.tags) && R.attr.tags.exists(t, t in P.attr.tags)"),
    ("c4", r#"timestamp(R.attr.created) + duration("24h") > now()"#),
    ("c5", r#"R.attr.email.matches("^[a-z]+@acme\\.com$")"#),
    ("c6", r#"size(P.roles.filter(r, r.startsWith("team-"))) > 0"#),
    (
        "c7",
        r#"R.attr.status == "DRAFT" && (R.attr.dev == true || R.attr.number.matches("^[98][0-9]+")) && !(R.attr.qa == true || R.attr.canary == true)"#,
    ),
    (
        "c8",
        r#""admin" in P.roles || ("manager" in P.roles && R.attr.amount + R.attr.tax <= P.attr.limit)"#,
    ),
];

/// Over the hundred groups of the principal, of which the last is meant.
pub(crate) const MANY: (&str, &str) =
    ("exists over 100", r#"P.attr.groups.exists(g, g == "group-99")"#);

/// The instant at which [`request`] is made.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

/// [`NOW`], parsed.
pub(crate) fn now() -> Timestamp {
    Timestamp::parse(NOW).expect("an RFC 3339 timestamp")
}

/// Who asks for what: twelve attributes of the resource, four of the principal.
pub(crate) fn request() -> (Principal, Resource) {
    let groups: Vec<String> = (0..100).map(|n| format!("group-{n}")).collect();
    let principal = Principal {
        id: "alice".into(),
        roles: vec!["employee".into(), "manager".into(), "team-red".into()],
        attr: attributes([
            ("department", Value::from("legal")),
            ("tags", Value::from(vec!["blue", "green", "public"])),
            ("limit", Value::from(600.0)),
            ("groups", Value::from(groups)),
        ]),
        ..Principal::default()
    };
    let resource = Resource {
        kind: "expense".into(),
        id: "e-1".into(),
        attr: attributes([
            ("owner", Value::from("alice")),
            ("amount", Value::from(500.0)),
            ("tax", Value::from(95.0)),
            ("tags", Value::from(vec!["red", "travel", "public"])),
            ("created", Value::from("2026-03-01T09:30:00Z")),
            ("email", Value::from("alice@acme.com")),
            ("status", Value::from("DRAFT")),
            ("dev", Value::from(true)),
            ("number", Value::from("98123")),
            ("qa", Value::from(false)),
            ("canary", Value::from(false)),
            ("region", Value::from("eu-central")),
        ]),
        ..Resource::default()
    };
    (principal, resource)
}

fn attributes<const N: usize>(entries: [(&str, Value); N]) -> Map {
    entries.into_iter().collect()
}

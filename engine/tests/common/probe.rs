//! Any text, as far through the engine as it goes. Shared by the fuzz targets and the tests that replay what they found.

#![allow(dead_code, reason = "each program uses a part")]

use std::cell::Cell;
use std::hint::black_box;

use authz_engine::cel::{Activation, Arena, Env, Expression, Timestamp};
use authz_engine::request::AuxData;
use authz_engine::{Map, Principal, Resource, Value};

/// Reads the text. What is wrong with it is said at a place within it.
pub(crate) fn parse(text: &str) -> Option<Expression> {
    match Expression::parse(text) {
        Ok(expression) => {
            for (_, span) in expression.references().variables {
                assert!(text.get(span).is_some(), "a reference lies within the text");
            }
            Some(expression)
        }
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error}: lies within the text");
            None
        }
    }
}

/// Reads, checks, compiles and evaluates the text.
pub(crate) fn evaluate(text: &str) {
    let Some(expression) = parse(text) else { return };
    let variables = ["text", "failed"].map(Into::into);
    let constants = map([("limit", Value::from(10.0)), ("names", Value::from(vec!["a", "b"]))]);
    let program = match expression.compile(&Env::policy().variables(variables).constants(constants))
    {
        Ok(program) => program,
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "{error}: lies within the text");
            return;
        }
    };
    let (principal, resource, aux_data) = request();
    let globals = map([("region", Value::from("eu")), ("level", Value::Int(3))]);
    let now = Timestamp::parse("2026-03-01T12:00:00.5Z").expect("an RFC 3339 timestamp");
    let derived_roles = ["owner", "reader"];
    let value = Value::from("text");
    let variables = [Some((&value).into()), None].map(Cell::new);
    let arena = Arena::new();
    let mut activation = Activation::new(&principal, &resource, &globals, &arena, now);
    activation.aux_data = Some(&aux_data);
    activation.variables = &variables;
    activation.derived_roles = &derived_roles;
    // Not written as text, which can be far longer than what was spent on the value.
    _ = black_box(program.eval(&activation));
}

/// A request with values of every kind.
fn request() -> (Principal, Resource, AuxData) {
    let nested = map([
        ("deep", Value::from(map([("deeper", Value::from(vec![1.0, 2.5]))]))),
        ("", Value::from("empty name")),
    ]);
    let attr = map([
        ("text", Value::from("Zürich, 8001")),
        ("empty", Value::from("")),
        ("number", Value::from(12.5)),
        ("nan", Value::from(f64::NAN)),
        ("int", Value::Int(i64::MIN)),
        ("uint", Value::UInt(u64::MAX)),
        ("flag", Value::from(true)),
        ("nothing", Value::Null),
        ("bytes", Value::Bytes([0, 255, b'a'].into())),
        ("list", Value::List([Value::Null, Value::from("a"), Value::from(1.0)].into())),
        ("names", Value::from(vec!["alice", "bob", "alice"])),
        ("nested", Value::from(nested)),
        ("created", Value::from("2026-02-28T23:59:59+01:00")),
        ("span", Value::from("1h30m")),
        ("address", Value::from("10.1.2.3")),
        ("pattern", Value::from("^a+b*$")),
    ]);
    let principal = Principal {
        id: "alice".into(),
        roles: vec!["user".into(), "editor".into()],
        attr: attr.clone(),
        scope: ".acme.hr".into(),
        ..Principal::default()
    };
    let resource = Resource { kind: "album".into(), id: "7".into(), attr, ..Resource::default() };
    let claims = map([("aud", Value::from(vec!["photos"])), ("sub", Value::from("alice"))]);
    let aux_data = AuxData { jwt: claims.clone(), jwts: vec![("idp".into(), claims)] };
    (principal, resource, aux_data)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    entries.into_iter().collect()
}

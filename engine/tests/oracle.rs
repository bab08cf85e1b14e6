//! Random expressions here and in the crate `cel`, which follows the CEL specification: the same values and the same
//! failures, except where Cerbos departs from the specification.

#![expect(clippy::expect_used, clippy::unreachable, reason = "tests")]

#[path = "common/grammar.rs"]
mod grammar;
#[path = "common/reference.rs"]
mod reference;

use std::cell::Cell;
use std::fmt;

use authz_engine::cel::{Activation, Arena, Env, ErrorKind, EvalError, Expression, Timestamp, V};
use authz_engine::{Map, Principal, Resource, Value};
use cel_interpreter::objects::{Key, Value as Cel};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner, contextualize_config};

const NOW: &str = "2026-03-01T12:00:00Z";

fn request() -> (Principal, Resource) {
    let principal = Principal {
        id: "alice".into(),
        roles: vec!["user".into(), "editor".into()],
        ..Principal::default()
    };
    let nested: Map = [("deep", Value::from("x")), ("n", Value::from(1.0))].into_iter().collect();
    let attr = [
        ("owner", Value::from("alice")),
        ("city", Value::from("Zürich")),
        ("amount", Value::from(12.5)),
        ("size", Value::from(3.0)),
        ("flag", Value::from(true)),
        ("nothing", Value::Null),
        ("tags", Value::from(vec!["a", "abc", "B"])),
        ("nested", Value::from(nested)),
        ("created", Value::from("2026-02-28T23:59:59+01:00")),
    ];
    let resource = Resource { attr: attr.into_iter().collect(), ..Resource::default() };
    (principal, resource)
}

/// Whether an expression, given how `cel` fails on it, may show a departure.
type Concerns = fn(text: &str, failure: &str) -> bool;

/// What Cerbos 0.55, and so we, do otherwise than the specification or `cel`. What is refused at load for its types is not
/// here: there is nothing to compare.
const DEPARTURES: &[(&str, Concerns)] = &[
    ("keys of maps may be of any type", |text, _| {
        text.contains("{null:") || text.contains("{1.5:")
    }),
    ("what cannot be a key is not in a map", |_, failure| {
        failure.contains("'@in'") && failure.contains(", map)")
    }),
    ("nothing is less or greater than NaN", |_, failure| {
        let numbers = ["(int, double)", "(uint, double)", "(double, int)", "(double, uint)"];
        numbers.iter().any(|types| failure.contains(types))
    }),
    ("a duration has a negative and an int", |_, failure| {
        ["'-_'", "'int'"].iter().any(|function| failure.contains(function))
            && failure.contains("(google.protobuf.Duration)")
    }),
    ("`string(double)` is Go's `%g`", |text, _| {
        ["string(1e21)", "string(1000000.0)", "string(0.00001)"].iter().any(|t| text.contains(t))
    }),
    ("`bool` reads what Go's `ParseBool` reads", |text, _| text.contains("bool('T')")),
    ("a duration may be written with the micro sign", |text, _| text.contains("µs")),
    ("what follows a duration makes its text invalid", |text, _| text.contains("duration('1h' +")),
    ("`getMilliseconds` of a duration is all of it", |text, _| text.contains(".getMilliseconds()")),
    ("`T` and `Z` of a timestamp are capitals", |text, _| text.contains("01t12")),
    ("parts of a timestamp are in UTC, whatever offset it was written with", |text, _| {
        has_offset(text) && text.contains(".get")
    }),
    ("`string(timestamp)` keeps the offset", |text, _| {
        has_offset(text) && text.contains("string(")
    }),
    (
        "`or` and `orValue` look at their argument only where it is needed (rule E12)",
        |text, failure| text.contains(".or") && !failure.is_empty(),
    ),
    ("looking behind the end of a text finds nothing", |text, _| text.contains(".indexOf('b', 9)")),
    ("classes of characters in regular expressions are ASCII", |text, _| text.contains(r"'^\\w+'")),
];

fn differ(text: &str, ours: &impl fmt::Debug, theirs: &impl fmt::Debug) -> TestCaseError {
    TestCaseError::fail(format!("{text}\nours: {ours:?}\ncel:  {theirs:?}"))
}

fn has_offset(text: &str) -> bool {
    text.contains("-05:00'") || text.contains("R.attr.created")
}

#[test]
fn values_are_those_of_the_specification() {
    let (principal, resource) = request();
    let (globals, now) = (Map::default(), Timestamp::parse(NOW).expect("RFC 3339"));
    let env = reference::environment();
    let context = reference::context(&env, &principal, &resource, NOW);
    let (drawn, compared, values) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    // The variables PROPTEST_CASES and PROPTEST_RNG_SEED ask for others.
    let config = contextualize_config(ProptestConfig {
        cases: 1_500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = TestRunner::new(config).run(&grammar::expressions(), |text| {
        count(&drawn);
        let theirs = env.compile(&text);
        let ours = Expression::parse(&text).and_then(|e| e.compile(&Env::policy()));
        let (ours, theirs) = match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => (ours, theirs.execute(&context)),
            (Err(ours), Err(_)) if ours.kind() == ErrorKind::Parse => return Ok(()),
            (Err(ours), Ok(_)) if !is_of_syntax(ours.kind()) => return Ok(()),
            (ours, theirs) => return Err(differ(&text, &ours, &theirs)),
        };
        let failure = theirs.as_ref().map_or_else(ToString::to_string, |_| String::new());
        if DEPARTURES.iter().any(|(_, concerns)| concerns(&text, &failure)) {
            return Ok(());
        }
        count(&compared);
        let arena = Arena::new();
        let activation = Activation::new(&principal, &resource, &globals, &arena, now);
        match (ours.eval(&activation), theirs) {
            (Err(_), Err(_)) => return Ok(()),
            (Err(EvalError::Invalid(why)), Ok(_)) if is_of_a_literal(&text, why) => return Ok(()),
            (Ok(ours), Ok(theirs)) if same(ours, &theirs) => {}
            (ours, theirs) => return Err(differ(&text, &ours, &theirs)),
        }
        count(&values);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (drawn, compared, values) = (drawn.get(), compared.get(), values.get());
    assert!(compared * 2 >= drawn, "of {drawn} expressions only {compared} can be compared");
    assert!(values * 2 >= compared, "of {compared} expressions only {values} have a value");
}

/// Whether a conversion of a literal has failed, which fails the whole expression, evaluated or not (rule E16).
fn is_of_a_literal(text: &str, why: &str) -> bool {
    let conversions = ["bool('", "int('", "double('", "int(1e", "int(-", "timestamp(", "string(b"];
    let failures =
        ["type conversion error", "integer overflow", "unsigned integer overflow", "invalid UTF-8"];
    conversions.iter().any(|call| text.contains(call))
        && failures.iter().any(|f| why.starts_with(f))
}

/// Whether `cel`, which does not look at types before it evaluates, would refuse such an expression too.
fn is_of_syntax(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Parse | ErrorKind::Limit | ErrorKind::UndeclaredName)
}

fn same(ours: V<'_>, theirs: &Cel) -> bool {
    match (ours, theirs) {
        (V::Null, Cel::Null) => true,
        (V::Bool(a), Cel::Bool(b)) => a == *b,
        (V::Int(a), Cel::Int(b)) => a == *b,
        (V::UInt(a), Cel::UInt(b)) => a == *b,
        (V::Double(a), Cel::Float(b)) => a == *b || a.is_nan() && b.is_nan(),
        (V::Str(a), Cel::String(b)) => a == **b,
        (V::Bytes(a), Cel::Bytes(b)) => a == **b,
        (V::Timestamp(a), Cel::Timestamp(b)) => {
            chrono::DateTime::parse_from_rfc3339(&a.to_string()) == Ok(*b)
        }
        (V::Duration(a), Cel::Duration(b)) => Some(a) == b.num_nanoseconds(),
        (V::List(a), Cel::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (V::Map(a), Cel::Map(b)) => {
            a.len() == b.map.len()
                && (0..a.len()).filter_map(|i| a.entry(i)).all(|(key, value)| {
                    let key = match key {
                        V::Bool(b) => Key::Bool(b),
                        V::Int(i) => Key::Int(i),
                        V::UInt(u) => Key::Uint(u),
                        V::Str(s) => Key::from(s),
                        _ => return false,
                    };
                    b.map.get(&key).is_some_and(|other| same(value, other))
                })
        }
        _ => false,
    }
}

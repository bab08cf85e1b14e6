//! What expressions mean, and the traps in which others fail open.

use super::{Activation, Arena, Env, ErrorKind, EvalError, Expression, Timestamp, V};
use crate::request::{AuxData, Principal, Resource};
use crate::value::{Map, Value};

fn request() -> (Principal, Resource, AuxData) {
    let principal = Principal {
        id: "alice".into(),
        roles: vec!["user".into(), "editor".into()],
        attr: [("dept", Value::from("media")), ("teams", Value::from(vec!["red", "blue"]))]
            .into_iter()
            .collect(),
        ..Principal::default()
    };
    let resource = Resource {
        kind: "album".into(),
        id: "7".into(),
        attr: [
            ("owner", Value::from("alice")),
            ("size", Value::from(5.0)),
            ("nothing", Value::Null),
        ]
        .into_iter()
        .collect(),
        scope: ".acme".into(),
        ..Resource::default()
    };
    (principal, resource, AuxData::default())
}

/// The value as text, or the error as text.
fn eval(source: &str) -> String {
    with_value(source, |v, _| Ok(v.to_string()))
}

/// The value as an output shows it, or the error as text.
pub(super) fn json_of(source: &str) -> String {
    with_value(source, |v, activation| {
        v.to_value(activation).map(|json| serde_json::to_string(&json).unwrap())
    })
}

fn with_value(
    source: &str,
    show: impl for<'a> Fn(V<'a>, &Activation<'a>) -> Result<String, EvalError<'a>>,
) -> String {
    let program = match Expression::parse(source).and_then(|e| e.compile(&Env::policy())) {
        Ok(program) => program,
        Err(error) => return format!("compile: {}", error.message()),
    };
    let (principal, resource, _) = request();
    let (globals, arena) = (Map::default(), Arena::new());
    let now = Timestamp::parse("2021-04-22T15:05:20Z").unwrap();
    let activation = Activation::new(&principal, &resource, &globals, &arena, now);
    let shown = program.eval(&activation).and_then(|v| show(v, &activation));
    shown.unwrap_or_else(|e| format!("error: {e}"))
}

/// Checks the value of an expression that names nothing of a policy.
#[track_caller]
pub(super) fn check_bare(source: &str, wanted: &str) {
    check(source, wanted);
}

#[track_caller]
fn check(source: &str, wanted: &str) {
    assert_eq!(eval(source), wanted, "{source}");
}

#[test]
fn operators_bind_as_in_cel() {
    check("1 + 2 * 3 - 4 / 2", "5");
    check("-9223372036854775808", "-9223372036854775808");
    check("true || false && false", "true");
    check("!true || true ? 'y' : 'n'", "\"y\"");
    check("7 % 3 == 1 && -7 / 2 == -3", "true");
}

#[test]
fn what_is_not_boolean_is_an_error_in_logic() {
    check("\"bob\" && true", "compile: a `bool` is needed here, and this is a `string`");
    check("dyn(\"bob\") && true", "error: no such overload");
    check("dyn(\"bob\") || true", "true");
    check("R.attr.owner && true", "error: no such overload");
}

#[test]
fn errors_are_absorbed_only_where_cel_absorbs_them() {
    check("R.attr.missing == 1 || true", "true");
    check("true || R.attr.missing == 1", "true");
    check("R.attr.missing == 1 || false", "error: no such key: missing");
    check("R.attr.missing == 1 && false", "false");
    check("[1, 2].exists(x, R.attr.missing == x || x == 2)", "true");
    check("[1, 2].all(x, R.attr.missing == x && x == 9)", "false");
    check("[1].exists(x, R.attr.missing == x)", "error: no such key: missing");
}

#[test]
fn a_missing_key_is_an_error_and_never_null() {
    check("{\"a\": 1}[\"missing\"]", "error: no such key: missing");
    check("{\"a\": dyn(1)}[\"missing\"] == null", "error: no such key: missing");
    check("R.attr.nothing == null", "true");
    check("has(R.attr.missing)", "false");
    check("has(R.attr.nothing)", "true");
}

#[test]
fn numbers_compare_across_types_and_do_not_mix_in_arithmetic() {
    check("R.attr.size == 5 && R.attr.size > 4 && R.attr.size in [5]", "true");
    check("R.attr.size + 1", "error: no such overload");
    check("R.attr.size + 1.0", "6");
    check("1 / 0", "error: division by zero");
    check("1 % 0", "error: modulus by zero");
    check("9223372036854775807 + 1", "error: integer overflow");
}

#[test]
fn macros_run_over_lists_and_maps() {
    check("[1, 2, 3].map(x, x * 2)", "[2, 4, 6]");
    check("[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]");
    check("[1, 2, 3].filter(x, x != 2)", "[1, 3]");
    check("{'a': 1, 'b': 2}.exists(k, k == 'b')", "true");
    check("[1, 2, 2].exists_one(x, x == 2)", "false");
    check("[5, 6].exists(i, v, i == 1 && v == 6)", "true");
    check("[5, 6].transformList(i, v, i + v)", "[5, 7]");
    check("cel.bind(x, 20, x + x + 2)", "42");
    check("cel.bind(x, R.attr.missing, 1)", "1");
    check("cel.bind(x, R.attr.missing, x == 1 || true)", "true");
    check("cel.bind(x, R.attr.missing, x)", "error: no such key: missing");
    check("P.attr.teams.exists(t, t in ['blue'])", "true");
    check("[[1], [2, 3]].exists(l, l.exists(x, x == 3))", "true");
}

#[test]
fn optional_values_chain() {
    check("{'a': {'b': 1}}.?a.?b.orValue(0)", "1");
    check("{'a': {}}.?a.?b.orValue(0)", "0");
    check("optional.of(2).optMap(x, x * 2).value()", "4");
    check("[?optional.none(), 1]", "[1]");
}

/// Observed on the real Cerbos 0.55 (rules E5 to E8).
#[test]
fn values_without_parts_have_none() {
    for (source, wanted) in [
        ("R.attr.owner.x", "error: no such key: x"),
        ("R.attr.nothing['x']", "error: no such key: x"),
        ("R.attr.size[0]", "error: no such key: 0"),
        ("has(R.attr.owner.x)", "false"),
        ("has(R.attr.nothing.x)", "false"),
        ("R.attr.owner.?x.hasValue()", "false"),
        ("R.attr[dyn(1)]", "error: no such key: 1"),
        ("R.attr[dyn(null)]", "error: invalid qualifier type: types.Null"),
        ("P.attr.teams.x", "error: unsupported index type 'string' in list"),
        ("has(P.attr.teams.x)", "error: unsupported index type 'string' in list"),
        ("P.attr.?teams.?x", "error: unsupported index type 'string' in list"),
        ("P.attr.teams[dyn(1.0)]", "\"blue\""),
        ("P.attr.teams[dyn(1.5)]", "error: unsupported index value 1.5 in list"),
        ("P.attr.teams[9]", "error: index out of bounds: 9"),
        ("P.attr.teams[?9].hasValue()", "false"),
        ("optional.of([1])[5].hasValue()", "false"),
        ("{null: false}[null]", "error: invalid qualifier type: types.Null"),
        ("null in {null: false}", "true"),
        ("{1u: 'x'}[dyn(1)]", "\"x\""),
    ] {
        check(source, wanted);
    }
}

#[test]
fn messages_are_values() {
    check("R == request.resource && P == request.principal && request == request", "true");
    check("dyn(R)['id'] == R.id && dyn(R).policy_version == ''", "true");
    check("dyn(R).nope", "error: no such field 'nope'");
    check("[P].exists(p, p.id == 'alice')", "true");
    check("R == null || V == null || request == null", "false");
    check("size(request.auxData.jwts)", "0");
    check("G == C && !has(G.x)", "true");
    check("V.?x.hasValue() || C.?x.hasValue() || G.?x.hasValue()", "false");
}

#[test]
fn hours_of_a_zoned_timestamp_are_utc_hours() {
    check("timestamp('2021-04-20T10:05:20-05:00').getHours()", "15");
    check("timestamp('2021-04-20T10:05:20-05:00').getHours('America/New_York')", "11");
    check(
        "timestamp('2021-04-20T10:05:20Z') + duration('24h') > timestamp('2021-04-21T10:05:19Z')",
        "true",
    );
    check("timeSince(timestamp('2021-04-22T15:05:19Z')) == duration('1s')", "true");
}

#[test]
fn regular_expressions_are_re2s() {
    check("\"\u{663}\".matches('^\\\\d$')", "false");
    check("'alice@acme.com'.matches(\"^[a-z]+@acme\\\\.com$\")", "true");
    assert!(eval("'a'.matches('(')").starts_with("compile: not a valid regular expression"));
}

#[test]
fn the_request_is_visible_under_all_its_names() {
    check("request.principal.id == P.id && R.kind == request.resource.kind", "true");
    check("R.scope", "\"acme\"");
    check("R.policy_version == R.policyVersion", "true");
    check("'editor' in P.roles && size(P.roles) == 2", "true");
    check("has(request.auxData)", "false");
    check("has(request.aux_data.jwt)", "false");
    check("request.resource.attr.owner == P.id", "true");
}

#[test]
fn what_does_not_exist_is_found_at_load() {
    let kind = |source: &str| {
        Expression::parse(source)
            .and_then(|e| e.compile(&Env::policy()))
            .map(drop)
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind("nobody == 1"), ErrorKind::UndeclaredName);
    assert_eq!(kind("R.attrs.x"), ErrorKind::UndefinedField);
    assert_eq!(kind("has(P.name)"), ErrorKind::UndefinedField);
    assert_eq!(kind("V.x"), ErrorKind::UndefinedVariable);
    assert_eq!(kind("C.x"), ErrorKind::UndefinedConstant);
    assert_eq!(kind("frobnicate(1)"), ErrorKind::UnknownFunction);
    assert_eq!(kind("'a'.startsWith()"), ErrorKind::Type);
    assert_eq!(kind("startsWith('a', 'b')"), ErrorKind::UnknownFunction);
    assert_eq!(kind("duration('1d')"), ErrorKind::InvalidLiteral);
    assert_eq!(kind("1 +"), ErrorKind::Parse);
}

#[test]
fn an_error_says_what_was_expected_and_where() {
    let error = Expression::parse("R.attr.x == (1").unwrap_err();
    assert_eq!(error.message(), "expected `)`, found the end");
    assert_eq!(error.span().start, 14);
}

#[test]
fn hostile_text_is_refused_within_bounds() {
    for text in [
        "(".repeat(5_000),
        "[".repeat(5_000),
        "!".repeat(5_000) + "(",
        vec!["1"; 400].join("+"),
        "a".to_owned() + &".b".repeat(400),
        "x?".repeat(3_000),
        "'a'".to_owned() + &".size()".repeat(20_000),
    ] {
        assert!(Expression::parse(&text).is_err(), "{} bytes", text.len());
    }
    assert!(Expression::parse(&vec!["true"; 5_000].join(" && ")).is_ok());
}

#[test]
fn types_that_double_are_refused() {
    let mut text = "x".to_owned();
    for _ in 0..80 {
        text = format!("cel.bind(x, {{x: x}}, {text})");
    }
    let error = Expression::parse(&format!("cel.bind(x, 1, {text})"))
        .and_then(|e| e.compile(&Env::bare()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn a_budget_ends_what_would_take_too_long() {
    let list = format!("[{}]", vec!["1"; 300].join(","));
    let source = format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c == 3)))");
    let program = Expression::parse(&source).unwrap().compile(&Env::bare()).unwrap();
    let (principal, resource, _) = request();
    let (globals, arena) = (Map::default(), Arena::new());
    let activation = Activation::new(&principal, &resource, &globals, &arena, Timestamp::now());
    assert_eq!(program.eval_bool(&activation), Err(EvalError::StepsExhausted));
}

/// Results travel through memory: what makes them larger makes everything slower.
#[test]
fn values_are_small() {
    let value = size_of::<V<'_>>();
    let result = size_of::<Result<V<'_>, EvalError<'_>>>();
    let node = size_of::<super::program::Node>();
    assert!((value, result, node) == (32, 32, 64), "{value} {result} {node}");
}

/// Where the reference is wrong about constants, we are not (rule Z1).
#[test]
fn folding_changes_no_meaning() {
    check("[1].all(k, true) && [1].filter(k, false) == [] && ![1].exists(k, false)", "true");
    check("dyn(1) ? 0 : 2", "error: no such overload");
    check("cel.bind(x, int, 0)", "0");
}

/// Observed on the real Cerbos 0.55 (rules E15 and E16).
#[test]
fn what_is_written_out_is_looked_at_whatever_it_is_for() {
    for text in [
        "true ? 1 : int('x')",
        "R.attr.owner == 'alice' || int('x') == 1",
        "[1].exists(x, x == int('x'))",
        "cel.bind(x, int('x'), R.attr.owner)",
    ] {
        let wanted = match text {
            "true ? 1 : int('x')" => "1",
            _ => "error: type conversion error from 'string' to 'int'",
        };
        check(text, wanted);
    }
    check(
        "R.attr.owner == 'alice' || {}[{}] == 1",
        "error: invalid qualifier type: *types.baseMap",
    );
    check("R.attr.owner == 'alice' || [1][5] == 1", "true");
    check("R.attr.missing in [] || 'a' in [R.attr.missing, 'b']", "error: no such key: missing");
    check("R.attr.missing in []", "false");
    check("'a' in [R.attr.missing, 'a']", "true");
    check("{'a': R.attr.size, ?'a': R.attr.?nope}", "{}");
    check("optional.none()[?R.attr.missing].hasValue()", "false");
    check("dyn(1).orValue(R.attr.missing)", "error: no such overload");
}

/// Of several failures, logic gives the first and filters the last.
#[test]
fn one_of_several_failures_is_given() {
    let body = "x == 'red' ? R.attr.missing : R.attr.nope";
    for (call, key) in [
        (format!("filter(x, {body})"), "nope"),
        (format!("exists_one(x, {body})"), "nope"),
        (format!("exists(x, {body})"), "missing"),
        (format!("all(i, x, {body})"), "missing"),
        (format!("map(x, {body})"), "missing"),
    ] {
        check(&format!("P.attr.teams.{call}"), &format!("error: no such key: {key}"));
    }
}

#[test]
fn what_comes_from_other_languages_says_how_to_mend_it() {
    for (text, help) in [
        ("a and b", "write `&&`"),
        ("a or b", "write `||`"),
        ("R.attr.x = 1", "write `==`"),
        ("a & b", "write `&&`"),
        ("", "in YAML, what begins with `!` needs quotes"),
    ] {
        let error = Expression::parse(text).unwrap_err();
        assert_eq!(error.help(), Some(help), "{text}: {error}");
    }
}

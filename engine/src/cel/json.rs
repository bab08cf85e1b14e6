//! Values as JSON has them: outputs, `json.encode`, and what `google.protobuf.Struct` and its like hold
//! (docs/semantics.md, rule O4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::activation::Activation;
use super::containers::{List, MapRef, is_same_key};
use super::duration::format_duration;
use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::native;
use super::vals::{Object, V};
use crate::value::Value;

/// Integers beyond this are not exact as a double.
const EXACT: u64 = (1 << 53) - 1;

/// Levels of lists and maps in one value. No expression is as deep, variables made of variables could be.
const MAX_DEPTH: u32 = 1000;

/// The value made of null, booleans, doubles, text, lists, and maps whose keys are text.
pub(super) fn form<'a>(eval: &Eval<'a, '_>, value: V<'a>) -> Evaluated<'a> {
    form_within(eval, value, MAX_DEPTH)
}

fn form_within<'a>(eval: &Eval<'a, '_>, value: V<'a>, levels: u32) -> Evaluated<'a> {
    eval.step(1)?;
    let below =
        || levels.checked_sub(1).ok_or(EvalError::Invalid("the value is nested too deeply"));
    Ok(match value {
        V::Null | V::Bool(_) | V::Double(_) | V::Str(_) => value,
        V::Int(i) if i.unsigned_abs() <= EXACT => V::Double(i as f64),
        V::UInt(u) if u <= EXACT => V::Double(u as f64),
        V::Int(i) => V::Str(eval.text(format_args!("{i}"))),
        V::UInt(u) => V::Str(eval.text(format_args!("{u}"))),
        V::Bytes(bytes) => {
            eval.step(bytes.len() / 16)?;
            V::Str(eval.arena().str(&STANDARD.encode(bytes)))
        }
        V::Timestamp(t) => V::Str(eval.text(format_args!("{t}"))),
        V::Duration(d) => V::Str(eval.arena().str(&format_duration(d))),
        V::List(items) => list(eval, items, below()?)?,
        V::Map(entries) => map(eval, entries, below()?)?,
        V::Object(object) => fields(eval, object, below()?)?,
        V::Optional(Some(inner)) => form_within(eval, *inner, below()?)?,
        _ => return Err(native::refusal(eval, &value, "*structpb.Value")),
    })
}

fn list<'a>(eval: &Eval<'a, '_>, items: List<'a>, levels: u32) -> Evaluated<'a> {
    let mut parts = Vec::with_capacity(items.len());
    for item in items.iter() {
        parts.push(form_within(eval, item, levels)?);
    }
    Ok(V::List(List::Built(eval.arena().slice(&parts))))
}

fn map<'a>(eval: &Eval<'a, '_>, map: MapRef<'a>, levels: u32) -> Evaluated<'a> {
    let mut entries: Vec<(V<'a>, V<'a>)> = Vec::with_capacity(map.len());
    for (key, value) in (0..map.len()).filter_map(|i| map.entry(i)) {
        let name = V::Str(native::text(eval, key)?);
        let value = form_within(eval, value, levels)?;
        // Text of other keys may be the text of one that is there: the last wins.
        if !matches!(key, V::Str(_)) {
            eval.step(entries.len() / 8)?;
            entries.retain(|(known, _)| !is_same_key(known, &name));
        }
        entries.push((name, value));
    }
    Ok(V::Map(MapRef::Built(eval.arena().slice(&entries))))
}

/// The fields of a message that are set.
fn fields<'a>(eval: &Eval<'a, '_>, object: Object<'a>, levels: u32) -> Evaluated<'a> {
    let names: &[&'static str] = match object {
        Object::Request => &["auxData", "principal", "resource"],
        Object::Principal(_) => &["attr", "id", "policyVersion", "roles", "scope"],
        Object::Resource(_) => &["attr", "id", "kind", "policyVersion", "scope"],
        Object::AuxData(_) => &["jwt", "jwts"],
        Object::Token(_) => &["claims"],
        Object::Runtime => &["effectiveDerivedRoles"],
        Object::Empty => &[],
    };
    let mut entries = Vec::with_capacity(names.len());
    for name in names {
        let value = eval.object_field(object, name)?;
        let is_set = match value {
            V::Str(s) => !s.is_empty(),
            V::List(items) => !items.is_empty(),
            V::Map(map) => !map.is_empty(),
            V::Object(Object::AuxData(aux)) => aux.is_some(),
            _ => true,
        };
        if is_set {
            entries.push((V::Str(name), form_within(eval, value, levels)?));
        }
    }
    Ok(V::Map(MapRef::Built(eval.arena().slice(&entries))))
}

/// JSON has no such number.
#[cold]
pub(super) fn not_finite<'a>(number: f64) -> EvalError<'a> {
    EvalError::Invalid(if number.is_nan() {
        "proto: google.protobuf.Value.number_value: invalid NaN value"
    } else if number > 0.0 {
        "proto: google.protobuf.Value.number_value: invalid +Inf value"
    } else {
        "proto: google.protobuf.Value.number_value: invalid -Inf value"
    })
}

impl<'a> V<'a> {
    /// The value as JSON has it, which outlives the evaluation (rule O4). Spends from the budget of `activation`.
    ///
    /// # Errors
    ///
    /// What JSON has no form for: types, addresses, hierarchies, numbers that are not finite, keys that are no text ...
    pub fn to_value(self, activation: &Activation<'a>) -> Result<Value, EvalError<'a>> {
        owned(form(&Eval::new(activation), self)?)
    }
}

fn owned(value: V<'_>) -> Result<Value, EvalError<'_>> {
    Ok(match value {
        V::Bool(b) => Value::Bool(b),
        V::Double(d) if !d.is_finite() => return Err(not_finite(d)),
        V::Double(d) => Value::Double(d),
        V::Str(s) => Value::from(s),
        V::List(items) => Value::List(items.iter().map(owned).collect::<Result<_, _>>()?),
        V::Map(map) => {
            let entries = (0..map.len()).filter_map(|i| map.entry(i));
            let named = entries.filter_map(|(key, value)| match key {
                V::Str(name) => Some(owned(value).map(|value| (Box::<str>::from(name), value))),
                _ => None,
            });
            Value::Map(named.collect::<Result<_, _>>()?)
        }
        // `form` leaves nothing else.
        _ => Value::Null,
    })
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::json_of;
    use crate::cel::{Activation, Arena, Env, EvalError, Expression, Timestamp};
    use crate::request::{Principal, Resource};
    use crate::value::Map;

    #[track_caller]
    fn check(expression: &str, wanted: &str) {
        assert_eq!(json_of(expression), wanted, "{expression}");
    }

    #[test]
    fn numbers_are_doubles_and_text_where_a_double_is_not_exact() {
        check("[1, 1u, 1.5, -0.0 == 0.0]", "[1,1,1.5,true]");
        check(
            "[9007199254740991, 9007199254740992, -9007199254740991, -9007199254740992]",
            "[9007199254740991,\"9007199254740992\",-9007199254740991,\"-9007199254740992\"]",
        );
        check("[9007199254740991u, 9007199254740992u]", "[9007199254740991,\"9007199254740992\"]");
        for (number, name) in [("nan", "NaN"), ("inf", "+Inf"), ("-inf", "-Inf")] {
            check(
                &format!("[double('{number}')]"),
                &format!("error: proto: google.protobuf.Value.number_value: invalid {name} value"),
            );
        }
    }

    #[test]
    fn other_kinds_are_text() {
        check(
            "[timestamp('2021-04-20T10:05:20.120-05:00'), duration('1.5s'), b'abc']",
            r#"["2021-04-20T10:05:20.12-05:00","1.5s","YWJj"]"#,
        );
        check("optional.of(1)", "1");
    }

    #[test]
    fn messages_have_the_fields_that_are_set() {
        let attr = r#"{"dept":"media","teams":["red","blue"]}"#;
        let principal = format!(r#"{{"attr":{attr},"id":"alice","roles":["user","editor"]}}"#);
        check("P", &principal);
        check(
            "[request]",
            &format!(r#"[{{"principal":{principal},"resource":{}}}]"#, json_of("R")),
        );
        check("[request.auxData, runtime, V, C, G]", "[{},{},{},{},{}]");
    }

    #[test]
    fn what_has_no_form_says_why() {
        for (expression, text) in [
            ("optional.none()", "optional.none() dereference"),
            ("{'a': optional.of(optional.none())}", "optional.none() dereference"),
            ("int", "type conversion not supported for 'type'"),
            ("ip('1.2.3.4')", "unsupported type conversion to '*structpb.Value'"),
            ("[cidr('1.2.3.0/24')]", "unsupported type conversion to '*structpb.Value'"),
            (
                "hierarchy('a.b')",
                "unsupported native conversion from hierarchy to '*structpb.Value'",
            ),
            (
                "spiffeID('spiffe://a/b')",
                "unsupported native conversion from SPIFFEID to '*structpb.Value'",
            ),
            (
                "[spiffeTrustDomain('a')]",
                "unsupported native conversion from SPIFFETrustDomain to '*structpb.Value'",
            ),
            (
                "spiffeMatchAny()",
                "unsupported native conversion from SPIFFEMatcher to '*structpb.Value'",
            ),
            ("[int, {1: 1}]", "type conversion not supported for 'type'"),
            ("[{1: 1}, int]", "unsupported type conversion from 'int' to string"),
            // What is no number of JSON is found after what is no JSON at all.
            ("[double('nan'), int]", "type conversion not supported for 'type'"),
        ] {
            check(expression, &format!("error: {text}"));
        }
    }

    #[test]
    fn keys_are_what_has_a_text_in_go() {
        check("{cidr('1.2.3.0/24'): 1}", r#"{"1.2.3.0/24":1}"#);
        check("{spiffeID('spiffe://a/b'): 1, spiffeTrustDomain('a'): 2}.size()", "2");
        check("{spiffeTrustDomain('a'): 2}", r#"{"a":2}"#);
        check("{optional.of('a'): 1}", r#"{"a":1}"#);
        check("{'1.2.3.4': 1, ip('1.2.3.4'): 2}", r#"{"1.2.3.4":2}"#);
        for (key, text) in [
            ("1", "unsupported type conversion from 'int' to string"),
            ("1u", "unsupported type conversion from 'uint' to string"),
            ("true", "type conversion error from bool to 'string'"),
            ("1.5", "type conversion error from Double to 'string'"),
            ("null", "type conversion error from 'null_type' to 'string'"),
            ("[1]", "type conversion error from list to 'string'"),
            ("{'a': 1}", "type conversion error from map to 'string'"),
            ("timestamp(0)", "type conversion error from 'Timestamp' to 'string'"),
            ("duration('1s')", "type conversion error from 'Duration' to 'string'"),
            ("int", "type conversion not supported for 'type'"),
            ("optional.none()", "optional.none() dereference"),
            ("P", "type conversion error from '*enginev1.Request_Principal' to 'string'"),
        ] {
            check(&format!("{{{key}: 1}}"), &format!("error: {text}"));
        }
    }

    /// Thirty bindings that hold the one before twice are small until they are written out.
    #[test]
    fn what_unfolds_without_end_is_stopped() {
        let mut expression = "a".to_owned();
        for _ in 0..30 {
            expression = format!("cel.bind(a, [a, a], {expression})");
        }
        for source in [expression.clone(), format!("json.encode({expression})")] {
            let source = format!("cel.bind(a, ['x'], {source})");
            let program = Expression::parse(&source).unwrap().compile(&Env::bare()).unwrap();
            let (principal, resource) = (Principal::default(), Resource::default());
            let (globals, arena, now) = (Map::default(), Arena::new(), Timestamp::EPOCH);
            let activation =
                Activation::bounded(&principal, &resource, &globals, &arena, now, 10_000);
            let result = program.eval(&activation).and_then(|v| v.to_value(&activation));
            assert_eq!(result, Err(EvalError::StepsExhausted), "{source}");
        }
    }
}

//! Literals of protocol buffer messages: `google.protobuf.Duration{seconds: 5}`.
//!
//! Each stands for a value that CEL has without them. What is not here cannot be built.

mod kind;

use smallvec::SmallVec;

use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::native;
use super::program::Node;
use super::refusal;
use super::time::Timestamp;
use super::types::{self, Type};
use super::vals::{Object, V};
use kind::Kind;

const NANOS: i64 = 1_000_000_000;

/// A message that can be written out.
#[derive(Debug)]
pub(super) struct Message {
    /// With its package.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
    meaning: Meaning,
}

/// A field that can be set.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// As JSON spells it. Policies load with that spelling, and fail.
    json: &'static str,
    kind: Kind,
}

/// What a message is in CEL.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    /// The field that is set, or else what the first one is when it is not.
    Field,
    Duration,
    Timestamp,
    Empty,
}

const fn message(name: &'static str, meaning: Meaning, fields: &'static [Field]) -> Message {
    Message { name, fields, meaning }
}

/// A field whose name has one word.
const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, json: name, kind }
}

const fn words(name: &'static str, json: &'static str, kind: Kind) -> Field {
    Field { name, json, kind }
}

const SPAN: &[Field] = &[field("seconds", Kind::Int64), field("nanos", Kind::Int32)];

static MESSAGES: [Message; 15] = [
    message("google.protobuf.BoolValue", Meaning::Field, &[field("value", Kind::Bool)]),
    message("google.protobuf.Int32Value", Meaning::Field, &[field("value", Kind::Int32)]),
    message("google.protobuf.Int64Value", Meaning::Field, &[field("value", Kind::Int64)]),
    message("google.protobuf.UInt32Value", Meaning::Field, &[field("value", Kind::UInt32)]),
    message("google.protobuf.UInt64Value", Meaning::Field, &[field("value", Kind::UInt64)]),
    message("google.protobuf.FloatValue", Meaning::Field, &[field("value", Kind::Float)]),
    message("google.protobuf.DoubleValue", Meaning::Field, &[field("value", Kind::Double)]),
    message("google.protobuf.StringValue", Meaning::Field, &[field("value", Kind::String)]),
    message("google.protobuf.BytesValue", Meaning::Field, &[field("value", Kind::Bytes)]),
    message(
        "google.protobuf.Value",
        Meaning::Field,
        &[
            words("null_value", "nullValue", Kind::NullValue),
            words("number_value", "numberValue", Kind::Double),
            words("string_value", "stringValue", Kind::String),
            words("bool_value", "boolValue", Kind::Bool),
            words("struct_value", "structValue", Kind::Struct),
            words("list_value", "listValue", Kind::ListValue),
        ],
    ),
    message("google.protobuf.ListValue", Meaning::Field, &[field("values", Kind::Values)]),
    message("google.protobuf.Struct", Meaning::Field, &[field("fields", Kind::Fields)]),
    message("google.protobuf.Duration", Meaning::Duration, SPAN),
    message("google.protobuf.Timestamp", Meaning::Timestamp, SPAN),
    message("google.protobuf.Empty", Meaning::Empty, &[]),
];

/// The message of that name.
pub(super) fn named(name: &str) -> Option<&'static Message> {
    MESSAGES.iter().find(|message| message.name == name)
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    MESSAGES.iter().map(|message| message.name)
}

impl Message {
    /// The field of that name in either spelling.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name || field.json == name)
    }

    /// The type of the literal.
    pub(super) fn ty(&self) -> Type {
        match (self.meaning, self.fields) {
            (Meaning::Field, [Field { kind: kind @ (Kind::Values | Kind::Fields), .. }]) => {
                kind.ty()
            }
            (Meaning::Field, [wrapped]) => Type::wrapper(wrapped.ty()),
            (Meaning::Field, _) => Type::Dyn,
            (Meaning::Duration, _) => Type::Duration,
            (Meaning::Timestamp, _) => Type::Timestamp,
            (Meaning::Empty, _) => Type::Message(types::Message::Empty),
        }
    }
}

impl Field {
    /// The type that it takes.
    pub(super) fn ty(&self) -> Type {
        self.kind.ty()
    }
}

/// Fields as they are written: whether with `?`, under which name, with what.
pub(super) type Written = Box<[(bool, Box<str>, Node)]>;

impl<'a> Eval<'a, '_> {
    #[inline(never)]
    pub(super) fn message(
        &mut self,
        message: &'static Message,
        written: &'a Written,
    ) -> Evaluated<'a> {
        let mut given: SmallVec<[(&'a str, V<'a>); 4]> = SmallVec::new();
        for (optional, name, node) in written {
            let value = match (optional, self.eval(node)?) {
                (false, value) => value,
                (true, V::Optional(Some(inner))) => *inner,
                (true, V::Optional(None)) => continue,
                (true, other) => return Err(refusal::optional_entry(self, &V::Str(name), &other)),
            };
            // The last of a name counts, the others are not even looked at.
            given.retain(|(known, _)| *known != &**name);
            given.push((name, value));
        }
        let mut set: SmallVec<[(&'static str, V<'a>); 4]> = SmallVec::new();
        for (name, value) in given {
            let Some(field) = message.fields.iter().find(|field| field.name == name) else {
                return Err(self.invalid(format_args!("no such field: {name}")));
            };
            set.push((field.name, self.field_value(message, field, value)?));
        }
        let int = |name: &str| match set.iter().find(|(known, _)| *known == name) {
            Some((_, V::Int(value))) => *value,
            _ => 0,
        };
        Ok(match message.meaning {
            Meaning::Field => match (set.last(), message.fields.first()) {
                (Some((_, value)), _) => *value,
                (None, Some(first)) => first.kind.unset(),
                (None, None) => V::Null,
            },
            Meaning::Duration => V::Duration(duration(int("seconds"), int("nanos"))),
            Meaning::Timestamp => timestamp(int("seconds"), int("nanos"))?,
            Meaning::Empty => V::Object(Object::Empty),
        })
    }

    fn field_value(&self, message: &Message, field: &Field, value: V<'a>) -> Evaluated<'a> {
        let (of, name) = (message.name, field.name);
        let is_repeated = matches!(field.kind, Kind::Values | Kind::Fields);
        let fits =
            matches!((field.kind, value), (Kind::Values, V::List(_)) | (Kind::Fields, V::Map(_)));
        if is_repeated && !fits {
            let found = refusal::whole_type(&value);
            return Err(
                self.invalid(format_args!("unsupported field type for {of}.{name}: {found}"))
            );
        }
        field.kind.convert(self, value).map_err(|error| {
            let place = format_args!("field type conversion error for {of}.{name} value type");
            native::within(self, place, error)
        })
    }
}

/// As Go: what does not fit is the longest duration there is.
fn duration(seconds: i64, nanos: i64) -> i64 {
    let most = if seconds < 0 { i64::MIN } else { i64::MAX };
    seconds.checked_mul(NANOS).and_then(|d| d.checked_add(nanos)).unwrap_or(most)
}

/// Cerbos goes beyond the years 1 to 9999 here, and only here.
fn timestamp<'a>(seconds: i64, nanos: i64) -> Evaluated<'a> {
    let whole = seconds.checked_add(nanos.div_euclid(NANOS));
    let rest = u32::try_from(nanos.rem_euclid(NANOS)).ok();
    let found = whole.zip(rest).and_then(|(whole, rest)| Timestamp::from_unix(whole, rest));
    found.map(V::Timestamp).ok_or(EvalError::Invalid("timestamp overflow"))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::{check_bare, json_of};
    use crate::cel::{Env, Error, ErrorKind, Expression};

    /// `google.protobuf.` is left out of the tests.
    fn whole(source: &str) -> String {
        source.replace("g.", "google.protobuf.")
    }

    #[track_caller]
    fn check(source: &str, wanted: &str) {
        check_bare(&whole(source), wanted);
    }

    fn refusal(source: &str) -> Error {
        let parsed = Expression::parse(&whole(source)).unwrap();
        parsed.check(&Env::policy()).unwrap_err()
    }

    #[test]
    fn wrappers_are_the_value_that_they_wrap() {
        check("g.Int64Value{value: 1} + g.Int32Value{value: 2} + 3", "6");
        check("g.BoolValue{} || g.BoolValue{value: true}", "true");
        check("g.StringValue{value: 'a'}.size() + g.BytesValue{}.size()", "1");
        check("[g.Int32Value{}, g.Int64Value{}]", "[0, 0]");
        check("[g.UInt32Value{value: 3u}, g.UInt64Value{}]", "[3u, 0u]");
        check("g.FloatValue{value: 1.1} == 1.1 || g.FloatValue{value: 0.5} != 0.5", "false");
        check("g.FloatValue{value: 1e300} == double('inf')", "true");
        check("g.Int64Value{value: g.Int32Value{value: 3}}", "3");
        check("'%d'.format([g.Int64Value{value: 3}])", "\"3\"");
        check(".google.protobuf.Int64Value{`value`: 4,}", "4");
        check("cel.bind(google, 1, google.protobuf.Int64Value{value: google})", "1");
    }

    #[test]
    fn a_wrapper_is_held_against_null_and_its_own_type() {
        check("g.Int64Value{} == null || [g.Int64Value{}] == [null]", "false");
        check("g.Int64Value{} == 0 && g.Int64Value{} < 1 && g.Int64Value{} in [0]", "true");
        check("(true ? g.Int64Value{} : 1) == null", "false");
        check("[null, g.Int64Value{}] + [null] + [1]", "[null, 0, null, 1]");
        for source in [
            "g.Int64Value{} == 'a'",
            "g.Int64Value{} == g.UInt64Value{}",
            "g.Int64Value{} < null",
            "g.Int64Value{} + null",
            "(true ? 1 : g.Int64Value{}) == null",
            "[1, g.Int64Value{}].exists(x, x == null)",
            "g.Int64Value{}.value",
        ] {
            assert_eq!(refusal(source).kind(), ErrorKind::Type, "{source}");
        }
    }

    #[test]
    fn the_last_field_that_is_set_counts() {
        check("g.Value{}", "null");
        check("g.Value{null_value: 5, ?string_value: optional.none()} == null", "true");
        check("g.Value{number_value: 1.0, string_value: 'a'} + 'b'", "\"ab\"");
        check("g.Value{string_value: 'a', number_value: 1.0} == 1", "true");
        check("g.Value{struct_value: {'a': [1, 2u]}}", "{\"a\": [1, 2]}");
        check("g.Value{list_value: R.attr.size == 5 ? [1] : []}", "[1]");
        check("g.Int64Value{value: 1, value: 2, ?value: optional.none()}", "2");
        check("g.Int64Value{value: dyn('a'), value: 2}", "2");
        check("g.Int64Value{?value: optional.of(3)} + g.Int64Value{?value: optional.none()}", "3");
        check(
            "g.Int64Value{?value: dyn(3)}",
            "error: cannot initialize optional entry 'value' from non-optional value 3",
        );
    }

    #[test]
    fn structures_hold_what_json_has() {
        check("type(g.ListValue{values: [1u]}[0]) == double", "true");
        check(
            "g.ListValue{values: [9007199254740993, timestamp(0)]}[0] == '9007199254740993'",
            "true",
        );
        check("g.ListValue{values: [1]} == [1.0] && g.ListValue{values: [[1]]}[0] == [1]", "true");
        check("g.Struct{fields: {'a': {'b': 1}}}.a.b", "1");
        check("g.Struct{fields: dyn({ip('1.2.3.4'): 1})}", "{\"1.2.3.4\": 1}");
        check(
            "has(g.Struct{fields: {'a': 1}}.b) || 'b' in g.Struct{} || g.ListValue{} != []",
            "false",
        );
        check("g.Struct{fields: {'a': 1}}.fields", "error: no such key: fields");
        check("g.ListValue{values: [double('nan')]} == [1]", "false");
        assert_eq!(
            json_of(&whole("g.ListValue{values: [b'a', duration('1s'), g.Value{}, R.attr]}")),
            r#"["YQ==","1s",null,{"nothing":null,"owner":"alice","size":5}]"#,
        );
        let unsupported = "error: unsupported field type for google.protobuf.";
        check(
            "g.ListValue{values: dyn({1: 2})}",
            &format!("{unsupported}ListValue.values: map(dyn, dyn)"),
        );
        check("g.ListValue{values: dyn('a')}", &format!("{unsupported}ListValue.values: string"));
        check("g.Struct{fields: dyn([1])}", &format!("{unsupported}Struct.fields: list(dyn)"));
        check(
            "g.Struct{fields: dyn(optional.of({}))}",
            &format!("{unsupported}Struct.fields: optional_type(dyn)"),
        );
    }

    #[test]
    fn times_are_made_of_seconds_and_nanoseconds() {
        for (message, text) in [
            ("g.Duration{}", "0s"),
            ("g.Duration{seconds: 5, nanos: -1}", "4.999999999s"),
            ("g.Duration{nanos: 1500000000}", "1.5s"),
            ("g.Duration{seconds: -9223372037}", "-9223372036.854775808s"),
            ("g.Duration{seconds: 9223372036, nanos: 854775808}", "9223372036.854775807s"),
            ("g.Duration{seconds: 9223372037, nanos: -2000000000}", "9223372036.854775807s"),
        ] {
            check(&format!("{message} == duration('{text}') && {message} != null"), "true");
        }
        for (message, text) in [
            ("g.Timestamp{}", "1970-01-01T00:00:00Z"),
            ("g.Timestamp{seconds: 5, nanos: -7}", "1970-01-01T00:00:04.999999993Z"),
            ("g.Timestamp{seconds: 5, nanos: 1000000000}", "1970-01-01T00:00:06Z"),
        ] {
            check(&format!("string({message})"), &format!("{text:?}"));
        }
        check("g.Timestamp{seconds: 253402300800}", "error: timestamp overflow");
        check(
            "g.Timestamp{seconds: 9223372036854775807, nanos: 2000000000}",
            "error: timestamp overflow",
        );
        check(
            "g.Duration{seconds: 1}.seconds",
            "compile: a `duration` has no fields, so no `seconds`",
        );
    }

    #[test]
    fn an_empty_message_is_itself() {
        check(
            "g.Empty{} == g.Empty{} && type(g.Empty{}) == g.Empty && [g.Empty{}] == [g.Empty{}]",
            "true",
        );
        check("g.Empty{} == null || optional.ofNonZeroValue(g.Empty{}).hasValue()", "false");
        check("dyn(g.Empty{}).a", "error: no such field 'a'");
        check("json.encode(g.Empty{})", "\"{}\"");
    }

    /// Cerbos loads what JSON calls the fields, and never gets a value.
    #[test]
    fn fields_have_the_names_of_their_definition() {
        check("g.Value{nullValue: 0}", "error: no such field: nullValue");
        check("g.Value{listValue: [R.attr.missing]}", "error: no such key: missing");
        let error = refusal("g.Duration{second: 1}");
        assert_eq!(error.kind(), ErrorKind::UndefinedField);
        assert_eq!(error.message(), "`google.protobuf.Duration` has no field `second`");
        assert_eq!(error.help(), Some("did you mean `seconds`?"));
        assert_eq!(refusal("g.Empty{a: 1}").help(), Some("it has no fields"));
        assert_eq!(refusal("g.Empty{}.a").kind(), ErrorKind::UndefinedField);
        assert_eq!(refusal("g.StringValue{x: ''}").help(), Some("it has one field, `value`"));
    }

    #[test]
    fn fields_have_types() {
        for source in [
            "g.Int64Value{value: 'a'}",
            "g.Int64Value{value: null}",
            "g.DoubleValue{value: 1}",
            "g.Int64Value{value: optional.of(3)}",
            "g.Int64Value{?value: 3}",
            "g.Value{null_value: null}",
            "g.Struct{fields: {1: 1}}",
            "g.Struct{fields: P}",
            "g.ListValue{values: null}",
            "g.Duration{seconds: 1u}",
        ] {
            assert_eq!(refusal(source).kind(), ErrorKind::Type, "{source}");
        }
    }

    #[test]
    fn what_cannot_be_built_is_refused_when_it_is_loaded() {
        for (source, message) in [
            ("int{}", "`int` is a type, and no message"),
            ("foo.Bar{}", "there is no message type `foo.Bar`"),
            ("P{id: 'a'}", "there is no message type `P`"),
            ("g.Any{}", "messages of type `google.protobuf.Any` cannot be built here"),
            (
                "cerbos.engine.v1.Request{}",
                "messages of type `cerbos.engine.v1.Request` cannot be built here",
            ),
        ] {
            assert_eq!(refusal(source).message(), message);
        }
        let help = refusal("g.Int64{}").help().map(str::to_owned);
        assert_eq!(help.as_deref(), Some("did you mean `google.protobuf.Int64Value`?"));
    }
}

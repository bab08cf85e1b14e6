//! What fields of messages hold, and how values come to be that.

use super::super::containers::{List, MapRef};
use super::super::error::EvalError;
use super::super::eval::{Eval, Evaluated};
use super::super::json;
use super::super::native;
use super::super::types::Type;
use super::super::vals::V;

const OVERFLOW: EvalError<'static> = EvalError::Invalid("integer overflow");
const UNSIGNED_OVERFLOW: EvalError<'static> = EvalError::Invalid("unsigned integer overflow");

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int32,
    Int64,
    UInt32,
    UInt64,
    Float,
    Double,
    String,
    Bytes,
    NullValue,
    ListValue,
    Struct,
    /// `repeated google.protobuf.Value`
    Values,
    /// `map<string, google.protobuf.Value>`
    Fields,
}

impl Kind {
    pub(super) fn ty(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int32 | Self::Int64 | Self::NullValue => Type::Int,
            Self::UInt32 | Self::UInt64 => Type::UInt,
            Self::Float | Self::Double => Type::Double,
            Self::String => Type::String,
            Self::Bytes => Type::Bytes,
            Self::ListValue | Self::Values => Type::list(Type::Dyn),
            Self::Struct | Self::Fields => Type::map(Type::String, Type::Dyn),
        }
    }

    /// The type in Go.
    fn native(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Float => "float32",
            Self::Double => "float64",
            Self::String => "string",
            Self::Bytes => "[]uint8",
            Self::NullValue => "protoreflect.EnumNumber",
            Self::ListValue => "*structpb.ListValue",
            Self::Struct => "*structpb.Struct",
            Self::Values | Self::Fields => "*structpb.Value",
        }
    }

    /// What a field is that is not set.
    pub(super) fn unset<'a>(self) -> V<'a> {
        match self {
            Self::Bool => V::Bool(false),
            Self::Int32 | Self::Int64 => V::Int(0),
            Self::UInt32 | Self::UInt64 => V::UInt(0),
            Self::Float | Self::Double => V::Double(0.0),
            Self::String => V::Str(""),
            Self::Bytes => V::Bytes(b""),
            Self::NullValue => V::Null,
            Self::ListValue | Self::Values => V::List(List::Built(&[])),
            Self::Struct | Self::Fields => V::Map(MapRef::Built(&[])),
        }
    }
    /// The value as the field's type in Go holds it.
    pub(super) fn convert<'a>(self, eval: &Eval<'a, '_>, value: V<'a>) -> Evaluated<'a> {
        Ok(match (self, native::inside(value)) {
            (Self::Int32, V::Int(i)) => V::Int(i32::try_from(i).map_err(|_| OVERFLOW)?.into()),
            (Self::NullValue, V::Int(i)) => {
                i32::try_from(i).map(|_| V::Null).map_err(|_| OVERFLOW)?
            }
            (Self::UInt32, V::UInt(u)) => {
                V::UInt(u32::try_from(u).map_err(|_| UNSIGNED_OVERFLOW)?.into())
            }
            (Self::Float, V::Double(d)) => V::Double((d as f32).into()),
            (Self::Bool, value @ V::Bool(_))
            | (Self::Int64, value @ V::Int(_))
            | (Self::UInt64, value @ V::UInt(_))
            | (Self::Double, value @ V::Double(_))
            | (Self::Bytes, value @ V::Bytes(_)) => value,
            (Self::String, value) => V::Str(native::text(eval, value)?),
            (Self::Bytes, V::List(items)) => bytes(eval, items)?,
            (Self::Struct | Self::Fields, value @ V::Map(_))
            | (Self::ListValue | Self::Values, value @ V::List(_)) => json::form(eval, value)?,
            (Self::ListValue, V::Map(map)) => match map.entry(0) {
                None => self.unset(),
                Some((key, _)) => return Err(no_field_of_lists(eval, key)),
            },
            (Self::ListValue | Self::Struct, V::Object(object)) => {
                let wanted = self.native().trim_start_matches("*structpb.");
                let found = V::Object(object).type_name();
                return Err(eval.invalid(format_args!(
                    "type conversion error: pb.Merge() arguments must be the same type. got: google.protobuf.{wanted}, {found}"
                )));
            }
            (_, value) => return Err(native::refusal(eval, &value, self.native())),
        })
    }
}

/// Bytes from a list of unsigned integers.
fn bytes<'a>(eval: &Eval<'a, '_>, items: List<'a>) -> Evaluated<'a> {
    eval.step(items.len())?;
    let mut bytes = Vec::with_capacity(items.len());
    for item in items.iter() {
        match native::inside(item) {
            V::UInt(u) => bytes.push(u8::try_from(u).map_err(|_| UNSIGNED_OVERFLOW)?),
            other => return Err(native::refusal(eval, &other, "uint8")),
        }
    }
    Ok(V::Bytes(eval.arena().slice(&bytes)))
}

/// A map where a `ListValue` is asked for: Go looks for the fields of its own type.
#[cold]
fn no_field_of_lists<'a>(eval: &Eval<'a, '_>, key: V<'a>) -> EvalError<'a> {
    let key = key.plain().to_string();
    let mut letters = key.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = letters.as_str();
    eval.invalid(format_args!(
        "type conversion error, no such field '{first}{rest}' in type 'structpb.ListValue'"
    ))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[track_caller]
    fn check(message: &str, field: &str, value: &str, reason: &str) {
        let source = format!("google.protobuf.{message}{{{field}: dyn({value})}}");
        let place = format!("google.protobuf.{message}.{field}");
        let error = format!("error: field type conversion error for {place} value type: {reason}");
        check_bare(&source, &error);
    }

    #[test]
    fn numbers_have_the_range_of_their_field() {
        check("Int32Value", "value", "2147483648", "integer overflow");
        check("Duration", "nanos", "-2147483649", "integer overflow");
        check("Value", "null_value", "2147483648", "integer overflow");
        check("UInt32Value", "value", "4294967296u", "unsigned integer overflow");
        check("BytesValue", "value", "[256u]", "unsigned integer overflow");
        check_bare("google.protobuf.BytesValue{value: dyn([0u, 255u])}", "b\"\\x00\\xff\"");
    }

    #[test]
    fn values_of_other_types_are_refused_by_their_name_in_go() {
        for (message, go) in [
            ("BoolValue", "bool"),
            ("Int32Value", "int32"),
            ("Int64Value", "int64"),
            ("UInt32Value", "uint32"),
            ("UInt64Value", "uint64"),
            ("FloatValue", "float32"),
            ("DoubleValue", "float64"),
            ("StringValue", "string"),
            ("BytesValue", "[]uint8"),
        ] {
            check(
                message,
                "value",
                "null",
                &format!("type conversion error from 'null_type' to '{go}'"),
            );
        }
        let refused = |value: &str, reason: &str| check("Int64Value", "value", value, reason);
        refused("1u", "unsupported type conversion from 'uint' to int64");
        refused("1.0", "type conversion error from Double to 'int64'");
        refused("'a'", "unsupported native conversion from string to 'int64'");
        refused("b'a'", "type conversion error from Bytes to 'int64'");
        refused("[1]", "type conversion error from list to 'int64'");
        refused("{1: 2}", "type conversion error from map to 'int64'");
        refused("timestamp(0)", "type conversion error from 'Timestamp' to 'int64'");
        refused("int", "type conversion not supported for 'type'");
        refused("optional.none()", "optional.none() dereference");
        refused("optional.of(1u)", "unsupported type conversion from 'uint' to int64");
        refused("P", "type conversion error from '*enginev1.Request_Principal' to 'int64'");
        refused("request.auxData", "type conversion error from '*dynamicpb.Message' to 'int64'");
        refused("ip('1.2.3.4')", "unsupported type conversion to 'int64'");
        refused("hierarchy('a')", "unsupported native conversion from hierarchy to 'int64'");
        check(
            "Value",
            "null_value",
            "true",
            "type conversion error from bool to 'protoreflect.EnumNumber'",
        );
        check("BytesValue", "value", "[1]", "unsupported type conversion from 'int' to uint8");
    }

    #[test]
    fn values_with_a_text_and_optional_ones_are_taken() {
        check_bare("google.protobuf.StringValue{value: dyn(hierarchy('a.b'))}", "\"a.b\"");
        check_bare("google.protobuf.StringValue{value: dyn(spiffeTrustDomain('a'))}", "\"a\"");
        check_bare("google.protobuf.Int64Value{value: dyn(optional.of(3))}", "3");
    }

    #[test]
    fn parts_of_structures_are_refused_as_outputs_are() {
        check("ListValue", "values", "[int]", "type conversion not supported for 'type'");
        check(
            "Struct",
            "fields",
            "{'a': {1: 1}}",
            "unsupported type conversion from 'int' to string",
        );
        check(
            "Value",
            "struct_value",
            "[1]",
            "type conversion error from list to '*structpb.Struct'",
        );
        check(
            "Value",
            "list_value",
            "1",
            "unsupported type conversion from 'int' to *structpb.ListValue",
        );
        check(
            "Value",
            "list_value",
            "{'état': 1}",
            "type conversion error, no such field 'État' in type 'structpb.ListValue'",
        );
        check(
            "Value",
            "struct_value",
            "R",
            "type conversion error: pb.Merge() arguments must be the same type. got: google.protobuf.Struct, cerbos.engine.v1.Request.Resource",
        );
        check_bare("google.protobuf.Value{list_value: dyn({})}", "[]");
    }
}

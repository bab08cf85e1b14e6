//! JSON of strangers: no name twice in an object, no number that is not finite, bounded depth.
//!
//! A parser that keeps the last of two equal names and one that keeps the first see two different
//! tokens (RFC 8725 section 2.4), so such a document is refused as a whole. The depth is bounded by
//! serde_json's recursion limit of 128.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Invalid;
use crate::principal::{Map, Value};

/// Reads one JSON object and nothing else. Every number becomes a double.
pub(super) fn object(bytes: &[u8]) -> Result<Map, Invalid> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut deserializer).map_err(|_| Invalid::Malformed)?;
    deserializer.end().map_err(|_| Invalid::Malformed)?;
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(Invalid::Malformed),
    }
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Double(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Double(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Double(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Strict)? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Box<str>, Value)> = Vec::new();
        while let Some(name) = access.next_key()? {
            entries.push((name, access.next_value_seed(Strict)?));
        }
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        if entries.array_windows().any(|[(a, _), (b, _)]| a == b) {
            return Err(A::Error::custom("a name occurs twice"));
        }
        Ok(Value::Map(entries.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_occurs_twice_is_refused_at_any_depth() {
        assert!(object(br#"{"a":1,"b":{"a":1}}"#).is_ok());
        assert_eq!(object(br#"{"a":1,"a":1}"#), Err(Invalid::Malformed));
        assert_eq!(object(br#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#), Err(Invalid::Malformed));
    }

    #[test]
    fn only_one_object_is_accepted() {
        for text in ["", "null", "[]", "{} {}", "{}x", "{\"a\":1e999}", "{'a':1}", "{\"a\":1,}"] {
            assert_eq!(object(text.as_bytes()), Err(Invalid::Malformed), "{text}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(Invalid::Malformed));
        assert!(object(b" {} ").is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(object(deep.as_bytes()), Err(Invalid::Malformed));
    }
}

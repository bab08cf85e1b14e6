//! Values of attributes and of expressions that outlive their evaluation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Arc, LazyLock};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// null
    Null,
    /// bool
    Bool(bool),
    /// int
    Int(i64),
    /// uint
    UInt(u64),
    /// double
    Double(f64),
    /// string
    String(Arc<str>),
    /// bytes
    Bytes(Arc<[u8]>),
    /// list
    List(Arc<[Value]>),
    /// map with string keys
    Map(Map),
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(s) = self { Some(s) } else { None }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The entries of a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// Any number as a double.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(i) => Some(*i as f64),
            Self::UInt(u) => Some(*u as f64),
            Self::Double(d) => Some(*d),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

/// Attributes are protobuf values in Cerbos: their numbers are doubles.
impl From<f64> for Value {
    fn from(d: f64) -> Self {
        Self::Double(d)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

/// A map from names to values: immutable, cheap to clone, in a stable order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(Option<Arc<Entries>>);

/// Sorted by length, then text.
#[derive(Debug)]
struct Entries {
    entries: Box<[(Box<str>, Value)]>,
    /// Where a name's entry is, by the low bits of its hash; a taken slot sends to the next one. At most half of the
    /// slots are taken. Empty for maps that are larger than a slot can count.
    slots: Box<[u16]>,
}

const FREE: u16 = u16::MAX;

/// A name to look up again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    hash: u64,
    text: Box<str>,
}

impl Key {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        Self { hash: hash(&text), text }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// Seeded anew in each process, so that nobody can send names that collide.
fn hash(text: &str) -> u64 {
    static SEED: LazyLock<foldhash::fast::RandomState> = LazyLock::new(Default::default);
    SEED.hash_one(text)
}

impl Entries {
    fn new(entries: Box<[(Box<str>, Value)]>) -> Self {
        if entries.len() >= usize::from(FREE) {
            return Self { entries, slots: Box::default() };
        }
        let mut slots = vec![FREE; (entries.len() * 2).next_power_of_two()].into_boxed_slice();
        for ((name, _), number) in entries.iter().zip(0_u16..) {
            let mut at = start(hash(name), &slots);
            while let Some(slot) = slots.get_mut(at) {
                if *slot == FREE {
                    *slot = number;
                    break;
                }
                at = next(at, &slots);
            }
        }
        Self { entries, slots }
    }

    #[inline]
    fn find(&self, hash: u64, text: &str) -> Option<&Value> {
        let mut at = start(hash, &self.slots);
        while let Some(slot) = self.slots.get(at) {
            let (name, value) = self.entries.get(usize::from(*slot))?;
            if **name == *text {
                return Some(value);
            }
            at = next(at, &self.slots);
        }
        // No slots: too large a map for them.
        let at = self.entries.binary_search_by(|(name, _)| order(name, text)).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }
}

/// The slot to look at first.
#[inline]
fn start(hash: u64, slots: &[u16]) -> usize {
    hash as usize & slots.len().wrapping_sub(1)
}

#[inline]
fn next(at: usize, slots: &[u16]) -> usize {
    (at + 1) & slots.len().wrapping_sub(1)
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Map {
    fn entries(&self) -> &[(Box<str>, Value)] {
        self.0.as_deref().map_or(&[], |map| &map.entries)
    }

    /// The value under `key`.
    ///
    /// ```
    /// use authz_engine::{Map, Value};
    ///
    /// let attr: Map = [("owner", Value::from("alice"))].into_iter().collect();
    /// assert_eq!(attr.get("owner"), Some(&Value::from("alice")));
    /// assert_eq!(attr.get("team"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_deref()?.find(hash(key), key)
    }

    /// As [`get`](Self::get).
    #[inline]
    pub(crate) fn get_key(&self, key: &Key) -> Option<&Value> {
        self.0.as_deref()?.find(key.hash, &key.text)
    }

    /// All entries, in a stable order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries().iter().map(|(k, v)| (&**k, v))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<(&str, &Value)> {
        self.entries().get(index).map(|(k, v)| (&**k, v))
    }
}

/// Of a repeated name, the last value counts.
impl<K: Into<Box<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(iter: I) -> Self {
        let mut entries: Vec<(Box<str>, Value)> =
            iter.into_iter().map(|(k, v)| (k.into(), v)).collect();
        if entries.is_empty() {
            return Self(None);
        }
        entries.sort_by(|(a, _), (b, _)| order(a, b));
        entries.reverse();
        entries.dedup_by(|(a, _), (b, _)| a == b);
        entries.reverse();
        Self(Some(Arc::new(Entries::new(entries.into()))))
    }
}

fn order(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Map(map) => Ok(map),
            Value::Null => Ok(Self::default()),
            _ => Err(de::Error::custom("a map is needed here")),
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, i: i64) -> Result<Value, E> {
        Ok(Value::Double(i as f64))
    }

    fn visit_u64<E>(self, u: u64) -> Result<Value, E> {
        Ok(Value::Double(u as f64))
    }

    fn visit_f64<E>(self, d: f64) -> Result<Value, E> {
        Ok(Value::Double(d))
    }

    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(Value::from(s))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(Box<str>, Value)> = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Map(entries.into_iter().collect()))
    }
}

/// Whole doubles are written without a fraction, as protojson does.
/// As in JSON, for people to read; numbers of every type are written alike.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(i) => write!(f, "{i}"),
            Self::UInt(u) => write!(f, "{u}"),
            Self::Double(d) => write!(f, "{d}"),
            Self::String(s) => write!(f, "{s:?}"),
            Self::List(items) => f.debug_list().entries(items.iter().map(Shown)).finish(),
            Self::Map(map) => {
                f.debug_map().entries(map.iter().map(|(k, v)| (k, Shown(v)))).finish()
            }
            other => write!(f, "{other:?}"),
        }
    }
}

/// `Display` where `Debug` is asked for.
struct Shown<'v>(&'v Value);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(i) => serializer.serialize_i64(*i),
            Self::UInt(u) => serializer.serialize_u64(*u),
            Self::Double(d) if d.fract() == 0.0 && d.abs() < EXACT => {
                serializer.serialize_i64(*d as i64)
            }
            Self::Double(d) => serializer.serialize_f64(*d),
            Self::String(s) => serializer.serialize_str(s),
            Self::Bytes(bytes) => serializer.collect_seq(bytes.iter()),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_by_key(|(name, _)| *name);
        serializer.collect_map(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repeated_name_the_last_value_counts() {
        let map: Map = [("a", Value::from(1.0)), ("b", Value::Null), ("a", Value::from(2.0))]
            .into_iter()
            .collect();
        assert_eq!(map.get("a"), Some(&Value::Double(2.0)));
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn maps_of_every_size_find_every_name() {
        for size in [1, 2, 3, 4, 5, 12, 100] {
            let names: Vec<String> = (0..size).map(|i| format!("name {i}")).collect();
            let map: Map = names.iter().map(|n| (n.as_str(), Value::from(n.as_str()))).collect();
            assert!(names.iter().all(|n| map.get(n).and_then(Value::as_str) == Some(n.as_str())));
            assert_eq!(map.get("absent"), None);
        }
        let names: Vec<String> =
            (0..70_000).map(|i| format!("{}k{i}", "x".repeat(i % 7))).collect();
        let map: Map = names.iter().map(|n| (n.as_str(), Value::from(n.as_str()))).collect();
        for name in &names {
            assert_eq!(map.get(name).and_then(Value::as_str), Some(name.as_str()));
            assert_eq!(map.get_key(&Key::new(name.as_str())), map.get(name));
        }
        assert_eq!(map.get("absent"), None);
    }

    #[test]
    fn numbers_come_in_as_doubles_and_go_out_whole() {
        let value: Value = serde_json::from_str(r#"{"b": [1, 2.5, null], "a": "x"}"#).unwrap();
        assert_eq!(
            value.as_map().and_then(|m| m.get("b")).and_then(Value::as_list).unwrap()[0],
            Value::Double(1.0)
        );
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"a":"x","b":[1,2.5,null]}"#);
    }
}

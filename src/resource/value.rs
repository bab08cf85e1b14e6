//! From Rust's values to those of attributes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::policies::{Map, Value};

/// A type whose values can be attributes.
///
/// | type | in policies |
/// |---|---|
/// | `bool` | `bool` |
/// | integers and floats | `double`, as all numbers of JSON |
/// | `str`, `String` | `string` |
/// | slices, arrays, `Vec`, sets | `list`; sets are sorted |
/// | `BTreeMap`, `HashMap`, [`Map`] | `map` |
/// | `&T`, `Box<T>`, `Arc<T>`, `Cow<T>` | as `T` |
/// | [`Value`] | what it is; of numbers only `Double` |
///
/// Integers beyond ±2^53 lose their last digits, as they do in Cerbos. Give identifiers as text: `#[attr(display)]`.
///
/// A float that is not finite is no attribute: the resource as a whole [cannot be decided on](super::describe).
///
/// `Option` is not among these types, because the field has to say what `None` means: see [`OptionalValue`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an attribute of a resource",
    label = "policies know booleans, numbers, text, lists and maps",
    note = "write `#[attr(display)]` to give it as text, `#[attr(with = path::to::function)]` to convert it, \
            `#[attr(none = omit)]` or `#[attr(none = null)]` if it is an `Option`, \
            or implement `AttributeValue` for it"
)]
pub trait AttributeValue {
    /// The value that policies see.
    fn to_value(&self) -> Value;
}

/// A value that may be absent: what `#[attr(none = ..)]` stands on.
#[diagnostic::on_unimplemented(
    message = "`none` is for an `Option`, and `{Self}` is none",
    label = "not an `Option` of an attribute's value",
    note = "remove `none = ..`: this attribute always has a value"
)]
pub trait OptionalValue {
    /// The value that policies see, if there is one.
    fn to_optional_value(&self) -> Option<Value>;
}

impl<T: AttributeValue> OptionalValue for Option<T> {
    fn to_optional_value(&self) -> Option<Value> {
        self.as_ref().map(T::to_value)
    }
}

impl AttributeValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl AttributeValue for Map {
    fn to_value(&self) -> Value {
        Value::Map(self.clone())
    }
}

impl AttributeValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl AttributeValue for $number {
            fn to_value(&self) -> Value {
                Value::Double(*self as f64)
            }
        }
    )*};
}

numbers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);

impl AttributeValue for str {
    fn to_value(&self) -> Value {
        Value::from(self)
    }
}

impl AttributeValue for String {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl<T: AttributeValue + ?Sized> AttributeValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: AttributeValue + ?Sized> AttributeValue for Box<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: AttributeValue + ?Sized> AttributeValue for Arc<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: AttributeValue + ToOwned + ?Sized> AttributeValue for Cow<'_, T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: AttributeValue> AttributeValue for [T] {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(T::to_value).collect())
    }
}

impl<T: AttributeValue, const N: usize> AttributeValue for [T; N] {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

impl<T: AttributeValue> AttributeValue for Vec<T> {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

impl<T: AttributeValue> AttributeValue for BTreeSet<T> {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(T::to_value).collect())
    }
}

/// Sorted, so that equal sets are equal lists.
impl<T: AttributeValue + Ord, S> AttributeValue for HashSet<T, S> {
    fn to_value(&self) -> Value {
        let sorted: BTreeSet<&T> = self.iter().collect();
        sorted.to_value()
    }
}

impl<K: AsRef<str>, V: AttributeValue> AttributeValue for BTreeMap<K, V> {
    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(name, value)| (name.as_ref(), value.to_value())).collect())
    }
}

impl<K: AsRef<str>, V: AttributeValue, S> AttributeValue for HashMap<K, V, S> {
    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(name, value)| (name.as_ref(), value.to_value())).collect())
    }
}

//! Lists and maps as evaluation sees them: built on the way, part of the program, or where the request holds them.

use super::literal::Literal;
use super::numbers;
use super::vals::{Object, V};
use crate::value::{Map, Value};

/// A list, wherever its items are.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum List<'a> {
    /// Built by an expression.
    Built(&'a [V<'a>]),
    /// A constant of the program.
    Literals(&'a [Literal]),
    /// Part of an attribute.
    Values(&'a [Value]),
    /// Names, such as the principal's roles.
    Owned(&'a [Box<str>]),
    /// Names, such as derived roles.
    Names(&'a [&'a str]),
}

impl<'a> List<'a> {
    /// How many items.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Built(items) => items.len(),
            Self::Literals(items) => items.len(),
            Self::Values(items) => items.len(),
            Self::Owned(items) => items.len(),
            Self::Names(items) => items.len(),
        }
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<V<'a>> {
        match self {
            Self::Built(items) => items.get(index).copied(),
            Self::Literals(items) => items.get(index).map(V::from),
            Self::Values(items) => items.get(index).map(V::from),
            Self::Owned(items) => items.get(index).map(|s| V::Str(s)),
            Self::Names(items) => items.get(index).map(|s| V::Str(s)),
        }
    }

    /// Whether an item is equal to `wanted`, which stands left of the equality.
    #[must_use]
    pub fn contains(self, wanted: &V<'a>) -> bool {
        match (self, wanted) {
            (Self::Owned(items), V::Str(text)) => items.iter().any(|item| **item == **text),
            (Self::Values(items), V::Str(text)) => {
                items.iter().any(|item| matches!(item, Value::String(s) if **s == **text))
            }
            _ => self.iter().any(|item| wanted.equals(&item)),
        }
    }

    /// All items.
    pub fn iter(self) -> impl Iterator<Item = V<'a>> {
        (0..self.len()).filter_map(move |i| self.get(i))
    }
}

/// A map, wherever its entries are.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum MapRef<'a> {
    /// Built by an expression, each key once.
    Built(&'a [(V<'a>, V<'a>)]),
    /// A constant of the program.
    Literals(&'a [(Literal, Literal)]),
    /// An attribute or all attributes.
    Attributes(&'a Map),
    /// `request.auxData.jwts`
    Tokens(&'a [(Box<str>, Map)]),
}

impl<'a> MapRef<'a> {
    /// Steps that looking for a key takes.
    pub(super) fn search_cost(self) -> usize {
        match self {
            Self::Built(entries) => entries.len() / 16,
            Self::Literals(entries) => entries.len() / 16,
            Self::Attributes(_) | Self::Tokens(_) => 0,
        }
    }

    /// How many entries.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Built(entries) => entries.len(),
            Self::Literals(entries) => entries.len(),
            Self::Attributes(map) => map.len(),
            Self::Tokens(tokens) => tokens.len(),
        }
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value under a key. An integer is found by an equal number of another type.
    #[must_use]
    pub fn get(self, key: V<'_>) -> Option<V<'a>> {
        match self {
            Self::Attributes(map) => match key {
                V::Str(name) => map.get(name).map(V::from),
                _ => None,
            },
            Self::Tokens(_) => match key {
                V::Str(name) => self.get_str(name),
                _ => None,
            },
            Self::Built(entries) => find(key, || entries.iter().copied()),
            Self::Literals(entries) => {
                find(key, || entries.iter().map(|(k, v)| (V::from(k), V::from(v))))
            }
        }
    }

    pub(super) fn get_str(self, name: &str) -> Option<V<'a>> {
        match self {
            Self::Attributes(map) => map.get(name).map(V::from),
            Self::Tokens(tokens) => tokens
                .iter()
                .find(|(known, _)| **known == *name)
                .map(|(_, claims)| V::Object(Object::Token(claims))),
            Self::Built(entries) => {
                entries.iter().find(|(k, _)| matches!(k, V::Str(s) if *s == name)).map(|(_, v)| *v)
            }
            Self::Literals(entries) => entries
                .iter()
                .find(|(k, _)| matches!(k, Literal::Str(s) if **s == *name))
                .map(|(_, v)| V::from(v)),
        }
    }

    /// The entry at `index`, in a stable order.
    #[must_use]
    pub fn entry(self, index: usize) -> Option<(V<'a>, V<'a>)> {
        match self {
            Self::Built(entries) => entries.get(index).copied(),
            Self::Literals(entries) => entries.get(index).map(|(k, v)| (V::from(k), V::from(v))),
            Self::Attributes(map) => map.entry(index).map(|(k, v)| (V::Str(k), V::from(v))),
            Self::Tokens(tokens) => tokens
                .get(index)
                .map(|(name, claims)| (V::Str(name), V::Object(Object::Token(claims)))),
        }
    }
}

/// The value under a key: of the key's own type, or else of an equal integer of another type. An integer does not
/// find a double.
fn find<'a, I: Iterator<Item = (V<'a>, V<'a>)>>(
    key: V<'_>,
    entries: impl Fn() -> I,
) -> Option<V<'a>> {
    let exact = |key: V<'_>| entries().find(|(k, _)| is_same_key(k, &key)).map(|(_, v)| v);
    let int = |i: Option<i64>| i.and_then(|i| exact(V::Int(i)));
    let uint = |u: Option<u64>| u.and_then(|u| exact(V::UInt(u)));
    exact(key).or_else(|| match key {
        V::Int(i) => uint(u64::try_from(i).ok()),
        V::UInt(u) => int(i64::try_from(u).ok()),
        V::Double(d) => int(numbers::double_as_int(d)).or_else(|| uint(numbers::double_as_uint(d))),
        _ => None,
    })
}

/// Whether two keys are one. Lists, maps and other values made of parts are never the same key as another.
pub(super) fn is_same_key(a: &V<'_>, b: &V<'_>) -> bool {
    match (a, b) {
        (V::Int(a), V::Int(b)) => a == b,
        (V::UInt(a), V::UInt(b)) => a == b,
        (V::Double(a), V::Double(b)) => a == b,
        (
            V::Null
            | V::Bool(_)
            | V::Str(_)
            | V::Timestamp(_)
            | V::Duration(_)
            | V::Type(_)
            | V::Ip(_)
            | V::Cidr(..),
            _,
        ) => std::mem::discriminant(a) == std::mem::discriminant(b) && a.equals(b),
        (V::Spiffe(x), V::Spiffe(y)) => std::ptr::eq(*x, *y) || a.equals(b),
        (V::Optional(None), V::Optional(None)) => true,
        _ => false,
    }
}

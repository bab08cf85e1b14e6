//! The values that evaluation works on: small, `Copy`, borrowed from request, policy or arena.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use super::duration::format_duration;
use super::literal::Literal;
use super::numbers;
use super::spiffe::Spiffe;
use super::time::Timestamp;
use crate::request::{AuxData, Principal, Resource};
use crate::value::{Map, Value};

/// Memory for what expressions build on the way. Takes none until something is built.
#[derive(Debug, Default)]
pub struct Arena(bumpalo::Bump);

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Self {
        Self(bumpalo::Bump::new())
    }

    /// Text built for one decision, such as the names of derived roles.
    pub(crate) fn slice<T: Copy>(&self, items: &[T]) -> &[T] {
        self.0.alloc_slice_copy(items)
    }

    pub(super) fn str(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }

    pub(super) fn one<T: Copy>(&self, item: T) -> &T {
        self.0.alloc(item)
    }
}

/// A value during evaluation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum V<'a> {
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
    Str(&'a str),
    /// bytes
    Bytes(&'a [u8]),
    /// list
    List(List<'a>),
    /// map
    Map(MapRef<'a>),
    /// `google.protobuf.Timestamp`
    Timestamp(Timestamp),
    /// `google.protobuf.Duration`, in nanoseconds
    Duration(i64),
    /// A type, as `type()` gives it.
    Type(&'a str),
    /// `optional.of(x)`, `optional.none()`
    Optional(Option<&'a V<'a>>),
    /// A message of the request.
    Object(Object<'a>),
    /// An address, as `ip()` gives it.
    Ip(IpAddr),
    /// A range of addresses, as `cidr()` gives it: the address as written and how many bits count.
    Cidr(IpAddr, u8),
    /// Names from the root down, as `hierarchy()` gives them.
    Hierarchy(List<'a>),
    /// A SPIFFE identity, trust domain or matcher.
    Spiffe(&'a Spiffe<'a>),
}

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

/// A message whose fields are read by name.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Object<'a> {
    /// `request`
    Request,
    /// `request.principal`, `P`
    Principal(&'a Principal),
    /// `request.resource`, `R`
    Resource(&'a Resource),
    /// `request.auxData`
    AuxData(Option<&'a AuxData>),
    /// `request.auxData.jwts[name]`
    Token(&'a Map),
    /// `runtime`
    Runtime,
    /// `google.protobuf.Empty{}`
    Empty,
}

impl Object<'_> {
    fn type_name(self) -> &'static str {
        match self {
            Self::Request => "cerbos.engine.v1.Request",
            Self::Principal(_) => "cerbos.engine.v1.Request.Principal",
            Self::Resource(_) => "cerbos.engine.v1.Request.Resource",
            Self::AuxData(_) => "cerbos.engine.v1.AuxData",
            Self::Token(_) => "cerbos.engine.v1.AuxData.JWT",
            Self::Runtime => "cerbos.engine.v1.Runtime",
            Self::Empty => "google.protobuf.Empty",
        }
    }
}

impl<'a> From<&'a Value> for V<'a> {
    #[inline]
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => V::Null,
            Value::Bool(b) => V::Bool(*b),
            Value::Int(i) => V::Int(*i),
            Value::UInt(u) => V::UInt(*u),
            Value::Double(d) => V::Double(*d),
            Value::String(s) => V::Str(s),
            Value::Bytes(b) => V::Bytes(b),
            Value::List(items) => V::List(List::Values(items)),
            Value::Map(map) => V::Map(MapRef::Attributes(map)),
        }
    }
}

impl V<'_> {
    /// CEL equality: numbers compare across types, values of different types are unequal.
    #[must_use]
    pub fn equals(&self, other: &V<'_>) -> bool {
        match (self, other) {
            (V::Null, V::Null) => true,
            (V::Bool(a), V::Bool(b)) => a == b,
            (V::Str(a), V::Str(b)) | (V::Type(a), V::Type(b)) => a == b,
            (V::Bytes(a), V::Bytes(b)) => a == b,
            (V::Timestamp(a), V::Timestamp(b)) => a == b,
            (V::Duration(a), V::Duration(b)) => a == b,
            (V::List(a), V::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| !a.differs(&b))
            }
            (V::Map(a), V::Map(b)) => {
                a.len() == b.len()
                    && (0..a.len())
                        .filter_map(|i| a.entry(i))
                        .all(|(k, v)| b.get(k).is_some_and(|other| !v.differs(&other)))
            }
            (V::Object(a), V::Object(b)) => a == b,
            (V::Ip(a), V::Ip(b)) => a == b,
            (V::Cidr(a, m), V::Cidr(b, n)) => (a, m) == (b, n),
            (V::Hierarchy(a), V::Hierarchy(b)) => V::List(*a).equals(&V::List(*b)),
            (V::Spiffe(a), V::Spiffe(b)) => a.equals(b),
            (V::Spiffe(a), V::Str(b)) => a.equals_text(b),
            (V::Optional(a), V::Optional(b)) => match (a, b) {
                (None, None) => true,
                (Some(a), Some(b)) => a.equals(b),
                _ => false,
            },
            _ => numbers::compare(self, other) == Some(Ordering::Equal),
        }
    }

    /// Whether `==` with this on the left is an error: hierarchies and SPIFFE's names are held against nothing but
    /// their own kind and null (rule F23). It only matters where the two are not equal.
    pub(super) fn has_no_equality_with(&self, other: &V<'_>) -> bool {
        match (self, other) {
            (_, V::Null) => false,
            (V::Hierarchy(_), other) => !matches!(other, V::Hierarchy(_)),
            (V::Spiffe(Spiffe::Matcher(_)), _) | (V::Spiffe(_), V::Str(_)) => false,
            (V::Spiffe(a), V::Spiffe(b)) => a.type_name() != b.type_name(),
            (V::Spiffe(_), _) => true,
            (V::Optional(Some(a)), V::Optional(Some(b))) => a.has_no_equality_with(b),
            _ => false,
        }
    }

    /// Whether items of lists and maps are found to differ. What has no equality is not (rule F23).
    fn differs(&self, other: &V<'_>) -> bool {
        !self.equals(other) && !self.has_no_equality_with(other)
    }

    /// CEL ordering; `None` where the types have none between them.
    #[must_use]
    pub fn compare(&self, other: &V<'_>) -> Option<Ordering> {
        match (self, other) {
            (V::Str(a), V::Str(b)) => Some(a.cmp(b)),
            (V::Bool(a), V::Bool(b)) => Some(a.cmp(b)),
            (V::Bytes(a), V::Bytes(b)) => Some(a.cmp(b)),
            (V::Timestamp(a), V::Timestamp(b)) => Some(a.cmp(b)),
            (V::Duration(a), V::Duration(b)) => Some(a.cmp(b)),
            (V::Spiffe(a), V::Spiffe(b)) => a.compare(b),
            (V::Spiffe(a), V::Str(b)) => {
                a.compare(&Spiffe::TrustDomain(super::spiffe::trust_domain(b).ok()?))
            }
            _ => numbers::compare(self, other),
        }
    }

    /// The name of the value's type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            V::Null => "null_type",
            V::Bool(_) => "bool",
            V::Int(_) => "int",
            V::UInt(_) => "uint",
            V::Double(_) => "double",
            V::Str(_) => "string",
            V::Bytes(_) => "bytes",
            V::List(_) => "list",
            V::Map(_) => "map",
            V::Timestamp(_) => "google.protobuf.Timestamp",
            V::Duration(_) => "google.protobuf.Duration",
            V::Type(_) => "type",
            V::Optional(_) => "optional_type",
            V::Object(object) => object.type_name(),
            V::Ip(_) => "net.IP",
            V::Cidr(..) => "net.CIDR",
            V::Hierarchy(_) => "cerbos.lib.hierarchy",
            V::Spiffe(spiffe) => spiffe.type_name(),
        }
    }

    /// The value as Go prints it in error messages: strings without quotes.
    pub(super) fn plain(&self) -> impl fmt::Display {
        struct Plain<'v, 'a>(&'v V<'a>);
        impl fmt::Display for Plain<'_, '_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    V::Str(s) => f.write_str(s),
                    V::UInt(u) => write!(f, "{u}"),
                    other => other.fmt(f),
                }
            }
        }
        Plain(self)
    }
}

/// Written as a CEL literal would be.
impl fmt::Display for V<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            V::Null => f.write_str("null"),
            V::Bool(b) => write!(f, "{b}"),
            V::Int(i) => write!(f, "{i}"),
            V::UInt(u) => write!(f, "{u}u"),
            V::Double(d) => f.write_str(&numbers::format_double(*d)),
            V::Str(s) => write!(f, "{s:?}"),
            V::Bytes(b) => write!(f, "b\"{}\"", b.escape_ascii()),
            V::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            V::Map(map) => {
                f.write_str("{")?;
                for (i, (k, v)) in (0..map.len()).filter_map(|i| map.entry(i)).enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{k}: {v}")?;
                }
                f.write_str("}")
            }
            V::Timestamp(t) => write!(f, "timestamp(\"{t}\")"),
            V::Duration(d) => write!(f, "duration(\"{}\")", format_duration(*d)),
            V::Type(name) => f.write_str(name),
            V::Optional(None) => f.write_str("optional.none()"),
            V::Optional(Some(inner)) => write!(f, "optional.of({inner})"),
            V::Ip(ip) => write!(f, "ip(\"{ip}\")"),
            V::Cidr(ip, bits) => write!(f, "cidr(\"{ip}/{bits}\")"),
            V::Hierarchy(parts) => write!(f, "hierarchy({})", V::List(*parts)),
            V::Spiffe(Spiffe::Id(id)) => write!(f, "spiffeID({:?})", id.text),
            V::Spiffe(Spiffe::TrustDomain(name)) => write!(f, "spiffeTrustDomain({name:?})"),
            V::Object(_) | V::Spiffe(Spiffe::Matcher(_)) => f.write_str(self.type_name()),
        }
    }
}

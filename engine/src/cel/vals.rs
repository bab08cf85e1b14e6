//! The values that evaluation works on: small, `Copy`, borrowed from request, policy or arena.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use super::containers::{List, MapRef};
use super::duration::format_duration;
use super::numbers;
use super::spiffe::Spiffe;
use super::time::Timestamp;
use crate::request::{AuxData, Principal, Resource};
use crate::value::{Map, Value};

/// Bytes that a thread keeps for the next decision.
const MAX_SPARE: usize = 64 << 10;

thread_local! {
    static SPARE: Cell<Option<Arena>> = const { Cell::new(None) };
}

/// Memory for what expressions build on the way. Takes none until something is built.
#[derive(Debug, Default)]
pub struct Arena(bumpalo::Bump);

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Self {
        Self(bumpalo::Bump::new())
    }

    /// Runs `work` with this thread's arena, which keeps its memory from one decision to the next, so that most of them
    /// allocate nothing. Work within work has one of its own.
    pub(crate) fn with_spare<T>(work: impl FnOnce(&Self) -> T) -> T {
        let mut arena = SPARE.take().unwrap_or_default();
        let result = work(&arena);
        if arena.0.allocated_bytes() <= MAX_SPARE {
            arena.0.reset();
            SPARE.set(Some(arena));
        }
        result
    }

    /// Text built for one decision, such as the names of derived roles.
    pub(crate) fn slice<T: Copy>(&self, items: &[T]) -> &[T] {
        self.0.alloc_slice_copy(items)
    }

    /// Places that are filled one by one.
    pub(crate) fn cells<T: Default>(&self, count: usize) -> &[Cell<T>] {
        self.0.alloc_slice_fill_default(count)
    }

    pub(crate) fn str(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }

    /// One text after the other.
    pub(super) fn join(&self, a: &str, b: &str) -> &str {
        let mut all = bumpalo::collections::String::with_capacity_in(a.len() + b.len(), &self.0);
        all.push_str(a);
        all.push_str(b);
        all.into_bump_str()
    }

    /// So many items.
    pub(super) fn collect<T>(&self, count: usize, items: impl Iterator<Item = T>) -> &[T] {
        let mut all = bumpalo::collections::Vec::with_capacity_in(count, &self.0);
        all.extend(items);
        all.into_bump_slice()
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

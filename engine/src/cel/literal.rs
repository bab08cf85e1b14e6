//! Constants of a program: what is written in the expression, and what folding made of it.

use std::net::IpAddr;
use std::sync::Arc;

use super::containers::{List, MapRef};
use super::time::Timestamp;
use super::vals::V;
use crate::value::Value;

/// A value that lives as long as its program.
#[derive(Debug, Clone)]
pub enum Literal {
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
    Str(Arc<str>),
    /// bytes
    Bytes(Arc<[u8]>),
    /// timestamp
    Timestamp(Timestamp),
    /// duration, in nanoseconds
    Duration(i64),
    /// A type.
    Type(&'static str),
    /// An address.
    Ip(IpAddr),
    /// A range of addresses.
    Cidr(IpAddr, u8),
    /// The names of a hierarchy.
    Hierarchy(Box<[Literal]>),
    /// A list.
    List(Box<[Literal]>),
    /// A map, each key once.
    Map(Box<[(Literal, Literal)]>),
    /// A constant of the policy.
    Value(Value),
}

/// Largest folded value, in parts. What is larger is made when it is needed.
const MAX_PARTS: usize = 10_000;

impl Literal {
    /// A constant of the policy. What the compiler looks for, it finds in its own form.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(i) => Self::Int(*i),
            Value::UInt(u) => Self::UInt(*u),
            Value::Double(d) => Self::Double(*d),
            Value::String(s) => Self::Str(Arc::clone(s)),
            Value::Bytes(b) => Self::Bytes(Arc::clone(b)),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Map(_) => Self::Value(value.clone()),
        }
    }

    /// Takes a value over, if it is of a kind that a program can keep.
    pub(super) fn keep(value: V<'_>) -> Option<Self> {
        let mut parts = MAX_PARTS;
        keep(value, &mut parts)
    }
}

fn keep(value: V<'_>, parts: &mut usize) -> Option<Literal> {
    let cost = match value {
        V::Str(s) => 1 + s.len() / 16,
        V::Bytes(b) => 1 + b.len() / 16,
        _ => 1,
    };
    *parts = parts.checked_sub(cost)?;
    Some(match value {
        V::Null => Literal::Null,
        V::Bool(b) => Literal::Bool(b),
        V::Int(i) => Literal::Int(i),
        V::UInt(u) => Literal::UInt(u),
        V::Double(d) => Literal::Double(d),
        V::Str(s) => Literal::Str(s.into()),
        V::Bytes(b) => Literal::Bytes(b.into()),
        V::Timestamp(t) => Literal::Timestamp(t),
        V::Duration(d) => Literal::Duration(d),
        V::Ip(ip) => Literal::Ip(ip),
        V::Cidr(ip, bits) => Literal::Cidr(ip, bits),
        V::List(list) => Literal::List(keep_all(list, parts)?),
        V::Hierarchy(names) => Literal::Hierarchy(keep_all(names, parts)?),
        V::Map(map) => {
            let entries: Option<Box<[(Literal, Literal)]>> = (0..map.len())
                .map(|i| {
                    let (key, value) = map.entry(i)?;
                    Some((keep(key, parts)?, keep(value, parts)?))
                })
                .collect();
            Literal::Map(entries?)
        }
        V::Type(_) | V::Optional(_) | V::Object(_) | V::Spiffe(_) => return None,
    })
}

fn keep_all(list: List<'_>, parts: &mut usize) -> Option<Box<[Literal]>> {
    list.iter().map(|item| keep(item, parts)).collect()
}

impl<'a> From<&'a Literal> for V<'a> {
    #[inline]
    fn from(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => V::Null,
            Literal::Bool(b) => V::Bool(*b),
            Literal::Int(i) => V::Int(*i),
            Literal::UInt(u) => V::UInt(*u),
            Literal::Double(d) => V::Double(*d),
            Literal::Str(s) => V::Str(s),
            Literal::Bytes(b) => V::Bytes(b),
            Literal::Timestamp(t) => V::Timestamp(*t),
            Literal::Duration(d) => V::Duration(*d),
            Literal::Type(name) => V::Type(name),
            Literal::Ip(ip) => V::Ip(*ip),
            Literal::Cidr(ip, bits) => V::Cidr(*ip, *bits),
            Literal::Hierarchy(names) => V::Hierarchy(List::Literals(names)),
            Literal::List(items) => V::List(List::Literals(items)),
            Literal::Map(entries) => V::Map(MapRef::Literals(entries)),
            Literal::Value(value) => V::from(value),
        }
    }
}

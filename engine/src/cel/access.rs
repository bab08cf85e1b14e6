//! Reading parts of values: fields, indexes, and whether they are there (docs/semantics.md, rules E5 to E8).

use super::containers::{List, MapRef};
use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::numbers::double_as_int;
use super::program::Node;
use super::refusal::go_type;
use super::vals::{Object, V};
use crate::value::Map;

static EMPTY: std::sync::LazyLock<Map> = std::sync::LazyLock::new(Map::default);

impl<'a> Eval<'a, '_> {
    /// `operand.field`
    pub(super) fn field(&self, operand: V<'a>, field: &'a str) -> Evaluated<'a> {
        match operand {
            V::Map(map) => {
                self.step(map.search_cost())?;
                map.get_str(field).ok_or(EvalError::NoSuchKey(field))
            }
            _ => self.part(operand, V::Str(field)),
        }
    }

    /// `operand[index]`
    pub(super) fn part(&self, operand: V<'a>, key: V<'a>) -> Evaluated<'a> {
        if let V::Optional(_) = operand {
            return self.optional_part(operand, key);
        }
        self.find(operand, key)?.ok_or_else(|| self.missing(operand, key))
    }

    /// `operand.?field`, `operand[?index]`: what is not there is `optional.none()` (rule E6).
    pub(super) fn optional_part(&self, operand: V<'a>, key: V<'a>) -> Evaluated<'a> {
        let found = match operand {
            V::Optional(None) => None,
            V::Optional(Some(inner)) => return self.optional_part(*inner, key),
            V::Object(_) if !self.is_set(operand, key)? => None,
            _ => self.find(operand, key)?,
        };
        Ok(V::Optional(found.map(|v| self.arena().one(v))))
    }

    /// `has(operand.field)`
    #[inline(never)]
    pub(super) fn has(&mut self, operand: &'a Node, field: &'a str) -> Result<bool, EvalError<'a>> {
        let operand = self.operand(operand)?;
        self.is_set(operand, V::Str(field))
    }

    fn is_set(&self, operand: V<'a>, key: V<'a>) -> Result<bool, EvalError<'a>> {
        Ok(match (operand, key) {
            (V::Optional(None), _) => false,
            (V::Optional(Some(inner)), _) => self.is_set(*inner, key)?,
            (V::Object(Object::Request), V::Str("auxData" | "aux_data")) => {
                self.activation.aux_data.is_some()
            }
            (V::Object(_), _) => match self.find(operand, key)? {
                Some(V::Str(s)) => !s.is_empty(),
                Some(V::List(items)) => !items.is_empty(),
                Some(V::Map(map)) => !map.is_empty(),
                Some(_) => true,
                None => false,
            },
            _ => self.find(operand, key)?.is_some(),
        })
    }

    /// The part, `None` where there is none. Values without parts have none, rather than being wrong (rule E5).
    fn find(&self, operand: V<'a>, key: V<'a>) -> Result<Option<V<'a>>, EvalError<'a>> {
        if !matches!(key, V::Str(_) | V::Int(_) | V::UInt(_) | V::Double(_) | V::Bool(_)) {
            return Err(self.invalid(format_args!("invalid qualifier type: {}", go_type(&key))));
        }
        match operand {
            V::Map(map) => {
                self.step(map.search_cost())?;
                Ok(map.get(key))
            }
            V::List(items) => {
                let index = self.list_index(key)?;
                Ok(usize::try_from(index).ok().and_then(|i| items.get(i)))
            }
            V::Hierarchy(names) => self.hierarchy_name(names, key).map(Some),
            V::Object(object) => match key {
                V::Str(name) => self.object_field(object, name).map(Some),
                _ => Err(EvalError::NoSuchOverload),
            },
            _ => Ok(None),
        }
    }

    fn missing(&self, operand: V<'a>, key: V<'a>) -> EvalError<'a> {
        match (operand, key) {
            (V::List(_), V::Int(index)) => EvalError::IndexOutOfBounds(index),
            (V::List(_), _) => self.invalid(format_args!("index out of bounds: {}", key.plain())),
            (_, V::Str(name)) => EvalError::NoSuchKey(name),
            _ => EvalError::NoSuchKey(self.text(format_args!("{}", key.plain()))),
        }
    }

    fn list_index(&self, key: V<'a>) -> Result<i64, EvalError<'a>> {
        integral(key).ok_or_else(|| match key {
            V::Double(_) | V::UInt(_) => {
                self.invalid(format_args!("unsupported index value {} in list", key.plain()))
            }
            _ => self.invalid(format_args!("unsupported index type '{}' in list", key.type_name())),
        })
    }

    /// Names are never optional: an index out of range is an error however it is asked for.
    fn hierarchy_name(&self, names: List<'a>, key: V<'a>) -> Evaluated<'a> {
        let V::Int(index) = key else {
            let name = key.type_name();
            return Err(self.invalid(format_args!("unsupported index type '{name}'")));
        };
        let name = usize::try_from(index).ok().and_then(|i| names.get(i));
        name.ok_or(EvalError::Invalid("index out of range"))
    }

    pub(super) fn object_field(&self, object: Object<'a>, field: &'a str) -> Evaluated<'a> {
        let request = self.activation;
        let root = |scope: &'a str| V::Str(scope.strip_prefix('.').unwrap_or(scope));
        Ok(match (object, field) {
            (Object::Request, "principal") => V::Object(Object::Principal(request.principal)),
            (Object::Request, "resource") => V::Object(Object::Resource(request.resource)),
            (Object::Request, "auxData" | "aux_data") => {
                V::Object(Object::AuxData(request.aux_data))
            }
            (Object::Principal(p), "attr") => V::Map(MapRef::Attributes(&p.attr)),
            (Object::Principal(p), "policyVersion" | "policy_version") => V::Str(&p.policy_version),
            (Object::Principal(p), "scope") => root(&p.scope),
            (Object::Principal(p), "id") => V::Str(&p.id),
            (Object::Principal(p), "roles") => V::List(List::Owned(&p.roles)),
            (Object::Resource(r), "attr") => V::Map(MapRef::Attributes(&r.attr)),
            (Object::Resource(r), "policyVersion" | "policy_version") => V::Str(&r.policy_version),
            (Object::Resource(r), "scope") => root(&r.scope),
            (Object::Resource(r), "id") => V::Str(&r.id),
            (Object::Resource(r), "kind") => V::Str(&r.kind),
            // What is not set reads as empty (rule C3).
            (Object::AuxData(aux), "jwt") => {
                V::Map(MapRef::Attributes(aux.map_or(&*EMPTY, |a| &a.jwt)))
            }
            (Object::AuxData(aux), "jwts") => V::Map(MapRef::Tokens(aux.map_or(&[], |a| &a.jwts))),
            (Object::Token(claims), "claims") => V::Map(MapRef::Attributes(claims)),
            (Object::Runtime, "effectiveDerivedRoles" | "effective_derived_roles") => {
                V::List(List::Names(request.runtime()?))
            }
            _ => return Err(self.invalid(format_args!("no such field '{field}'"))),
        })
    }
}

/// An int, an unsigned one or a double without a fraction, as a list index.
fn integral(v: V<'_>) -> Option<i64> {
    match v {
        V::Int(i) => Some(i),
        V::UInt(u) => i64::try_from(u).ok(),
        V::Double(d) => double_as_int(d),
        _ => None,
    }
}

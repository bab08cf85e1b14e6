//! Lists of strings, as Cerbos' own functions take them.

use smallvec::SmallVec;

use super::super::spiffe::Spiffe;
use super::super::vals::{List, V};
use super::{Eval, EvalError};

pub(super) type Texts<'a> = SmallVec<[&'a str; 8]>;

/// The strings of a list. Only the first item decides whether it is a list of strings; those behind it may be
/// anything that has a text (rule F22).
pub(super) fn texts<'a>(eval: &Eval<'a, '_>, list: List<'a>) -> Result<Texts<'a>, EvalError<'a>> {
    eval.step(list.len())?;
    match list.get(0) {
        None | Some(V::Str(_)) => list.iter().map(|item| text(eval, item)).collect(),
        Some(_) => Err(EvalError::NoSuchOverload),
    }
}

/// The text of one item.
pub(super) fn text<'a>(eval: &Eval<'a, '_>, item: V<'a>) -> Result<&'a str, EvalError<'a>> {
    let reason = match item {
        V::Str(text) => return Ok(text),
        V::Ip(ip) => return Ok(eval.arena().str(&ip.to_string())),
        V::Cidr(ip, bits) => return Ok(eval.arena().str(&format!("{ip}/{bits}"))),
        V::Hierarchy(parts) => {
            let parts = texts(eval, parts)?;
            eval.step(parts.iter().map(|part| part.len()).sum::<usize>() / 16)?;
            return Ok(eval.arena().str(&parts.join(".")));
        }
        V::Spiffe(Spiffe::Id(id)) => return Ok(id.text),
        V::Spiffe(Spiffe::TrustDomain(name)) => return Ok(name),
        V::Optional(Some(inner)) => return text(eval, *inner),
        V::Optional(None) => "optional.none() dereference",
        V::Null => "type conversion error from 'null_type' to 'string'",
        V::Bool(_) => "type conversion error from bool to 'string'",
        V::Int(_) => "unsupported type conversion from 'int' to string",
        V::UInt(_) => "unsupported type conversion from 'uint' to string",
        V::Double(_) => "type conversion error from Double to 'string'",
        V::Bytes(_) => "type conversion error from Bytes to 'string'",
        V::List(_) => "type conversion error from list to 'string'",
        V::Map(_) | V::Object(_) => "type conversion error from map to 'string'",
        V::Timestamp(_) => "type conversion error from 'Timestamp' to 'string'",
        V::Duration(_) => "type conversion error from 'Duration' to 'string'",
        V::Type(_) => "type conversion not supported for 'type'",
        V::Spiffe(Spiffe::Matcher(_)) => {
            "unsupported native conversion from SPIFFEMatcher to 'string'"
        }
    };
    Err(eval.invalid(format_args!("failed to convert list to string slice: {reason}")))
}

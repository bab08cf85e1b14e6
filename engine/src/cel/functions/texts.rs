//! Lists of strings, as Cerbos' own functions take them.

use smallvec::SmallVec;

use super::super::containers::List;
use super::super::native;
use super::super::vals::V;
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
    match item {
        V::Str(text) => Ok(text),
        item => native::text(eval, item).map_err(|error| {
            native::within(eval, format_args!("failed to convert list to string slice"), error)
        }),
    }
}

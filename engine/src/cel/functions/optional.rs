//! Values that may be absent (cel-go's optional types).

use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Optional values",
    rows: &[
        global("optional.of", "A -> optional(A)", optional_of, "optional.of(1).value() == 1"),
        global("optional.none", "-> optional(A)", optional_none, "!optional.none().hasValue()"),
        member("hasValue", "optional(A) -> bool", has_value, "optional.of(1).hasValue()"),
        member("value", "optional(A) -> A", value, "optional.of(1).value() == 1"),
        member("orValue", "optional(A), A -> A", or_value, "optional.none().orValue(2) == 2"),
        member(
            "or",
            "optional(A), optional(A) -> optional(A)",
            or,
            "optional.none().or(optional.of(2)).value() == 2",
        ),
    ],
};

fn optional_none<'a>(_: &mut Eval<'a, '_>, _: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Optional(None))
}

fn optional_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [v] => Ok(V::Optional(Some(eval.arena().one(*v)))),
        _ => no_overload(),
    }
}

fn has_value<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Optional(inner)] => Ok(V::Bool(inner.is_some())),
        _ => no_overload(),
    }
}

fn value<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Optional(Some(inner))] => Ok(**inner),
        [V::Optional(None)] => Err(EvalError::Invalid("optional.none() dereference")),
        _ => no_overload(),
    }
}

fn or_value<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Optional(Some(inner)), _] => Ok(**inner),
        [V::Optional(None), other] => Ok(*other),
        _ => no_overload(),
    }
}

fn or<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [first @ V::Optional(Some(_)), V::Optional(_)] => Ok(*first),
        [V::Optional(None), second @ V::Optional(_)] => Ok(*second),
        _ => no_overload(),
    }
}

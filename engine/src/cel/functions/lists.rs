//! Optional values, and the sets and lists that policies use most.

use super::super::vals::{List, V};
use super::{Entry, Eval, EvalError, Evaluated, Form, invalid, no_overload};

pub(super) const ALL: &[Entry] = &[
    Entry("optional.of", Form::Global, 1, 1, optional_of),
    Entry("optional.none", Form::Global, 0, 0, |_, _| Ok(V::Optional(None))),
    Entry("hasValue", Form::Member, 1, 1, has_value),
    Entry("value", Form::Member, 1, 1, value),
    Entry("orValue", Form::Member, 2, 2, or_value),
    Entry("or", Form::Member, 2, 2, or),
    Entry("sets.contains", Form::Global, 2, 2, sets_contains),
    Entry("sets.intersects", Form::Global, 2, 2, sets_intersects),
    Entry("sets.equivalent", Form::Global, 2, 2, sets_equivalent),
    Entry("distinct", Form::Member, 1, 1, distinct),
    Entry("reverse", Form::Member, 1, 1, reverse),
];

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
        [V::Optional(None)] => Err(invalid("optional.none() dereference")),
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

/// Whether `list` has all of `wanted`.
pub(super) fn contains_all<'a>(
    eval: &Eval<'a, '_>,
    list: List<'a>,
    wanted: List<'a>,
) -> Result<bool, EvalError<'a>> {
    eval.step(list.len().saturating_mul(wanted.len()))?;
    Ok(wanted.iter().all(|w| list.iter().any(|v| v.equals(&w))))
}

/// Whether the lists share an element.
pub(super) fn intersects<'a>(
    eval: &Eval<'a, '_>,
    a: List<'a>,
    b: List<'a>,
) -> Result<bool, EvalError<'a>> {
    eval.step(a.len().saturating_mul(b.len()))?;
    Ok(a.iter().any(|v| b.iter().any(|w| v.equals(&w))))
}

fn sets_contains<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list), V::List(wanted)] => contains_all(eval, *list, *wanted).map(V::Bool),
        _ => no_overload(),
    }
}

fn sets_intersects<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] => intersects(eval, *a, *b).map(V::Bool),
        _ => no_overload(),
    }
}

fn sets_equivalent<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] => {
            Ok(V::Bool(contains_all(eval, *a, *b)? && contains_all(eval, *b, *a)?))
        }
        _ => no_overload(),
    }
}

fn distinct<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            let mut kept: Vec<V<'a>> = Vec::new();
            for item in list.iter() {
                eval.step(kept.len() + 1)?;
                if !kept.iter().any(|k| k.equals(&item)) {
                    kept.push(item);
                }
            }
            Ok(V::List(List::Built(eval.arena().slice(&kept))))
        }
        _ => no_overload(),
    }
}

fn reverse<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            eval.step(list.len())?;
            let mut items: Vec<V<'a>> = list.iter().collect();
            items.reverse();
            Ok(V::List(List::Built(eval.arena().slice(&items))))
        }
        [V::Str(s)] => Ok(V::Str(eval.arena().str(&s.chars().rev().collect::<String>()))),
        _ => no_overload(),
    }
}

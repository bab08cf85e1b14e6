//! Cerbos' own list functions (docs/semantics.md, rule F7).

use super::super::vals::{List, V};
use super::lists::{contains_all, intersects};
use super::{Entry, Eval, Evaluated, Form, no_overload};

pub(super) const ALL: &[Entry] = &[
    Entry("hasIntersection", Form::Both, 2, 2, has_intersection),
    Entry("has_intersection", Form::Both, 2, 2, has_intersection),
    Entry("isSubset", Form::Both, 2, 2, is_subset),
    Entry("is_subset", Form::Both, 2, 2, is_subset),
    Entry("intersect", Form::Both, 2, 2, intersect),
    Entry("except", Form::Both, 2, 2, except),
    Entry("id", Form::Global, 1, 1, |_, args| args.first().copied().map_or_else(no_overload, Ok)),
];

fn has_intersection<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] => intersects(eval, *a, *b).map(V::Bool),
        _ => no_overload(),
    }
}

fn is_subset<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] => contains_all(eval, *b, *a).map(V::Bool),
        _ => no_overload(),
    }
}

/// Items of the shorter list that the longer one has, in the shorter one's order.
fn intersect<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] if b.len() < a.len() => keep(eval, *b, *a, true),
        [V::List(a), V::List(b)] => keep(eval, *a, *b, true),
        _ => no_overload(),
    }
}

fn except<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(a), V::List(b)] => keep(eval, *a, *b, false),
        _ => no_overload(),
    }
}

fn keep<'a>(
    eval: &mut Eval<'a, '_>,
    from: List<'a>,
    other: List<'a>,
    contained: bool,
) -> Evaluated<'a> {
    eval.step(from.len().saturating_mul(other.len()))?;
    let kept: Vec<V<'a>> =
        from.iter().filter(|v| other.iter().any(|w| v.equals(&w)) == contained).collect();
    Ok(V::List(List::Built(eval.arena().slice(&kept))))
}

//! Lists as sets: cel-go's sets extension, and Cerbos' own four functions, which compare as `==` does
//! (docs/semantics.md, rule F7).

use super::super::vals::{List, V};
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Sets",
    rows: &[
        global(
            "sets.contains",
            "list(A), list(A) -> bool",
            sets_contains,
            "sets.contains([1, 2], [2])",
        ),
        global(
            "sets.equivalent",
            "list(A), list(A) -> bool",
            sets_equivalent,
            "sets.equivalent([1, 2], [2, 1, 1])",
        ),
        global(
            "sets.intersects",
            "list(A), list(A) -> bool",
            sets_intersects,
            "sets.intersects([1, 2], [2, 3])",
        ),
        global(
            "hasIntersection",
            "list(A), list(A) -> bool",
            has_intersection,
            "hasIntersection([1, 2], [2, 3])",
        )
        .lenient(),
        member(
            "hasIntersection",
            "list(A), list(A) -> bool",
            has_intersection,
            "[1, 2].hasIntersection([2, 3])",
        ),
        global(
            "has_intersection",
            "list(A), list(A) -> bool",
            has_intersection,
            "has_intersection([1, 2], [2, 3])",
        )
        .lenient(),
        member(
            "has_intersection",
            "list(A), list(A) -> bool",
            has_intersection,
            "[1, 2].has_intersection([2, 3])",
        ),
        global("isSubset", "list(A), list(A) -> bool", is_subset, "isSubset([1], [1, 2])")
            .lenient(),
        member("isSubset", "list(A), list(A) -> bool", is_subset, "[1].isSubset([1, 2])"),
        global("is_subset", "list(A), list(A) -> bool", is_subset, "is_subset([1], [1, 2])")
            .lenient(),
        member("is_subset", "list(A), list(A) -> bool", is_subset, "[1].is_subset([1, 2])"),
        global(
            "intersect",
            "list(A), list(A) -> list(A)",
            intersect,
            "intersect([1, 2], [2, 3]) == [2]",
        )
        .lenient(),
        member(
            "intersect",
            "list(A), list(A) -> list(A)",
            intersect,
            "[1, 2].intersect([2, 3]) == [2]",
        ),
        global("except", "list(A), list(A) -> list(A)", except, "except([1, 2], [2, 3]) == [1]")
            .lenient(),
        member("except", "list(A), list(A) -> list(A)", except, "[1, 2].except([2, 3]) == [1]"),
    ],
};

/// Whether `list` has all of `wanted`.
pub(super) fn contains_all<'a>(
    eval: &Eval<'a, '_>,
    list: List<'a>,
    wanted: List<'a>,
) -> Result<bool, EvalError<'a>> {
    eval.step(list.len().saturating_mul(wanted.len()))?;
    Ok(wanted.iter().all(|w| list.iter().any(|v| w.equals(&v))))
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

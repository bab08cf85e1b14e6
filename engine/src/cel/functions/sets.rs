//! Lists as sets: cel-go's sets extension, and Cerbos' own four functions, which compare as `==` does
//! (docs/semantics.md, rule F7).

use super::super::containers::List;
use super::super::vals::V;
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

/// A list to look things up in: text is found by halving, the rest is compared one by one.
struct Members<'a> {
    texts: Vec<&'a str>,
    others: Vec<V<'a>>,
}

impl<'a> Members<'a> {
    fn new(eval: &Eval<'a, '_>, list: List<'a>) -> Result<Self, EvalError<'a>> {
        eval.step(list.len())?;
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for item in list.iter() {
            match item {
                V::Str(text) => texts.push(text),
                other => others.push(other),
            }
        }
        texts.sort_unstable();
        Ok(Self { texts, others })
    }

    fn have(&self, eval: &Eval<'a, '_>, item: &V<'a>) -> Result<bool, EvalError<'a>> {
        match item {
            V::Str(text) => {
                eval.step(1)?;
                Ok(self.texts.binary_search(text).is_ok())
            }
            item => {
                let each = if let V::List(_) | V::Map(_) = item { eval.weigh(item)? } else { 1 };
                eval.step((1 + self.others.len()).saturating_mul(each))?;
                Ok(self.others.iter().any(|other| item.equals(other)))
            }
        }
    }
}

/// Up to which length a list is looked through as it is.
const SHORT: usize = 8;

/// Tells of each item of `from` whether `list` has it, until that is enough. Whether it was.
fn each<'a>(
    eval: &Eval<'a, '_>,
    from: List<'a>,
    list: List<'a>,
    mut stop: impl FnMut(V<'a>, bool) -> bool,
) -> Result<bool, EvalError<'a>> {
    let members = if list.len() > SHORT { Some(Members::new(eval, list)?) } else { None };
    for item in from.iter() {
        let has = match &members {
            Some(members) => members.have(eval, &item)?,
            None => {
                let each = if let V::List(_) | V::Map(_) = item { eval.weigh(&item)? } else { 1 };
                eval.step((1 + list.len()).saturating_mul(each))?;
                list.iter().any(|other| item.equals(&other))
            }
        };
        if stop(item, has) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `list` has all of `wanted`.
pub(super) fn contains_all<'a>(
    eval: &Eval<'a, '_>,
    list: List<'a>,
    wanted: List<'a>,
) -> Result<bool, EvalError<'a>> {
    each(eval, wanted, list, |_, has| !has).map(|missing| !missing)
}

/// Whether the lists share an element.
pub(super) fn intersects<'a>(
    eval: &Eval<'a, '_>,
    a: List<'a>,
    b: List<'a>,
) -> Result<bool, EvalError<'a>> {
    each(eval, a, b, |_, has| has)
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
    let mut kept: Vec<V<'a>> = Vec::new();
    each(eval, from, other, |item, has| {
        kept.extend((has == contained).then_some(item));
        false
    })?;
    Ok(V::List(List::Built(eval.arena().slice(&kept))))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn sets_compare_as_equality_does() {
        check_bare("sets.contains([1], dyn([1.0, 1u])) && sets.contains([], [])", "true");
        check_bare("sets.contains([], [1]) || sets.intersects([], [])", "false");
        check_bare("sets.equivalent([1, 2], dyn([2u, 1.0, 1]))", "true");
        check_bare("sets.equivalent([1], [1, 2])", "false");
        check_bare("sets.intersects([double('NaN')], [double('NaN')])", "false");
        check_bare("hasIntersection([[1]], [[1]]) && isSubset([null], [null])", "true");
        check_bare(
            "sets.contains(dyn(1), [1])",
            "error: no such overload: sets.contains(int, list)",
        );
    }

    #[test]
    fn the_shorter_list_is_looked_up_in_the_longer_one() {
        check_bare("intersect([1, 2, 3], [3, 2])", "[3, 2]");
        check_bare("intersect([1, 2], [2, 1])", "[1, 2]");
        check_bare("intersect([1, 1], [1, 2, 3])", "[1, 1]");
        check_bare("type(intersect([1, 2], dyn([1.0]))[0]) == double", "true");
        check_bare("except([1, 2, 1], [2]) + [1].except(dyn([1.0]))", "[1, 1]");
    }

    #[test]
    fn a_failing_argument_of_the_function_is_of_no_type_and_of_the_method_is_the_failure() {
        for name in
            ["hasIntersection", "has_intersection", "isSubset", "is_subset", "intersect", "except"]
        {
            let failing = "dyn(R.attr.missing)";
            check_bare(&format!("{name}({failing}, [1])"), "error: no such overload");
            check_bare(&format!("{name}([1], {failing})"), "error: no such overload");
            check_bare(&format!("[1].{name}({failing})"), "error: no such key: missing");
            check_bare(&format!("{failing}.{name}([1])"), "error: no such key: missing");
            check_bare(
                &format!("{name}([1], dyn('a'))"),
                &format!("error: no such overload: {name}(list, string)"),
            );
        }
        check_bare("sets.contains(dyn(R.attr.missing), [1])", "error: no such key: missing");
    }

    #[test]
    fn long_lists_are_looked_up_and_do_not_use_up_the_steps() {
        let (texts, numbers) = ("lists.range(5000).map(x, string(x))", "lists.range(50)");
        check_bare(&format!("isSubset({texts}, {texts} + [dyn(1)])"), "true");
        check_bare(&format!("hasIntersection({texts}, {texts}.map(x, x + 'a'))"), "false");
        check_bare(&format!("except({texts} + [dyn(7)], {texts})"), "[7]");
        check_bare(&format!("intersect({numbers}, dyn([3.0, 4u, 99] + {numbers}))[3]"), "3");
        check_bare(
            &format!("sets.equivalent({numbers}, dyn({numbers}.map(x, double(x))))"),
            "true",
        );
    }
}

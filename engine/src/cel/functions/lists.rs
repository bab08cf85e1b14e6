//! Lists (cel-go's lists extension).

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use super::super::containers::List;
use super::super::refusal::is_ordered;
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Lists",
    rows: &[
        global("lists.range", "int -> list(int)", range, "lists.range(3) == [0, 1, 2]"),
        member("first", "list(A) -> optional(A)", first, "[1, 2].first().value() == 1"),
        member("last", "list(A) -> optional(A)", last, "[1, 2].last().value() == 2"),
        member("slice", "list(A), int, int -> list(A)", slice, "[1, 2, 3].slice(0, 2) == [1, 2]"),
        member(
            "flatten",
            "list(list(A)) -> list(A)",
            flatten,
            "[[1], [2, 3]].flatten() == [1, 2, 3]",
        )
        .by_whole_types(),
        member(
            "flatten",
            "list(dyn), int -> list(dyn)",
            flatten,
            "[[1, [2]]].flatten(2) == [1, 2]",
        )
        .by_whole_types(),
        member("distinct", "list(A) -> list(A)", distinct, "[1, 2, 1].distinct() == [1, 2]"),
        member("sort", "list(int) -> list(int)", sort, "[3, 1, 2].sort() == [1, 2, 3]")
            .by_receiver(),
        member("sort", "list(uint) -> list(uint)", sort, "[2u, 1u].sort() == [1u, 2u]")
            .by_receiver(),
        member("sort", "list(double) -> list(double)", sort, "[2.5, 1.5].sort() == [1.5, 2.5]")
            .by_receiver(),
        member("sort", "list(bool) -> list(bool)", sort, "[true, false].sort() == [false, true]")
            .by_receiver(),
        member(
            "sort",
            "list(duration) -> list(duration)",
            sort,
            "[duration('2s'), duration('1s')].sort()[0] == duration('1s')",
        )
        .by_receiver(),
        member(
            "sort",
            "list(timestamp) -> list(timestamp)",
            sort,
            "[timestamp(2), timestamp(1)].sort()[0] == timestamp(1)",
        )
        .by_receiver(),
        member("sort", "list(string) -> list(string)", sort, "['b', 'a'].sort() == ['a', 'b']")
            .by_receiver(),
        member("sort", "list(bytes) -> list(bytes)", sort, "[b'b', b'a'].sort() == [b'a', b'b']")
            .by_receiver(),
        member("reverse", "list(A) -> list(A)", reverse, "[1, 2].reverse() == [2, 1]"),
    ],
};

/// A million items and not more, as in cel-go.
fn range<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    const MOST: i64 = 1_000_000;
    let [V::Int(size)] = args else { return no_overload() };
    let count = usize::try_from(*size).map_err(|_| {
        eval.invalid(format_args!("lists.range: size must be non-negative, got {size}"))
    })?;
    if *size > MOST {
        return Err(
            eval.invalid(format_args!("lists.range: size {size} exceeds maximum allowed ({MOST})"))
        );
    }
    eval.step(count)?;
    let items: Vec<V<'a>> = (0..*size).map(V::Int).collect();
    Ok(V::List(List::Built(eval.arena().slice(&items))))
}

fn first<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => Ok(V::Optional(list.get(0).map(|v| eval.arena().one(v)))),
        _ => no_overload(),
    }
}

fn last<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            let item = list.len().checked_sub(1).and_then(|at| list.get(at));
            Ok(V::Optional(item.map(|v| eval.arena().one(v))))
        }
        _ => no_overload(),
    }
}

/// Borrowed from the list.
fn slice<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::List(list), V::Int(start), V::Int(end)] = args else { return no_overload() };
    let call = format_args!("cannot slice({start}, {end})");
    let (Ok(first), Ok(after)) = (usize::try_from(*start), usize::try_from(*end)) else {
        return Err(eval.invalid(format_args!("{call}, negative indexes not supported")));
    };
    if first > after {
        return Err(eval
            .invalid(format_args!("{call}, start index must be less than or equal to end index")));
    }
    let length = list.len();
    part(*list, first..after)
        .map(V::List)
        .ok_or_else(|| eval.invalid(format_args!("{call}, list is length {length}")))
}

fn part(list: List<'_>, range: Range<usize>) -> Option<List<'_>> {
    Some(match list {
        List::Built(items) => List::Built(items.get(range)?),
        List::Literals(items) => List::Literals(items.get(range)?),
        List::Values(items) => List::Values(items.get(range)?),
        List::Owned(items) => List::Owned(items.get(range)?),
        List::Names(items) => List::Names(items.get(range)?),
    })
}

/// Lists within the list give way to their items, one level deep or as many as wanted.
fn flatten<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (list, depth) = match args {
        [V::List(list)] => (*list, 1),
        [V::List(list), V::Int(depth)] => (*list, *depth),
        _ => return no_overload(),
    };
    let Ok(depth) = usize::try_from(depth) else {
        return Err(EvalError::Invalid("level must be non-negative"));
    };
    let mut flat: Vec<V<'a>> = Vec::new();
    let mut open = vec![(list, 0)];
    while let Some((list, next)) = open.last_mut() {
        eval.step(1)?;
        let item = list.get(*next);
        *next += 1;
        match item {
            Some(V::List(inner)) if open.len() <= depth => open.push((inner, 0)),
            Some(item) => flat.push(item),
            None => {
                open.pop();
            }
        }
    }
    Ok(V::List(List::Built(eval.arena().slice(&flat))))
}

fn distinct<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            let mut kept: Vec<V<'a>> = Vec::new();
            // Text is equal to text only, and looked up; the rest is compared one by one.
            let (mut texts, mut others) = (BTreeSet::new(), Vec::<V<'a>>::new());
            for item in list.iter() {
                eval.step(others.len() + 1)?;
                let is_new = match item {
                    V::Str(text) => texts.insert(text),
                    // Equal to what stands behind it, if that came before.
                    V::Spiffe(_) if kept.iter().any(|known| item.equals(known)) => false,
                    item if others.iter().any(|other| item.equals(other)) => false,
                    item => {
                        others.push(item);
                        true
                    }
                };
                if is_new {
                    kept.push(item);
                }
            }
            Ok(V::List(List::Built(eval.arena().slice(&kept))))
        }
        _ => no_overload(),
    }
}

/// Of a list or of a text.
pub(super) fn reverse<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(s)] => {
            eval.step(s.len() / 16)?;
            Ok(V::Str(eval.arena().str(&s.chars().rev().collect::<String>())))
        }
        [V::List(list)] => {
            eval.step(list.len())?;
            let mut items: Vec<V<'a>> = list.iter().collect();
            items.reverse();
            Ok(V::List(List::Built(eval.arena().slice(&items))))
        }
        _ => no_overload(),
    }
}

/// Items in the order of their keys; of equal keys the first stays first.
///
/// # Errors
///
/// Keys of different types, or of one that has no order.
pub(in crate::cel) fn sorted<'a>(
    eval: &Eval<'a, '_>,
    mut keyed: Vec<(V<'a>, V<'a>)>,
) -> Result<Vec<V<'a>>, EvalError<'a>> {
    if let Some((first, _)) = keyed.first() {
        if !is_ordered(first) {
            return Err(EvalError::Invalid("list elements must be comparable"));
        }
        let kind = std::mem::discriminant(first);
        if !keyed.iter().all(|(key, _)| std::mem::discriminant(key) == kind) {
            return Err(EvalError::Invalid("list elements must have the same type"));
        }
    }
    let rounds = usize::try_from(keyed.len().checked_ilog2().unwrap_or(0)).unwrap_or(0);
    eval.step(keyed.len().saturating_mul(rounds + 1))?;
    let has_nan = keyed.iter().any(|(key, _)| matches!(key, V::Double(d) if d.is_nan()));
    if has_nan && keyed.len() <= FEW {
        sort_few(&mut keyed);
    } else {
        keyed.sort_by(|(a, _), (b, _)| order(a, b));
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

/// Up to which length Go inserts one item after the other.
const FEW: usize = 12;

/// NaN has no order: nothing passes it, and it passes nothing.
fn sort_few(keyed: &mut [(V<'_>, V<'_>)]) {
    for end in 1..keyed.len() {
        for at in (1..=end).rev() {
            match keyed.get(at - 1..=at) {
                Some([(a, _), (b, _)]) if b.compare(a) == Some(Ordering::Less) => {
                    keyed.swap(at - 1, at);
                }
                _ => break,
            }
        }
    }
}

/// A total order: NaN comes last.
fn order(a: &V<'_>, b: &V<'_>) -> Ordering {
    let is_nan = |v: &V<'_>| matches!(v, V::Double(d) if d.is_nan());
    a.compare(b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

fn sort<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            eval.step(list.len())?;
            let sorted = sorted(eval, list.iter().map(|item| (item, item)).collect())?;
            Ok(V::List(List::Built(eval.arena().slice(&sorted))))
        }
        _ => no_overload(),
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn a_range_has_a_largest_size() {
        check_bare("lists.range(0)", "[]");
        check_bare("size(lists.range(1000000))", "1000000");
        check_bare(
            "lists.range(1000001)",
            "error: lists.range: size 1000001 exceeds maximum allowed (1000000)",
        );
        check_bare("lists.range(-1)", "error: lists.range: size must be non-negative, got -1");
    }

    #[test]
    fn a_slice_lies_within_its_list() {
        check_bare("P.attr.teams.slice(1, 2) + P.roles.slice(0, 1)", "[\"blue\", \"user\"]");
        check_bare("[1, 2].slice(2, 2) + [].slice(0, 0)", "[]");
        for (arguments, error) in [
            ("-1, 1", "negative indexes not supported"),
            ("1, 0", "start index must be less than or equal to end index"),
            ("0, 3", "list is length 2"),
            ("3, 3", "list is length 2"),
        ] {
            let error = format!("error: cannot slice({arguments}), {error}");
            check_bare(&format!("[1, 2].slice({arguments})"), &error);
        }
    }

    #[test]
    fn flattening_stops_at_the_depth() {
        check_bare("[1, [2, [3]], []].flatten()", "[1, 2, [3]]");
        check_bare("[[1, [2, [3]]]].flatten(5)", "[1, 2, 3]");
        check_bare("[[1, [2]]].flatten(0)", "[[1, [2]]]");
        check_bare("dyn([1, 2]).flatten()", "[1, 2]");
        check_bare("[1].flatten(-1)", "error: level must be non-negative");
        check_bare("[1].flatten(dyn('a'))", "error: no such overload: list(dyn).flatten(string)");
    }

    #[test]
    fn the_ends_of_a_list_are_optional() {
        check_bare("[].first()", "optional.none()");
        check_bare("[].last().hasValue() || ![1].last().hasValue()", "false");
        check_bare("P.roles.last()", "optional.of(\"editor\")");
        check_bare("dyn('a').first()", "error: no such overload: first(string)");
    }

    #[test]
    fn sorting_needs_keys_of_one_ordered_type() {
        check_bare("[3, 1, 2].sort() + dyn([])", "[1, 2, 3]");
        check_bare("['b', 'aa', ''].sortBy(x, size(x))", "[\"\", \"b\", \"aa\"]");
        check_bare("lists.range(20).sortBy(x, x % 2)[10]", "1");
        check_bare("[].sortBy(x, 1 / 0)", "[]");
        check_bare("[1].sortBy(x, 1 / 0)", "error: division by zero");
        for list in ["[1, 2u]", "[dyn(1), 'a']", "[dyn('a'), [1]]", "[1, null]"] {
            let error = "error: list elements must have the same type";
            check_bare(&format!("dyn({list}).sort()"), error);
        }
        for list in ["[null]", "[[1]]", "[{}]", "[null, 1]", "[int]", "[optional.of(1)]"] {
            let error = "error: list elements must be comparable";
            check_bare(&format!("dyn({list}).sort()"), error);
        }
        check_bare("[1].sortBy(x, dyn([x]))", "error: list elements must be comparable");
        let error = "error: no such overload: @sortByAssociatedKeys";
        check_bare("dyn({'a': 1}).sortBy(x, x)", error);
        check_bare("dyn('a').sortBy(x, x)", "error: got 'types.String', expected iterable type");
    }

    #[test]
    fn not_a_number_stays_where_it_is_in_a_short_list_and_comes_last_in_a_long_one() {
        check_bare("[3.5, 1.0, double('NaN'), -1.0].sort()", "[1, 3.5, NaN, -1]");
        check_bare(
            "(lists.range(20).map(x, double('NaN')) + [2.0, 1.0]).sort().slice(0, 3)",
            "[1, 2, NaN]",
        );
    }

    #[test]
    fn equal_items_are_kept_once() {
        check_bare("[1, 'a', 1.0, null, 'a', null, dyn(1u)].distinct()", "[1, \"a\", null]");
        check_bare("[[1], [1.0], [2]].distinct()", "[[1], [2]]");
        check_bare("[double('NaN'), double('NaN')].distinct()", "[NaN, NaN]");
        check_bare("lists.range(30000).map(x, string(x)).distinct().size()", "30000");
    }
}

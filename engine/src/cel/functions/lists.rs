//! Lists (cel-go's lists extension).

use super::super::vals::{List, V};
use super::{Eval, EvalError, Evaluated, Library, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Lists",
    rows: &[
        member("distinct", "list(A) -> list(A)", distinct, "[1, 2, 1].distinct() == [1, 2]"),
        member("sort", "list(int) -> list(int)", sort, "[3, 1, 2].sort() == [1, 2, 3]"),
        member("sort", "list(uint) -> list(uint)", sort, "[2u, 1u].sort() == [1u, 2u]"),
        member("sort", "list(double) -> list(double)", sort, "[2.5, 1.5].sort() == [1.5, 2.5]"),
        member("sort", "list(bool) -> list(bool)", sort, "[true, false].sort() == [false, true]"),
        member(
            "sort",
            "list(duration) -> list(duration)",
            sort,
            "[duration('2s'), duration('1s')].sort()[0] == duration('1s')",
        ),
        member(
            "sort",
            "list(timestamp) -> list(timestamp)",
            sort,
            "[timestamp(2), timestamp(1)].sort()[0] == timestamp(1)",
        ),
        member("sort", "list(string) -> list(string)", sort, "['b', 'a'].sort() == ['a', 'b']"),
        member("sort", "list(bytes) -> list(bytes)", sort, "[b'b', b'a'].sort() == [b'a', b'b']"),
        member("reverse", "list(A) -> list(A)", reverse, "[1, 2].reverse() == [2, 1]"),
    ],
};

fn distinct<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::List(list)] => {
            let mut kept: Vec<V<'a>> = Vec::new();
            for item in list.iter() {
                eval.step(kept.len() + 1)?;
                if !kept.iter().any(|k| item.equals(k)) {
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

/// Items in the order of their keys, stable.
///
/// # Errors
///
/// Keys of different types, or of one that has no order.
pub(in crate::cel) fn sorted<'a>(
    eval: &Eval<'a, '_>,
    mut keyed: Vec<(V<'a>, V<'a>)>,
) -> Result<Vec<V<'a>>, EvalError<'a>> {
    let mut keys = keyed.iter().map(|(key, _)| key);
    if let Some(first) = keys.next() {
        let one_type = |key: &V<'a>| std::mem::discriminant(key) == std::mem::discriminant(first);
        if !keys.all(one_type) {
            return Err(EvalError::Invalid("list elements must have the same type"));
        }
        if first.compare(first).is_none() && !first.are_numbers(first) {
            return Err(EvalError::Invalid("list elements must be comparable"));
        }
    }
    eval.step(keyed.len().saturating_mul(2))?;
    keyed.sort_by(|(a, _), (b, _)| a.compare(b).unwrap_or(std::cmp::Ordering::Equal));
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
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

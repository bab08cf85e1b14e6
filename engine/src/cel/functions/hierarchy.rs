//! Hierarchies: names from the root down, and how two of them relate (docs/semantics.md, rule F23).

use smallvec::SmallVec;

use super::super::containers::List;
use super::super::vals::V;
use super::convert::size;
use super::texts::texts;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Hierarchies",
    rows: &[
        global("hierarchy", "string -> hierarchy", hierarchy, "hierarchy('a.b')[0] == 'a'"),
        global(
            "hierarchy",
            "list(string) -> hierarchy",
            hierarchy,
            "hierarchy(['a', 'b']) == hierarchy('a.b')",
        ),
        global(
            "hierarchy",
            "string, string -> hierarchy",
            split,
            "hierarchy('a:b', ':') == hierarchy('a.b')",
        ),
        member("size", "hierarchy -> int", size, "hierarchy('a.b').size() == 2").by_receiver(),
        member(
            "ancestorOf",
            "hierarchy, hierarchy -> bool",
            ancestor_of,
            "hierarchy('a').ancestorOf(hierarchy('a.b.c'))",
        )
        .by_receiver(),
        member(
            "descendentOf",
            "hierarchy, hierarchy -> bool",
            descendent_of,
            "hierarchy('a.b.c').descendentOf(hierarchy('a'))",
        )
        .by_receiver(),
        member(
            "immediateParentOf",
            "hierarchy, hierarchy -> bool",
            immediate_parent_of,
            "hierarchy('a').immediateParentOf(hierarchy('a.b'))",
        )
        .by_receiver(),
        member(
            "immediateChildOf",
            "hierarchy, hierarchy -> bool",
            immediate_child_of,
            "hierarchy('a.b').immediateChildOf(hierarchy('a'))",
        )
        .by_receiver(),
        member(
            "siblingOf",
            "hierarchy, hierarchy -> bool",
            sibling_of,
            "hierarchy('a.b').siblingOf(hierarchy('a.c'))",
        )
        .by_receiver(),
        member(
            "overlaps",
            "hierarchy, hierarchy -> bool",
            overlaps,
            "hierarchy('a.b.c').overlaps(hierarchy('a.b'))",
        )
        .by_receiver(),
        member(
            "commonAncestors",
            "hierarchy, hierarchy -> hierarchy",
            common_ancestors,
            "hierarchy('a.b.c').commonAncestors(hierarchy('a.b.d')) == hierarchy('a.b')",
        )
        .by_receiver(),
    ],
};

fn hierarchy<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => parts(eval, text, "."),
        [V::List(list)] => {
            eval.step(list.len())?;
            // A list of nothing but strings stays where it is.
            if list.iter().all(|item| matches!(item, V::Str(_))) {
                return Ok(V::Hierarchy(*list));
            }
            let names = texts(eval, *list)?;
            Ok(V::Hierarchy(List::Names(eval.arena().slice(&names))))
        }
        _ => no_overload(),
    }
}

fn split<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text), V::Str(delimiter)] => parts(eval, text, delimiter),
        _ => no_overload(),
    }
}

/// As Go's `strings.Split`: nothing between characters splits into characters.
fn parts<'a>(eval: &Eval<'a, '_>, text: &'a str, delimiter: &str) -> Evaluated<'a> {
    eval.step(1 + text.len())?;
    let names: SmallVec<[&'a str; 16]> = if delimiter.is_empty() {
        let ends = text.char_indices().map(|(at, c)| at..at + c.len_utf8());
        ends.filter_map(|range| text.get(range)).collect()
    } else {
        text.split(delimiter).collect()
    };
    Ok(V::Hierarchy(List::Names(eval.arena().slice(&names))))
}

/// Both hierarchies of a method's call.
fn pair<'a>(eval: &Eval<'a, '_>, args: &[V<'a>]) -> Result<(List<'a>, List<'a>), EvalError<'a>> {
    let [V::Hierarchy(this), V::Hierarchy(other)] = args else {
        return Err(EvalError::NoSuchOverload);
    };
    eval.step(this.len().min(other.len()))?;
    Ok((*this, *other))
}

/// How many names from the root down are the same.
fn shared(a: List<'_>, b: List<'_>) -> usize {
    a.iter().zip(b.iter()).take_while(|(a, b)| a.equals(b)).count()
}

/// Whether the first is the beginning of the second, or all of it.
fn begins(first: List<'_>, second: List<'_>) -> bool {
    shared(first, second) == first.len()
}

fn ancestor_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(this.len() < other.len() && begins(this, other)))
}

fn descendent_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(other.len() < this.len() && begins(other, this)))
}

fn immediate_parent_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(this.len() + 1 == other.len() && begins(this, other)))
}

fn immediate_child_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(other.len() + 1 == this.len() && begins(other, this)))
}

/// The last names are not compared: a hierarchy is its own sibling.
fn sibling_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(this.len() == other.len() && shared(this, other) + 1 >= this.len()))
}

fn overlaps<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    Ok(V::Bool(begins(this, other) || begins(other, this)))
}

/// Ancestors of both, one of which may be the ancestor itself. Of two of the same length neither is.
fn common_ancestors<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let (this, other) = pair(eval, args)?;
    let most = if this.len() == other.len() { this.len().checked_sub(1) } else { Some(this.len()) };
    let most = most.ok_or(EvalError::Invalid("two empty hierarchies have no common ancestors"))?;
    Ok(V::Hierarchy(first(this, shared(this, other).min(most))))
}

/// The first names.
fn first(list: List<'_>, count: usize) -> List<'_> {
    match list {
        List::Built(items) => List::Built(items.get(..count).unwrap_or_default()),
        List::Literals(items) => List::Literals(items.get(..count).unwrap_or_default()),
        List::Values(items) => List::Values(items.get(..count).unwrap_or_default()),
        List::Owned(items) => List::Owned(items.get(..count).unwrap_or_default()),
        List::Names(items) => List::Names(items.get(..count).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn text_is_split_as_go_splits_it() {
        check_bare("hierarchy('a..b')", "hierarchy([\"a\", \"\", \"b\"])");
        check_bare("hierarchy('')", "hierarchy([\"\"])");
        check_bare("hierarchy('', '')", "hierarchy([])");
        check_bare("hierarchy('äb', '')", "hierarchy([\"ä\", \"b\"])");
        check_bare("hierarchy('aaa', 'aa')", "hierarchy([\"\", \"a\"])");
        check_bare("hierarchy(['a.b']) == hierarchy('a.b')", "false");
        check_bare("hierarchy(P.attr.teams)", "hierarchy([\"red\", \"blue\"])");
    }

    #[test]
    fn behind_a_string_a_list_may_hold_what_has_a_text() {
        check_bare(
            "hierarchy([dyn('a'), hierarchy('b.c'), spiffeID('spiffe://a/b'), ip('0::1'), \
             cidr('::/0'), optional.of('d'), spiffeTrustDomain('e')])",
            "hierarchy([\"a\", \"b.c\", \"spiffe://a/b\", \"::1\", \"::/0\", \"d\", \"e\"])",
        );
        for (item, reason) in [
            ("1", "unsupported type conversion from 'int' to string"),
            ("2.0", "type conversion error from Double to 'string'"),
            ("null", "type conversion error from 'null_type' to 'string'"),
            ("optional.none()", "optional.none() dereference"),
        ] {
            check_bare(
                &format!("hierarchy([dyn('a'), {item}])"),
                &format!("error: failed to convert list to string slice: {reason}"),
            );
        }
        check_bare("hierarchy(dyn([1]))", "error: no such overload: hierarchy(list)");
        check_bare("hierarchy([1])", "compile: there is no `hierarchy(list(int))`");
    }

    #[test]
    fn an_ancestor_is_shorter() {
        check_bare("hierarchy('a.b').ancestorOf(hierarchy('a.b'))", "false");
        check_bare("hierarchy('a.x').ancestorOf(hierarchy('a.b.c'))", "false");
        check_bare("hierarchy([]).ancestorOf(hierarchy('a'))", "true");
        check_bare("hierarchy('a.b').descendentOf(hierarchy('a.b'))", "false");
        check_bare("hierarchy('a').immediateParentOf(hierarchy('a.b.c'))", "false");
        check_bare("hierarchy('a.b').immediateChildOf(hierarchy('a.b'))", "false");
        check_bare("hierarchy('a').ancestorOf(dyn('a.b'))", "error: no such overload");
    }

    #[test]
    fn a_hierarchy_is_its_own_sibling() {
        check_bare("hierarchy('a.b').siblingOf(hierarchy('a.b'))", "true");
        check_bare("hierarchy([]).siblingOf(hierarchy([]))", "true");
        check_bare("hierarchy('a').siblingOf(hierarchy('b'))", "true");
        check_bare("hierarchy('a.b').siblingOf(hierarchy('x.b'))", "false");
        check_bare("hierarchy('a.b').siblingOf(hierarchy('a'))", "false");
        check_bare("hierarchy('a.b').overlaps(hierarchy('a.c'))", "false");
        check_bare("hierarchy([]).overlaps(hierarchy('a'))", "true");
    }

    #[test]
    fn common_ancestors_of_equal_lengths_leave_the_last_name_out() {
        check_bare("hierarchy('a.b').commonAncestors(hierarchy('a.b'))", "hierarchy([\"a\"])");
        check_bare(
            "hierarchy('a.b').commonAncestors(hierarchy('a.b.c'))",
            "hierarchy([\"a\", \"b\"])",
        );
        check_bare(
            "hierarchy('a.b.c').commonAncestors(hierarchy('a.b'))",
            "hierarchy([\"a\", \"b\"])",
        );
        check_bare("hierarchy('x').commonAncestors(hierarchy('a.b')) == hierarchy([])", "true");
        check_bare(
            "hierarchy([]).commonAncestors(hierarchy([]))",
            "error: two empty hierarchies have no common ancestors",
        );
    }

    #[test]
    fn names_are_read_by_int_and_nothing_else() {
        check_bare("hierarchy('a.b')[dyn(1)]", "\"b\"");
        check_bare("hierarchy('a.b')[2]", "error: index out of range");
        check_bare("hierarchy('a.b')[-1]", "error: index out of range");
        check_bare("hierarchy('a.b')[dyn(1.0)]", "error: unsupported index type 'double'");
        check_bare("dyn(hierarchy('a.b'))[1u]", "error: unsupported index type 'uint'");
        check_bare("dyn(hierarchy('a.b')).a", "error: unsupported index type 'string'");
        check_bare("has(dyn(hierarchy('a.b')).a)", "error: unsupported index type 'string'");
        check_bare("dyn(hierarchy('a.b'))[?0]", "optional.of(\"a\")");
        check_bare("dyn(hierarchy('a.b'))[?5]", "error: index out of range");
        check_bare("dyn(hierarchy('a.b')).?a", "error: unsupported index type 'string'");
        check_bare("size(dyn(hierarchy('a.b')))", "2");
        check_bare("'a' in dyn(hierarchy('a.b'))", "error: no such overload");
        check_bare(
            "dyn(hierarchy('a.b')).exists(x, x == 'a')",
            "error: got 'types.Hierarchy', expected iterable type",
        );
    }

    #[test]
    fn a_hierarchy_and_another_value_have_no_equality() {
        check_bare("dyn(hierarchy('a.b')) == dyn(['a', 'b'])", "error: no such overload");
        check_bare("dyn(hierarchy('a.b')) != dyn(['a', 'b'])", "true");
        check_bare("dyn(['a', 'b']) == dyn(hierarchy('a.b'))", "false");
        check_bare("dyn(hierarchy('a.b')) == null", "false");
        check_bare("dyn(hierarchy('a')) in [dyn(1), dyn(hierarchy('a'))]", "true");
        check_bare(
            "optional.of(dyn(hierarchy('a'))) == optional.of(dyn(1))",
            "error: no such overload",
        );
        // What has no equality is not found to differ inside of lists and maps (rule F23).
        check_bare("[dyn(hierarchy('a'))] == [dyn(1)]", "true");
        check_bare("[dyn(1)] == [dyn(hierarchy('a'))]", "false");
        check_bare("{'a': dyn(hierarchy('a'))} == {'a': dyn(1)}", "true");
        check_bare("type(hierarchy('a')) == cerbos.lib.hierarchy", "true");
    }
}

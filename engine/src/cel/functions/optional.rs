//! Values that may be absent (cel-go's optional types).

use super::super::containers::List;
use super::super::time::Timestamp;
use super::super::vals::{Object, V};
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Optional values",
    rows: &[
        global("optional.of", "A -> optional(A)", optional_of, "optional.of(1).value() == 1"),
        global(
            "optional.ofNonZeroValue",
            "A -> optional(A)",
            of_non_zero,
            "!optional.ofNonZeroValue('').hasValue()",
        ),
        global("optional.none", "-> optional(A)", optional_none, "!optional.none().hasValue()"),
        member("hasValue", "optional(A) -> bool", has_value, "optional.of(1).hasValue()"),
        member("value", "optional(A) -> A", value, "optional.of(1).value() == 1"),
        member("orValue", "optional(A), A -> A", or_value, "optional.none().orValue(2) == 2")
            .by_function()
            .lazy(),
        member(
            "or",
            "optional(A), optional(A) -> optional(A)",
            or,
            "optional.none().or(optional.of(2)).value() == 2",
        )
        .by_function()
        .lazy(),
        global(
            "optional.unwrap",
            "list(optional(A)) -> list(A)",
            unwrap,
            "optional.unwrap([optional.of(1), optional.none()]) == [1]",
        ),
        member(
            "unwrapOpt",
            "list(optional(A)) -> list(A)",
            unwrap,
            "[optional.of(1), optional.none()].unwrapOpt() == [1]",
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
        [V::Optional(Some(inner)), ..] => Ok(**inner),
        [V::Optional(None), other] => Ok(*other),
        _ => no_overload(),
    }
}

/// What `or` falls back on is not looked at: a value that is no optional one goes through.
fn or<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [first @ V::Optional(Some(_)), ..] => Ok(*first),
        [V::Optional(None), second] => Ok(*second),
        _ => no_overload(),
    }
}

fn of_non_zero<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [v] = args else { return no_overload() };
    let is_zero = match v {
        V::Null | V::Bool(false) | V::Int(0) | V::UInt(0) | V::Duration(0) | V::Str("") => true,
        V::Double(d) => *d == 0.0,
        V::Bytes(b) => b.is_empty(),
        V::List(items) => items.is_empty(),
        V::Map(map) => map.is_empty(),
        V::Object(Object::Empty) => true,
        // The first instant of the year 1, which is Go's.
        V::Timestamp(t) => *t == Timestamp::FIRST,
        _ => false,
    };
    Ok(V::Optional(if is_zero { None } else { Some(eval.arena().one(*v)) }))
}

fn unwrap<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::List(items)] = args else { return no_overload() };
    eval.step(items.len())?;
    let mut values = Vec::with_capacity(items.len());
    for item in items.iter() {
        match item {
            V::Optional(inner) => values.extend(inner.copied()),
            _ => return no_overload(),
        }
    }
    Ok(V::List(List::Built(eval.arena().slice(&values))))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn what_is_there_is_not_replaced_and_the_rest_not_evaluated() {
        check_bare("optional.of(1).orValue(1 / 0)", "1");
        check_bare("optional.of(1).or(optional.of(1 / 0)).value()", "1");
        check_bare("optional.of(R.attr.owner).orValue(R.attr.missing)", "\"alice\"");
        check_bare("optional.none().orValue(1 / 0)", "error: division by zero");
        check_bare("optional.none().or(dyn(2))", "2");
        check_bare("dyn(1).or(optional.of(2))", "error: no such overload");
        check_bare("optional.none().value()", "error: optional.none() dereference");
    }

    #[test]
    fn zero_values_are_absent() {
        for zero in [
            "null",
            "false",
            "0",
            "0u",
            "-0.0",
            "''",
            "b''",
            "[]",
            "{}",
            "duration('0s')",
            "timestamp('0001-01-01T01:00:00+01:00')",
            "request.auxData.jwt",
            "R.attr.nothing",
        ] {
            check_bare(&format!("optional.ofNonZeroValue({zero})"), "optional.none()");
        }
        for value in [
            "true",
            "double('NaN')",
            "[0]",
            "timestamp(0)",
            "int",
            "optional.none()",
            "optional.of(0)",
            "P",
            "request.auxData",
            "runtime",
        ] {
            check_bare(&format!("optional.ofNonZeroValue({value}).hasValue()"), "true");
        }
    }

    #[test]
    fn unwrapping_keeps_what_is_there() {
        check_bare("[optional.of(1), optional.none(), optional.of(null)].unwrapOpt()", "[1, null]");
        check_bare("optional.unwrap([optional.of(optional.of(1))])[0].value()", "1");
        check_bare("optional.unwrap(dyn([optional.of(2), 1]))", "error: no such overload");
        check_bare("[].unwrapOpt()", "[]");
    }

    #[test]
    fn optional_values_are_equal_when_what_they_hold_is() {
        check_bare("optional.of(1) == optional.of(dyn(1.0))", "true");
        check_bare("optional.none() == optional.none()", "true");
        check_bare("optional.of(optional.none()) == dyn(optional.none())", "false");
        check_bare("optional.of(null) == optional.none()", "false");
        check_bare("dyn(optional.of(1)) == 1 || null == dyn(optional.none())", "false");
        check_bare("optional.of(double('NaN')) == optional.of(double('NaN'))", "false");
    }

    #[test]
    fn what_opt_flat_map_gives_is_not_looked_at() {
        check_bare("optional.of(1).optFlatMap(x, dyn(x + 1))", "2");
        check_bare("optional.none().optFlatMap(x, optional.of(1 / 0)).hasValue()", "false");
        check_bare("optional.of(1).optMap(x, 1 / 0)", "error: division by zero");
    }
}

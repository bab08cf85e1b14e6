//! What cel-go says of values in places that do not take them (docs/semantics.md, rule E4).

use super::ast::Binary;
use super::containers::MapRef;
use super::error::EvalError;
use super::eval::Eval;
use super::spiffe::Spiffe;
use super::vals::V;

/// The type as Go prints it, which is what cel-go says.
pub(super) fn go_type(v: &V<'_>) -> &'static str {
    match v {
        V::Null => "types.Null",
        V::Bool(_) => "types.Bool",
        V::Int(_) => "types.Int",
        V::UInt(_) => "types.Uint",
        V::Double(_) => "types.Double",
        V::Str(_) => "types.String",
        V::Bytes(_) => "types.Bytes",
        V::List(_) => "*types.baseList",
        V::Map(_) => "*types.baseMap",
        V::Timestamp(_) => "types.Timestamp",
        V::Duration(_) => "types.Duration",
        V::Type(_) => "*types.Type",
        V::Optional(_) => "*types.Optional",
        V::Object(_) => "*types.protoMessageObject",
        V::Ip(_) => "ext.IP",
        V::Cidr(..) => "ext.CIDR",
        V::Hierarchy(_) => "types.Hierarchy",
        V::Spiffe(Spiffe::Id(_)) => "types.SPIFFEID",
        V::Spiffe(Spiffe::TrustDomain(_)) => "types.SPIFFETrustDomain",
        V::Spiffe(Spiffe::Matcher(_)) => "types.SPIFFEMatcher",
    }
}

/// An operator whose left operand has no such operation at all names itself; one that only dislikes the other
/// operand does not. What receives calls is asked instead.
#[cold]
pub(super) fn operator<'a>(op: Binary, left: &V<'_>) -> EvalError<'a> {
    let is_number = matches!(left, V::Int(_) | V::UInt(_) | V::Double(_));
    let (named, takes) = match op {
        Binary::Add => {
            ("no such overload: _+_", is_number || matches!(left, V::Bytes(_) | V::List(_)))
        }
        Binary::Sub => ("no such overload: _-_", is_number),
        Binary::Mul => ("no such overload: _*_", is_number),
        Binary::Div => ("no such overload: _/_", is_number),
        Binary::Mod => ("no such overload: _%_", matches!(left, V::Int(_) | V::UInt(_))),
        Binary::Lt => ("no such overload: _<_", is_ordered(left)),
        Binary::Le => ("no such overload: _<=_", is_ordered(left)),
        Binary::Gt => ("no such overload: _>_", is_ordered(left)),
        Binary::Ge => ("no such overload: _>=_", is_ordered(left)),
        Binary::Eq | Binary::Ne | Binary::In => return EvalError::NoSuchOverload,
    };
    if takes || is_receiver(left) { EvalError::NoSuchOverload } else { EvalError::Invalid(named) }
}

/// Whether values of this type receive calls. What they do not know, they refuse without a name.
pub(super) fn is_receiver(v: &V<'_>) -> bool {
    matches!(v, V::Str(_) | V::Timestamp(_) | V::Duration(_) | V::Hierarchy(_) | V::Spiffe(_))
}

/// The type with what it is a type of, which is not looked at.
pub(super) fn whole_type(v: &V<'_>) -> &'static str {
    match v {
        V::List(_) => "list(dyn)",
        V::Map(_) => "map(dyn, dyn)",
        V::Optional(_) => "optional_type(dyn)",
        other => other.type_name(),
    }
}

/// Whether values of this type have an order among themselves.
pub(super) fn is_ordered(v: &V<'_>) -> bool {
    v.compare(v).is_some() || matches!(v, V::Double(_))
}

/// Whether a comparison is false because of NaN, before types are compared.
pub(super) fn is_nan_among(left: &V<'_>, right: &V<'_>) -> bool {
    let is_nan = |v: &V<'_>| matches!(v, V::Double(d) if d.is_nan());
    is_nan(left) || is_ordered(left) && is_nan(right)
}

/// `-x`
#[cold]
pub(super) fn negation<'a>(operand: &V<'_>) -> EvalError<'a> {
    match operand {
        V::Bool(_) | V::Str(_) | V::Timestamp(_) | V::Hierarchy(_) => EvalError::NoSuchOverload,
        _ => EvalError::Invalid("no such overload: -_"),
    }
}

/// A macro over what is neither a list nor a map.
#[cold]
pub(super) fn range<'a>(eval: &Eval<'a, '_>, range: &V<'_>, two_variables: bool) -> EvalError<'a> {
    let name = go_type(range);
    if two_variables {
        eval.invalid(format_args!("unsupported comprehension range type: {name}"))
    } else {
        eval.invalid(format_args!("got '{name}', expected iterable type"))
    }
}

/// What has no hash in Go is no key of a map that has any. Maps from JSON look at strings only, and do not mind.
pub(super) fn key<'a>(map: MapRef<'_>, key: &V<'_>) -> Result<(), EvalError<'a>> {
    match map {
        MapRef::Built([]) | MapRef::Literals([]) => Ok(()),
        MapRef::Built(_) | MapRef::Literals(_) => hashed(key),
        _ => Ok(()),
    }
}

/// A key of a map that is built.
pub(super) fn hashed<'a>(key: &V<'_>) -> Result<(), EvalError<'a>> {
    Err(EvalError::Invalid(match key {
        V::Bytes(_) => "internal error: runtime error: hash of unhashable type types.Bytes",
        V::Hierarchy(_) => "internal error: runtime error: hash of unhashable type types.Hierarchy",
        V::Spiffe(Spiffe::Matcher(_)) => {
            "internal error: runtime error: hash of unhashable type types.SPIFFEMatcher"
        }
        _ => return Ok(()),
    }))
}

/// `[?x]` where `x` is no optional value.
#[cold]
pub(super) fn optional_item<'a>(eval: &Eval<'a, '_>, item: &V<'_>) -> EvalError<'a> {
    eval.invalid(format_args!(
        "cannot initialize optional list element from non-optional value {}",
        item.plain()
    ))
}

/// `{?key: x}` where `x` is no optional value.
#[cold]
pub(super) fn optional_entry<'a>(eval: &Eval<'a, '_>, key: &V<'_>, value: &V<'_>) -> EvalError<'a> {
    eval.invalid(format_args!(
        "cannot initialize optional entry '{}' from non-optional value {}",
        key.plain(),
        value.plain()
    ))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn an_operator_names_itself_when_its_left_operand_has_no_such_operation() {
        for (expression, operator) in [
            ("dyn(null) + null", ": _+_"),
            ("dyn(true) + dyn(true)", ": _+_"),
            ("dyn(1) + 1.0", ""),
            ("dyn([1]) + 'a'", ""),
            ("dyn([]) - dyn(1)", ": _-_"),
            ("dyn('a') - dyn(1)", ""),
            ("dyn(timestamp(0)) * dyn(1)", ""),
            ("dyn(1.0) % dyn(2.0)", ": _%_"),
            ("dyn(null) / dyn(0)", ": _/_"),
            ("dyn(null) <= dyn(1)", ": _<=_"),
            ("dyn(null) < dyn(double('NaN'))", ": _<_"),
            ("dyn(true) < dyn(null)", ""),
            ("dyn(b'a') < 'a'", ""),
            ("-dyn(1u)", ": -_"),
            ("-dyn(true)", ""),
            ("-dyn([])", ": -_"),
            ("!dyn(null)", ""),
        ] {
            check_bare(expression, &format!("error: no such overload{operator}"));
        }
    }

    #[test]
    fn an_index_is_refused_by_its_value_its_type_or_as_a_missing_key() {
        for (expression, text) in [
            ("[1, 2][dyn(1.5)]", "unsupported index value 1.5 in list"),
            ("[1, 2][dyn(1e300)]", "unsupported index value 1e+300 in list"),
            ("[1, 2][dyn(double('NaN'))]", "unsupported index value NaN in list"),
            (
                "[1, 2][dyn(-9223372036854775808.0)]",
                "unsupported index value -9.223372036854776e+18 in list",
            ),
            (
                "[1, 2][dyn(9223372036854775808u)]",
                "unsupported index value 9223372036854775808 in list",
            ),
            ("[1, 2][dyn('a')]", "unsupported index type 'string' in list"),
            ("[1, 2][dyn(true)]", "unsupported index type 'bool' in list"),
            ("[1, 2][dyn(null)]", "invalid qualifier type: types.Null"),
            ("[1, 2][dyn(b'a')]", "invalid qualifier type: types.Bytes"),
            ("[1, 2][dyn([])]", "invalid qualifier type: *types.baseList"),
            ("[1, 2][2]", "index out of bounds: 2"),
            ("[1, 2][-1]", "index out of bounds: -1"),
            ("[1, 2][dyn(2.0)]", "index out of bounds: 2"),
            ("[1, 2][dyn(9007199254740993.0)]", "index out of bounds: 9.007199254740992e+15"),
            ("{'a': 1}[dyn(1.5)]", "no such key: 1.5"),
            ("{'a': 1}[dyn(1u)]", "no such key: 1"),
            ("{'a': 1}[dyn(null)]", "invalid qualifier type: types.Null"),
            ("{null: 2}[null]", "invalid qualifier type: types.Null"),
            ("dyn('abc')[0]", "no such key: 0"),
            ("dyn(null)['x']", "no such key: x"),
            ("dyn(1)[dyn([])]", "invalid qualifier type: *types.baseList"),
            ("dyn('abc').a", "no such key: a"),
            ("dyn([1]).a", "unsupported index type 'string' in list"),
            ("[1][?dyn('a')]", "unsupported index type 'string' in list"),
            ("[1][?dyn(0.5)]", "unsupported index value 0.5 in list"),
            ("dyn([1]).?a", "unsupported index type 'string' in list"),
            ("optional.of(dyn([1]))[dyn(null)]", "invalid qualifier type: types.Null"),
            ("dyn({'a': 1})[?dyn([])]", "invalid qualifier type: *types.baseList"),
            ("has(dyn([1]).a)", "unsupported index type 'string' in list"),
        ] {
            check_bare(expression, &format!("error: {text}"));
        }
        check_bare("[1, 2][dyn(1.0)] + [1, 2][dyn(0u)] + [1, 2][dyn(-0.0)]", "4");
        check_bare("has(dyn(1).a) || has(dyn('a').a) || has(dyn(null).a)", "false");
        check_bare("dyn(1).?a.hasValue() || dyn(null)[?0].hasValue()", "false");
        check_bare("[1][?1].hasValue() || [1][?-1].hasValue()", "false");
    }

    #[test]
    fn comparisons_with_nan_are_false_before_types_are_looked_at() {
        for other in ["1", "1u", "1.0", "true", "'a'", "b'a'", "timestamp(0)"] {
            for operator in ["<", "<=", ">", ">="] {
                check_bare(&format!("dyn({other}) {operator} dyn(double('NaN'))"), "false");
            }
        }
        check_bare("dyn(double('NaN')) < dyn(null) || dyn(double('NaN')) >= dyn([])", "false");
    }

    #[test]
    fn macros_say_what_they_cannot_run_over() {
        check_bare("dyn('abc').map(x, x)", "error: got 'types.String', expected iterable type");
        check_bare("dyn(null).all(x, x)", "error: got 'types.Null', expected iterable type");
        check_bare(
            "dyn(1).transformList(k, v, v)",
            "error: unsupported comprehension range type: types.Int",
        );
    }

    #[test]
    fn what_has_no_hash_is_no_key_of_a_map() {
        for (key, name) in [
            ("b'a'", "Bytes"),
            ("hierarchy('a')", "Hierarchy"),
            ("spiffeMatchAny()", "SPIFFEMatcher"),
        ] {
            let text = format!(
                "error: internal error: runtime error: hash of unhashable type types.{name}"
            );
            check_bare(&format!("{{{key}: 1}}"), &text);
            check_bare(&format!("dyn({key}) in {{1: 2}}"), &text);
            check_bare(&format!("dyn({key}) in R.attr || dyn({key}) in dyn({{}})"), "false");
        }
        check_bare("size({optional.of(hierarchy('a')): 1, [hierarchy('a')]: 2})", "2");
    }

    /// A double finds an integer, an integer finds no double.
    #[test]
    fn keys_are_found_by_equal_integers() {
        check_bare("{1: 2}[dyn(1.0)] + {1: 2}[dyn(1u)] + {1u: 2}[dyn(1)] + {1u: 2}[dyn(1.0)]", "8");
        check_bare("{1u: 'b', 1: 'a'}[dyn(1.0)] + {1: 'a', 1.0: 'b'}[1.0]", "\"ab\"");
        check_bare("{1.0: 2}[dyn(1)]", "error: no such key: 1");
        check_bare("dyn(1) in {1.0: 2} || dyn(0) in {-0.0: 1}", "false");
        check_bare("dyn({1.0: 'a'}) == {1: 'a'} && dyn({1: 'a'}) != {1.0: 'a'}", "true");
        check_bare("size({1: 'a', 1u: 'b', 1.0: 'c', -0.0: 'd', 0.0: 'e'})", "4");
        check_bare("dyn(9223372036854775807.0) in {9223372036854775807: 1}", "false");
        check_bare("dyn(9007199254740992.0) in {9007199254740993: 1}", "false");
        check_bare(
            "null in {null: 1} && int in {int: 1} && timestamp(0) in {timestamp(0): 1}",
            "true",
        );
        check_bare("[1] in {[1]: 1} || {[1]: 1} == {[1]: 1}", "false");
        check_bare("size({[1]: 1, [1]: 2})", "2");
    }

    #[test]
    fn times_that_do_not_fit_are_integer_overflows_and_instants_timestamp_overflows() {
        for expression in [
            "timestamp(9223372037) - timestamp(0)",
            "timestamp(-62135596800) - timestamp(253402300799)",
            "duration('9223372036s') + duration('1s')",
            "duration('-9223372036s') - duration('1s')",
            "timestamp(0) - duration('-2562047h47m16.854775808s')",
            "-dyn(duration('-2562047h47m16.854775808s'))",
        ] {
            check_bare(expression, "error: integer overflow");
        }
        for expression in [
            "timestamp(253402300799) + duration('1s')",
            "timestamp(-62135596800) - duration('1ns')",
        ] {
            check_bare(expression, "error: timestamp overflow");
        }
        check_bare(
            "timestamp('2262-04-11T23:47:16.854775807Z') - timestamp(0) > duration('1s')",
            "true",
        );
    }

    #[test]
    fn optional_entries_take_optional_values_only() {
        let text = "from non-optional value";
        check_bare(
            "[?dyn('a')]",
            &format!("error: cannot initialize optional list element {text} a"),
        );
        check_bare(
            "{?'a': dyn(1)}",
            &format!("error: cannot initialize optional entry 'a' {text} 1"),
        );
        check_bare("[?optional.none(), ?optional.of(2)]", "[2]");
    }

    #[test]
    fn messages_have_the_fields_they_have() {
        check_bare("dyn(P).nosuch", "error: no such field 'nosuch'");
        check_bare("dyn(P).?nosuch", "error: no such field 'nosuch'");
        check_bare("has(dyn(request).nosuch)", "error: no such field 'nosuch'");
        check_bare("dyn(P)['id']", "\"alice\"");
        check_bare("dyn(P)[0]", "error: no such overload");
    }
}

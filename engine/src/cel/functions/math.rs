//! Numbers (cel-go's math extension).

use std::cmp::Ordering;

use super::super::containers::List;
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Math",
    rows: &[
        global("math.greatest", "int -> int", greatest, "math.greatest(1) == 1"),
        global("math.greatest", "uint -> uint", greatest, "math.greatest(1u) == 1u"),
        global("math.greatest", "double -> double", greatest, "math.greatest(1.5) == 1.5"),
        global("math.greatest", "int, int -> int", greatest, "math.greatest(1, 2) == 2"),
        global("math.greatest", "int, uint -> dyn", greatest, "math.greatest(1, 2u) == 2u"),
        global("math.greatest", "int, double -> dyn", greatest, "math.greatest(1, 2.5) == 2.5"),
        global("math.greatest", "uint, int -> dyn", greatest, "math.greatest(1u, 2) == 2"),
        global("math.greatest", "uint, uint -> uint", greatest, "math.greatest(1u, 2u) == 2u"),
        global("math.greatest", "uint, double -> dyn", greatest, "math.greatest(1u, 2.5) == 2.5"),
        global("math.greatest", "double, int -> dyn", greatest, "math.greatest(1.5, 2) == 2"),
        global("math.greatest", "double, uint -> dyn", greatest, "math.greatest(1.5, 2u) == 2u"),
        global(
            "math.greatest",
            "double, double -> double",
            greatest,
            "math.greatest(1.5, 2.5) == 2.5",
        ),
        global("math.greatest", "list(int) -> int", greatest, "math.greatest([1, 2]) == 2"),
        global("math.greatest", "list(uint) -> uint", greatest, "math.greatest([1u, 2u]) == 2u"),
        global(
            "math.greatest",
            "list(double) -> double",
            greatest,
            "math.greatest([1.5, 2.5]) == 2.5",
        ),
        global("math.least", "int -> int", least, "math.least(1) == 1"),
        global("math.least", "uint -> uint", least, "math.least(1u) == 1u"),
        global("math.least", "double -> double", least, "math.least(1.5) == 1.5"),
        global("math.least", "int, int -> int", least, "math.least(1, 2) == 1"),
        global("math.least", "int, uint -> dyn", least, "math.least(1, 2u) == 1"),
        global("math.least", "int, double -> dyn", least, "math.least(1, 2.5) == 1"),
        global("math.least", "uint, int -> dyn", least, "math.least(1u, 2) == 1u"),
        global("math.least", "uint, uint -> uint", least, "math.least(1u, 2u) == 1u"),
        global("math.least", "uint, double -> dyn", least, "math.least(1u, 2.5) == 1u"),
        global("math.least", "double, int -> dyn", least, "math.least(1.5, 2) == 1.5"),
        global("math.least", "double, uint -> dyn", least, "math.least(1.5, 2u) == 1.5"),
        global("math.least", "double, double -> double", least, "math.least(1.5, 2.5) == 1.5"),
        global("math.least", "list(int) -> int", least, "math.least([1, 2]) == 1"),
        global("math.least", "list(uint) -> uint", least, "math.least([1u, 2u]) == 1u"),
        global("math.least", "list(double) -> double", least, "math.least([1.5, 2.5]) == 1.5"),
        global("math.abs", "int -> int", abs, "math.abs(-1) == 1"),
        global("math.abs", "uint -> uint", abs, "math.abs(1u) == 1u"),
        global("math.abs", "double -> double", abs, "math.abs(-1.5) == 1.5"),
        global("math.sign", "int -> int", sign, "math.sign(-5) == -1"),
        global("math.sign", "uint -> uint", sign, "math.sign(5u) == 1u"),
        global("math.sign", "double -> double", sign, "math.sign(-2.5) == -1.0"),
        global("math.sqrt", "int -> double", sqrt, "math.sqrt(4) == 2.0"),
        global("math.sqrt", "uint -> double", sqrt, "math.sqrt(4u) == 2.0"),
        global("math.sqrt", "double -> double", sqrt, "math.sqrt(2.25) == 1.5"),
        global("math.ceil", "double -> double", ceil, "math.ceil(1.2) == 2.0"),
        global("math.floor", "double -> double", floor, "math.floor(-1.2) == -2.0"),
        global("math.round", "double -> double", round, "math.round(-2.5) == -3.0"),
        global("math.trunc", "double -> double", trunc, "math.trunc(-1.9) == -1.0"),
        global("math.isNaN", "double -> bool", is_nan, "math.isNaN(0.0 / 0.0)"),
        global("math.isInf", "double -> bool", is_inf, "math.isInf(-1.0 / 0.0)"),
        global("math.isFinite", "double -> bool", is_finite, "math.isFinite(1.5)"),
        global("math.bitAnd", "int, int -> int", bit_and, "math.bitAnd(5, 3) == 1"),
        global("math.bitAnd", "uint, uint -> uint", bit_and, "math.bitAnd(5u, 3u) == 1u"),
        global("math.bitOr", "int, int -> int", bit_or, "math.bitOr(5, 3) == 7"),
        global("math.bitOr", "uint, uint -> uint", bit_or, "math.bitOr(5u, 3u) == 7u"),
        global("math.bitXor", "int, int -> int", bit_xor, "math.bitXor(5, 3) == 6"),
        global("math.bitXor", "uint, uint -> uint", bit_xor, "math.bitXor(5u, 3u) == 6u"),
        global("math.bitNot", "int -> int", bit_not, "math.bitNot(1) == -2"),
        global("math.bitNot", "uint -> uint", bit_not, "math.bitNot(0u) == 18446744073709551615u"),
        global("math.bitShiftLeft", "int, int -> int", shift_left, "math.bitShiftLeft(1, 3) == 8"),
        global(
            "math.bitShiftLeft",
            "uint, int -> uint",
            shift_left,
            "math.bitShiftLeft(1u, 3) == 8u",
        ),
        global(
            "math.bitShiftRight",
            "int, int -> int",
            shift_right,
            "math.bitShiftRight(8, 3) == 1",
        ),
        global(
            "math.bitShiftRight",
            "uint, int -> uint",
            shift_right,
            "math.bitShiftRight(8u, 3) == 1u",
        ),
    ],
};

/// Which of two numbers wins, and how cel-go calls that in errors.
struct Extremum {
    wins: Ordering,
    empty: EvalError<'static>,
    not_a_number: EvalError<'static>,
    no_overload: EvalError<'static>,
}

const GREATEST: Extremum = Extremum {
    wins: Ordering::Greater,
    empty: EvalError::Invalid("math.@max(list) argument must not be empty"),
    not_a_number: EvalError::Invalid("NaN values cannot be ordered: math.@max"),
    no_overload: EvalError::Invalid("no such overload: math.@max"),
};

const LEAST: Extremum = Extremum {
    wins: Ordering::Less,
    empty: EvalError::Invalid("math.@min(list) argument must not be empty"),
    not_a_number: EvalError::Invalid("NaN values cannot be ordered: math.@min"),
    no_overload: EvalError::Invalid("no such overload: math.@min"),
};

fn greatest<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    GREATEST.of(eval, args)
}

fn least<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    LEAST.of(eval, args)
}

fn is_number(v: &V<'_>) -> bool {
    matches!(v, V::Int(_) | V::UInt(_) | V::Double(_))
}

impl Extremum {
    fn of<'a>(&self, eval: &Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
        match args {
            [V::List(list)] => self.of_list(eval, *list),
            [number] if is_number(number) => Ok(*number),
            [a, b] if is_number(a) && is_number(b) => self.of_two(*a, *b).ok_or(self.not_a_number),
            _ => no_overload(),
        }
    }

    /// The first of equal ones; `None` where NaN leaves it open.
    fn of_two<'a>(&self, a: V<'a>, b: V<'a>) -> Option<V<'a>> {
        b.compare(&a).map(|order| if order == self.wins { b } else { a })
    }

    fn of_list<'a>(&self, eval: &Eval<'a, '_>, list: List<'a>) -> Evaluated<'a> {
        let mut best = list.get(0).ok_or(self.empty)?;
        // The first item decides which list this is.
        if !is_number(&best) {
            return no_overload();
        }
        eval.step(list.len())?;
        for item in list.iter().skip(1) {
            best = self.of_two(best, item).ok_or(self.no_overload)?;
        }
        Ok(best)
    }
}

fn abs<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Int(i)] => i.checked_abs().map(V::Int).ok_or(EvalError::Invalid("integer overflow")),
        [v @ V::UInt(_)] => Ok(*v),
        [V::Double(d)] => Ok(V::Double(d.abs())),
        _ => no_overload(),
    }
}

fn sign<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(match args {
        [V::Int(i)] => V::Int(i.signum()),
        [V::UInt(u)] => V::UInt((*u).min(1)),
        // Not `signum`: zero has no sign here, -0.0 included.
        [V::Double(d)] if *d == 0.0 => V::Double(0.0),
        [V::Double(d)] => V::Double(d.signum()),
        _ => return no_overload(),
    })
}

fn sqrt<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    Ok(V::Double(match args {
        [V::Int(i)] => (*i as f64).sqrt(),
        [V::UInt(u)] => (*u as f64).sqrt(),
        [V::Double(d)] => d.sqrt(),
        _ => return no_overload(),
    }))
}

fn rounded<'a>(args: &[V<'a>], round: fn(f64) -> f64) -> Evaluated<'a> {
    match args {
        [V::Double(d)] => Ok(V::Double(round(*d))),
        _ => no_overload(),
    }
}

fn ceil<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    rounded(args, f64::ceil)
}

fn floor<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    rounded(args, f64::floor)
}

/// Halves away from zero.
fn round<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    rounded(args, f64::round)
}

fn trunc<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    rounded(args, f64::trunc)
}

fn tested<'a>(args: &[V<'a>], test: fn(f64) -> bool) -> Evaluated<'a> {
    match args {
        [V::Double(d)] => Ok(V::Bool(test(*d))),
        _ => no_overload(),
    }
}

fn is_nan<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    tested(args, f64::is_nan)
}

fn is_inf<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    tested(args, f64::is_infinite)
}

fn is_finite<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    tested(args, f64::is_finite)
}

fn bit_and<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Int(a), V::Int(b)] => Ok(V::Int(a & b)),
        [V::UInt(a), V::UInt(b)] => Ok(V::UInt(a & b)),
        _ => no_overload(),
    }
}

fn bit_or<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Int(a), V::Int(b)] => Ok(V::Int(a | b)),
        [V::UInt(a), V::UInt(b)] => Ok(V::UInt(a | b)),
        _ => no_overload(),
    }
}

fn bit_xor<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Int(a), V::Int(b)] => Ok(V::Int(a ^ b)),
        [V::UInt(a), V::UInt(b)] => Ok(V::UInt(a ^ b)),
        _ => no_overload(),
    }
}

fn bit_not<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Int(i)] => Ok(V::Int(!i)),
        [V::UInt(u)] => Ok(V::UInt(!u)),
        _ => no_overload(),
    }
}

/// Bits that are shifted out are lost; 64 and more leave none.
fn shift_left<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [value, V::Int(offset)] = args else { return no_overload() };
    shifted(eval, "math.bitShiftLeft", *value, *offset, u64::checked_shl)
}

/// Zeros come in from the left, for negative integers too.
fn shift_right<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [value, V::Int(offset)] = args else { return no_overload() };
    shifted(eval, "math.bitShiftRight", *value, *offset, u64::checked_shr)
}

fn shifted<'a>(
    eval: &Eval<'a, '_>,
    name: &str,
    value: V<'a>,
    offset: i64,
    shift: fn(u64, u32) -> Option<u64>,
) -> Evaluated<'a> {
    let (bits, is_signed) = match value {
        V::Int(i) => (i.cast_unsigned(), true),
        V::UInt(u) => (u, false),
        _ => return no_overload(),
    };
    if offset < 0 {
        return Err(eval.invalid(format_args!("{name}() negative offset: {offset}")));
    }
    let bits = shift(bits, u32::try_from(offset).unwrap_or(u32::MAX)).unwrap_or(0);
    Ok(if is_signed { V::Int(bits.cast_signed()) } else { V::UInt(bits) })
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;
    use crate::cel::{Env, Expression};

    #[test]
    fn the_first_of_equal_numbers_wins_with_its_type() {
        check_bare(
            "type(math.greatest(1, 1.0)) == int && type(math.least(1.0, 1)) == double",
            "true",
        );
        check_bare("type(math.greatest(dyn(1u), 1, 1.0)) == uint", "true");
        check_bare("math.greatest(5.4, 10, 3u, -5.0)", "10");
        check_bare("math.least([5.4, 10, 3u, -5.0])", "-5");
        check_bare("string(math.greatest(-0.0, 0.0))", "\"-0\"");
        check_bare(
            "type(math.greatest(9223372036854775807, 9223372036854775808.0)) == int",
            "true",
        );
        check_bare("math.greatest(lists.range(5)) + math.least([3, 2])", "6");
    }

    #[test]
    fn an_extremum_is_of_numbers_that_have_an_order() {
        check_bare("math.greatest(dyn([]))", "error: math.@max(list) argument must not be empty");
        check_bare("math.least(dyn([]))", "error: math.@min(list) argument must not be empty");
        check_bare(
            "math.greatest(1.0, double('NaN'))",
            "error: NaN values cannot be ordered: math.@max",
        );
        check_bare(
            "math.least(double('NaN'), 1)",
            "error: NaN values cannot be ordered: math.@min",
        );
        check_bare("math.least(1.0, double('NaN'), 2.0)", "error: no such overload: math.@min");
        check_bare("math.greatest(1, dyn('a'), 2)", "error: no such overload: math.@max");
        check_bare("math.greatest([double('NaN')])", "NaN");
        check_bare("math.greatest(dyn('a'), 1)", "error: no such overload: math.@max(string, int)");
        check_bare("math.greatest(dyn(['a', 1]))", "error: no such overload: math.@max(list)");
        check_bare("math.least(dyn(true))", "error: no such overload: math.@min(bool)");
    }

    #[test]
    fn arguments_of_an_extremum_are_checked_at_load() {
        for expression in [
            "math.greatest()",
            "math.greatest([])",
            "math.greatest('a')",
            "math.least(1, 'a')",
            "math.least([1, 'a'])",
            "math.least([1], [2])",
            "math.least(['a'].map(x, x))",
            "math.least(optional.of(1))",
        ] {
            let compiled = Expression::parse(expression).and_then(|e| e.compile(&Env::bare()));
            assert!(compiled.is_err(), "{expression}");
        }
    }

    #[test]
    fn signs_and_roots() {
        check_bare("math.abs(-9223372036854775808)", "error: integer overflow");
        check_bare("string(math.abs(-0.0)) + string(math.sign(-0.0))", "\"00\"");
        check_bare("[math.sign(-7), math.sign(0)]", "[-1, 0]");
        check_bare("math.sign(double('NaN'))", "NaN");
        check_bare("math.sqrt(-1)", "NaN");
        check_bare("math.sqrt(18446744073709551615u)", "4.294967296e+09");
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        check_bare("[0.5, 1.5, 2.5, -2.5].map(x, math.round(x))", "[1, 2, 3, -3]");
        check_bare("string(math.round(0.49999999999999994))", "\"0\"");
        check_bare("string(math.ceil(-0.5))", "\"-0\"");
        check_bare("math.floor(double('NaN'))", "NaN");
        check_bare("math.ceil(dyn(1))", "error: no such overload: math.ceil(int)");
    }

    #[test]
    fn shifts_fill_with_zeros_and_go_one_way() {
        check_bare("math.bitShiftLeft(1, 63)", "-9223372036854775808");
        check_bare("math.bitShiftLeft(1, 64) + math.bitShiftLeft(1, 9223372036854775807)", "0");
        check_bare("math.bitShiftRight(-1, 1)", "9223372036854775807");
        check_bare("math.bitShiftRight(-1024, 3)", "2305843009213693824");
        check_bare("math.bitShiftRight(18446744073709551615u, 64)", "0u");
        check_bare("math.bitShiftLeft(1u, -1)", "error: math.bitShiftLeft() negative offset: -1");
        check_bare("math.bitShiftRight(1, -2)", "error: math.bitShiftRight() negative offset: -2");
        check_bare("math.bitAnd(dyn(5u), 3)", "error: no such overload: math.bitAnd(uint, int)");
    }
}

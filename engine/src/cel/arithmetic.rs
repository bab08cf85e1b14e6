//! `+ - * / %` over numbers, texts, lists and times. What does not fit is an error, never a wrap-around.

use super::ast::Binary;
use super::containers::List;
use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::refusal;
use super::vals::V;

#[inline(never)]
pub(super) fn arithmetic<'a>(
    eval: &Eval<'a, '_>,
    op: Binary,
    left: V<'a>,
    right: V<'a>,
) -> Evaluated<'a> {
    const INT: EvalError<'static> = EvalError::Invalid("integer overflow");
    const UINT: EvalError<'static> = EvalError::Invalid("unsigned integer overflow");
    const TIME: EvalError<'static> = EvalError::Invalid("timestamp overflow");
    Ok(match (op, left, right) {
        (Binary::Add, V::Int(a), V::Int(b)) => V::Int(a.checked_add(b).ok_or(INT)?),
        (Binary::Sub, V::Int(a), V::Int(b)) => V::Int(a.checked_sub(b).ok_or(INT)?),
        (Binary::Mul, V::Int(a), V::Int(b)) => V::Int(a.checked_mul(b).ok_or(INT)?),
        (Binary::Div, V::Int(_), V::Int(0)) | (Binary::Div, V::UInt(_), V::UInt(0)) => {
            return Err(EvalError::DivisionByZero);
        }
        (Binary::Mod, V::Int(_), V::Int(0)) | (Binary::Mod, V::UInt(_), V::UInt(0)) => {
            return Err(EvalError::ModulusByZero);
        }
        (Binary::Div, V::Int(a), V::Int(b)) => V::Int(a.checked_div(b).ok_or(INT)?),
        (Binary::Mod, V::Int(a), V::Int(b)) => V::Int(a.checked_rem(b).ok_or(INT)?),
        (Binary::Add, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_add(b).ok_or(UINT)?),
        (Binary::Sub, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_sub(b).ok_or(UINT)?),
        (Binary::Mul, V::UInt(a), V::UInt(b)) => V::UInt(a.checked_mul(b).ok_or(UINT)?),
        (Binary::Div, V::UInt(a), V::UInt(b)) => V::UInt(a / b),
        (Binary::Mod, V::UInt(a), V::UInt(b)) => V::UInt(a % b),
        (Binary::Add, V::Double(a), V::Double(b)) => V::Double(a + b),
        (Binary::Sub, V::Double(a), V::Double(b)) => V::Double(a - b),
        (Binary::Mul, V::Double(a), V::Double(b)) => V::Double(a * b),
        (Binary::Div, V::Double(a), V::Double(b)) => V::Double(a / b),
        (Binary::Add, V::Str(a), V::Str(b)) => {
            eval.step((a.len() + b.len()) / 16)?;
            V::Str(eval.arena().join(a, b))
        }
        (Binary::Add, V::Bytes(a), V::Bytes(b)) => {
            eval.step((a.len() + b.len()) / 16)?;
            V::Bytes(eval.arena().collect(a.len() + b.len(), a.iter().chain(b).copied()))
        }
        (Binary::Add, V::List(a), V::List(b)) => {
            eval.step(a.len() + b.len())?;
            let all = eval.arena().collect(a.len() + b.len(), a.iter().chain(b.iter()));
            V::List(List::Built(all))
        }
        (Binary::Add, V::Timestamp(t), V::Duration(d))
        | (Binary::Add, V::Duration(d), V::Timestamp(t)) => {
            V::Timestamp(t.plus_nanos(d).ok_or(TIME)?)
        }
        (Binary::Sub, V::Timestamp(t), V::Duration(d)) => {
            V::Timestamp(t.plus_nanos(d.checked_neg().ok_or(INT)?).ok_or(TIME)?)
        }
        (Binary::Sub, V::Timestamp(a), V::Timestamp(b)) => {
            V::Duration(a.nanos_since(b).ok_or(INT)?)
        }
        (Binary::Add, V::Duration(a), V::Duration(b)) => V::Duration(a.checked_add(b).ok_or(INT)?),
        (Binary::Sub, V::Duration(a), V::Duration(b)) => V::Duration(a.checked_sub(b).ok_or(INT)?),
        _ => return Err(refusal::operator(op, &left)),
    })
}

//! The function library, one file a part. A function is looked up once, when an expression is compiled.

mod cerbos;
mod convert;
mod format;
mod lists;
mod net;
mod strings;
mod time;

use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::vals::V;

/// A function over evaluated arguments; the receiver of a method is the first.
pub(super) type Function = for<'a, 'e, 's> fn(&'e mut Eval<'a, 's>, &[V<'a>]) -> Evaluated<'a>;

/// How a function may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Global,
    Member,
    Both,
}

/// Name, form, least and most arguments (receiver included), and what it does.
struct Entry(&'static str, Form, usize, usize, Function);

const LIBRARIES: [&[Entry]; 7] =
    [convert::ALL, strings::ALL, time::ALL, lists::ALL, net::ALL, cerbos::ALL, format::ALL];

/// Finds a function.
///
/// # Errors
///
/// Whether the name is known in another form or with other arguments.
pub(super) fn find(name: &str, args: usize, member: bool) -> Result<Function, bool> {
    let mut known = false;
    for Entry(entry, form, least, most, function) in LIBRARIES.iter().copied().flatten() {
        if *entry == name {
            known = true;
            let form_fits = match form {
                Form::Both => true,
                Form::Member => member,
                Form::Global => !member,
            };
            if form_fits && (*least..=*most).contains(&args) {
                return Ok(*function);
            }
        }
    }
    Err(known)
}

/// Whether `name` stands before functions, as in `math.abs`.
pub(super) fn is_namespace(name: &str) -> bool {
    matches!(
        name,
        "cel"
            | "math"
            | "strings"
            | "lists"
            | "sets"
            | "base64"
            | "json"
            | "optional"
            | "regex"
            | "ip"
    )
}

fn no_overload<'a>() -> Evaluated<'a> {
    Err(EvalError::NoSuchOverload)
}

fn invalid<'a>(message: impl Into<Box<str>>) -> EvalError<'a> {
    EvalError::Invalid(message.into())
}

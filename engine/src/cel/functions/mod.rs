//! The function library: one file a part, one row for each way to call a function.
//!
//! A row says how the function is called, what it takes and gives, an example, and what runs. The checker, the
//! compiler and `docs/cel.md` read the same rows.

mod cerbos;
mod convert;
mod dispatch;
mod encoders;
mod format;
mod hierarchy;
mod lists;
mod math;
mod net;
mod optional;
mod paths;
mod regex;
mod sets;
mod spiffe;
mod strings;
mod texts;
mod time;

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::types::Signature;
use super::vals::V;
pub(super) use convert::timestamp;
use dispatch::Dispatch;
pub(super) use dispatch::refused;
pub(super) use lists::sorted;
pub(super) use net::{parse_cidr, parse_ip};

/// A function over evaluated arguments; the receiver of a method is the first.
pub(super) type Function = for<'a, 'e, 's> fn(&'e mut Eval<'a, 's>, &[V<'a>]) -> Evaluated<'a>;

/// One way to call a function.
#[derive(Debug)]
pub(super) struct Overload {
    /// With its namespace: `math.abs`.
    pub(super) name: &'static str,
    /// Whether it is written as `receiver.name(..)`.
    pub(super) member: bool,
    /// What it takes, the receiver first, and gives: `string, int -> string`.
    pub(super) signature: &'static str,
    /// An expression that is true.
    pub(super) example: &'static str,
    pub(super) run: Function,
    /// Whether constant arguments give a constant result.
    pub(super) pure: bool,
    /// Whether an argument that fails is an argument of no type, instead of the failure of the call.
    pub(super) lenient: bool,
    /// Whether a receiver that holds a value keeps the other arguments from being evaluated.
    pub(super) lazy: bool,
    /// What is said of values that it does not take.
    dispatch: Dispatch,
}

impl Overload {
    /// How it is called: `string.substring(int, int) -> string`.
    pub(super) fn written(&self) -> String {
        let (args, result) = self.signature.split_once("->").unwrap_or((self.signature, ""));
        let (args, result) = (args.trim(), result.trim());
        if !self.member {
            return format!("{}({args}) -> {result}", self.name);
        }
        // The receiver ends at the first comma outside of parentheses.
        let mut depth = 0_u32;
        let end = args.find(|c| {
            depth = match c {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            c == ',' && depth == 0
        });
        let (receiver, args) = end.and_then(|end| args.split_at_checked(end)).unwrap_or((args, ""));
        format!("{receiver}.{}({}) -> {result}", self.name, args.trim_start_matches([',', ' ']))
    }

    /// Not folded: what it gives depends on the moment.
    const fn impure(self) -> Self {
        Self { pure: false, ..self }
    }

    /// Cerbos declares it as non-strict.
    const fn lenient(self) -> Self {
        Self { lenient: true, ..self }
    }

    /// The receiver is told what is called.
    const fn by_receiver(self) -> Self {
        Self { dispatch: Dispatch::Receiver, ..self }
    }

    /// It looks at its arguments itself.
    const fn by_function(self) -> Self {
        Self { dispatch: Dispatch::Function, ..self }
    }

    const fn by_whole_types(self) -> Self {
        Self { dispatch: Dispatch::WholeTypes, ..self }
    }

    /// Runs on the receiver alone when that is an optional value that is there.
    const fn lazy(self) -> Self {
        Self { lazy: true, ..self }
    }
}

/// `name(args)`
const fn global(
    name: &'static str,
    signature: &'static str,
    run: Function,
    example: &'static str,
) -> Overload {
    Overload {
        name,
        member: false,
        signature,
        example,
        run,
        pure: true,
        lenient: false,
        lazy: false,
        dispatch: Dispatch::Types,
    }
}

/// `receiver.name(args)`
const fn member(
    name: &'static str,
    signature: &'static str,
    run: Function,
    example: &'static str,
) -> Overload {
    Overload {
        name,
        member: true,
        signature,
        example,
        run,
        pure: true,
        lenient: false,
        lazy: false,
        dispatch: Dispatch::Types,
    }
}

/// The rows of a library, under the heading that the documentation gives it.
pub(super) struct Library {
    pub(super) title: &'static str,
    pub(super) rows: &'static [Overload],
}

pub(super) static LIBRARIES: [Library; 15] = [
    convert::LIBRARY,
    strings::LIBRARY,
    format::LIBRARY,
    regex::LIBRARY,
    time::LIBRARY,
    math::LIBRARY,
    lists::LIBRARY,
    sets::LIBRARY,
    optional::LIBRARY,
    encoders::LIBRARY,
    net::LIBRARY,
    hierarchy::LIBRARY,
    spiffe::LIBRARY,
    paths::LIBRARY,
    cerbos::LIBRARY,
];

/// A row with its signature read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) overload: &'static Overload,
    pub(super) signature: Signature,
}

static BY_NAME: LazyLock<HashMap<&'static str, Vec<Known>, foldhash::fast::RandomState>> =
    LazyLock::new(|| {
        let mut all = HashMap::<_, Vec<Known>, _>::default();
        for overload in LIBRARIES.iter().flat_map(|library| library.rows) {
            if let Some(signature) = Signature::parse(overload.signature) {
                all.entry(overload.name).or_default().push(Known { overload, signature });
            }
        }
        all
    });

/// All ways to call a function.
pub(super) fn overloads(name: &str) -> &'static [Known] {
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

/// A function of the library, as `docs/cel.md` lists it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FunctionInfo {
    /// The part of the library it belongs to.
    pub library: &'static str,
    /// Its name, with its namespace: `math.abs`.
    pub name: &'static str,
    /// How it is called: `string.substring(int, int) -> string`.
    pub signature: String,
    /// An expression that is true.
    pub example: &'static str,
}

/// Every way to call every function.
///
/// ```
/// let all: Vec<_> = authz_engine::cel::functions().collect();
/// assert!(all.iter().any(|f| f.signature == "string.startsWith(string) -> bool"));
/// ```
pub fn functions() -> impl Iterator<Item = FunctionInfo> {
    LIBRARIES.iter().flat_map(|library| {
        library.rows.iter().map(|overload| FunctionInfo {
            library: library.title,
            name: overload.name,
            signature: overload.written(),
            example: overload.example,
        })
    })
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    LIBRARIES.iter().flat_map(|library| library.rows).map(|overload| overload.name)
}

fn no_overload<'a>() -> Evaluated<'a> {
    Err(EvalError::NoSuchOverload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cel::tests::check_bare;

    #[test]
    fn every_signature_is_read() {
        for overload in LIBRARIES.iter().flat_map(|library| library.rows) {
            let signature = Signature::parse(overload.signature);
            let read = signature.unwrap_or_else(|| panic!("{}", overload.signature));
            assert!(!overload.member || !read.args.is_empty(), "{}", overload.name);
        }
    }

    /// The checker finds the types, and the value's own type decides what is done with it.
    #[test]
    fn rows_of_one_name_form_and_arity_share_what_runs() {
        let all: Vec<&Overload> = LIBRARIES.iter().flat_map(|library| library.rows).collect();
        for a in &all {
            let arity = |o: &Overload| Signature::parse(o.signature).unwrap().args.len();
            for b in all.iter().filter(|b| a.name == b.name && a.member == b.member) {
                assert!(arity(a) != arity(b) || std::ptr::fn_addr_eq(a.run, b.run), "{}", a.name);
            }
        }
    }

    #[test]
    fn every_example_is_true() {
        for library in &LIBRARIES {
            for overload in library.rows {
                let last = overload.name.rsplit('.').next().unwrap();
                assert!(overload.example.contains(last), "{}", overload.name);
                check_bare(overload.example, "true");
            }
        }
    }
}

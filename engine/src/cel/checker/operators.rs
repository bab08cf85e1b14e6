//! What operators take and give (CEL language definition, "List of Standard Definitions", with cel-go's
//! cross-type comparison of numbers).

use std::sync::LazyLock;

use super::super::ast::Binary;
use super::super::types::Signature;

const EQUALITY: &[&str] = &["A, A -> bool"];
const ORDER: &[&str] = &[
    "bool, bool -> bool",
    "int, int -> bool",
    "int, double -> bool",
    "int, uint -> bool",
    "uint, uint -> bool",
    "uint, double -> bool",
    "uint, int -> bool",
    "double, double -> bool",
    "double, int -> bool",
    "double, uint -> bool",
    "string, string -> bool",
    "bytes, bytes -> bool",
    "timestamp, timestamp -> bool",
    "duration, duration -> bool",
];
const IN: &[&str] = &["A, list(A) -> bool", "A, map(A, B) -> bool"];
const ADD: &[&str] = &[
    "bytes, bytes -> bytes",
    "double, double -> double",
    "duration, duration -> duration",
    "duration, timestamp -> timestamp",
    "timestamp, duration -> timestamp",
    "int, int -> int",
    "list(A), list(A) -> list(A)",
    "string, string -> string",
    "uint, uint -> uint",
];
const SUBTRACT: &[&str] = &[
    "double, double -> double",
    "duration, duration -> duration",
    "int, int -> int",
    "timestamp, duration -> timestamp",
    "timestamp, timestamp -> duration",
    "uint, uint -> uint",
];
const MULTIPLY: &[&str] = &["double, double -> double", "int, int -> int", "uint, uint -> uint"];
const MODULO: &[&str] = &["int, int -> int", "uint, uint -> uint"];
const NEGATE: &[&str] = &["double -> double", "int -> int"];
const CONDITIONAL: &[&str] = &["bool, A, A -> A"];
const INDEX: &[&str] = &[
    "list(A), int -> A",
    "map(A, B), A -> B",
    "hierarchy, int -> string",
    "optional(list(A)), int -> optional(A)",
    "optional(map(A, B)), A -> optional(B)",
];
const OPTIONAL_INDEX: &[&str] = &[
    "list(A), int -> optional(A)",
    "optional(list(A)), int -> optional(A)",
    "map(A, B), A -> optional(B)",
    "optional(map(A, B)), A -> optional(B)",
];

/// The signatures of all operators, read once.
pub(super) struct Operators {
    equality: Vec<Signature>,
    order: Vec<Signature>,
    within: Vec<Signature>,
    add: Vec<Signature>,
    subtract: Vec<Signature>,
    multiply: Vec<Signature>,
    modulo: Vec<Signature>,
    pub(super) negate: Vec<Signature>,
    pub(super) conditional: Vec<Signature>,
    pub(super) index: Vec<Signature>,
    pub(super) optional_index: Vec<Signature>,
}

pub(super) static OPERATORS: LazyLock<Operators> = LazyLock::new(|| {
    let read = |texts: &[&str]| texts.iter().filter_map(|text| Signature::parse(text)).collect();
    Operators {
        equality: read(EQUALITY),
        order: read(ORDER),
        within: read(IN),
        add: read(ADD),
        subtract: read(SUBTRACT),
        multiply: read(MULTIPLY),
        modulo: read(MODULO),
        negate: read(NEGATE),
        conditional: read(CONDITIONAL),
        index: read(INDEX),
        optional_index: read(OPTIONAL_INDEX),
    }
});

impl Operators {
    pub(super) fn binary(&self, op: Binary) -> &[Signature] {
        match op {
            Binary::Eq | Binary::Ne => &self.equality,
            Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => &self.order,
            Binary::In => &self.within,
            Binary::Add => &self.add,
            Binary::Sub => &self.subtract,
            Binary::Mul | Binary::Div => &self.multiply,
            Binary::Mod => &self.modulo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_read() {
        let lists = [EQUALITY, ORDER, IN, ADD, SUBTRACT, MULTIPLY, MODULO, NEGATE, CONDITIONAL];
        for text in lists.iter().chain(&[INDEX, OPTIONAL_INDEX]).copied().flatten() {
            assert!(Signature::parse(text).is_some(), "{text}");
        }
    }
}

//! Expressions at the limits of depth: chains and nests of about as many levels as Cerbos takes.

use super::generate::Generator;
use super::tree::{Node, Origin, Piece, prec};
use super::types::DYN;

/// What is said once, what is said again and again, and what closes each of those.
const FORMS: [(&str, &str, &str); 13] = [
    ("1", " + 1", ""),
    ("R.attr.n1", " * R.attr.n1", ""),
    ("true", " && true", ""),
    ("R.attr.flag", " || R.attr.flag", ""),
    ("true", " == true", ""),
    ("R.attr", ".a", ""),
    ("R.attr", ".?a", ""),
    ("R.attr.mixed", "[0]", ""),
    ("\"a\"", ".trim()", ""),
    ("1", "(", ")"),
    ("true", "!", ""),
    ("1", "id(", ")"),
    ("1", "true ? 1 : ", ""),
];

pub(crate) fn expression(generator: &mut Generator<'_>) -> Node {
    let levels = generator.rng.usize(246..=252);
    let (core, link, close) = generator.pick(&FORMS);
    let prefix = !close.is_empty() || link.ends_with(['!', ' ']);
    let links = link.repeat(levels);
    let text = if prefix {
        format!("{links}{core}{}", close.repeat(levels))
    } else {
        format!("{core}{links}")
    };
    let pieces = vec![Piece::Text(text)];
    Node { ty: DYN, prec: prec::TERNARY, pieces, origin: Origin::Literal(None) }
}

//! Calls of `format`: every verb, every precision, mostly with arguments that suit.

use super::generate::Generator;
use super::tree::{Node, Origin, Piece, prec};
use super::types::{DYN, Ty};

const VERBS: [(char, &[&str]); 8] = [
    (
        's',
        &[
            "string",
            "int",
            "uint",
            "double",
            "bool",
            "bytes",
            "null",
            "timestamp",
            "duration",
            "type",
            "dyn",
        ],
    ),
    ('d', &["int", "uint", "int", "double"]),
    ('f', &["double", "double", "int", "uint"]),
    ('e', &["double", "double", "int", "uint"]),
    ('x', &["int", "uint", "string", "bytes"]),
    ('X', &["int", "uint", "string", "bytes"]),
    ('o', &["int", "uint"]),
    ('b', &["int", "uint", "bool"]),
];
const ODD: [&str; 14] = [
    "%", "%y", "%.f", "%-5d", "%5.2f", "%.1001f", "%.s", "%+d", "%.2d", "% d", "%S", "%c", "%.-1f",
    "%v",
];

pub(crate) fn call(generator: &mut Generator<'_>, line: &'static str, depth: u32) -> Node {
    let mut template = String::new();
    let mut arguments = Vec::new();
    for _ in 0..=generator.rng.u8(..3) {
        template.push_str(generator.pick(&["", " ", "x=", "é", "%%", ", "]));
        if generator.chance(generator.confusion / 2.0) {
            template.push_str(generator.pick(&ODD));
        }
        let (verb, types) = generator.pick(&VERBS);
        let precision = match verb {
            'f' | 'e' if generator.chance(0.6) => {
                generator.pick(&["0", "1", "2", "3", "6", "10", "20", "100"])
            }
            _ => "",
        };
        template.push('%');
        if !precision.is_empty() {
            template.push('.');
            template.push_str(precision);
        }
        template.push(verb);
        let ty = match generator.pick(types) {
            "string" => Ty::Atom("string", ""),
            "dyn" => generator.random_type(2),
            name @ ("int" | "uint" | "double") => Ty::Atom(name, "edge"),
            name => Ty::Atom(name, ""),
        };
        arguments.push(generator.value(&ty, depth.saturating_sub(1)));
    }
    if generator.chance(generator.confusion / 2.0) {
        arguments.pop();
    }
    let receiver = Node::atom(
        Ty::Atom("string", ""),
        super::literals::quoted(&template),
        Origin::Literal(Some(template)),
    );
    let list = Node {
        ty: Ty::list(DYN),
        prec: prec::PRIMARY,
        pieces: vec![Piece::Text("[".into()), Piece::Items(arguments), Piece::Text("]".into())],
        origin: Origin::Literal(None),
    };
    Node {
        ty: Ty::Atom("string", ""),
        prec: prec::MEMBER,
        pieces: vec![
            Piece::Sub(prec::MEMBER, receiver),
            Piece::Text(".format(".into()),
            Piece::Sub(prec::TERNARY, list),
            Piece::Text(")".into()),
        ],
        origin: Origin::Call(line),
    }
}

//! What is not written as a call.

use super::generate::Generator;
use super::leaves;
use super::pools;
use super::signatures::Signature;
use super::tree::{Node, Origin, Piece, prec};
use super::types::Ty;

/// `name(argument)`.
pub(crate) fn function(name: &str, argument: Node, ty: Ty) -> Node {
    let pieces = vec![
        Piece::Text(format!("{name}(")),
        Piece::Sub(prec::TERNARY, argument),
        Piece::Text(")".into()),
    ];
    Node { ty, prec: prec::MEMBER, pieces, origin: Origin::Call("") }
}

/// `receiver.name(argument)`.
pub(crate) fn member(receiver: Node, name: &str, argument: Option<Node>, ty: Ty) -> Node {
    let mut pieces = vec![Piece::Sub(prec::MEMBER, receiver), Piece::Text(format!(".{name}("))];
    pieces.extend(argument.map(|argument| Piece::Sub(prec::TERNARY, argument)));
    pieces.push(Piece::Text(")".into()));
    Node { ty, prec: prec::MEMBER, pieces, origin: Origin::Call("") }
}

pub(crate) fn operator(
    generator: &mut Generator<'_>,
    signature: &Signature,
    wanted: &Ty,
    operands: Vec<Node>,
) -> Node {
    let mut operands = operands.into_iter();
    let mut next = |needed: u8| {
        let node = operands
            .next()
            .unwrap_or_else(|| Node::atom(Ty::Atom("null", ""), "null", Origin::Literal(None)));
        Piece::Sub(needed, node)
    };
    let text = |text: &str| Piece::Text(text.to_owned());
    let (own, pieces) = match signature.name {
        "!" => (prec::UNARY, vec![text(generator.pick(&["!", "!", "!!"])), next(prec::MEMBER)]),
        "neg" => (prec::UNARY, vec![text(generator.pick(&["-", "-", "--"])), next(prec::MEMBER)]),
        "?:" => (
            prec::TERNARY,
            vec![next(prec::OR), text(" ? "), next(prec::OR), text(" : "), next(prec::TERNARY)],
        ),
        "[]" => (prec::MEMBER, vec![next(prec::MEMBER), text("["), next(prec::TERNARY), text("]")]),
        "[?]" => {
            (prec::MEMBER, vec![next(prec::MEMBER), text("[?"), next(prec::TERNARY), text("]")])
        }
        "." => (prec::MEMBER, vec![next(prec::MEMBER), text(&format!(".{}", field(generator)))]),
        ".?" => (prec::MEMBER, vec![next(prec::MEMBER), text(&format!(".?{}", field(generator)))]),
        "has" => {
            let of = next(prec::MEMBER);
            let of = if generator.chance(0.3) {
                let map = Ty::parse("map<string, dyn>").map(|(ty, _)| ty);
                let node = leaves::attribute(generator, map.as_ref());
                node.map_or(of, |node| Piece::Sub(prec::MEMBER, node))
            } else {
                of
            };
            (prec::MEMBER, vec![text("has("), of, text(&format!(".{})", field(generator)))])
        }
        symbol => {
            let own = match symbol {
                "||" => prec::OR,
                "&&" => prec::AND,
                "+" | "-" => prec::SUM,
                "*" | "/" | "%" => prec::PRODUCT,
                _ => prec::RELATION,
            };
            let space = generator.pick(&[
                " ",
                " ",
                " ",
                " ",
                " ",
                " ",
                " ",
                " ",
                "\n",
                " // note\n ",
                "\t",
            ]);
            let tight = symbol != "in" && generator.chance(0.05);
            let symbol = if tight { symbol.to_owned() } else { format!(" {symbol}{space}") };
            (own, vec![next(own), text(&symbol), next(own + 1)])
        }
    };
    Node { ty: wanted.clone(), prec: own, pieces, origin: Origin::Call(signature.line) }
}

fn field(generator: &mut Generator<'_>) -> &'static str {
    let odd = generator.chance(0.05 + generator.confusion / 2.0);
    generator.pick(if odd {
        &["missing", "`a b`", "`a`", "`x-y`", "s1"]
    } else {
        &["a", "a", "a", "a", "a", "b", "c"]
    })
}

/// A comparison with the present moment whose answer does not depend on it.
pub(crate) fn since(generator: &mut Generator<'_>, line: &'static str) -> Node {
    let time = generator.pick(pools::strings("timestamp").good);
    let time = if time.starts_with('9') || time.starts_with("2038") {
        "2020-01-01T00:00:00Z"
    } else {
        time
    };
    let text = match generator.rng.u8(..7) {
        0 => "now() == now()".to_owned(),
        1 => format!("now() > timestamp(\"{time}\")"),
        2 => format!("timeSince(timestamp(\"{time}\")) > duration(\"1h\")"),
        3 => format!("timestamp(\"{time}\").timeSince() > duration(\"1h\")"),
        4 => format!("now() - timestamp(\"{time}\") == timestamp(\"{time}\").timeSince()"),
        5 => "type(now()) == google.protobuf.Timestamp".to_owned(),
        _ => format!(
            "now().getFullYear() >= 2025 && timeSince(timestamp(\"{time}\")) == now() - timestamp(\"{time}\")"
        ),
    };
    Node {
        ty: Ty::Atom("bool", ""),
        prec: prec::OR,
        pieces: vec![Piece::Text(text)],
        origin: Origin::Call(line),
    }
}

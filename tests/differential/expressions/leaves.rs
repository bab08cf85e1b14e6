//! Expressions without calls to speak of: literals, attributes, the constructors of types that have no literal.

use super::generate::Generator;
use super::literals;
use super::operators::{function, member};
use super::pools;
use super::tree::{Node, Origin, Piece, prec};
use super::types::{DYN, Ty};

/// An attribute or a literal.
pub(crate) fn leaf(generator: &mut Generator<'_>, ty: &Ty, depth: u32) -> Node {
    if generator.chance(generator.attributes)
        && let Some(node) = attribute(generator, Some(ty)).or_else(|| from_attribute(generator, ty))
    {
        return node;
    }
    literal(generator, ty, depth)
}

/// A value of a type that attributes do not have, made of an attribute.
fn from_attribute(generator: &mut Generator<'_>, ty: &Ty) -> Option<Node> {
    let Ty::Atom(name, _) = ty else { return None };
    let (constructor, of) = match *name {
        "int" => ("int", Ty::Atom("double", "")),
        "uint" => ("uint", Ty::Atom("double", "")),
        "bytes" => ("bytes", Ty::Atom("string", "")),
        name => {
            let (constructor, pool) = constructor(name)?;
            (constructor, Ty::Atom("string", pool))
        }
    };
    let node = attribute(generator, Some(&of))?;
    Some(function(constructor, node, ty.clone()))
}

/// What makes a value of a type without literals, and of which texts.
fn constructor(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "duration" => ("duration", "duration"),
        "timestamp" => ("timestamp", "timestamp"),
        "ip" => ("ip", "ip"),
        "cidr" => ("cidr", "cidr"),
        "hierarchy" => ("hierarchy", "hierarchy"),
        "spiffe" => ("spiffeID", "spiffe"),
        "domain" => ("spiffeTrustDomain", "domain"),
        "matcher" => ("spiffeMatchExact", "spiffe"),
        _ => return None,
    })
}

/// An attribute that should have the type, of the same pool if there is one.
pub(crate) fn attribute(generator: &mut Generator<'_>, ty: Option<&Ty>) -> Option<Node> {
    let attributes = &generator.request.attributes;
    let suits = |found: &Ty| match (ty, found) {
        (None, _) => true,
        (Some(Ty::Atom(name, pool)), Ty::Atom(n, p)) => name == n && (pool == p || pool.is_empty()),
        (Some(ty), found) => ty.same(found),
    };
    let found: Vec<_> = attributes.iter().filter(|attribute| suits(&attribute.ty)).collect();
    let mut attribute = *generator.rng.choice(&found)?;
    if attribute.text == "V.failing" {
        attribute = *generator.rng.choice(&found)?;
    }
    let mut text = attribute.text.clone();
    if generator.chance(0.01) {
        text.insert(0, '.');
    }
    Some(Node::atom(attribute.ty.clone(), text, Origin::Attribute))
}

/// What has no JSON form, made visible by something that has.
pub(crate) fn observable(generator: &mut Generator<'_>, node: Node) -> Node {
    let text = || Ty::Atom("string", "");
    let bool = || Ty::Atom("bool", "");
    let name = match &node.ty {
        Ty::Atom(name, _) => *name,
        Ty::Opt(_) if generator.chance(0.5) => return member(node, "hasValue", None, bool()),
        _ => return node,
    };
    match name {
        "ip" | "cidr" => function("string", node, text()),
        // Infinities and NaN cannot leave Cerbos as numbers.
        "double" if generator.chance(0.3) => function("string", node, text()),
        "hierarchy" => member(node, "size", None, Ty::Atom("int", "")),
        "spiffe" => member(node, "path", None, text()),
        "domain" => member(node, "id", None, text()),
        "matcher" => {
            let id = generator.value(&Ty::Atom("spiffe", ""), 1);
            member(node, "matchesID", Some(id), bool())
        }
        "type" => {
            let other = Node::atom(
                Ty::Atom("type", ""),
                generator.pick(&pools::TYPES),
                Origin::Literal(None),
            );
            let pieces = vec![
                Piece::Sub(prec::RELATION, node),
                Piece::Text(" == ".into()),
                Piece::Sub(prec::SUM, other),
            ];
            Node { ty: bool(), prec: prec::RELATION, pieces, origin: Origin::Call("") }
        }
        _ => node,
    }
}

/// Something whose type the checker does not know.
pub(crate) fn dynamic(generator: &mut Generator<'_>, pool: &str, depth: u32) -> Node {
    if !pool.is_empty() && generator.chance(0.9) {
        let text =
            generator.pick(&["dyn(0)", "dyn(1)", "dyn(0.0)", "dyn(1.0)", "dyn(0u)", "R.attr.n1"]);
        return Node::atom(DYN, text, Origin::Literal(None));
    }
    let ty = generator.random_type(1);
    match generator.rng.u8(..10) {
        0..6 => attribute(generator, None).unwrap_or_else(|| literal(generator, &ty, depth)),
        6..9 if !ty.is("dyn") => {
            let node = generator.value(&ty, depth.saturating_sub(1));
            function("dyn", node, DYN)
        }
        _ if ty.is("dyn") => Node::atom(DYN, "dyn(null)", Origin::Literal(None)),
        _ => generator.value(&ty, depth.saturating_sub(1)),
    }
}

pub(crate) fn literal(generator: &mut Generator<'_>, ty: &Ty, depth: u32) -> Node {
    let below = depth.saturating_sub(1);
    match ty {
        Ty::Atom(name, pool) => atom(generator, ty, name, pool, below),
        Ty::List(of) => {
            let count = generator.pick(&[0, 1, 1, 2, 2, 2, 3, 3, 4, 5]);
            let items = (0..count).map(|_| item(generator, of, below)).collect();
            brackets("[", items, "]", ty)
        }
        Ty::Map(keys, values) => {
            let count = generator.pick(&[0, 1, 1, 1, 2, 2, 3]);
            let entries = (0..count).map(|i| entry(generator, i, keys, values, below)).collect();
            brackets("{", entries, "}", ty)
        }
        Ty::Opt(of) => match generator.rng.u8(..4) {
            0 => Node::atom(ty.clone(), "optional.none()", Origin::Literal(None)),
            choice => {
                let name = if choice == 1 { "optional.ofNonZeroValue" } else { "optional.of" };
                let node = generator.value(of, below);
                function(name, node, ty.clone())
            }
        },
        Ty::Var(_) => Node::atom(DYN, "null", Origin::Literal(None)),
    }
}

fn brackets(open: &str, items: Vec<Node>, close: &str, ty: &Ty) -> Node {
    let mut pieces = vec![Piece::Text(open.into()), Piece::Items(items), Piece::Text(close.into())];
    if open.is_empty() {
        pieces.remove(0);
    }
    Node { ty: ty.clone(), prec: prec::PRIMARY, pieces, origin: Origin::Literal(None) }
}

fn item(generator: &mut Generator<'_>, of: &Ty, depth: u32) -> Node {
    if generator.chance(0.04) {
        let node = generator.value(&Ty::opt(of.clone()), depth);
        let pieces = vec![Piece::Text("?".into()), Piece::Sub(prec::TERNARY, node)];
        return Node { ty: of.clone(), prec: prec::PRIMARY, pieces, origin: Origin::Entry };
    }
    generator.value(of, depth)
}

fn entry(generator: &mut Generator<'_>, place: usize, keys: &Ty, values: &Ty, depth: u32) -> Node {
    let key = match keys {
        Ty::Atom("string", _) => Ty::Atom("string", "key"),
        Ty::Atom("int", _) => Ty::Atom("int", "small"),
        keys => keys.clone(),
    };
    let first = (place < 3 && generator.chance(0.85)).then(|| match keys {
        Ty::Atom("string", _) => ["'a'", "'b'", "'c'"].get(place),
        Ty::Atom("int", _) => ["0", "1", "2"].get(place),
        Ty::Atom("uint", _) => ["0u", "1u", "2u"].get(place),
        _ => None,
    });
    let key = if let Some(Some(text)) = first {
        Node::atom(key, *text, Origin::Literal(None))
    } else if generator.chance(0.9) {
        literal(generator, &key, 0)
    } else {
        generator.value(&key, depth)
    };
    let optional = generator.chance(0.06);
    let wanted = if optional { Ty::opt(values.clone()) } else { values.clone() };
    let value = generator.value(&wanted, depth);
    let pieces = vec![
        Piece::Text(if optional { "?" } else { "" }.into()),
        Piece::Sub(prec::TERNARY, key),
        Piece::Text(": ".into()),
        Piece::Sub(prec::TERNARY, value),
    ];
    Node { ty: values.clone(), prec: prec::PRIMARY, pieces, origin: Origin::Entry }
}

fn atom(
    generator: &mut Generator<'_>,
    ty: &Ty,
    name: &'static str,
    pool: &'static str,
    depth: u32,
) -> Node {
    let plain = |text: &str| Node::atom(ty.clone(), text, Origin::Literal(None));
    let messages = pools::messages(name);
    if !messages.is_empty() && generator.chance(0.006) {
        return plain(generator.pick(messages));
    }
    match name {
        "bool" => plain(generator.pick(&["true", "false"])),
        "null" => plain("null"),
        "int" | "uint" | "double" => {
            let pool = if pool.is_empty() && generator.chance(0.1) { "edge" } else { pool };
            let text = generator.pick(pools::numbers(name, pool));
            let mut node = plain(text);
            // A sign is part of the literal, or an operator: both are written.
            if text.starts_with('-') && generator.chance(0.3) {
                node.prec = prec::UNARY;
            }
            node
        }
        "string" => text(generator, pool),
        "bytes" => {
            let value = generator.pick(pools::strings("").good);
            plain(&literals::bytes(generator.rng, value))
        }
        "type" => plain(generator.pick(&pools::TYPES)),
        "dyn" => dynamic(generator, pool, depth),
        _ => {
            let (constructor, pool) = constructor(name).unwrap_or(("dyn", ""));
            // The constructors of wrong texts are asked about as functions.
            let value = generator.pick(pools::strings(pool).good);
            let origin = Origin::Literal(Some(value.to_owned()));
            let node = Node::atom(Ty::Atom("string", pool), literals::quoted(value), origin);
            function(constructor, node, ty.clone())
        }
    }
}

fn text_of(generator: &mut Generator<'_>, pool: &str) -> &'static str {
    let special = !pool.is_empty();
    let pool = pools::strings(pool);
    let odd = if special { 0.08 + generator.confusion } else { 0.25 };
    let odd = !pool.odd.is_empty() && generator.chance(odd);
    generator.pick(if odd { pool.odd } else { pool.good })
}

fn text(generator: &mut Generator<'_>, pool: &'static str) -> Node {
    let value = text_of(generator, pool);
    let text = literals::string(generator.rng, value);
    let origin = Origin::Literal(Some(value.to_owned()));
    let node = Node::atom(Ty::Atom("string", pool), text, origin);
    // What is refused at load in a literal fails at run time behind `dyn` or a concatenation.
    if !pool.is_empty() && generator.chance(0.15) {
        return function("string", function("dyn", node, DYN), Ty::Atom("string", pool));
    }
    node
}

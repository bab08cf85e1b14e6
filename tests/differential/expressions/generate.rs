//! Random expressions of a wanted type, with a tunable share of mistakes.

use fastrand::Rng;

use super::request::Request;
use super::signatures::{Form, GROUPS, Signature};
use super::tree::{Node, Origin, Piece, prec};
use super::types::{Bindings, DYN, KEYS, NUMBERS, Ty, allowed};
use super::{leaves, operators};

pub(crate) struct Generator<'r> {
    pub(crate) rng: &'r mut Rng,
    pub(crate) request: &'r Request,
    pub(crate) scope: Vec<(String, Ty)>,
    /// How likely each operand is of a wrong type.
    pub(crate) confusion: f64,
    /// How likely a leaf is an attribute. What has none is folded when it is loaded.
    pub(crate) attributes: f64,
    signatures: &'r [Signature],
}

/// How often each type is wanted of a whole expression.
const WANTED: [(u32, &str); 22] = [
    (26, "bool"),
    (16, "string"),
    (9, "int"),
    (4, "uint"),
    (8, "double"),
    (3, "bytes"),
    (1, "null"),
    (4, "timestamp"),
    (4, "duration"),
    (1, "hierarchy"),
    (1, "ip"),
    (1, "dyn"),
    (4, "list<string>"),
    (3, "list<int>"),
    (2, "list<dyn>"),
    (3, "list<double>"),
    (1, "list<list<int>>"),
    (3, "map<string, int>"),
    (2, "map<string, dyn>"),
    (2, "opt<int>"),
    (2, "opt<string>"),
    (1, "type"),
];

const NAMES: [&str; 8] = ["x", "y", "k", "v", "i", "item", "_e", "R"];

impl<'r> Generator<'r> {
    pub(crate) fn new(rng: &'r mut Rng, request: &'r Request, signatures: &'r [Signature]) -> Self {
        Self { rng, request, scope: Vec::new(), confusion: 0.0, attributes: 0.0, signatures }
    }

    /// A whole expression. One in four may be ill-typed.
    pub(crate) fn expression(&mut self) -> Node {
        self.scope.clear();
        self.confusion = match self.rng.u8(..12) {
            0..9 => 0.0,
            9..11 => 0.06,
            _ => 0.2,
        };
        self.attributes = self.pick(&[0.1, 0.2, 0.5]);
        if self.chance(0.002) {
            return super::deep::expression(self);
        }
        let depth = self.pick(&[1, 1, 1, 2, 2, 2, 2, 3, 3, 4]);
        let node = if self.rng.bool() {
            // Every function has its turn, however rare its type.
            let signatures = self.signatures;
            let signature = self.pick(&signatures.iter().collect::<Vec<_>>());
            let mut bindings = Bindings::default();
            let ty = bindings.resolve(&signature.result, &mut |variable| self.argument(variable));
            self.apply(signature, &ty, depth)
        } else {
            let ty = self.wanted();
            self.call(&ty, depth).unwrap_or_else(|| self.value(&ty, depth))
        };
        if self.chance(0.85) { leaves::observable(self, node) } else { node }
    }

    fn wanted(&mut self) -> Ty {
        let total: u32 = WANTED.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.u32(..total);
        for (weight, text) in WANTED {
            if at < weight {
                return Ty::parse(text).map_or(DYN, |(ty, _)| ty);
            }
            at -= weight;
        }
        DYN
    }

    pub(crate) fn chance(&mut self, of: f64) -> bool {
        self.rng.f64() < of
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *self.rng.choice(from).expect("nothing is chosen from an empty list")
    }

    /// An operand.
    pub(crate) fn value(&mut self, ty: &Ty, depth: u32) -> Node {
        if self.confusion > 0.0 && self.chance(self.confusion) {
            return self.confused(ty, depth);
        }
        let bound: Vec<Node> = self
            .scope
            .iter()
            .filter(|(_, bound)| bound.same(ty))
            .map(|(name, ty)| Node::atom(ty.clone(), name.clone(), Origin::Bound))
            .collect();
        if self.chance(0.5)
            && let Some(node) = self.rng.choice(bound)
        {
            return node;
        }
        if let Ty::Atom("dyn", pool) = ty {
            return leaves::dynamic(self, pool, depth);
        }
        if depth > 0
            && self.chance(0.7)
            && let Some(node) = self.call(ty, depth - 1)
        {
            return node;
        }
        leaves::leaf(self, ty, depth)
    }

    /// An operand that may well be of another type: bare, or hidden from the type checker.
    fn confused(&mut self, ty: &Ty, depth: u32) -> Node {
        let saved = std::mem::replace(&mut self.confusion, 0.0);
        let other = match ty {
            Ty::Atom(name, _) if NUMBERS.contains(name) && self.chance(0.5) => {
                Ty::Atom(self.pick(&NUMBERS), "edge")
            }
            Ty::List(_) if self.chance(0.4) => Ty::list(self.random_type(1)),
            Ty::Map(_, value) if self.chance(0.4) => {
                Ty::map(Ty::Atom(self.pick(&KEYS), ""), (**value).clone())
            }
            _ => self.random_type(2),
        };
        let other = if self.chance(0.2) { ty.clone() } else { other };
        let node = self.value(&other, depth.min(1));
        self.confusion = saved;
        match self.rng.u8(..10) {
            0..6 => operators::function("dyn", node, DYN),
            6 => leaves::attribute(self, None).unwrap_or(node),
            7 if self.chance(0.3) => Node::atom(
                ty.clone(),
                self.pick(&["unknown", "R.unknown", "V.unknown", "G.unknown", "P.attr.missing"]),
                Origin::Attribute,
            ),
            _ => node,
        }
    }

    pub(crate) fn random_type(&mut self, depth: u32) -> Ty {
        match self.rng.u8(..32) {
            0..5 => Ty::Atom("string", ""),
            5..9 => Ty::Atom("int", ""),
            9..12 => Ty::Atom("double", ""),
            12..14 => Ty::Atom("uint", ""),
            14..16 => Ty::Atom("bool", ""),
            16 => Ty::Atom("bytes", ""),
            17 => Ty::Atom("null", ""),
            18 => Ty::Atom("duration", ""),
            19 => Ty::Atom("timestamp", ""),
            20 => Ty::Atom(self.pick(&["type", "ip", "cidr", "hierarchy", "spiffe", "domain"]), ""),
            21..23 => DYN,
            23..26 if depth > 0 => Ty::list(self.random_type(depth - 1)),
            26..29 if depth > 0 => {
                Ty::map(Ty::Atom(self.pick(&KEYS), ""), self.random_type(depth - 1))
            }
            29 if depth > 0 => Ty::opt(self.random_type(depth - 1)),
            _ => Ty::Atom(self.pick(&["string", "int", "bool"]), ""),
        }
    }

    /// What a type parameter stands for.
    fn argument(&mut self, variable: char) -> Ty {
        match allowed(variable) {
            Some(names) => Ty::Atom(self.pick(names), ""),
            None => self.random_type(1),
        }
    }

    /// A call of something that gives the type.
    fn call(&mut self, ty: &Ty, depth: u32) -> Option<Node> {
        let signatures = self.signatures;
        let fits = |s: &&Signature| Bindings::default().unify(&s.result, ty);
        let fitting: Vec<&Signature> = signatures.iter().filter(fits).collect();
        let mut weights = [0; GROUPS.len()];
        for signature in &fitting {
            if let (Some(weight), Some(group)) =
                (weights.get_mut(signature.group), GROUPS.get(signature.group))
            {
                *weight = group.weight;
            }
        }
        let total: u32 = weights.iter().sum();
        if total == 0 {
            return None;
        }
        let mut at = self.rng.u32(..total);
        let group = weights.iter().position(|weight| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        })?;
        let of_group: Vec<&Signature> = fitting.into_iter().filter(|s| s.group == group).collect();
        let signature = self.pick(&of_group);
        Some(self.apply(signature, ty, depth))
    }

    fn apply(&mut self, signature: &Signature, wanted: &Ty, depth: u32) -> Node {
        match signature.name {
            "format" => return super::format::call(self, signature.line, depth),
            "since" => return operators::since(self, signature.line),
            _ => {}
        }
        let mut bindings = Bindings::default();
        bindings.unify(&signature.result, wanted);
        let before = self.scope.len();
        let mut operands: Vec<Node> = Vec::new();
        let mut late = Vec::new();
        for param in &signature.params {
            let ty = bindings.resolve(&param.ty, &mut |variable| self.argument(variable));
            if param.binds {
                let names = &NAMES[..if self.confusion > 0.0 { 8 } else { 7 }];
                let name = self.pick(names);
                // The same name twice is refused.
                let again = operands.last().is_some_and(|node| node.text() == name);
                let name = if again && self.chance(0.9) { "w" } else { name };
                // The value that `cel.bind` names is outside of the name's reach.
                let scope = if signature.name == "cel.bind" { &mut late } else { &mut self.scope };
                scope.push((name.to_owned(), ty.clone()));
                operands.push(Node::atom(ty, name, Origin::Bound));
                continue;
            }
            let entry = signature.name == "transformMapEntry"
                && matches!(param.ty, Ty::Map(..))
                && !operands.is_empty();
            // Cerbos would build any range, however long.
            let entry = entry || signature.name == "lists.range";
            operands.push(if entry {
                leaves::literal(self, &ty, depth)
            } else {
                self.value(&ty, depth)
            });
            self.scope.append(&mut late);
        }
        self.scope.truncate(before);
        self.write(signature, wanted, operands)
    }

    fn write(&mut self, signature: &Signature, wanted: &Ty, mut operands: Vec<Node>) -> Node {
        if signature.form == Form::Operator {
            return operators::operator(self, signature, wanted, operands);
        }
        let mut form = signature.form;
        let mut name = signature.name.to_owned();
        if self.confusion > 0.0 && self.chance(self.confusion / 4.0) {
            match self.rng.u8(..8) {
                0..2 => _ = operands.pop(),
                2..4 => operands.extend(operands.last().cloned()),
                4..6 if !operands.is_empty() => {
                    form = if form == Form::Member { Form::Function } else { Form::Member }
                }
                6 => name.push('2'),
                _ => name = name.to_uppercase(),
            }
        }
        let mut pieces = Vec::new();
        let mut operands = operands.into_iter();
        if form == Form::Member
            && let Some(receiver) = operands.next()
        {
            pieces.push(Piece::Sub(prec::MEMBER, receiver));
            pieces.push(Piece::Text(".".into()));
        }
        pieces.push(Piece::Text(format!("{name}(")));
        if matches!(name.as_str(), "math.greatest" | "math.least") {
            pieces.push(Piece::Items(operands.collect()));
        } else {
            for (i, operand) in operands.enumerate() {
                if i > 0 {
                    pieces.push(Piece::Text(", ".into()));
                }
                pieces.push(Piece::Sub(prec::TERNARY, operand));
            }
        }
        pieces.push(Piece::Text(")".into()));
        Node {
            ty: wanted.clone(),
            prec: prec::MEMBER,
            pieces,
            origin: Origin::Call(signature.line),
        }
    }
}

//! Generated expressions: trees that know how they are written, so that they can be made smaller.

use super::types::Ty;

/// How tightly an expression binds, from the ternary (0) to what needs no parentheses (8).
pub(crate) mod prec {
    pub(crate) const TERNARY: u8 = 0;
    pub(crate) const OR: u8 = 1;
    pub(crate) const AND: u8 = 2;
    pub(crate) const RELATION: u8 = 3;
    pub(crate) const SUM: u8 = 4;
    pub(crate) const PRODUCT: u8 = 5;
    pub(crate) const UNARY: u8 = 6;
    pub(crate) const MEMBER: u8 = 7;
    pub(crate) const PRIMARY: u8 = 8;
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) ty: Ty,
    pub(crate) prec: u8,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) origin: Origin,
}

/// Where a node comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// A literal; of a string, its value.
    Literal(Option<String>),
    /// A field of the request, a variable, a constant, a global.
    Attribute,
    /// A name that a macro binds.
    Bound,
    /// Nothing that has a name of its own: an entry of a map.
    Entry,
    /// A line of the signatures.
    Call(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    /// An operand, and how tightly it must bind to need no parentheses.
    Sub(u8, Node),
    /// Items between commas, any of which can be left out.
    Items(Vec<Node>),
}

impl Node {
    pub(crate) fn atom(ty: Ty, text: impl Into<String>, origin: Origin) -> Self {
        Self { ty, prec: prec::PRIMARY, pieces: vec![Piece::Text(text.into())], origin }
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, false);
        out
    }

    /// The text without what is particular to it: literals are written as their types.
    pub(crate) fn shape(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, true);
        out
    }

    fn write(&self, out: &mut String, shape: bool) {
        if shape {
            match (&self.origin, &self.ty) {
                (Origin::Literal(_), Ty::Atom(name, _)) => return out.push_str(name),
                (Origin::Attribute, _) => return out.push_str("attr"),
                _ => {}
            }
        }
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Sub(needed, node) => {
                    if node.prec < *needed {
                        out.push('(');
                        node.write(out, shape);
                        out.push(')');
                    } else {
                        node.write(out, shape);
                    }
                }
                Piece::Items(items) => {
                    for (i, item) in items.iter().enumerate() {
                        out.push_str(if i == 0 { "" } else { ", " });
                        item.write(out, shape);
                    }
                }
            }
        }
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => [].iter().chain(None),
            Piece::Sub(_, node) => [].iter().chain(Some(node)),
            Piece::Items(items) => items.iter().chain(None),
        })
    }

    /// Visits the node and everything below.
    pub(crate) fn visit(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }

    /// Expressions that are a little smaller, one change each.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        if self.origin != Origin::Entry {
            self.replacements(&mut found);
        }
        for (i, piece) in self.pieces.iter().enumerate() {
            let mut with = |piece: Piece| {
                let mut node = self.clone();
                if let Some(place) = node.pieces.get_mut(i) {
                    *place = piece;
                }
                found.push(node);
            };
            match piece {
                Piece::Text(_) => {}
                Piece::Sub(needed, child) => {
                    child.smaller().into_iter().for_each(|c| with(Piece::Sub(*needed, c)));
                }
                Piece::Items(items) => {
                    for (j, item) in items.iter().enumerate() {
                        let mut fewer = items.clone();
                        fewer.remove(j);
                        with(Piece::Items(fewer));
                        for other in item.smaller() {
                            let mut changed = items.clone();
                            if let Some(place) = changed.get_mut(j) {
                                *place = other;
                            }
                            with(Piece::Items(changed));
                        }
                    }
                }
            }
        }
        found
    }

    /// What can stand in the place of the whole node: anything below it, a plain literal, a shorter text.
    fn replacements(&self, found: &mut Vec<Self>) {
        for child in self.children() {
            if child.origin == Origin::Entry {
                found.extend(child.children().cloned());
            } else {
                found.push(child.clone());
            }
        }
        let length = self.text().len();
        for plain in super::literals::plain(&self.ty) {
            if plain.len() < length {
                found.push(Self::atom(self.ty.clone(), *plain, Origin::Literal(None)));
            }
        }
        if let Origin::Literal(Some(value)) = &self.origin {
            let chars: Vec<char> = value.chars().collect();
            let parts = if chars.len() > 12 { 2..=4 } else { 2..=chars.len().max(2) };
            for count in parts {
                let size = chars.len().div_ceil(count).max(1);
                for start in (0..chars.len()).step_by(size) {
                    let rest = chars.iter().enumerate();
                    let rest = rest.filter(|(i, _)| !(start..start + size).contains(i));
                    let rest: String = rest.map(|(_, c)| *c).collect();
                    let text = super::literals::quoted(&rest);
                    let origin = Origin::Literal(Some(rest));
                    found.push(Self::atom(self.ty.clone(), text, origin));
                }
            }
            let text = super::literals::quoted(value);
            if text.len() < length {
                found.push(Self::atom(self.ty.clone(), text, self.origin.clone()));
            }
        }
    }
}

//! Types as the generator sees them, and the notation in which signatures are written.

/// A type. A pool narrows which constants are interesting for it and says nothing about the type itself.
#[derive(Debug, Clone)]
pub(crate) enum Ty {
    /// A name and a pool: `string@ip` is `Atom("string", "ip")`.
    Atom(&'static str, &'static str),
    List(Box<Self>),
    Map(Box<Self>, Box<Self>),
    Opt(Box<Self>),
    /// A parameter. `N` and `M` stand for numbers, `C` for what has an order, `K` and `L` for keys, others for
    /// anything.
    Var(char),
}

pub(crate) const DYN: Ty = Ty::Atom("dyn", "");

const ATOMS: [&str; 17] = [
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "null",
    "duration",
    "timestamp",
    "type",
    "ip",
    "cidr",
    "hierarchy",
    "spiffe",
    "domain",
    "matcher",
    "dyn",
];
pub(crate) const NUMBERS: [&str; 3] = ["int", "uint", "double"];
pub(crate) const ORDERED: [&str; 8] =
    ["int", "uint", "double", "string", "bool", "bytes", "timestamp", "duration"];
pub(crate) const KEYS: [&str; 4] = ["string", "int", "bool", "uint"];

impl Ty {
    pub(crate) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    pub(crate) fn map(keys: Self, values: Self) -> Self {
        Self::Map(Box::new(keys), Box::new(values))
    }

    pub(crate) fn opt(of: Self) -> Self {
        Self::Opt(Box::new(of))
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Atom(n, _) if *n == name)
    }

    /// Whether both are the same type, whatever their pools.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Atom(a, _), Self::Atom(b, _)) => a == b,
            (Self::List(a), Self::List(b)) | (Self::Opt(a), Self::Opt(b)) => a.same(b),
            (Self::Map(a, x), Self::Map(b, y)) => a.same(b) && x.same(y),
            (Self::Var(a), Self::Var(b)) => a == b,
            _ => false,
        }
    }

    /// Reads a type from the beginning of a text; returns the rest too.
    pub(crate) fn parse(text: &'static str) -> Option<(Self, &'static str)> {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let argument = |rest: &'static str| Self::parse(rest.trim_start());
        match name {
            "list" | "opt" => {
                let (of, rest) = argument(rest.strip_prefix('<')?)?;
                let of = Box::new(of);
                let ty = if name == "list" { Self::List(of) } else { Self::Opt(of) };
                Some((ty, rest.strip_prefix('>')?))
            }
            "map" => {
                let (key, rest) = argument(rest.strip_prefix('<')?)?;
                let (value, rest) = argument(rest.strip_prefix(',')?)?;
                Some((Self::map(key, value), rest.strip_prefix('>')?))
            }
            _ => {
                let (pool, rest) = match rest.strip_prefix('@') {
                    Some(pool) => pool
                        .split_at(pool.find(|c: char| !c.is_alphanumeric()).unwrap_or(pool.len())),
                    None => ("", rest),
                };
                let variable = name.chars().next().filter(|c| name.len() == 1 && c.is_uppercase());
                match variable {
                    Some(variable) => Some((Self::Var(variable), rest)),
                    None => ATOMS.contains(&name).then_some((Self::Atom(name, pool), rest)),
                }
            }
        }
    }
}

/// What the variables of a signature stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bindings(Vec<(char, Ty)>);

impl Bindings {
    pub(crate) fn bind(&mut self, variable: char, ty: Ty) {
        self.0.push((variable, ty));
    }

    fn get(&self, variable: char) -> Option<&Ty> {
        self.0.iter().find(|(v, _)| *v == variable).map(|(_, ty)| ty)
    }

    /// Binds variables so that `pattern` becomes `ty`; false if there is no way.
    pub(crate) fn unify(&mut self, pattern: &Ty, ty: &Ty) -> bool {
        match (pattern, ty) {
            (Ty::Var(v), ty) => match self.get(*v) {
                Some(bound) => bound.same(ty),
                None => {
                    let fits = allowed(*v).is_none_or(|names| names.iter().any(|n| ty.is(n)));
                    if fits {
                        self.bind(*v, ty.clone());
                    }
                    fits
                }
            },
            (Ty::List(a), Ty::List(b)) | (Ty::Opt(a), Ty::Opt(b)) => self.unify(a, b),
            (Ty::Map(a, x), Ty::Map(b, y)) => self.unify(a, b) && self.unify(x, y),
            (pattern, ty) => pattern.same(ty),
        }
    }

    /// The type that a pattern has come to; `choose` decides what is still open.
    pub(crate) fn resolve(&mut self, pattern: &Ty, choose: &mut impl FnMut(char) -> Ty) -> Ty {
        match pattern {
            Ty::Var(v) => {
                if let Some(ty) = self.get(*v) {
                    return ty.clone();
                }
                let ty = choose(*v);
                self.bind(*v, ty.clone());
                ty
            }
            Ty::List(of) => Ty::list(self.resolve(of, choose)),
            Ty::Opt(of) => Ty::opt(self.resolve(of, choose)),
            Ty::Map(key, value) => Ty::map(self.resolve(key, choose), self.resolve(value, choose)),
            Ty::Atom(..) => pattern.clone(),
        }
    }
}

/// The types that a variable is confined to.
pub(crate) fn allowed(variable: char) -> Option<&'static [&'static str]> {
    match variable {
        'N' | 'M' => Some(&NUMBERS),
        'C' => Some(&ORDERED),
        'K' | 'L' => Some(&KEYS),
        _ => None,
    }
}

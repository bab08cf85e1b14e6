//! Types of expressions, as the checker knows them, and the signatures of functions.

use std::fmt;
use std::sync::Arc;

/// What is known of a value before there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    /// Anything; what it is shows when it is evaluated.
    Dyn,
    Null,
    Bool,
    Int,
    UInt,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List(Arc<Type>),
    Map(Arc<[Type; 2]>),
    Optional(Arc<Type>),
    /// What a wrapper such as `google.protobuf.Int64Value` holds. It is never null, and held against null.
    Wrapper(Arc<Type>),
    /// The type of types. What type it is a type of is not told apart.
    Meta,
    /// A message of the request.
    Message(Message),
    /// A type of an extension library, known by its name only.
    Opaque(&'static str),
    /// A type that is still to be found, by number.
    Var(u32),
}

/// Messages whose fields are declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    Request,
    Principal,
    Resource,
    AuxData,
    /// A value of `request.auxData.jwts`.
    Token,
    Runtime,
    /// `google.protobuf.Empty`
    Empty,
    /// Variables, constants or globals: read by name only.
    Definitions,
}

impl Type {
    pub(super) fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new([key, value]))
    }

    pub(super) fn optional(inner: Self) -> Self {
        Self::Optional(Arc::new(inner))
    }

    pub(super) fn wrapper(inner: Self) -> Self {
        Self::Wrapper(Arc::new(inner))
    }

    /// The type that a wrapper's value has.
    pub(super) fn unwrapped(&self) -> &Self {
        if let Self::Wrapper(inner) = self { inner } else { self }
    }
}

impl Message {
    /// The type of a field, by its camelCase name.
    pub(super) fn field(self, name: &str) -> Option<Type> {
        let strings = || Type::list(Type::String);
        let attributes = || Type::map(Type::String, Type::Dyn);
        Some(match (self, name) {
            (Self::Request, "principal") => Type::Message(Self::Principal),
            (Self::Request, "resource") => Type::Message(Self::Resource),
            (Self::Request, "auxData") => Type::Message(Self::AuxData),
            (Self::Principal, "id" | "policyVersion" | "scope")
            | (Self::Resource, "id" | "kind" | "policyVersion" | "scope") => Type::String,
            (Self::Principal, "roles") | (Self::Runtime, "effectiveDerivedRoles") => strings(),
            (Self::Principal | Self::Resource, "attr")
            | (Self::AuxData, "jwt")
            | (Self::Token, "claims") => attributes(),
            (Self::AuxData, "jwts") => Type::map(Type::String, Type::Message(Self::Token)),
            _ => return None,
        })
    }

    /// All fields, for suggestions.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Request => &["principal", "resource", "auxData"],
            Self::Principal => &["id", "roles", "attr", "policyVersion", "scope"],
            Self::Resource => &["kind", "id", "attr", "policyVersion", "scope"],
            Self::AuxData => &["jwt", "jwts"],
            Self::Token => &["claims"],
            Self::Runtime => &["effectiveDerivedRoles"],
            Self::Empty | Self::Definitions => &[],
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Principal => "principal",
            Self::Resource => "resource",
            Self::AuxData => "auxData",
            Self::Token => "token",
            Self::Runtime => "runtime",
            Self::Empty => "google.protobuf.Empty",
            Self::Definitions => "definitions",
        }
    }
}

/// As CEL writes types: `list(int)`, `map(string, dyn)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("dyn"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::UInt => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(parts) => {
                let [key, value] = &**parts;
                write!(f, "map({key}, {value})")
            }
            Self::Optional(inner) => write!(f, "optional({inner})"),
            Self::Wrapper(inner) => write!(f, "wrapper({inner})"),
            Self::Meta => f.write_str("type"),
            Self::Message(message) => f.write_str(message.name()),
            Self::Opaque(name) => f.write_str(name),
            // Types that nothing narrows down are `dyn` to whoever reads about them.
            Self::Var(_) => f.write_str("dyn"),
        }
    }
}

/// What a function takes and gives; type parameters are numbered from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    /// The receiver of a method is the first.
    pub(super) args: Box<[Type]>,
    pub(super) result: Type,
    pub(super) params: u32,
}

impl Signature {
    /// Reads `list(A), int -> A`. One capital letter is a type parameter.
    ///
    /// Nothing is returned for text that is no signature; a test reads those of all functions.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, params: Vec::new() };
        let mut args = Vec::new();
        reader.skip_space();
        while !reader.eat("->") {
            args.push(reader.read()?);
            reader.eat(",");
        }
        let result = reader.read()?;
        let params = u32::try_from(reader.params.len()).ok()?;
        reader.rest.is_empty().then(|| Self { args: args.into(), result, params })
    }
}

struct Reader<'t> {
    rest: &'t str,
    params: Vec<char>,
}

impl<'t> Reader<'t> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let after = self.rest.strip_prefix(wanted);
        self.rest = after.unwrap_or(self.rest).trim_start();
        after.is_some()
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = rest.trim_start();
        word
    }

    fn read(&mut self) -> Option<Type> {
        const OPAQUE: [&str; 6] =
            ["cidr", "hierarchy", "ip", "spiffe_id", "spiffe_matcher", "spiffe_trust_domain"];
        let word = self.word();
        Some(match word {
            "dyn" => Type::Dyn,
            "null" => Type::Null,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::UInt,
            "double" => Type::Double,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "timestamp" => Type::Timestamp,
            "duration" => Type::Duration,
            "type" => Type::Meta,
            "list" => Type::list(self.inside()?),
            "optional" => Type::optional(self.inside()?),
            "map" => {
                let key = self.eat("(").then(|| self.read())??;
                let value = self.eat(",").then(|| self.read())??;
                self.eat(")").then(|| Type::map(key, value))?
            }
            _ => match OPAQUE.into_iter().find(|known| *known == word) {
                Some(name) => Type::Opaque(name),
                None => Type::Var(self.param(word)?),
            },
        })
    }

    fn inside(&mut self) -> Option<Type> {
        let inner = self.eat("(").then(|| self.read())??;
        self.eat(")").then_some(inner)
    }

    fn param(&mut self, word: &str) -> Option<u32> {
        let mut letters = word.chars();
        let letter = letters.next().filter(char::is_ascii_uppercase)?;
        if letters.next().is_some() {
            return None;
        }
        let known = self.params.iter().position(|p| *p == letter);
        let at = known.unwrap_or_else(|| {
            self.params.push(letter);
            self.params.len() - 1
        });
        u32::try_from(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read_and_written_alike() {
        let read = Signature::parse("list(A), map(A, list(B)), optional(ip) -> dyn").unwrap();
        let args: Vec<String> = read.args.iter().map(ToString::to_string).collect();
        assert_eq!(args, ["list(dyn)", "map(dyn, list(dyn))", "optional(ip)"]);
        assert_eq!((read.result, read.params), (Type::Dyn, 2));
        assert_eq!(Signature::parse("-> optional(A)").unwrap().args.len(), 0);
        for bad in ["", "int", "int -> ", "list int -> int", "Ab -> int", "int -> int int"] {
            assert_eq!(Signature::parse(bad), None, "{bad}");
        }
    }
}

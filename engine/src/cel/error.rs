//! Why an expression does not compile, and why one that does has no value.

use std::fmt;
use std::ops::Range;

/// What kind of mistake an expression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is no expression.
    Parse,
    /// Deeper or longer than an expression may be.
    Limit,
    /// A name that nothing declares.
    UndeclaredName,
    /// `V.x` without a definition.
    UndefinedVariable,
    /// `C.x` without a definition.
    UndefinedConstant,
    /// A field that a message does not have.
    UndefinedField,
    /// A function that does not exist, or not with these arguments.
    UnknownFunction,
    /// Operands or arguments of types that their operator or function does not take.
    Type,
    /// A literal that its function cannot take, such as a broken regular expression.
    InvalidLiteral,
}

/// An expression that cannot be compiled: what is wrong, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
    help: Option<Box<str>>,
    span: Range<usize>,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, span: Range<usize>, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into(), help: None, span }
    }

    pub(super) fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help.map(Into::into);
        self
    }

    /// The class of the mistake.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong, without the position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to mend it, where that can be told.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Bytes of the text that are meant.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.span.start)
    }
}

impl std::error::Error for Error {}

/// Why evaluation gave no value. The texts are those that cel-go gives (docs/semantics.md, rule E4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalError<'a> {
    /// A map without this key.
    NoSuchKey(&'a str),
    /// A field that is not set, or a variable whose evaluation failed.
    UndefinedField(&'a str),
    /// An operator or function for operands of other types.
    NoSuchOverload,
    /// `x / 0`
    DivisionByZero,
    /// `x % 0`
    ModulusByZero,
    /// A list index outside the list.
    IndexOutOfBounds(i64),
    /// An argument that the function refuses, or a result out of range.
    Invalid(&'a str),
    /// The step budget is used up. Unlike all others it is never absorbed by `||`, `&&` or a macro.
    StepsExhausted,
}

impl fmt::Display for EvalError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchKey(key) => write!(f, "no such key: {key}"),
            Self::UndefinedField(name) => write!(f, "undefined field '{name}'"),
            Self::NoSuchOverload => f.write_str("no such overload"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::ModulusByZero => f.write_str("modulus by zero"),
            Self::IndexOutOfBounds(index) => write!(f, "index out of bounds: {index}"),
            Self::Invalid(text) => f.write_str(text),
            Self::StepsExhausted => f.write_str("the expression takes too many steps"),
        }
    }
}

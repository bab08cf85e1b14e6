//! Templates of `format`: text and clauses, and what the values of a literal list must be for a literal template.

use super::types::Type;

const MAX_PRECISION: usize = 100;
const END: &str = "unexpected end of string";
const CLAUSE: &str = "could not parse formatting clause";

#[derive(Debug, Clone, Copy)]
pub(super) enum Verb {
    Text,
    Decimal,
    Fixed(usize),
    Scientific(usize),
    Binary,
    Octal,
    Hex,
    UpperHex,
}

impl Verb {
    /// What is said of a value of another type, up to that type.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Text => {
                "error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, \
                 maps, lists, types, durations, and timestamps, was given "
            }
            Self::Decimal => {
                "error during formatting: decimal clause can only be used on ints, uints, and doubles, was given "
            }
            Self::Fixed(_) => {
                "error during formatting: fixed-point clause can only be used on ints, uints, and doubles, was given "
            }
            Self::Scientific(_) => {
                "error during formatting: scientific clause can only be used on ints, uints, and doubles, was given "
            }
            Self::Binary => {
                "error during formatting: only ints, uints, and bools can be formatted as binary, was given "
            }
            Self::Octal => {
                "error during formatting: octal clause can only be used on ints and uints, was given "
            }
            Self::Hex | Self::UpperHex => {
                "error during formatting: only ints, uints, bytes, and strings can be formatted as hex, was given "
            }
        }
    }

    fn takes(self, ty: &Type) -> bool {
        match (self, ty) {
            (_, Type::Dyn | Type::Var(_) | Type::Int | Type::UInt) => true,
            (Self::Text, ty) => has_text(ty),
            (Self::Decimal | Self::Fixed(_) | Self::Scientific(_), ty) => *ty == Type::Double,
            (Self::Binary, ty) => *ty == Type::Bool,
            (Self::Octal, _) => false,
            (Self::Hex | Self::UpperHex, ty) => matches!(ty, Type::String | Type::Bytes),
        }
    }
}

/// What is left of a template.
pub(super) struct Template<'t> {
    rest: &'t str,
}

impl<'t> Template<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// Text up to the next clause. Whether there is one.
    pub(super) fn text(&mut self, out: &mut String) -> bool {
        while let Some((text, rest)) = self.rest.split_once('%') {
            out.push_str(text);
            self.rest = rest;
            match rest.strip_prefix('%') {
                Some(rest) => {
                    out.push('%');
                    self.rest = rest;
                }
                None => return true,
            }
        }
        out.push_str(self.rest);
        false
    }

    /// What follows a `%`.
    pub(super) fn clause(&mut self) -> Result<Verb, String> {
        if self.rest.is_empty() {
            return Err(END.to_owned());
        }
        let precision = self
            .precision()
            .map_err(|why| format!("{CLAUSE}: error while parsing precision: {why}"))?;
        let verb = match self.rest.bytes().next() {
            Some(b's') => Verb::Text,
            Some(b'd') => Verb::Decimal,
            Some(b'f') => Verb::Fixed(precision),
            Some(b'e') => Verb::Scientific(precision),
            Some(b'b') => Verb::Binary,
            Some(b'o') => Verb::Octal,
            Some(b'x') => Verb::Hex,
            Some(b'X') => Verb::UpperHex,
            // cel-go reads the first byte of a character as one.
            other => {
                let other = char::from(other.unwrap_or_default());
                return Err(format!("{CLAUSE}: unrecognized formatting clause \"{other}\""));
            }
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        Ok(verb)
    }

    fn precision(&mut self) -> Result<usize, String> {
        let Some(rest) = self.rest.strip_prefix('.') else { return Ok(6) };
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or("could not find end of precision specifier")?;
        let (digits, rest) = rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        let not_an_int = |why: &str| {
            format!(
                "error while converting precision to integer: strconv.Atoi: parsing \"{digits}\": {why}"
            )
        };
        if digits.is_empty() {
            return Err(not_an_int("invalid syntax"));
        }
        match digits.parse::<i64>().ok().and_then(|p| usize::try_from(p).ok()) {
            None => Err(not_an_int("value out of range")),
            Some(precision) if precision > MAX_PRECISION => Err(format!(
                "precision {precision} exceeds maximum allowed precision {MAX_PRECISION}"
            )),
            Some(precision) => Ok(precision),
        }
    }
}

/// An element of a literal list under a literal template.
pub(super) struct Argument {
    pub(super) ty: Type,
    /// Its own type or that of a part, if that has no text.
    pub(super) textless: Option<Type>,
}

/// Whether a literal template fits what it is given. Names the argument that does not fit, and says why.
///
/// What is `dyn` is left to evaluation.
pub(super) fn check(text: &str, args: &[Argument]) -> Result<(), (Option<usize>, String)> {
    let mut template = Template::new(text);
    let mut count = 0;
    while template.text(&mut String::new()) {
        if template.rest.is_empty() {
            return Err((None, END.to_owned()));
        }
        let Some(arg) = args.get(count) else {
            return Err((None, format!("the template has more clauses than values ({count})")));
        };
        let verb = template.clause().map_err(|why| (None, why))?;
        let misfit = match verb {
            Verb::Text => arg.textless.as_ref(),
            _ => Some(&arg.ty).filter(|ty| !verb.takes(ty)),
        };
        if let Some(ty) = misfit {
            return Err((Some(count), format!("{}`{ty}`", verb.refusal())));
        }
        count += 1;
    }
    if count < args.len() {
        let given = args.len();
        return Err((Some(count), format!("the template has {count} clauses for {given} values")));
    }
    Ok(())
}

/// Whether `%s` takes it.
pub(super) fn has_text(ty: &Type) -> bool {
    !matches!(ty, Type::Optional(_) | Type::Message(_) | Type::Opaque(_))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn a_literal_template_is_held_against_the_types_of_its_values() {
        for (expr, wanted) in [
            ("'%s %s'.format(['a'])", "the template has more clauses than values (1)"),
            ("'%s'.format(['a', 'b'])", "the template has 1 clauses for 2 values"),
            ("'%'.format([])", "unexpected end of string"),
            (
                "'%5d'.format([1])",
                "could not parse formatting clause: unrecognized formatting clause \"5\"",
            ),
            (
                "'%s %d'.format([dyn(1), 'x'])",
                "error during formatting: decimal clause can only be used on ints, uints, and doubles, was given \
                 `string`",
            ),
            (
                "'%b'.format([1.0])",
                "error during formatting: only ints, uints, and bools can be formatted as binary, was given `double`",
            ),
            (
                "['a'].map(x, '%o'.format([x]))",
                "error during formatting: octal clause can only be used on ints and uints, was given `string`",
            ),
        ] {
            check_bare(expr, &format!("compile: {wanted}"));
        }
        let refused = "compile: error during formatting: string clause can only be used on strings, bools, bytes, \
                       ints, doubles, maps, lists, types, durations, and timestamps, was given `optional(int)`";
        for value in [
            "optional.of(1)",
            "?optional.of(1)",
            "[1, [optional.of(1)]]",
            "{'a': 1, 'b': optional.of(1)}",
        ] {
            check_bare(&format!("'%s'.format([{value}])"), refused);
        }
    }
}

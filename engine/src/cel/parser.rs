//! Tokens to a tree, by precedence climbing. Depth and size are bounded as in cel-go, so that neither parsing
//! nor anything that walks the tree can exhaust the stack.

use std::ops::Range;

use super::ast::{Binary, Expr, ExprKind};
use super::error::{Error, ErrorKind};
use super::lexer::{Token, tokens};

/// Levels that a tree may have, operator chains counted.
const MAX_DEPTH: u16 = 250;
const MAX_CODE_POINTS: usize = 100_000;
/// Names that CEL keeps for itself.
const RESERVED: [&str; 18] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Words that are no names at all, not even of fields.
const WORDS: [&str; 4] = ["false", "in", "null", "true"];

pub(super) fn parse(text: &str) -> Result<Expr, Error> {
    if text.len() > MAX_CODE_POINTS && text.chars().count() > MAX_CODE_POINTS {
        let message = format!("an expression may have {MAX_CODE_POINTS} characters");
        return Err(Error::new(ErrorKind::Limit, 0..0, message));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, level: 0 };
    if matches!(parser.peek(), Token::End) {
        let help = "in YAML, what begins with `!` needs quotes";
        return Err(Error::new(ErrorKind::Parse, parser.span(), "the expression is empty")
            .with_help(Some(help.to_owned())));
    }
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("the end of the expression")),
    }
}

#[derive(Clone, Copy)]
enum Operator {
    And,
    Or,
    Binary(Binary),
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    /// Open calls of [`Parser::expr`].
    level: u16,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |(_, span)| span.clone())
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, op: &str) -> bool {
        let found = matches!(self.peek(), Token::Op(found) if *found == op);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, op: &'static str) -> Result<usize, Error> {
        let end = self.span().end;
        if self.eat(op) { Ok(end) } else { Err(self.unexpected(&format!("`{op}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Op(op) => format!("`{op}`"),
            Token::Ident(name) | Token::Quoted(name) => format!("`{name}`"),
            Token::Str(_) | Token::Bytes(_) => "a string".to_owned(),
            Token::Int(_) | Token::UInt(_) | Token::Double(_) => "a number".to_owned(),
        };
        // Words of other languages.
        let meant = match self.peek() {
            Token::Ident(name) => match &**name {
                "and" | "AND" => Some("&&"),
                "or" | "OR" => Some("||"),
                "is" | "eq" => Some("=="),
                _ => None,
            },
            Token::Op("=") => Some("=="),
            _ => None,
        };
        let help = meant.map(|meant| format!("write `{meant}`"));
        let message = format!("expected {wanted}, found {found}");
        Error::new(ErrorKind::Parse, self.span(), message).with_help(help)
    }

    fn node(&self, kind: ExprKind, span: Range<usize>, below: u16) -> Result<Expr, Error> {
        let depth = below + 1;
        // Names and literals are no level of their own (rule L3).
        if depth > MAX_DEPTH + 1 {
            return Err(too_deep(span));
        }
        Ok(Expr { kind, span, depth })
    }

    /// `a ? b : c`, of which only `c` may be another such expression without parentheses.
    fn expr(&mut self) -> Result<Expr, Error> {
        self.level += 1;
        if self.level > MAX_DEPTH {
            return Err(too_deep(self.span()));
        }
        let condition = self.binary(0)?;
        let expr = if self.eat("?") { self.conditional(condition)? } else { condition };
        self.level -= 1;
        Ok(expr)
    }

    #[inline(never)]
    fn conditional(&mut self, condition: Expr) -> Result<Expr, Error> {
        let yes = self.binary(0)?;
        self.expect(":")?;
        let no = self.expr()?;
        let span = condition.span.start..no.span.end;
        let below = condition.depth.max(yes.depth).max(no.depth);
        self.node(ExprKind::Conditional(Box::new([condition, yes, no])), span, below)
    }

    fn operator(&self) -> Option<(u8, Operator)> {
        Some(match self.peek() {
            Token::Op("||") => (1, Operator::Or),
            Token::Op("&&") => (2, Operator::And),
            Token::Op("==") => (3, Operator::Binary(Binary::Eq)),
            Token::Op("!=") => (3, Operator::Binary(Binary::Ne)),
            Token::Op("<") => (3, Operator::Binary(Binary::Lt)),
            Token::Op("<=") => (3, Operator::Binary(Binary::Le)),
            Token::Op(">") => (3, Operator::Binary(Binary::Gt)),
            Token::Op(">=") => (3, Operator::Binary(Binary::Ge)),
            Token::Ident(name) if &**name == "in" => (3, Operator::Binary(Binary::In)),
            Token::Op("+") => (4, Operator::Binary(Binary::Add)),
            Token::Op("-") => (4, Operator::Binary(Binary::Sub)),
            Token::Op("*") => (5, Operator::Binary(Binary::Mul)),
            Token::Op("/") => (5, Operator::Binary(Binary::Div)),
            Token::Op("%") => (5, Operator::Binary(Binary::Mod)),
            _ => return None,
        })
    }

    /// Operators that bind more tightly than `above`, all of them to the left.
    fn binary(&mut self, above: u8) -> Result<Expr, Error> {
        let mut left = self.unary()?;
        while let Some((strength, op)) = self.operator().filter(|(strength, _)| *strength > above) {
            self.advance();
            let right = self.binary(strength)?;
            left = self.joined(op, left, right)?;
        }
        Ok(left)
    }

    /// cel-go balances chains of `&&` and `||`, so their length does not count as depth.
    #[inline(never)]
    fn joined(&self, op: Operator, left: Expr, right: Expr) -> Result<Expr, Error> {
        let span = left.span.start..right.span.end;
        let (below, below_right) = (left.depth.max(right.depth), right.depth);
        let (kind, below) = match (op, left) {
            (Operator::And, Expr { kind: ExprKind::And(mut list), depth, .. }) => {
                list.push(right);
                (ExprKind::And(list), depth.saturating_sub(1).max(below_right))
            }
            (Operator::Or, Expr { kind: ExprKind::Or(mut list), depth, .. }) => {
                list.push(right);
                (ExprKind::Or(list), depth.saturating_sub(1).max(below_right))
            }
            (Operator::And, left) => (ExprKind::And(vec![left, right]), below),
            (Operator::Or, left) => (ExprKind::Or(vec![left, right]), below),
            (Operator::Binary(op), left) => (ExprKind::Binary(op, Box::new([left, right])), below),
        };
        self.node(kind, span, below)
    }

    /// `!!x`, `--x`: pairs cancel out, as in cel-go.
    fn unary(&mut self) -> Result<Expr, Error> {
        let start = self.span().start;
        let op = match self.peek() {
            Token::Op(op @ ("!" | "-")) => *op,
            _ => return self.postfix(),
        };
        let mut count = 0_usize;
        while self.eat(op) {
            count += 1;
        }
        if op == "-" && count % 2 == 1 {
            // The sign belongs to the literal, or the smallest int could not be written.
            let (literal, span) = (self.peek().clone(), self.span());
            let kind = match literal {
                Token::Int(value) => 0_i64.checked_sub_unsigned(value).map(ExprKind::Int),
                Token::Double(value) => Some(ExprKind::Double(-value)),
                _ => None,
            };
            if let Some(kind) = kind {
                self.advance();
                let literal = self.node(kind, start..span.end, 0)?;
                return self.postfix_of(literal);
            }
        }
        let operand = self.postfix()?;
        if count.is_multiple_of(2) {
            return Ok(operand);
        }
        let (span, below) = (start..operand.span.end, operand.depth);
        let operand = Box::new(operand);
        self.node(
            if op == "!" { ExprKind::Not(operand) } else { ExprKind::Negate(operand) },
            span,
            below,
        )
    }

    fn postfix(&mut self) -> Result<Expr, Error> {
        let primary = self.primary()?;
        self.postfix_of(primary)
    }

    fn postfix_of(&mut self, mut expr: Expr) -> Result<Expr, Error> {
        loop {
            let start = expr.span.start;
            if self.eat(".") {
                let optional = self.eat("?");
                let end = self.span().end;
                let (name, quoted) = match self.advance() {
                    Token::Ident(name) if !WORDS.contains(&&*name) => (name, false),
                    Token::Quoted(name) => (name, true),
                    _ => {
                        self.at = self.at.saturating_sub(1);
                        return Err(self.unexpected("a field name"));
                    }
                };
                if !quoted && !optional && self.eat("(") {
                    let (args, end) = self.arguments()?;
                    let below = args.iter().map(|a| a.depth).fold(expr.depth, u16::max);
                    let kind = ExprKind::Call { target: Some(Box::new(expr)), name, args };
                    expr = self.node(kind, start..end, below)?;
                } else {
                    let below = expr.depth;
                    let kind = ExprKind::Select { operand: Box::new(expr), field: name, optional };
                    expr = self.node(kind, start..end, below)?;
                }
            } else if self.eat("[") {
                let optional = self.eat("?");
                let index = self.expr()?;
                let end = self.expect("]")?;
                let below = expr.depth.max(index.depth);
                let kind =
                    ExprKind::Index { operand: Box::new(expr), index: Box::new(index), optional };
                expr = self.node(kind, start..end, below)?;
            } else if matches!(self.peek(), Token::Op("{"))
                && let Some(name) = expr.qualified_name()
            {
                self.advance();
                let fields = self.message_fields()?;
                let end = self.expect("}")?;
                let below = fields.iter().map(|(.., value)| value.depth).max().unwrap_or(0);
                expr = self.node(ExprKind::Message(name.into(), fields), start..end, below)?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let span = self.span();
        let kind = match self.advance() {
            Token::Int(value) => ExprKind::Int(i64::try_from(value).map_err(|_| {
                Error::new(ErrorKind::Parse, span.clone(), "the number is too large")
            })?),
            Token::UInt(value) => ExprKind::UInt(value),
            Token::Double(value) => ExprKind::Double(value),
            Token::Str(text) => ExprKind::Str(text),
            Token::Bytes(bytes) => ExprKind::Bytes(bytes),
            Token::Op("(") => {
                let inner = self.expr()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Op("[") => return self.list(span.start),
            Token::Op("{") => return self.map(span.start),
            // A leading dot names the root: what a macro binds does not hide it.
            Token::Op(".") => match self.advance() {
                Token::Ident(name) if !RESERVED.contains(&&*name) => {
                    if matches!(self.peek(), Token::Op("(")) {
                        return self.name(name, span);
                    }
                    return self.node(ExprKind::Ident(format!(".{name}").into()), span, 0);
                }
                _ => {
                    self.at = self.at.saturating_sub(1);
                    return Err(self.unexpected("a name"));
                }
            },
            Token::Ident(name) => match &*name {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "null" => ExprKind::Null,
                reserved if RESERVED.contains(&reserved) => {
                    return Err(Error::new(
                        ErrorKind::Parse,
                        span,
                        format!("`{reserved}` is a reserved word"),
                    ));
                }
                _ => return self.name(name, span),
            },
            Token::Quoted(_) | Token::Op(_) => {
                self.at = self.at.saturating_sub(1);
                return Err(self.unexpected("a value"));
            }
            Token::End => return Err(self.unexpected("a value")),
        };
        self.node(kind, span, 0)
    }

    fn name(&mut self, name: Box<str>, span: Range<usize>) -> Result<Expr, Error> {
        if !self.eat("(") {
            return self.node(ExprKind::Ident(name), span, 0);
        }
        let (args, end) = self.arguments()?;
        let below = args.iter().map(|a| a.depth).max().unwrap_or(0);
        self.node(ExprKind::Call { target: None, name, args }, span.start..end, below)
    }

    /// `[,]`, `{,}`: a comma may follow nothing.
    fn eat_lone_comma(&mut self, end: &str) {
        let next = self.tokens.get(self.at + 1).map(|(token, _)| token);
        if matches!(next, Some(Token::Op(op)) if *op == end) {
            self.eat(",");
        }
    }

    fn message_fields(&mut self) -> Result<Vec<(bool, Box<str>, Expr)>, Error> {
        let mut fields = Vec::new();
        self.eat_lone_comma("}");
        while !matches!(self.peek(), Token::Op("}")) {
            let optional = self.eat("?");
            let name = match self.advance() {
                Token::Quoted(name) => name,
                Token::Ident(name) if !WORDS.contains(&&*name) => name,
                _ => {
                    self.at = self.at.saturating_sub(1);
                    return Err(self.unexpected("a field name"));
                }
            };
            self.expect(":")?;
            fields.push((optional, name, self.expr()?));
            if !self.eat(",") {
                break;
            }
        }
        Ok(fields)
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, usize), Error> {
        let mut args = Vec::new();
        let end = self.span().end;
        if self.eat(")") {
            return Ok((args, end));
        }
        loop {
            args.push(self.expr()?);
            if !self.eat(",") {
                return Ok((args, self.expect(")")?));
            }
        }
    }

    fn list(&mut self, start: usize) -> Result<Expr, Error> {
        let mut items = Vec::new();
        self.eat_lone_comma("]");
        while !matches!(self.peek(), Token::Op("]")) {
            let optional = self.eat("?");
            items.push((optional, self.expr()?));
            if !self.eat(",") {
                break;
            }
        }
        let end = self.expect("]")?;
        let below = items.iter().map(|(_, e)| e.depth).max().unwrap_or(0);
        self.node(ExprKind::List(items), start..end, below)
    }

    fn map(&mut self, start: usize) -> Result<Expr, Error> {
        let mut entries = Vec::new();
        self.eat_lone_comma("}");
        while !matches!(self.peek(), Token::Op("}")) {
            let optional = self.eat("?");
            let key = self.expr()?;
            self.expect(":")?;
            entries.push((optional, key, self.expr()?));
            if !self.eat(",") {
                break;
            }
        }
        let end = self.expect("}")?;
        let below = entries.iter().map(|(_, k, v)| k.depth.max(v.depth)).max().unwrap_or(0);
        self.node(ExprKind::Map(entries), start..end, below)
    }
}

fn too_deep(span: Range<usize>) -> Error {
    Error::new(ErrorKind::Limit, span, format!("the expression is deeper than {MAX_DEPTH} levels"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_cel_go_reads_is_read() {
        for good in [
            "!!!true",
            "---1",
            "- 1",
            "1--1",
            "1 - -1",
            "-[1]",
            "!1 in [1]",
            "1 in [1] in [true]",
            "1 < 2 < 3",
            "a ? b : c ? d : e",
            "(a ? b : c) ? d : e",
            "true?1:2",
            "[,]",
            "{,}",
            "A{,}",
            "[1,]",
            "{1: 2,}",
            "[?a, b]",
            "{?'a': b}",
            "A{?b: c,}",
            "A {b: 1}",
            ".A.B{c: 1}",
            "a.b{}",
            "a.?b.c[?d]",
            "a.`b-c`",
            "a.?`b c`",
            "a.`in`",
            "a.if",
            "a.package",
            "a.let()",
            ".a",
            ".f(1)",
            "f ( [1] )",
            "[1][0][0]",
            "_",
            "__a1",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_cel_go_refuses_is_refused() {
        for bad in [
            "",
            "()",
            "(1,2)",
            "f(1,)",
            "f(,)",
            "[1,,2]",
            "[,,]",
            "[,1]",
            "[1 2]",
            "{1}",
            "{1:}",
            "{:1}",
            "{1:2,,}",
            "a[]",
            "a[0,]",
            "a ? b",
            "a ? : c",
            "a ?: c",
            "a ? b ? c : d : e",
            "a && && b",
            "a = b",
            "a === b",
            "a & b",
            "~a",
            "a <> b",
            "a b",
            "not a",
            "in",
            "in(1)",
            "in [1]",
            "a.in",
            "a.in(b)",
            "a.?in",
            "a.true",
            "a.null",
            "A{in: 1}",
            "A{'a': 1}",
            "if",
            "as",
            "package(1)",
            "`a`",
            "a.``",
            "a..b",
            "..a",
            "a.",
            "a.1",
            "a.'b'",
            "1a",
            "$a",
            "a@",
            "a;",
            "a(){b: 1}",
            "9223372036854775808",
            "-9223372036854775809",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

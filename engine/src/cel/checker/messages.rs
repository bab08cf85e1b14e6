//! Literals of protocol buffer messages: `google.protobuf.Duration{seconds: 5}`.

use super::super::ast::Expr;
use super::super::literal::Literal;
use super::{Checker, ErrorKind, Node, Type, Typed, error};

impl Checker<'_> {
    #[inline(never)]
    pub(super) fn message(
        &mut self,
        expr: &Expr,
        name: &str,
        fields: &[(bool, Box<str>, Expr)],
    ) -> Typed {
        let name = name.trim_start_matches('.');
        let Some((ty, default)) = wrapped(name) else {
            return Err(error(
                ErrorKind::UndeclaredName,
                expr,
                format!("there is no message type `{name}`"),
            ));
        };
        match fields {
            [] => Ok((Node::Const(default), ty)),
            [(false, field, value)] if &**field == "value" => {
                let (node, found) = self.expr(value)?;
                self.expect(value, &found, &ty)?;
                Ok((node, ty))
            }
            _ => Err(error(
                ErrorKind::UndefinedField,
                expr,
                format!("`{name}` has one field, `value`"),
            )),
        }
    }
}

/// Messages that are a value in CEL: the type and what it is when nothing is set.
fn wrapped(name: &str) -> Option<(Type, Literal)> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => (Type::Bool, Literal::Bool(false)),
        "Int64Value" => (Type::Int, Literal::Int(0)),
        "UInt64Value" => (Type::UInt, Literal::UInt(0)),
        "DoubleValue" => (Type::Double, Literal::Double(0.0)),
        "StringValue" => (Type::String, Literal::Str("".into())),
        "BytesValue" => (Type::Bytes, Literal::Bytes(b"".as_slice().into())),
        _ => return None,
    })
}

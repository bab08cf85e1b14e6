//! Literals of protocol buffer messages: `google.protobuf.Duration{seconds: 5}`.

use super::super::ast::Expr;
use super::super::messages::{self, Message};
use super::names::type_named;
use super::{Checker, Error, ErrorKind, Node, Typed, error};
use crate::suggest::closest;

impl Checker<'_> {
    #[inline(never)]
    pub(super) fn message(
        &mut self,
        expr: &Expr,
        name: &str,
        fields: &[(bool, Box<str>, Expr)],
    ) -> Typed {
        let name = name.trim_start_matches('.');
        let Some(message) = messages::named(name) else { return Err(no_message(expr, name)) };
        let mut nodes = Vec::with_capacity(fields.len());
        for (optional, name, value) in fields {
            let Some(field) = message.field(name) else {
                return Err(no_field(value, message, name));
            };
            let (node, found) = self.element(value, *optional)?;
            self.expect(value, &found, &field.ty())?;
            nodes.push((*optional, name.clone(), node));
        }
        Ok((Node::Message(message, nodes.into()), message.ty()))
    }
}

fn no_message(expr: &Expr, name: &str) -> Error {
    // Cerbos has these.
    let exists = ["cerbos.engine.v1.", "google.api.expr.", "google.protobuf."];
    if type_named(name).is_some() {
        return error(ErrorKind::Type, expr, format!("`{name}` is a type, and no message"));
    }
    let known: Vec<&str> = messages::names().collect();
    let help = match closest(name, &known) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("messages that can be built are {}", known.join(", ")),
    };
    let text = if exists.iter().any(|package| name.starts_with(package)) {
        format!("messages of type `{name}` cannot be built here")
    } else {
        format!("there is no message type `{name}`")
    };
    error(ErrorKind::UndeclaredName, expr, text).with_help(Some(help))
}

fn no_field(value: &Expr, message: &Message, name: &str) -> Error {
    let known: Vec<&str> = message.fields.iter().map(|field| field.name).collect();
    let help = match (closest(name, &known), &*known) {
        (Some(best), _) => format!("did you mean `{best}`?"),
        (None, []) => "it has no fields".to_owned(),
        (None, [only]) => format!("it has one field, `{only}`"),
        (None, all) => format!("its fields are {}", all.join(", ")),
    };
    let text = format!("`{}` has no field `{name}`", message.name);
    error(ErrorKind::UndefinedField, value, text).with_help(Some(help))
}

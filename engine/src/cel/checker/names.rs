//! Names and the fields behind them.

use super::super::ast::{Expr, ExprKind};
use super::super::literal::Literal;
use super::super::types::{Message, Type};
use super::{Checker, Error, ErrorKind, Node, Typed, error};
use crate::suggest::closest;
use crate::value::Value;

/// The identifiers that a policy declares.
const ROOTS: [&str; 10] =
    ["request", "P", "R", "runtime", "V", "variables", "C", "constants", "G", "globals"];

/// Definitions of a policy or of the engine's configuration, read by name only.
#[derive(Clone, Copy)]
enum Definitions {
    Variables,
    Constants,
    Globals,
}

impl Checker<'_> {
    fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| &**local == name)
    }

    #[inline(never)]
    pub(super) fn name(&mut self, expr: &Expr, name: &str) -> Typed {
        let (name, absolute) = name.strip_prefix('.').map_or((name, false), |name| (name, true));
        if !absolute && let Some(slot) = self.locals.iter().rposition(|(local, _)| &**local == name)
        {
            let ty = self.locals.get(slot).map_or(Type::Dyn, |(_, ty)| ty.clone());
            return Ok((Node::Local(slot), ty));
        }
        if let Some(found) = self.declared(name) {
            return Ok(found);
        }
        if self.env.is_policy {
            let message = |node, message| Ok((node, Type::Message(message)));
            match name {
                "request" => return message(Node::Request, Message::Request),
                "P" => return message(Node::Principal, Message::Principal),
                "R" => return message(Node::Resource, Message::Resource),
                "runtime" => return message(Node::Runtime, Message::Runtime),
                "V" | "variables" => {
                    let names = self.env.variables.clone().into();
                    return message(Node::Variables(names), Message::Definitions);
                }
                "C" | "constants" => {
                    let all = Literal::Value(Value::Map(self.env.constants.clone()));
                    return message(Node::Const(all), Message::Definitions);
                }
                "G" | "globals" => return message(Node::Globals, Message::Definitions),
                _ => {}
            }
        }
        let known: Vec<&str> = self
            .locals
            .iter()
            .map(|(local, _)| &**local)
            .chain(self.env.bindings.iter().map(|b| &**b))
            .chain(ROOTS.into_iter().filter(|_| self.env.is_policy))
            .collect();
        let help = closest(name, &known).map(|best| format!("did you mean `{best}`?"));
        Err(error(ErrorKind::UndeclaredName, expr, format!("nothing is called `{name}`"))
            .with_help(help))
    }

    /// A binding or a type, by its whole name.
    fn declared(&self, name: &str) -> Option<(Node, Type)> {
        if let Some(slot) = self.env.bindings.iter().position(|binding| &**binding == name) {
            return Some((Node::Binding(slot), Type::Dyn));
        }
        if name == "google.protobuf.NullValue.NULL_VALUE" {
            return Some((Node::Const(Literal::Int(0)), Type::Int));
        }
        type_named(name).map(|name| (Node::Const(Literal::Type(name)), Type::Meta))
    }

    /// What a chain of selections names as a whole, unless a macro has bound its first part.
    fn qualified(&self, expr: &Expr) -> Option<(Node, Type)> {
        let name = expr.qualified_name()?;
        match name.strip_prefix('.') {
            Some(name) => self.declared(name),
            None if self.is_local(name.split('.').next().unwrap_or_default()) => None,
            None => self.declared(&name),
        }
    }

    #[inline(never)]
    pub(super) fn select(
        &mut self,
        expr: &Expr,
        operand: &Expr,
        field: &str,
        optional: bool,
    ) -> Typed {
        if let Some(definitions) = self.definitions(operand) {
            return self.definition(expr, definitions, field, optional);
        }
        if !optional && let Some(found) = self.qualified(expr) {
            return Ok(found);
        }
        let (node, ty) = self.expr(operand)?;
        let (field, ty, is_optional) = self.field_of(expr, &ty, field)?;
        let node = Box::new(node);
        Ok(if optional || is_optional {
            (Node::OptionalField(node, field), Type::optional(ty))
        } else {
            (Node::Field(node, field), ty)
        })
    }

    /// The field's name, its type, and whether it is read through an optional value.
    fn field_of(
        &mut self,
        expr: &Expr,
        operand: &Type,
        field: &str,
    ) -> Result<(Box<str>, Type, bool), Error> {
        let (ty, is_optional) = match self.types.resolve(operand) {
            Type::Optional(inner) => (self.types.resolve(&inner), true),
            other => (other, false),
        };
        let found = match &ty {
            Type::Map(parts) => {
                let [_, value] = &**parts;
                Some(value.clone())
            }
            Type::Dyn => Some(Type::Dyn),
            Type::Var(_) => {
                self.types.assign(&Type::Dyn, &ty);
                Some(Type::Dyn)
            }
            Type::Message(message) => {
                let name = canonical(field);
                let found = message.field(name);
                let found = found.ok_or_else(|| undefined_field(expr, *message, field))?;
                return Ok((name.into(), found, is_optional));
            }
            _ => None,
        };
        let found = found.ok_or_else(|| {
            error(ErrorKind::Type, expr, format!("a `{ty}` has no fields, so no `{field}`"))
        })?;
        Ok((field.into(), found, is_optional))
    }

    /// `has(operand.field)`
    #[inline(never)]
    pub(super) fn has(&mut self, arg: &Expr) -> Typed {
        let ExprKind::Select { operand, field, optional: false } = &arg.kind else {
            return Err(error(
                ErrorKind::Parse,
                arg,
                "`has` takes a field selection such as `R.attr.owner`",
            ));
        };
        if let Some(definitions) = self.definitions(operand) {
            let node = match self.definition(arg, definitions, field, false)?.0 {
                Node::Variable(slot, _) => Node::HasVariable(slot),
                Node::Global(name) => Node::HasGlobal(name),
                _ => Node::Const(Literal::Bool(true)),
            };
            return Ok((node, Type::Bool));
        }
        let (node, ty) = self.expr(operand)?;
        let (field, ..) = self.field_of(arg, &ty, field)?;
        Ok((Node::Has(Box::new(node), field), Type::Bool))
    }

    fn definitions(&self, operand: &Expr) -> Option<Definitions> {
        let ExprKind::Ident(name) = &operand.kind else { return None };
        let (name, absolute) = name.strip_prefix('.').map_or((&**name, false), |n| (n, true));
        if !self.env.is_policy || (!absolute && self.is_local(name)) {
            return None;
        }
        match name {
            "V" | "variables" => Some(Definitions::Variables),
            "C" | "constants" => Some(Definitions::Constants),
            "G" | "globals" => Some(Definitions::Globals),
            _ => None,
        }
    }

    /// `V.x`, `C.x`, `G.x`
    fn definition(
        &self,
        expr: &Expr,
        definitions: Definitions,
        field: &str,
        optional: bool,
    ) -> Typed {
        if optional {
            return Ok((self.perhaps(definitions, field), Type::optional(Type::Dyn)));
        }
        let node = match definitions {
            Definitions::Variables => {
                let slot = self.env.slot(field);
                let slot = slot.ok_or_else(|| {
                    let known: Vec<&str> = self.env.variables.iter().map(|n| &**n).collect();
                    undefined(expr, ErrorKind::UndefinedVariable, "variable", field, &known)
                })?;
                Node::Variable(slot, field.into())
            }
            Definitions::Constants => {
                let value = self.env.constants.get(field).cloned().ok_or_else(|| {
                    let known: Vec<&str> = self.env.constants.iter().map(|(n, _)| n).collect();
                    undefined(expr, ErrorKind::UndefinedConstant, "constant", field, &known)
                })?;
                Node::Const(Literal::of(&value))
            }
            Definitions::Globals => Node::Global(field.into()),
        };
        Ok((node, Type::Dyn))
    }

    /// `V.?x`: a name that nothing defines, or that nothing else uses, is as good as one that failed (rule E8).
    fn perhaps(&self, definitions: Definitions, field: &str) -> Node {
        let found = match definitions {
            Definitions::Variables => {
                let slot = self.env.slot(field);
                slot.map(|slot| Node::Variable(slot, field.into()))
            }
            Definitions::Constants => {
                let value = self.env.constants.get(field).cloned();
                value.map(|value| Node::Const(Literal::of(&value)))
            }
            Definitions::Globals => Some(Node::Global(field.into())),
        };
        Node::Perhaps(found.map(Box::new))
    }
}

fn undefined(expr: &Expr, kind: ErrorKind, what: &str, name: &str, known: &[&str]) -> Error {
    let help = closest(name, known).map(|best| format!("did you mean `{best}`?"));
    error(kind, expr, format!("undefined {what} `{name}`")).with_help(help)
}

fn undefined_field(expr: &Expr, message: Message, field: &str) -> Error {
    let fields = message.fields();
    let help = closest(field, fields).map(|best| format!("did you mean `{best}`?"));
    // Most of what is written without `attr` is an attribute.
    let has_attributes = matches!(message, Message::Principal | Message::Resource);
    let help = help
        .or_else(|| has_attributes.then(|| format!("attributes are read as `attr.{field}`")))
        .or_else(|| (!fields.is_empty()).then(|| format!("its fields are {}", fields.join(", "))));
    let text = format!("`{}` has no field `{field}`", message.name());
    error(ErrorKind::UndefinedField, expr, text).with_help(help)
}

/// Both spellings of a message's field (rule Y2).
fn canonical(field: &str) -> &str {
    match field {
        "aux_data" => "auxData",
        "policy_version" => "policyVersion",
        "effective_derived_roles" => "effectiveDerivedRoles",
        other => other,
    }
}

/// Types that have a name of their own.
pub(super) fn type_named(name: &str) -> Option<&'static str> {
    const TYPES: [&str; 20] = [
        "bool",
        "int",
        "uint",
        "double",
        "string",
        "bytes",
        "list",
        "map",
        "type",
        "null_type",
        "optional_type",
        "google.protobuf.Timestamp",
        "google.protobuf.Duration",
        "google.protobuf.Empty",
        "net.IP",
        "net.CIDR",
        "cerbos.lib.hierarchy",
        "cerbos.lib.spiffeID",
        "cerbos.lib.spiffeTrustDomain",
        "cerbos.lib.spiffeMatcher",
    ];
    TYPES.into_iter().find(|known| *known == name)
}

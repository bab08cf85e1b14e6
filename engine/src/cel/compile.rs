//! The tree to a program: names resolved, macros recognised, constant arguments prepared.
//!
//! Field names of the request are checked here, so that a typing error is found at load.

use super::ast::{Binary, Expr, ExprKind};
use super::env::Env;
use super::error::{Error, ErrorKind};
use super::functions::{self, Function};
use super::program::{Comprehension, Macro, Node, Program};
use super::re2;
use super::time::{Timestamp, parse_duration};
use crate::value::Value;

pub(super) fn compile(expr: &Expr, env: &Env) -> Result<Program, Error> {
    Ok(Program { root: Compiler { env, locals: Vec::new() }.node(expr)? })
}

struct Compiler<'e> {
    env: &'e Env,
    locals: Vec<Box<str>>,
}

type Compiled = Result<Node, Error>;

fn error(kind: ErrorKind, expr: &Expr, message: impl Into<Box<str>>) -> Error {
    Error::new(kind, expr.span.clone(), message)
}

impl Compiler<'_> {
    fn node(&mut self, expr: &Expr) -> Compiled {
        Ok(match &expr.kind {
            ExprKind::Null => Node::Const(Value::Null),
            ExprKind::Bool(b) => Node::Const(Value::Bool(*b)),
            ExprKind::Int(i) => Node::Const(Value::Int(*i)),
            ExprKind::UInt(u) => Node::Const(Value::UInt(*u)),
            ExprKind::Double(d) => Node::Const(Value::Double(*d)),
            ExprKind::Str(s) => Node::Const(Value::String((&**s).into())),
            ExprKind::Bytes(b) => Node::Const(Value::Bytes((&**b).into())),
            ExprKind::Ident(name) => self.name(expr, name)?,
            ExprKind::Select { operand, field, optional: false } => {
                self.select(expr, operand, field)?
            }
            ExprKind::Select { operand, field, .. } => {
                Node::OptionalField(Box::new(self.node(operand)?), field.clone())
            }
            ExprKind::Index { operand, index, optional } => {
                let sides = Box::new([self.node(operand)?, self.node(index)?]);
                if *optional { Node::OptionalIndex(sides) } else { Node::Index(sides) }
            }
            ExprKind::Call { target: None, name, args } => self.function(expr, name, args)?,
            ExprKind::Call { target: Some(target), name, args } => {
                self.method(expr, target, name, args)?
            }
            ExprKind::List(items) => Node::List(
                items
                    .iter()
                    .map(|(optional, e)| Ok((*optional, self.node(e)?)))
                    .collect::<Result<_, Error>>()?,
            ),
            ExprKind::Map(entries) => Node::Map(
                entries
                    .iter()
                    .map(|(optional, k, v)| Ok((*optional, self.node(k)?, self.node(v)?)))
                    .collect::<Result<_, Error>>()?,
            ),
            ExprKind::Message(name) => {
                return Err(error(
                    ErrorKind::UndeclaredName,
                    expr,
                    format!("unknown message type `{name}`"),
                ));
            }
            ExprKind::And(list) => Node::And(self.nodes(list)?),
            ExprKind::Or(list) => Node::Or(self.nodes(list)?),
            ExprKind::Not(inner) => Node::Not(Box::new(self.node(inner)?)),
            ExprKind::Negate(inner) => Node::Negate(Box::new(self.node(inner)?)),
            ExprKind::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                Node::Conditional(Box::new([
                    self.node(condition)?,
                    self.node(yes)?,
                    self.node(no)?,
                ]))
            }
            ExprKind::Binary(op, sides) => {
                let [left, right] = &**sides;
                match all_strings(right) {
                    Some(strings) if *op == Binary::In => {
                        Node::InStrings(Box::new(self.node(left)?), strings)
                    }
                    _ => Node::Binary(*op, Box::new([self.node(left)?, self.node(right)?])),
                }
            }
        })
    }

    fn nodes(&mut self, list: &[Expr]) -> Result<Box<[Node]>, Error> {
        list.iter().map(|e| self.node(e)).collect()
    }

    fn name(&mut self, expr: &Expr, name: &str) -> Compiled {
        if let Some(slot) = self.locals.iter().rposition(|local| &**local == name) {
            return Ok(Node::Local(slot));
        }
        if let Some(slot) = self.env.bindings.iter().position(|binding| &**binding == name) {
            return Ok(Node::Binding(slot));
        }
        if self.env.is_policy {
            match name {
                "request" => return Ok(Node::Request),
                "P" => return Ok(Node::Principal),
                "R" => return Ok(Node::Resource),
                "runtime" => return Ok(Node::Runtime),
                "V" | "variables" | "C" | "constants" | "G" | "globals" => {
                    let message =
                        format!("`{name}` has no value of its own; write `{name}.` and a name");
                    return Err(error(ErrorKind::UndeclaredName, expr, message));
                }
                _ => {}
            }
        }
        match type_named(name) {
            Some(name) => Ok(Node::Type(name)),
            None => Err(error(
                ErrorKind::UndeclaredName,
                expr,
                format!("undeclared reference to `{name}`"),
            )),
        }
    }

    /// Whether `name` is one of the policy's own identifiers, not hidden by a local.
    fn is_root(&self, expr: &Expr, names: [&str; 2]) -> bool {
        self.env.is_policy
            && matches!(&expr.kind, ExprKind::Ident(name) if names.contains(&&**name) && !self.is_local(name))
    }

    fn is_local(&self, name: &str) -> bool {
        self.locals.iter().chain(&self.env.bindings).any(|local| &**local == name)
    }

    fn select(&mut self, expr: &Expr, operand: &Expr, field: &str) -> Compiled {
        if let Some(found) = self.definition(expr, operand, field)? {
            return Ok(found);
        }
        if let Some(name) = qualified(expr).as_deref().and_then(type_named)
            && !qualified(expr)
                .is_some_and(|q| self.is_local(q.split('.').next().unwrap_or_default()))
        {
            return Ok(Node::Type(name));
        }
        // `R.attr.x` in one step.
        if let ExprKind::Select { operand: object, field: attr, optional: false } = &operand.kind
            && &**attr == "attr"
        {
            match self.node(object)? {
                Node::Principal => return Ok(Node::PrincipalAttr(field.into())),
                Node::Resource => return Ok(Node::ResourceAttr(field.into())),
                _ => {}
            }
        }
        let operand = self.node(operand)?;
        message_field(expr, &operand, field)?
            .map_or_else(|| Ok(Node::Field(Box::new(operand), canonical(field).into())), Ok)
    }

    /// `V.x`, `C.x`, `G.x`.
    fn definition(
        &mut self,
        expr: &Expr,
        operand: &Expr,
        field: &str,
    ) -> Result<Option<Node>, Error> {
        if self.is_root(operand, ["V", "variables"]) {
            let slot = self.env.variables.iter().position(|name| &**name == field);
            let slot = slot.ok_or_else(|| {
                error(ErrorKind::UndefinedVariable, expr, format!("undefined variable `{field}`"))
            })?;
            return Ok(Some(Node::Variable(slot, field.into())));
        }
        if self.is_root(operand, ["C", "constants"]) {
            let value = self.env.constants.get(field).cloned();
            let value = value.ok_or_else(|| {
                error(ErrorKind::UndefinedConstant, expr, format!("undefined constant `{field}`"))
            })?;
            return Ok(Some(Node::Const(value)));
        }
        Ok(self.is_root(operand, ["G", "globals"]).then(|| Node::Global(field.into())))
    }

    fn function(&mut self, expr: &Expr, name: &str, args: &[Expr]) -> Compiled {
        match (name, args) {
            ("has", [arg]) => return self.has(arg),
            ("has", _) => {
                return Err(error(
                    ErrorKind::UnknownFunction,
                    expr,
                    "`has` takes one field selection",
                ));
            }
            ("matches", [text, pattern]) => {
                if let Some(node) = self.matches(text, pattern)? {
                    return Ok(node);
                }
            }
            ("timestamp", [Expr { kind: ExprKind::Str(text), .. }]) => {
                return Timestamp::parse(text).map(Node::Timestamp).ok_or_else(|| {
                    error(
                        ErrorKind::InvalidLiteral,
                        expr,
                        format!("`{text}` is no RFC 3339 timestamp"),
                    )
                });
            }
            ("duration", [Expr { kind: ExprKind::Str(text), .. }]) => {
                return parse_duration(text).map(Node::Duration).ok_or_else(|| {
                    error(
                        ErrorKind::InvalidLiteral,
                        expr,
                        format!("`{text}` is no duration (units: h m s ms us ns)"),
                    )
                });
            }
            ("now", []) => return Ok(Node::Now),
            _ => {}
        }
        let function = self.lookup(expr, name, args.len(), false)?;
        Ok(Node::Call(function, self.nodes(args)?))
    }

    fn lookup(
        &self,
        expr: &Expr,
        name: &str,
        args: usize,
        member: bool,
    ) -> Result<Function, Error> {
        functions::find(name, args, member).map_err(|known| {
            let message = if known {
                format!("`{name}` does not take {args} arguments in this form")
            } else {
                format!("unknown function `{name}`")
            };
            error(ErrorKind::UnknownFunction, expr, message)
        })
    }

    fn method(&mut self, expr: &Expr, target: &Expr, name: &str, args: &[Expr]) -> Compiled {
        // `math.greatest(..)`: a namespace, unless the name stands for a value.
        if let Some(namespace) = qualified(target)
            && functions::is_namespace(&namespace)
            && !self.is_local(&namespace)
        {
            if (&*namespace, name) == ("cel", "bind") {
                return self.bind(expr, args);
            }
            let qualified = format!("{namespace}.{name}");
            let function = self.lookup(expr, &qualified, args.len(), false)?;
            return Ok(Node::Call(function, self.nodes(args)?));
        }
        if let Some(node) = self.comprehension(expr, target, name, args)? {
            return Ok(node);
        }
        match (name, args) {
            ("matches", [pattern]) => {
                if let Some(node) = self.matches(target, pattern)? {
                    return Ok(node);
                }
            }
            ("optMap" | "optFlatMap", [variable, body]) => {
                let local = local_name(variable)?;
                let optional = self.node(target)?;
                let body = self.with_locals([local], |c| c.node(body))?;
                return Ok(Node::OptionalMap(Box::new([optional, body]), name == "optFlatMap"));
            }
            _ => {}
        }
        let function = self.lookup(expr, name, args.len() + 1, true)?;
        let mut all = vec![self.node(target)?];
        for arg in args {
            all.push(self.node(arg)?);
        }
        Ok(Node::Call(function, all.into()))
    }

    /// A pattern that is known at load is compiled at load.
    fn matches(&mut self, text: &Expr, pattern: &Expr) -> Result<Option<Node>, Error> {
        let ExprKind::Str(source) = &pattern.kind else { return Ok(None) };
        let regex = re2::compile(source).map_err(|why| {
            error(
                ErrorKind::InvalidLiteral,
                pattern,
                format!("not a valid regular expression: {why}"),
            )
        })?;
        Ok(Some(Node::Matches(Box::new(self.node(text)?), regex)))
    }

    fn has(&mut self, arg: &Expr) -> Compiled {
        let ExprKind::Select { operand, field, optional: false } = &arg.kind else {
            return Err(error(
                ErrorKind::Parse,
                arg,
                "`has` takes a field selection such as `R.attr.owner`",
            ));
        };
        match self.definition(arg, operand, field)? {
            Some(Node::Variable(slot, _)) => return Ok(Node::HasVariable(slot)),
            Some(Node::Global(name)) => return Ok(Node::HasGlobal(name)),
            Some(_) => return Ok(Node::Const(Value::Bool(true))),
            None => {}
        }
        let operand = self.node(operand)?;
        message_field(arg, &operand, field)?;
        let field = if is_message(&operand) { canonical(field) } else { field };
        Ok(Node::Has(Box::new(operand), field.into()))
    }

    fn bind(&mut self, expr: &Expr, args: &[Expr]) -> Compiled {
        let [variable, init, body] = args else {
            return Err(error(
                ErrorKind::UnknownFunction,
                expr,
                "`cel.bind` takes a name, a value and an expression",
            ));
        };
        let local = local_name(variable)?;
        let init = self.node(init)?;
        let body = self.with_locals([local], |c| c.node(body))?;
        Ok(Node::Bind(Box::new([init, body])))
    }

    fn with_locals<const N: usize>(
        &mut self,
        names: [Box<str>; N],
        compile: impl FnOnce(&mut Self) -> Compiled,
    ) -> Compiled {
        let before = self.locals.len();
        self.locals.extend(names);
        let node = compile(self);
        self.locals.truncate(before);
        node
    }

    fn comprehension(
        &mut self,
        expr: &Expr,
        range: &Expr,
        name: &str,
        args: &[Expr],
    ) -> Result<Option<Node>, Error> {
        let (kind, two_variables, filter, body) = match (name, args) {
            ("all", [_, body]) => (Macro::All, false, None, body),
            ("exists", [_, body]) => (Macro::Exists, false, None, body),
            ("exists_one" | "existsOne", [_, body]) => (Macro::ExistsOne, false, None, body),
            ("filter", [_, body]) => (Macro::Filter, false, None, body),
            ("map", [_, body]) => (Macro::List, false, None, body),
            ("map", [_, filter, body]) => (Macro::List, false, Some(filter), body),
            ("all", [_, _, body]) => (Macro::All, true, None, body),
            ("exists", [_, _, body]) => (Macro::Exists, true, None, body),
            ("exists_one" | "existsOne", [_, _, body]) => (Macro::ExistsOne, true, None, body),
            ("transformList", [_, _, body]) => (Macro::List, true, None, body),
            ("transformList", [_, _, filter, body]) => (Macro::List, true, Some(filter), body),
            ("transformMap", [_, _, body]) => (Macro::Map, true, None, body),
            ("transformMap", [_, _, filter, body]) => (Macro::Map, true, Some(filter), body),
            ("transformMapEntry", [_, _, body]) => (Macro::Entries, true, None, body),
            ("transformMapEntry", [_, _, filter, body]) => {
                (Macro::Entries, true, Some(filter), body)
            }
            _ => return Ok(None),
        };
        let range = self.node(range)?;
        let before = self.locals.len();
        for variable in args.iter().take(if two_variables { 2 } else { 1 }) {
            let local = local_name(variable)?;
            if self.locals.iter().skip(before).any(|other| *other == local) {
                return Err(error(
                    ErrorKind::Parse,
                    expr,
                    format!("`{local}` names both variables"),
                ));
            }
            self.locals.push(local);
        }
        let filter = filter.map(|f| self.node(f)).transpose();
        let body = self.node(body);
        self.locals.truncate(before);
        Ok(Some(Node::Comprehension(Box::new(Comprehension {
            kind,
            range,
            two_variables,
            filter: filter?,
            body: body?,
        }))))
    }
}

fn local_name(expr: &Expr) -> Result<Box<str>, Error> {
    match &expr.kind {
        ExprKind::Ident(name) => Ok(name.clone()),
        _ => Err(error(ErrorKind::Parse, expr, "the first argument of a macro is a plain name")),
    }
}

fn all_strings(expr: &Expr) -> Option<Box<[Box<str>]>> {
    let ExprKind::List(items) = &expr.kind else { return None };
    items
        .iter()
        .map(|(optional, item)| match &item.kind {
            ExprKind::Str(s) if !optional => Some(s.clone()),
            _ => None,
        })
        .collect()
}

fn qualified(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ident(name) => Some(name.to_string()),
        ExprKind::Select { operand, field, optional: false } => {
            Some(format!("{}.{field}", qualified(operand)?))
        }
        _ => None,
    }
}

fn type_named(name: &str) -> Option<&'static str> {
    const TYPES: [&str; 13] = [
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
    ];
    TYPES.into_iter().find(|known| *known == name)
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

fn is_message(node: &Node) -> bool {
    matches!(node, Node::Request | Node::Principal | Node::Resource | Node::AuxData | Node::Runtime)
}

/// The node for a field of a message; an error for a field that the message does not have; nothing for
/// what is no message, or has no node of its own.
fn message_field(expr: &Expr, operand: &Node, field: &str) -> Result<Option<Node>, Error> {
    let field = canonical(field);
    Ok(match (operand, field) {
        (Node::Request, "principal") => Some(Node::Principal),
        (Node::Request, "resource") => Some(Node::Resource),
        (Node::Request, "auxData") => Some(Node::AuxData),
        (Node::Principal, "id") => Some(Node::PrincipalId),
        (Node::Principal, "roles") => Some(Node::Roles),
        (Node::Resource, "id") => Some(Node::ResourceId),
        (Node::Resource, "kind") => Some(Node::ResourceKind),
        (Node::Principal | Node::Resource, "attr" | "policyVersion" | "scope") => None,
        (Node::AuxData, "jwt" | "jwts") => None,
        (Node::Runtime, "effectiveDerivedRoles") => Some(Node::DerivedRoles),
        (Node::Request | Node::Principal | Node::Resource | Node::AuxData | Node::Runtime, _) => {
            return Err(error(
                ErrorKind::UndefinedField,
                expr,
                format!("undefined field `{field}`"),
            ));
        }
        _ => None,
    })
}

//! Calls of functions: which overloads fit, and what to say when none does.

use std::sync::Arc;

use super::super::ast::{Expr, ExprKind};
use super::super::compile;
use super::super::functions::{self, Known};
use super::super::literal::Literal;
use super::super::re2;
use super::{Checker, Error, ErrorKind, Node, Type, Typed, error, literals};
use crate::suggest::closest;

impl Checker<'_> {
    /// `name(args)`
    #[inline(never)]
    pub(super) fn function(&mut self, expr: &Expr, name: &str, args: &[Expr]) -> Typed {
        if name == "has" {
            let [arg] = args else {
                return Err(error(ErrorKind::Parse, expr, "`has` takes one field selection"));
            };
            return self.has(arg);
        }
        self.call(expr, name, None, args)
    }

    /// `target.name(args)`: a function with a namespace, a macro or a method.
    #[inline(never)]
    pub(super) fn method(
        &mut self,
        expr: &Expr,
        target: &Expr,
        name: &str,
        args: &[Expr],
    ) -> Typed {
        if let Some(namespace) = target.qualified_name() {
            let qualified = format!("{}.{name}", namespace.trim_start_matches('.'));
            if qualified == "cel.bind"
                && let [variable, init, body] = args
            {
                return self.bind(variable, init, body);
            }
            if matches!(&*qualified, "math.greatest" | "math.least") {
                return self.extremum(expr, &qualified, args);
            }
            if !functions::overloads(&qualified).is_empty() {
                return self.call(expr, &qualified, None, args);
            }
        }
        if let Some(found) = self.macro_call(expr, target, name, args)? {
            return Ok(found);
        }
        self.call(expr, name, Some(target), args)
    }

    fn call(&mut self, expr: &Expr, name: &str, target: Option<&Expr>, args: &[Expr]) -> Typed {
        let overloads = functions::overloads(name);
        let is_member = target.is_some();
        if !overloads.iter().any(|known| known.overload.member == is_member) {
            return Err(unknown(expr, name, overloads, is_member));
        }
        if name == "format" && literals::receiver(target).is_some() {
            self.elements.get_or_insert_default();
        }
        let mut nodes = Vec::with_capacity(args.len() + 1);
        let mut types = Vec::with_capacity(args.len() + 1);
        for arg in target.into_iter().chain(args) {
            let (node, ty) = self.expr(arg)?;
            nodes.push(node);
            types.push(ty);
        }
        let found = self.overload(expr, name, is_member, &types)?;
        literals::validate(name, target, args, &|element| {
            let known = self.elements.as_ref().and_then(|known| known.get(&element.span));
            known.map_or(Type::Dyn, |ty| self.types.resolve(ty).unwrapped().clone())
        })?;
        let (Known { overload, .. }, ty) = found;
        if name == "matches"
            && let [_, Node::Const(Literal::Str(pattern))] = nodes.as_slice()
            && let Some(written) = args.last()
        {
            let pattern = Arc::clone(pattern);
            match (re2::compile(&pattern), nodes.into_iter().next()) {
                (Ok(regex), Some(text)) => return Ok((Node::Matches(Box::new(text), regex), ty)),
                (Err(why), _) if is_member => {
                    let message = format!("not a valid regular expression: {why}");
                    return Err(error(ErrorKind::InvalidLiteral, written, message));
                }
                // The function's pattern fails when it is evaluated (rule X4).
                (_, text) => {
                    let args = text.into_iter().chain([Node::Const(Literal::Str(pattern))]);
                    return Ok((Node::Call(overload, args.collect()), ty));
                }
            }
        }
        let node = Node::Call(overload, nodes.into());
        if literals::is_conversion(name)
            && matches!(args, [arg] if literals::is_literal(arg))
            && let Err(why) = compile::value_of(&node)
        {
            return Ok((Node::Fails(why.into()), ty));
        }
        Ok((node, ty))
    }

    /// The row that runs, and the type of its result.
    pub(super) fn overload(
        &mut self,
        expr: &Expr,
        name: &str,
        is_member: bool,
        types: &[Type],
    ) -> Result<(&'static Known, Type), Error> {
        let rows = functions::overloads(name).iter().filter(|known| {
            known.overload.member == is_member && known.signature.args.len() == types.len()
        });
        let signatures = rows.clone().map(|known| &known.signature);
        // Rows of one name, form and arity share what runs.
        match (self.resolve(signatures, types), rows.clone().next()) {
            (Ok(ty), Some(known)) => Ok((known, ty)),
            (Ok(_), None) => Err(mismatch(expr, name, is_member, types)),
            (Err(types), _) => Err(mismatch(expr, name, is_member, &types)),
        }
    }

    /// `math.greatest`, `math.least`: of one list, or of any number of arguments.
    fn extremum(&mut self, expr: &Expr, name: &str, args: &[Expr]) -> Typed {
        for arg in args {
            literals::numeric(name, arg, args.len())?;
        }
        let mut nodes = Vec::with_capacity(args.len());
        let mut types = Vec::with_capacity(args.len());
        for arg in args {
            let (node, ty) = self.expr(arg)?;
            nodes.push(node);
            types.push(ty);
        }
        if args.len() > 2 {
            let joined =
                types.into_iter().fold(None, |joined, ty| Some(self.types.join(joined, ty)));
            types = vec![Type::list(joined.unwrap_or(Type::Dyn))];
            nodes = vec![Node::List(nodes.into_iter().map(|node| (false, node)).collect())];
        }
        let (known, ty) = self.overload(expr, name, false, &types)?;
        Ok((Node::Call(known.overload, nodes.into()), ty))
    }
}

/// No function of that name in that form.
fn unknown(expr: &Expr, name: &str, overloads: &[Known], is_member: bool) -> Error {
    let help = if overloads.is_empty() {
        let known: Vec<&str> =
            functions::names().chain(["all", "exists", "filter", "map", "has"]).collect();
        closest(name, &known).map(|best| format!("did you mean `{best}`?"))
    } else if is_member {
        Some(format!("write `{name}(..)`"))
    } else {
        Some(format!("write `value.{name}(..)`"))
    };
    let form = match &expr.kind {
        _ if overloads.is_empty() => "",
        ExprKind::Call { target: Some(_), .. } => " as a method",
        _ => " without a receiver",
    };
    error(ErrorKind::UnknownFunction, expr, format!("there is no function `{name}`{form}"))
        .with_help(help)
}

/// The function is there, and does not take these arguments.
fn mismatch(expr: &Expr, name: &str, is_member: bool, types: &[Type]) -> Error {
    let shown: Vec<String> = types.iter().map(ToString::to_string).collect();
    let given = match shown.split_first() {
        Some((receiver, args)) if is_member => {
            format!("`{receiver}.{name}({})`", args.join(", "))
        }
        _ => format!("`{name}({})`", shown.join(", ")),
    };
    let mut known: Vec<String> = functions::overloads(name)
        .iter()
        .filter(|known| known.overload.member == is_member)
        .map(|known| known.overload.written())
        .collect();
    let more = known.len().saturating_sub(6);
    known.truncate(6);
    if more > 0 {
        known.push(format!("and {more} more"));
    }
    error(ErrorKind::Type, expr, format!("there is no {given}"))
        .with_help(Some(format!("there is {}", known.join("; "))))
}

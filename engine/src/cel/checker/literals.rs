//! Literal arguments that their function cannot take: found when the policy is loaded, as Cerbos finds them.

use super::super::ast::{Expr, ExprKind};
use super::super::duration::parse_duration;
use super::super::functions;
use super::super::re2;
use super::super::template::{self, Argument};
use super::super::time::Timestamp;
use super::{Error, ErrorKind, Type, error};

/// Looks at the literals among the arguments of a call.
pub(super) fn validate(
    name: &str,
    target: Option<&Expr>,
    args: &[Expr],
    type_of: &dyn Fn(&Expr) -> Type,
) -> Result<(), Error> {
    let literal = |expr: Option<&Expr>| match expr.map(|e| &e.kind) {
        Some(ExprKind::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let first = args.first();
    let wrong = |message: String| {
        first.map_or(Ok(()), |arg| Err(error(ErrorKind::InvalidLiteral, arg, message)))
    };
    if let ("timestamp", Some(ExprKind::Int(seconds))) = (name, first.map(|arg| &arg.kind))
        && Timestamp::from_unix(*seconds, 0).is_none()
    {
        return wrong("a timestamp is in the years 1 to 9999".to_owned());
    }
    match (name, literal(first)) {
        ("timestamp", Some(text)) if Timestamp::parse(&text).is_none() => {
            wrong(format!("`{text}` is no RFC 3339 timestamp"))
        }
        ("timestamp" | "duration", None)
            if matches!(first.map(|arg| &arg.kind), Some(ExprKind::Null)) =>
        {
            wrong(format!("null is no {name}"))
        }
        ("timestamp", None)
            if matches!(first.map(|arg| &arg.kind), Some(ExprKind::Int(seconds))
                if Timestamp::from_unix(*seconds, 0).is_none()) =>
        {
            wrong("a timestamp is in the years 1 to 9999".to_owned())
        }
        ("duration", Some(text)) if parse_duration(&text).is_none() => {
            wrong(format!("`{text}` is no duration (units: h m s ms us ns)"))
        }
        ("ip", Some(text)) => functions::parse_ip(&text).map(drop).or_else(wrong),
        ("cidr", Some(text)) => functions::parse_cidr(&text).map(drop).or_else(wrong),
        // Of the function too it is the first argument, although that is the text.
        ("matches", Some(text)) => re2::Pattern::read(&text)
            .map(drop)
            .or_else(|why| wrong(format!("not a valid regular expression: {why}"))),
        ("format", _) => match (receiver(target), first) {
            (Some(text), Some(list)) => format(text, list, type_of),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The template of `format`, if it is written out.
pub(super) fn receiver(target: Option<&Expr>) -> Option<&str> {
    match &target?.kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
    }
}

fn format(text: &str, list: &Expr, type_of: &dyn Fn(&Expr) -> Type) -> Result<(), Error> {
    let ExprKind::List(items) = &list.kind else { return Ok(()) };
    let args: Vec<Argument> = items
        .iter()
        .map(|(_, item)| Argument { ty: type_of(item), textless: textless(item, type_of) })
        .collect();
    template::check(text, &args).map_err(|(argument, message)| {
        let at = argument.and_then(|i| items.get(i)).map_or(list, |(_, item)| item);
        error(ErrorKind::InvalidLiteral, at, message)
    })
}

/// The type of the first part of a literal that has no text.
fn textless(expr: &Expr, type_of: &dyn Fn(&Expr) -> Type) -> Option<Type> {
    let own = type_of(expr);
    if !template::has_text(&own) {
        return Some(own);
    }
    match &expr.kind {
        ExprKind::List(items) => items.iter().find_map(|(_, item)| textless(item, type_of)),
        ExprKind::Map(entries) => entries.iter().find_map(|(.., value)| textless(value, type_of)),
        _ => None,
    }
}

/// Whether a function converts between types.
pub(super) fn is_conversion(name: &str) -> bool {
    matches!(
        name,
        "bool" | "bytes" | "double" | "duration" | "dyn" | "int" | "string" | "timestamp" | "uint"
    )
}

/// Whether it is written out, conversions included.
pub(super) fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::UInt(_)
        | ExprKind::Double(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_) => true,
        ExprKind::Call { target: None, name, args } => {
            is_conversion(name) && matches!(args.as_slice(), [arg] if is_literal(arg))
        }
        _ => false,
    }
}

/// What is written out and cannot be a key (rule E7), as Go calls its type.
pub(super) fn no_key(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::Null => Some("types.Null"),
        ExprKind::Bytes(_) => Some("types.Bytes"),
        ExprKind::List(items) if items.iter().all(|(_, item)| is_literal(item)) => {
            Some("*types.baseList")
        }
        ExprKind::Map(entries)
            if entries.iter().all(|(_, k, v)| is_literal(k) && is_literal(v)) =>
        {
            Some("*types.baseMap")
        }
        ExprKind::Call { target: None, name, args } if &**name == "dyn" => {
            args.first().and_then(no_key)
        }
        _ => None,
    }
}

/// What `math.greatest` and `math.least` say of literals that are no numbers.
pub(super) fn numeric(name: &str, arg: &Expr, count: usize) -> Result<(), Error> {
    let is_number = |expr: &Expr| {
        !matches!(
            expr.kind,
            ExprKind::Null
                | ExprKind::Bool(_)
                | ExprKind::Str(_)
                | ExprKind::Bytes(_)
                | ExprKind::List(_)
                | ExprKind::Map(_)
                | ExprKind::Message(..)
        )
    };
    let fits = match &arg.kind {
        ExprKind::List(items) if count == 1 => {
            !items.is_empty() && items.iter().all(|(_, item)| is_number(item))
        }
        _ => is_number(arg),
    };
    if fits {
        return Ok(());
    }
    Err(error(ErrorKind::Type, arg, format!("`{name}` compares numbers, and this is none")))
}

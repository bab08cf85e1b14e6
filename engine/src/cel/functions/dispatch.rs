//! How cel-go finds what runs for the values of a call, which decides what it says when nothing does (rule E4).

use super::super::error::EvalError;
use super::super::eval::Eval;
use super::super::refusal;
use super::super::types::Type;
use super::super::vals::V;
use super::{Overload, overloads};

/// Who looks at the values of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cel) enum Dispatch {
    /// The types that the rows declare. Values of others are named by their types.
    Types,
    /// As [`Types`](Self::Types), with what `list`, `map` and `optional_type` are types of.
    WholeTypes,
    /// The receiver. One that receives no calls is told the function's name, and one that does tells nothing.
    Receiver,
    /// What runs. It tells nothing.
    Function,
}

/// No row of the function takes these values, or what runs did not.
#[cold]
#[inline(never)]
pub(in crate::cel) fn refused<'a>(
    eval: &Eval<'a, '_>,
    overload: &Overload,
    args: &[V<'a>],
) -> EvalError<'a> {
    let name = overload.name;
    match (overload.dispatch, args) {
        (Dispatch::Function, _) => EvalError::NoSuchOverload,
        (Dispatch::Receiver, [receiver, ..]) if refusal::is_receiver(receiver) => {
            EvalError::NoSuchOverload
        }
        (Dispatch::Receiver, _) => eval.invalid(format_args!("no such overload: {name}")),
        // What runs has looked at the parts.
        (Dispatch::Types | Dispatch::WholeTypes, _) if is_declared(overload, args) => {
            EvalError::NoSuchOverload
        }
        (Dispatch::Types, _) => {
            // `math.greatest` and `math.least` are macros.
            let name = match name {
                "math.greatest" => "math.@max",
                "math.least" => "math.@min",
                name => name,
            };
            let types: Vec<&str> = args.iter().map(V::type_name).collect();
            eval.invalid(format_args!("no such overload: {name}({})", types.join(", ")))
        }
        (Dispatch::WholeTypes, _) => {
            let types: Vec<&str> = args.iter().map(refusal::whole_type).collect();
            let (receiver, rest) =
                types.split_first().map_or(("", &[] as &[&str]), |(r, a)| (*r, a));
            eval.invalid(format_args!("no such overload: {receiver}.{name}({})", rest.join(", ")))
        }
    }
}

/// Whether a row of the function takes values of these types.
fn is_declared(called: &Overload, args: &[V<'_>]) -> bool {
    let rows = overloads(called.name).iter().filter(|row| row.overload.member == called.member);
    rows.map(|row| &row.signature.args).any(|declared| {
        declared.len() == args.len() && declared.iter().zip(args).all(|(ty, arg)| takes(ty, arg))
    })
}

/// Of lists and maps only the first item is looked at.
fn takes(ty: &Type, value: &V<'_>) -> bool {
    match (ty, value) {
        (Type::Dyn | Type::Var(_), _)
        | (Type::Null, V::Null)
        | (Type::Bool, V::Bool(_))
        | (Type::Int, V::Int(_))
        | (Type::UInt, V::UInt(_))
        | (Type::Double, V::Double(_))
        | (Type::String, V::Str(_))
        | (Type::Bytes, V::Bytes(_))
        | (Type::Timestamp, V::Timestamp(_))
        | (Type::Duration, V::Duration(_))
        | (Type::Meta, V::Type(_))
        | (Type::Optional(_), V::Optional(_)) => true,
        (Type::List(item), V::List(items)) => items.get(0).is_none_or(|first| takes(item, &first)),
        (Type::Map(parts), V::Map(map)) => {
            let [key, value] = &**parts;
            map.entry(0).is_none_or(|(k, v)| takes(key, &k) && takes(value, &v))
        }
        (Type::Opaque(name), value) => match *name {
            "ip" => matches!(value, V::Ip(_)),
            "cidr" => matches!(value, V::Cidr(..)),
            "hierarchy" => matches!(value, V::Hierarchy(_)),
            "spiffe_id" => value.type_name() == "cerbos.lib.spiffeID",
            "spiffe_trust_domain" => value.type_name() == "cerbos.lib.spiffeTrustDomain",
            _ => value.type_name() == "cerbos.lib.spiffeMatcher",
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[track_caller]
    fn check(expression: &str, told: &str) {
        check_bare(expression, &format!("error: no such overload{told}"));
    }

    #[test]
    fn values_that_no_row_declares_are_named_by_their_types() {
        for (expression, told) in [
            ("dyn('a').slice(1, 2)", "slice(string, int, int)"),
            ("dyn(1.5).charAt(dyn(null))", "charAt(double, null_type)"),
            ("int(dyn([]))", "int(list)"),
            ("dyn(1).getHours('UTC')", "getHours(int, string)"),
            ("timestamp(0).getHours(dyn(1))", "getHours(google.protobuf.Timestamp, int)"),
            ("dyn(optional.none()).lowerAscii()", "lowerAscii(optional_type)"),
            ("string(dyn(P))", "string(cerbos.engine.v1.Request.Principal)"),
            ("math.abs(dyn(int))", "math.abs(type)"),
            ("ip(dyn(cidr('1.2.3.0/24')))", "ip(net.CIDR)"),
            ("dyn('a').ip()", "ip(string)"),
            ("cidr('1.2.3.0/24').containsIP(dyn(1))", "containsIP(net.CIDR, int)"),
            (
                "spiffeMatchExact(dyn(spiffeTrustDomain('a')))",
                "spiffeMatchExact(cerbos.lib.spiffeTrustDomain)",
            ),
            ("pathMatch(dyn(hierarchy('a')), 'a')", "pathMatch(cerbos.lib.hierarchy, string)"),
            ("dyn(1).value()", "value(int)"),
            ("dyn(1).optMap(x, x)", "hasValue(int)"),
            ("dyn(1).optFlatMap(x, optional.of(x))", "hasValue(int)"),
        ] {
            check(expression, &format!(": {told}"));
        }
    }

    /// Of what a list or a map is, its first item tells.
    #[test]
    fn what_the_rows_declare_is_refused_without_a_name() {
        check("spiffeMatchOneOf([dyn(1), 'a'])", ": spiffeMatchOneOf(list)");
        check("spiffeMatchOneOf(['spiffe://a/b', dyn(1)])", "");
        check("[dyn(1), 'a'].join()", ": join(list)");
    }

    #[test]
    fn extremes_are_called_as_their_macro_calls_them() {
        check("math.greatest(dyn('a'), 1)", ": math.@max(string, int)");
        check("math.least(dyn(['a', 1]))", ": math.@min(list)");
        check("math.greatest(dyn('a'), 1, 2)", ": math.@max(list)");
        check("math.greatest(1, dyn('a'), 2)", ": math.@max");
    }

    #[test]
    fn a_receiver_is_told_what_is_called_or_refuses_itself() {
        let calls = [
            ("ancestorOf(hierarchy('a'))", "ancestorOf"),
            ("commonAncestors(hierarchy('a'))", "commonAncestors"),
            ("isMemberOf(spiffeTrustDomain('a'))", "isMemberOf"),
            ("matchesID('spiffe://a/b')", "matchesID"),
            ("trustDomain()", "trustDomain"),
            ("name()", "name"),
            ("path()", "path"),
            ("sort()", "sort"),
            ("size()", "size"),
        ];
        for (call, name) in calls {
            for receiver in ["null", "1.5", "int", "P", "ip('1.2.3.4')", "optional.of(1)"] {
                check(&format!("dyn({receiver}).{call}"), &format!(": {name}"));
            }
            for receiver in ["timestamp(0)", "duration('1s')"] {
                check(&format!("dyn({receiver}).{call}"), "");
            }
        }
        check("hierarchy('a').ancestorOf(dyn('a'))", "");
        check("dyn('a').sort()", "");
        check("size(dyn(1))", ": size");
        check("dyn(1).matches(P.id)", ": matches");
        check("P.id.matches(dyn(1))", "");
    }

    /// Patterns that are known at load are tried on whatever has a text, which types have too.
    #[test]
    fn a_known_pattern_is_no_call() {
        check("dyn(1).matches('a')", "");
        check_bare("dyn(type(timestamp(0))).matches('Time')", "true");
    }

    #[test]
    fn functions_that_look_themselves_tell_nothing() {
        for expression in [
            "dyn(1).contains('a')",
            "'a'.startsWith(dyn(1))",
            "dyn(null).endsWith('a')",
            "timeSince(dyn(1))",
            "dyn(1).timeSince()",
            "dyn(1).or(optional.of(2))",
            "dyn(1).orValue(2)",
        ] {
            check(expression, "");
        }
    }

    #[test]
    fn flattening_tells_whole_types() {
        check("dyn([1]).flatten(dyn('a'))", ": list(dyn).flatten(string)");
        check("dyn({}).flatten()", ": map(dyn, dyn).flatten()");
        check("dyn(optional.none()).flatten(1)", ": optional_type(dyn).flatten(int)");
    }
}

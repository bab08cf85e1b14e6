//! The crate `cel`, which follows the CEL specification, given our data. Shared by the benchmark and the test against
//! it.

use std::collections::HashMap;
use std::sync::Arc;

use authz_engine::{Map, Principal, Resource, Value};
use cel_interpreter::objects::Value as Cel;
use cel_interpreter::{Context, Env, extensions};

/// The specification's library and those extensions that Cerbos has too.
pub(crate) fn environment() -> Arc<Env> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::encoders).expect("declared once");
    env.add_extension(extensions::lists).expect("declared once");
    env.add_extension(extensions::math).expect("declared once");
    env.add_extension(extensions::strings).expect("declared once");
    // As in cel-go, the last one counts.
    env.set_error_on_duplicate_map_keys(false);
    Arc::new(env)
}

/// `P`, `R` and `now()`.
pub(crate) fn context(
    env: &Arc<Env>,
    principal: &Principal,
    resource: &Resource,
    now: &str,
) -> Context<'static, 'static> {
    let mut context = Context::with_env(Arc::clone(env));
    let fields = [
        ("id", Cel::from(&*principal.id)),
        ("roles", Cel::from(principal.roles.iter().map(|role| &**role).collect::<Vec<_>>())),
        ("attr", attributes(&principal.attr)),
    ];
    context.add_variable_from_value("P", HashMap::from(fields));
    let fields = [
        ("kind", Cel::from(&*resource.kind)),
        ("id", Cel::from(&*resource.id)),
        ("attr", attributes(&resource.attr)),
    ];
    context.add_variable_from_value("R", HashMap::from(fields));
    let now = env
        .compile(&format!("timestamp({now:?})"))
        .ok()
        .and_then(|program| program.execute(&context).ok())
        .expect("an RFC 3339 timestamp");
    context.add_function("now", move || now.clone()).expect("declared once");
    context
}

fn attributes(map: &Map) -> Cel {
    let entries: HashMap<&str, Cel> = map.iter().map(|(name, v)| (name, value(v))).collect();
    Cel::from(entries)
}

fn value(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(b) => Cel::Bool(*b),
        Value::Int(i) => Cel::Int(*i),
        Value::UInt(u) => Cel::UInt(*u),
        Value::Double(d) => Cel::Float(*d),
        Value::String(s) => Cel::from(&**s),
        Value::Bytes(b) => Cel::from(b.to_vec()),
        Value::List(items) => Cel::from(items.iter().map(self::value).collect::<Vec<_>>()),
        Value::Map(map) => attributes(map),
        other => unreachable!("a kind of value that is new: {other:?}"),
    }
}

//! Formats that Cerbos' validator reads otherwise than this one (rule J7).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use boon::{Compiler, Format, SchemaIndex, Schemas};
use serde_json::{Value as Json, json};

use super::url;
use crate::cel::Pattern;

type Checked = Result<(), Box<dyn std::error::Error>>;

/// The validator keeps `regex` to itself, so that schemas are rewritten to ask for this one.
pub(super) const REGEX: &str = "regex of Go";

/// What is to be known under each name.
pub(super) fn all() -> [Format; 11] {
    let format = |name, func| Format { name, func };
    [
        format("idn-email", |_| Ok(())),
        format("idn-hostname", |_| Ok(())),
        format("ip-address", |value| match value.as_str().map(str::parse::<Ipv4Addr>) {
            Some(Err(error)) => Err(error.into()),
            _ => Ok(()),
        }),
        format("email", email),
        format(REGEX, |value| text(value, |text| Pattern::read(text).is_ok())),
        format("uri", |value| text(value, url::is_absolute)),
        format("iri", |value| text(value, url::is_absolute)),
        format("uri-reference", |value| text(value, url::is_reference)),
        format("iri-reference", |value| text(value, url::is_reference)),
        format("uriref", |value| text(value, url::is_reference)),
        format("uri-template", |value| text(value, url::is_template)),
    ]
}

fn text(value: &Json, holds: fn(&str) -> bool) -> Checked {
    if value.as_str().is_none_or(holds) { Ok(()) } else { Err("it is another".into()) }
}

/// As the validator reads addresses, except that a name is needed, that it may have letters of any language, and that the
/// host does not end with a dot.
fn email(value: &Json) -> Checked {
    static PLAIN: LazyLock<Option<(Schemas, SchemaIndex)>> = LazyLock::new(|| {
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        let url = "cerbos:///email";
        compiler.add_resource(url, json!({"format": "email"})).ok()?;
        let mut schemas = Schemas::new();
        let index = compiler.compile(url, &mut schemas).ok()?;
        Some((schemas, index))
    });
    let Some((name, host)) = value.as_str().and_then(|text| text.rsplit_once('@')) else {
        return if value.is_string() { Err("it has no `@`".into()) } else { Ok(()) };
    };
    if name.is_empty() || name.len() > 64 || host.ends_with('.') {
        return Err("it has no name, or its host ends with a dot".into());
    }
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { 'x' }).collect();
    let plain = Json::String(format!("{plain}@{host}"));
    let (schemas, index) = PLAIN.as_ref().ok_or("there is no format `email`")?;
    schemas.validate(&plain, *index).map_err(|error| error.to_string().into())
}

/// Whether a text is an IPv6 address, without a zone.
pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

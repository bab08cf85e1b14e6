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
pub(super) fn all() -> [Format; 13] {
    let format = |name, func| Format { name, func };
    [
        format("idn-email", |_| Ok(())),
        format("idn-hostname", |_| Ok(())),
        format("ip-address", |value| match value.as_str().map(str::parse::<Ipv4Addr>) {
            Some(Err(error)) => Err(error.into()),
            _ => Ok(()),
        }),
        format("email", email),
        format("duration", |value| text(value, is_duration)),
        format("period", period),
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

/// What the validator itself says to a format.
struct Plain {
    schemas: Schemas,
    email: SchemaIndex,
    period: SchemaIndex,
}

static PLAIN: LazyLock<Option<Plain>> = LazyLock::new(|| {
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    let mut schemas = Schemas::new();
    let mut compile = |format: &str| {
        let url = format!("cerbos:///{format}");
        compiler.add_resource(&url, json!({"format": format})).ok()?;
        compiler.compile(&url, &mut schemas).ok()
    };
    let (email, period) = (compile("email")?, compile("period")?);
    Some(Plain { schemas, email, period })
});

fn plain(value: &Json, format: fn(&Plain) -> SchemaIndex) -> Checked {
    let plain = PLAIN.as_ref().ok_or("there is no such format")?;
    plain.schemas.validate(value, format(plain)).map_err(|error| error.to_string().into())
}

/// RFC 3339, appendix A: of the units from the first to the last none is left out.
fn is_duration(text: &str) -> bool {
    fn holds(mut part: &str, all: &str) -> bool {
        let mut units = String::new();
        while !part.is_empty() {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            let mut chars = rest.chars();
            match chars.next() {
                Some(unit) if rest.len() < part.len() => units.push(unit),
                _ => return false,
            }
            part = chars.as_str();
        }
        !units.is_empty() && all.contains(&units)
    }
    let Some(text) = text.strip_prefix('P') else { return false };
    match text.split_once('T') {
        Some((date, time)) => (date.is_empty() || holds(date, "YMD")) && holds(time, "HMS"),
        None => holds(text, "YMD") || holds(text, "W"),
    }
}

/// As the validator reads periods, except for the durations in them.
fn period(value: &Json) -> Checked {
    let parts = value.as_str().and_then(|text| text.split_once('/'));
    let mut parts = parts.into_iter().flat_map(|(start, end)| [start, end]);
    if parts.any(|part| part.starts_with('P') && !is_duration(part)) {
        return Err("it has a duration that is none".into());
    }
    plain(value, |plain| plain.period)
}

/// As the validator reads addresses, except that a name is needed, that it may have letters of any language, and that the
/// host does not end with a dot.
fn email(value: &Json) -> Checked {
    let Some((name, host)) = value.as_str().and_then(|text| text.rsplit_once('@')) else {
        return if value.is_string() { Err("it has no `@`".into()) } else { Ok(()) };
    };
    if matches!(name, "" | "\"\"") || name.len() > 64 || host.ends_with('.') {
        return Err("it has no name, or its host ends with a dot".into());
    }
    let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { 'x' }).collect();
    let ascii = Json::String(format!("{ascii}@{host}"));
    plain(&ascii, |plain| plain.email)
}

/// Whether a text is an IPv6 address, without a zone.
pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

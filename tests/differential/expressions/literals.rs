//! How values are written: every form of quotes and escapes.

use fastrand::Rng;

use super::types::Ty;

/// The plainest expressions of a type, the best first.
pub(crate) fn plain(ty: &Ty) -> &'static [&'static str] {
    match ty {
        Ty::Atom("bool", _) => &["true", "false"],
        Ty::Atom("int", _) => &["0", "1", "-1"],
        Ty::Atom("uint", _) => &["0u", "1u"],
        Ty::Atom("double", _) => &["0.0", "1.5"],
        Ty::Atom("string", _) => &["''", "'a'"],
        Ty::Atom("bytes", _) => &["b''", "b'a'"],
        Ty::Atom("duration", _) => &["duration('1s')"],
        Ty::Atom("timestamp", _) => &["timestamp('2020-01-01T00:00:00Z')"],
        Ty::Atom("type", _) => &["int"],
        Ty::Atom("ip", _) => &["ip('1.2.3.4')"],
        Ty::Atom("cidr", _) => &["cidr('1.2.3.0/24')"],
        Ty::Atom("hierarchy", _) => &["hierarchy('a.b')"],
        Ty::Atom("null" | "dyn", _) => &["null", "1", "dyn(1)"],
        Ty::List(_) => &["[]", "[1]", "['a']"],
        Ty::Map(..) => &["{}", "{'a': 1}"],
        Ty::Opt(_) => &["optional.none()", "optional.of(1)"],
        _ => &[],
    }
}

/// A string in double quotes, with no more escapes than needed.
pub(crate) fn quoted(value: &str) -> String {
    let body: String = value.chars().map(|c| escaped(c, '"')).collect();
    format!("\"{body}\"")
}

/// A string in any form.
pub(crate) fn string(rng: &mut Rng, value: &str) -> String {
    if rng.f64() < 0.6 {
        return quoted(value);
    }
    let quote = if rng.bool() { '"' } else { '\'' };
    let long = rng.u8(..4) == 0;
    let fence = quote.to_string().repeat(if long { 3 } else { 1 });
    let unfit = |c: char| c == quote || c == '\\' && value.ends_with('\\') || c.is_control();
    if rng.u8(..4) == 0 && !value.contains(unfit) {
        let prefix = if rng.bool() { 'r' } else { 'R' };
        return format!("{prefix}{fence}{value}{fence}");
    }
    let mut body = String::new();
    for c in value.chars() {
        match rng.u8(..20) {
            0 if u32::from(c) < 0x100 => body.push_str(&format!("\\x{:02x}", u32::from(c))),
            1 if u32::from(c) < 0x100 => body.push_str(&format!("\\{:03o}", u32::from(c))),
            2 if u32::from(c) < 0x10000 => body.push_str(&format!("\\u{:04X}", u32::from(c))),
            3 => body.push_str(&format!("\\U{:08x}", u32::from(c))),
            _ if long && c == '\n' => body.push('\n'),
            _ => body.push_str(&escaped(c, quote)),
        }
    }
    format!("{fence}{body}{fence}")
}

/// Bytes in any form: those of a text, or others.
pub(crate) fn bytes(rng: &mut Rng, value: &str) -> String {
    match rng.u8(..6) {
        0 => "b\"\\xff\\x00\"".to_owned(),
        1 => "B'\\303\\277'".to_owned(),
        2 => "b'''a\\377'''".to_owned(),
        3 if !value.contains(['\'', '\\', '\n', '\r']) && !value.contains(char::is_control) => {
            format!("br'{value}'")
        }
        _ => format!("b{}", string(rng, value).trim_start_matches(['r', 'R'])),
    }
}

/// Control characters and what YAML would not carry are escaped always.
fn escaped(c: char, quote: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if c == quote => format!("\\{c}"),
        c if c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffd}'..='\u{ffff}') =>
        {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    }
}

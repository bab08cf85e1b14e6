//! Base64 and JSON (cel-go's encoders extension).

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::super::containers::{List, MapRef};
use super::super::json;
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Encoders",
    rows: &[
        global(
            "base64.decode",
            "string -> bytes",
            base64_decode,
            "base64.decode('aGVsbG8=') == b'hello'",
        ),
        global(
            "base64.encode",
            "bytes -> string",
            base64_encode,
            "base64.encode(b'hello') == 'aGVsbG8='",
        ),
        global(
            "json.encode",
            "dyn -> string",
            json_encode,
            "json.encode({'b': [1, 2.5], 'a': null}) == '{\"a\":null,\"b\":[1,2.5]}'",
        ),
    ],
};

/// As Go decodes: bits behind the last byte are not looked at.
const fn base64(padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(padding);
    GeneralPurpose::new(&alphabet::STANDARD, config)
}

const PADDED: GeneralPurpose = base64(DecodePaddingMode::RequireCanonical);
const UNPADDED: GeneralPurpose = base64(DecodePaddingMode::RequireNone);

fn base64_encode<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Bytes(bytes)] = args else { return no_overload() };
    eval.step(bytes.len() / 16)?;
    Ok(V::Str(eval.arena().str(&PADDED.encode(bytes))))
}

/// With all of the padding or with none of it; line breaks may stand anywhere.
fn base64_decode<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text)] = args else { return no_overload() };
    eval.step(text.len() / 16)?;
    let line_break = |c: char| matches!(c, '\r' | '\n');
    let joined: Cow<'_, str> = if text.contains(line_break) {
        text.replace(line_break, "").into()
    } else {
        (*text).into()
    };
    let decoded = PADDED.decode(&*joined).or_else(|_| UNPADDED.decode(&*joined));
    decoded.map(|bytes| V::Bytes(eval.arena().slice(&bytes))).map_err(|_| {
        // The first byte that is none of base64, or else the last one, which is alone.
        let is_known = |c: u8| c.is_ascii_alphanumeric() || b"+/\r\n".contains(&c);
        let at = text.bytes().position(|c| !is_known(c)).unwrap_or(text.len().saturating_sub(1));
        eval.invalid(format_args!("illegal base64 data at input byte {at}"))
    })
}

fn json_encode<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [value] = args else { return no_overload() };
    let value = json::form(eval, *value)?;
    let mut json = Json { eval, text: String::new() };
    json.value(value)?;
    Ok(V::Str(eval.arena().str(&json.text)))
}

/// JSON as Go's `encoding/json` writes it.
struct Json<'e, 'a, 's> {
    eval: &'e Eval<'a, 's>,
    text: String,
}

impl<'a> Json<'_, 'a, '_> {
    /// Writes a value that has the form of JSON.
    fn value(&mut self, value: V<'a>) -> Result<(), EvalError<'a>> {
        match value {
            V::Bool(b) => self.display(b),
            V::Double(d) => return self.double(d),
            V::Str(s) => return self.string(s),
            V::List(list) => return self.list(list),
            V::Map(map) => return self.map(map),
            _ => self.text.push_str("null"),
        }
        Ok(())
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
    }

    /// As JavaScript writes numbers: an exponent from 1e21 on, and below 1e-6.
    fn double(&mut self, d: f64) -> Result<(), EvalError<'a>> {
        if !d.is_finite() {
            return Err(json::not_finite(d));
        }
        let magnitude = d.abs();
        if magnitude >= 1e21 {
            self.display(format!("{d:e}").replace('e', "e+"));
        } else if magnitude != 0.0 && magnitude < 1e-6 {
            self.display(format_args!("{d:e}"));
        } else {
            self.display(d);
        }
        Ok(())
    }

    /// Safe within HTML, as Go has it.
    fn string(&mut self, s: &str) -> Result<(), EvalError<'a>> {
        self.eval.step(s.len() / 16)?;
        self.text.push('"');
        for c in s.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                    self.display(format_args!("\\u{:04x}", u32::from(c)));
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
        Ok(())
    }

    fn list(&mut self, list: List<'a>) -> Result<(), EvalError<'a>> {
        self.text.push('[');
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.value(item)?;
        }
        self.text.push(']');
        Ok(())
    }

    /// By the names of its entries.
    fn map(&mut self, map: MapRef<'a>) -> Result<(), EvalError<'a>> {
        self.eval.step(map.len())?;
        let mut entries: Vec<(&'a str, V<'a>)> = (0..map.len())
            .filter_map(|i| map.entry(i))
            .filter_map(
                |(key, value)| if let V::Str(name) = key { Some((name, value)) } else { None },
            )
            .collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        self.text.push('{');
        for (i, (name, value)) in entries.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.string(name)?;
            self.text.push(':');
            self.value(value)?;
        }
        self.text.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[track_caller]
    fn check_json(expression: &str, wanted: &str) {
        check_bare(&format!("json.encode({expression})"), &format!("{wanted:?}"));
    }

    #[test]
    fn base64_has_all_of_its_padding_or_none() {
        for text in ["aGVsbG8=", "aGVsbG8", "aGVs\\r\\nbG8=\\n", "aGVsbG9="] {
            check_bare(&format!("string(base64.decode('{text}'))"), "\"hello\"");
        }
        check_bare("string(base64.decode('YQ=\\n='))", "\"a\"");
        check_bare("base64.decode('') == b'' && base64.decode('\\n') == b''", "true");
        check_bare("base64.encode(b'\\xff\\xfe')", "\"//4=\"");
        for (text, at) in [
            ("a", 0),
            ("=", 0),
            ("aaaaa", 4),
            ("ab=", 2),
            ("aa=\\n", 2),
            ("aGVsb", 4),
            ("aGVsb===", 5),
            ("aGVsbG8==", 7),
            ("aGVs bG8=", 4),
            ("YQ==YQ==", 2),
            ("_-8=", 0),
            ("é", 0),
        ] {
            let error = format!("error: illegal base64 data at input byte {at}");
            check_bare(&format!("base64.decode('{text}')"), &error);
        }
    }

    #[test]
    fn json_numbers_are_javascripts() {
        check_json(
            "[0.0, -0.0, 1.0, 1e20, 1e21, -1.25e-10, 1e-6, 1e-7]",
            "[0,-0,1,100000000000000000000,1e+21,-1.25e-10,0.000001,1e-7]",
        );
        check_json(
            "[9007199254740991, -9007199254740992, 9007199254740992u]",
            "[9007199254740991,\"-9007199254740992\",\"9007199254740992\"]",
        );
        check_bare(
            "json.encode([double('NaN')])",
            "error: proto: google.protobuf.Value.number_value: invalid NaN value",
        );
    }

    #[test]
    fn json_text_is_safe_in_html() {
        check_json(
            "'a<b>&é\"\\\\/\\u2028\\n\\t\\b\\u0007\\u007f'",
            "\"a\\u003cb\\u003e\\u0026é\\\"\\\\/\\u2028\\n\\t\\b\\u0007\u{7f}\"",
        );
    }

    #[test]
    fn json_of_other_kinds_is_text() {
        check_json(
            "[b'hello', timestamp('2021-04-20T10:05:20.120-05:00'), duration('-1.5s')]",
            "[\"aGVsbG8=\",\"2021-04-20T10:05:20.12-05:00\",\"-1.5s\"]",
        );
        check_json("[dyn(optional.of(1)), null, true]", "[1,null,true]");
        check_bare("json.encode([optional.none()])", "error: optional.none() dereference");
        check_bare("json.encode(int)", "error: type conversion not supported for 'type'");
    }

    #[test]
    fn json_maps_have_text_as_keys_in_the_order_of_their_bytes() {
        check_json("{'é': 1, 'z': 2, 'Z': {'<': 3}}", "{\"Z\":{\"\\u003c\":3},\"z\":2,\"é\":1}");
        for (key, error) in [
            ("1", "unsupported type conversion from 'int' to string"),
            ("1u", "unsupported type conversion from 'uint' to string"),
            ("true", "type conversion error from bool to 'string'"),
            ("1.5", "type conversion error from Double to 'string'"),
            ("null", "type conversion error from 'null_type' to 'string'"),
            ("[1]", "type conversion error from list to 'string'"),
        ] {
            check_bare(&format!("json.encode([{{{key}: 1}}])"), &format!("error: {error}"));
        }
    }

    #[test]
    fn json_of_the_request_has_the_fields_that_are_set() {
        let attr = r#"{"dept":"media","teams":["red","blue"]}"#;
        let principal = format!(r#"{{"attr":{attr},"id":"alice","roles":["user","editor"]}}"#);
        check_json("P", &principal);
        check_json("request.auxData", "{}");
        check_json("runtime", "{}");
        let attr = r#"{"nothing":null,"owner":"alice","size":5}"#;
        let resource = format!(r#"{{"attr":{attr},"id":"7","kind":"album","scope":"acme"}}"#);
        check_json("request", &format!(r#"{{"principal":{principal},"resource":{resource}}}"#));
    }
}

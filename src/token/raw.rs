//! The text of a token, taken apart. Nothing here is trusted yet.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Algorithm, Invalid, json};
use crate::principal::{Map, Value};

/// The longest `kid` that is looked up. Authentik's have 32 or 86 bytes.
const MAX_KEY_ID: usize = 256;

/// A token with the form of a compact JWS (RFC 7515 section 3.1) and a header we can work with.
pub(super) struct RawToken<'a> {
    /// What the signature is over: the first two segments as they were sent.
    pub(super) signing_input: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Box<str>,
    /// The payload's bytes. To be parsed after the signature has been checked.
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl<'a> RawToken<'a> {
    /// Takes `token` apart. Its length is checked before anything is decoded.
    pub(super) fn parse(token: &'a str, max_length: usize) -> Result<Self, Invalid> {
        if token.len() > max_length {
            return Err(Invalid::TooLong);
        }
        // A compact JWE has five segments (RFC 7516 section 3.1).
        if token.bytes().filter(|&byte| byte == b'.').count() == 4 {
            return Err(Invalid::Encrypted);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Invalid::Malformed)?;

        let header = json::object(&decode(header)?)?;
        if header.get("crit").is_some() {
            return Err(Invalid::CriticalHeader);
        }
        check_type(&header)?;
        let algorithm = algorithm(&header)?;
        let key_id = key_id(&header)?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { signing_input, algorithm, key_id, payload, signature })
    }
}

/// Base64url as RFC 7515 section 2 has it: no padding, and no second spelling of the same bytes.
fn decode(segment: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| Invalid::Malformed)
}

/// Authentik's access tokens are of type `JWT`; `at+jwt` is what RFC 9068 section 2.1 asks for. Its
/// logout tokens (`logout+jwt`) and key-bound ID tokens (`dpop+id_token`) share issuer, audience and key.
fn check_type(header: &Map) -> Result<(), Invalid> {
    let name = match header.get("typ") {
        None => return Ok(()),
        Some(Value::String(name)) => &**name,
        Some(_) => return Err(Invalid::Malformed),
    };
    // Media types are compared without case, and `application/` may be left out (RFC 7515 section 4.1.9).
    let name = name.to_ascii_lowercase();
    match name.strip_prefix("application/").unwrap_or(&name) {
        "jwt" | "at+jwt" => Ok(()),
        _ => Err(Invalid::NotAccessToken),
    }
}

fn algorithm(header: &Map) -> Result<Algorithm, Invalid> {
    match header.get("alg") {
        Some(Value::String(name)) => Algorithm::from_name(name).ok_or(match &**name {
            "HS256" | "HS384" | "HS512" => Invalid::SymmetricAlgorithm,
            _ => Invalid::Algorithm,
        }),
        _ => Err(Invalid::Malformed),
    }
}

fn key_id(header: &Map) -> Result<Box<str>, Invalid> {
    match header.get("kid") {
        None => Err(Invalid::KeyMissing),
        Some(Value::String(id)) if id.len() <= MAX_KEY_ID => Ok(Box::from(&**id)),
        Some(_) => Err(Invalid::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 4096;

    fn token(header: &str) -> String {
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"), "c2ln")
    }

    fn refusal(token: &str) -> Option<Invalid> {
        RawToken::parse(token, LIMIT).err()
    }

    #[test]
    fn a_compact_jws_is_taken_apart() {
        let token = token(r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#);
        let raw = RawToken::parse(&token, LIMIT).unwrap();
        assert_eq!(raw.signing_input, token.strip_suffix(".c2ln").unwrap());
        assert_eq!((raw.algorithm, &*raw.key_id), (Algorithm::RS256, "k1"));
        assert_eq!((&*raw.payload, &*raw.signature), (&b"{}"[..], &b"sig"[..]));
    }

    #[test]
    fn the_number_of_segments_is_three() {
        for text in ["", "a", "e30.e30", "e30.e30.e30.e30", "e30.e30.e30.e30.e30.e30"] {
            assert_eq!(refusal(text), Some(Invalid::Malformed), "{text}");
        }
        assert_eq!(refusal("e30.e30.e30.e30.e30"), Some(Invalid::Encrypted));
    }

    #[test]
    fn length_is_checked_first() {
        assert_eq!(refusal(&"!".repeat(LIMIT + 1)), Some(Invalid::TooLong));
        assert_eq!(refusal(&"!".repeat(LIMIT)), Some(Invalid::Malformed));
    }

    #[test]
    fn only_canonical_base64url_is_accepted() {
        let good = token(r#"{"alg":"RS256","kid":"k"}"#);
        assert_eq!(refusal(&good), None);
        for bad in [
            format!("{good}="),
            format!("{good} "),
            good.replace("e30", "e31"),
            good.replace("e30", "e3+"),
        ] {
            assert_eq!(refusal(&bad), Some(Invalid::Malformed), "{bad}");
        }
    }

    #[test]
    fn headers_that_cannot_be_honoured_are_refused() {
        for (header, expected) in [
            (r#"{"kid":"k"}"#, Invalid::Malformed),
            (r#"{"alg":1,"kid":"k"}"#, Invalid::Malformed),
            (r#"{"alg":"RS256","alg":"RS256","kid":"k"}"#, Invalid::Malformed),
            (r#"{"alg":"none","kid":"k"}"#, Invalid::Algorithm),
            (r#"{"alg":"rs256","kid":"k"}"#, Invalid::Algorithm),
            (r#"{"alg":"PS256","kid":"k"}"#, Invalid::Algorithm),
            (r#"{"alg":"HS256","kid":"k"}"#, Invalid::SymmetricAlgorithm),
            (r#"{"alg":"RS256"}"#, Invalid::KeyMissing),
            (r#"{"alg":"RS256","kid":7}"#, Invalid::Malformed),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, Invalid::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","crit":null}"#, Invalid::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","typ":"logout+jwt"}"#, Invalid::NotAccessToken),
            (r#"{"alg":"RS256","kid":"k","typ":"dpop+id_token"}"#, Invalid::NotAccessToken),
        ] {
            assert_eq!(refusal(&token(header)), Some(expected), "{header}");
        }
        let long = "k".repeat(MAX_KEY_ID + 1);
        assert_eq!(
            refusal(&token(&format!(r#"{{"alg":"RS256","kid":"{long}"}}"#))),
            Some(Invalid::Malformed)
        );
    }

    #[test]
    fn keys_in_the_header_are_not_looked_at() {
        let header = r#"{"alg":"ES256","kid":"k","jku":"http://evil.example/","jwk":{"kty":"oct"},"typ":"at+JWT"}"#;
        assert_eq!(refusal(&token(header)), None);
    }
}

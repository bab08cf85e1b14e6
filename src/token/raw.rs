//! The text of a token, taken apart. Nothing here is trusted yet.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Algorithm, Invalid, json, jwe::is_encrypted};
use crate::principal::{Map, Value};

/// The longest `kid` that is looked up. Authentik's have 32 or 86 bytes.
const MAX_KEY_ID: usize = 256;

/// A token with the form of a compact JWS (RFC 7515 section 3.1) and a header we can work with.
pub(super) struct RawToken<'a> {
    /// What the signature is over: the first two segments as they were sent.
    pub(super) signing_input: &'a str,
    pub(super) kind: Kind,
    pub(super) signed_with: SignedWith,
    /// The payload's bytes. To be parsed after the signature has been checked.
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// What the header says the token is (`typ`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing said.
    Untyped,
    /// `JWT`: access and ID tokens of Authentik alike, and its logout tokens up to 2025.12.1.
    Jwt,
    /// `at+jwt`, what RFC 9068 section 2.1 asks for and Authentik does not write.
    AccessToken,
    /// `logout+jwt` (OpenID Connect Back-Channel Logout section 2.4).
    Logout,
    /// Anything else, such as `dpop+id_token` for ID tokens that are bound to a key.
    Other,
}

/// What the header says the token is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignedWith {
    /// A key that the issuer publishes.
    Published { algorithm: Algorithm, key_id: Box<str> },
    /// A secret shared with the issuer (HS256): a provider of Authentik without a signing key.
    Secret,
}

/// Issuer and audiences as the token claims them. Anyone can write anything there.
///
/// Only for choosing whose keys the token is to be checked with. What it says counts when the signature is good
/// and the claims were checked, and not before.
pub(super) struct Claimed {
    pub(super) issuer: Box<str>,
    pub(super) audiences: Vec<Box<str>>,
    /// `azp`, when it is a string.
    pub(super) client_id: Option<Box<str>>,
}

impl<'a> RawToken<'a> {
    /// Takes `token` apart. Its length is checked before anything is decoded.
    pub(super) fn parse(token: &'a str, max_length: usize) -> Result<Self, Invalid> {
        if token.len() > max_length {
            return Err(Invalid::TooLong);
        }
        if is_encrypted(token) {
            return Err(Invalid::Encrypted);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Invalid::Malformed)?;

        let header = json::object(&decode(header)?)?;
        check_extensions(&header)?;
        let kind = kind(&header)?;
        let signed_with = signed_with(&header)?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { signing_input, kind, signed_with, payload, signature })
    }

    /// Refuses what is no access token by its type alone. The claims have a say too.
    pub(super) fn require_access(&self) -> Result<(), Invalid> {
        match self.kind {
            Kind::Untyped | Kind::Jwt | Kind::AccessToken => Ok(()),
            Kind::Logout | Kind::Other => Err(Invalid::NotAccessToken),
        }
    }

    /// Whose token this claims to be, unverified. The errors are those of the checked claims.
    pub(super) fn claimed(&self) -> Result<Claimed, Invalid> {
        let claims = json::object(&self.payload)?;
        let text = |value: &Value, name| match value {
            Value::String(text) => Ok(Box::from(&**text)),
            _ => Err(Invalid::Claim(name)),
        };
        let issuer: Box<str> = match claims.get("iss") {
            None | Some(Value::Null) => return Err(Invalid::MissingClaim("iss")),
            Some(issuer) => text(issuer, "iss")?,
        };
        if issuer.is_empty() {
            return Err(Invalid::Claim("iss"));
        }
        let audiences = match claims.get("aud") {
            None | Some(Value::Null) => return Err(Invalid::MissingClaim("aud")),
            Some(Value::List(list)) => {
                list.iter().map(|audience| text(audience, "aud")).collect::<Result<_, _>>()?
            }
            Some(audience) => vec![text(audience, "aud")?],
        };
        let client_id = claims.get("azp").and_then(Value::as_str).map(Box::from);
        Ok(Claimed { issuer, audiences, client_id })
    }
}

/// Base64url as RFC 7515 section 2 has it: no padding, and no second spelling of the same bytes.
pub(super) fn decode(segment: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| Invalid::Malformed)
}

/// Refuses what a header may ask of us and we do not do: extensions, and keys that come with the token
/// (RFC 7515 sections 4.1.2 to 4.1.6 and 4.1.11). Authentik writes none of these members.
pub(super) fn check_extensions(header: &Map) -> Result<(), Invalid> {
    if header.get("crit").is_some() {
        return Err(Invalid::CriticalHeader);
    }
    if ["jku", "jwk", "x5u", "x5c"].iter().any(|name| header.get(name).is_some()) {
        return Err(Invalid::KeyInHeader);
    }
    Ok(())
}

fn kind(header: &Map) -> Result<Kind, Invalid> {
    let name = match header.get("typ") {
        None => return Ok(Kind::Untyped),
        Some(Value::String(name)) => &**name,
        Some(_) => return Err(Invalid::Malformed),
    };
    // Media types are compared without case, and `application/` may be left out (RFC 7515 section 4.1.9).
    let name = name.to_ascii_lowercase();
    Ok(match name.strip_prefix("application/").unwrap_or(&name) {
        "jwt" => Kind::Jwt,
        "at+jwt" => Kind::AccessToken,
        "logout+jwt" => Kind::Logout,
        _ => Kind::Other,
    })
}

fn signed_with(header: &Map) -> Result<SignedWith, Invalid> {
    let Some(Value::String(name)) = header.get("alg") else { return Err(Invalid::Malformed) };
    let key_id = key_id(header)?;
    match (&**name, Algorithm::from_name(name), key_id) {
        // Authentik names no key here. When one is named, it says nothing: there is one secret.
        ("HS256", ..) => Ok(SignedWith::Secret),
        ("HS384" | "HS512", ..) => Err(Invalid::SymmetricAlgorithm),
        (_, None, _) => Err(Invalid::Algorithm),
        (_, Some(_), None) => Err(Invalid::KeyMissing),
        (_, Some(algorithm), Some(key_id)) => Ok(SignedWith::Published { algorithm, key_id }),
    }
}

/// The name of the key (`kid`).
pub(super) fn key_id(header: &Map) -> Result<Option<Box<str>>, Invalid> {
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(id)) if id.len() <= MAX_KEY_ID => Ok(Some(Box::from(&**id))),
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

    fn published(id: &str) -> SignedWith {
        SignedWith::Published { algorithm: Algorithm::RS256, key_id: id.into() }
    }

    #[test]
    fn a_compact_jws_is_taken_apart() {
        let token = token(r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#);
        let raw = RawToken::parse(&token, LIMIT).unwrap();
        assert_eq!(raw.signing_input, token.strip_suffix(".c2ln").unwrap());
        assert_eq!(raw.signed_with, published("k1"));
        assert_eq!(raw.kind, Kind::Jwt);
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
            (r#"{"alg":"nOnE","kid":"k"}"#, Invalid::Algorithm),
            (r#"{"alg":"hs256","kid":"k"}"#, Invalid::Algorithm),
            (r#"{"alg":"HS384"}"#, Invalid::SymmetricAlgorithm),
            (r#"{"alg":"HS512","kid":"k"}"#, Invalid::SymmetricAlgorithm),
            (r#"{"alg":"HS256","kid":7}"#, Invalid::Malformed),
            (r#"{"alg":"HS256","kid":null}"#, Invalid::Malformed),
            (r#"{"alg":"RS256"}"#, Invalid::KeyMissing),
            (r#"{"alg":"RS256","kid":7}"#, Invalid::Malformed),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, Invalid::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","crit":null}"#, Invalid::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","crit":[],"jwk":{}}"#, Invalid::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","typ":["JWT"]}"#, Invalid::Malformed),
            (r#"{"alg":"RS256","kid":"k","\u0061lg":"none"}"#, Invalid::Malformed),
            (r#"{"alg":"RS256","kid":"k","\u006bid":"k"}"#, Invalid::Malformed),
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
    fn a_key_in_the_header_is_refused() {
        for name in ["jku", "jwk", "x5u", "x5c"] {
            for value in [r#""https://evil.example/""#, r#"{"kty":"oct"}"#, "null"] {
                let header = format!(r#"{{"alg":"ES256","kid":"k","{name}":{value}}}"#);
                assert_eq!(refusal(&token(&header)), Some(Invalid::KeyInHeader), "{header}");
            }
        }
        // A thumbprint is no key.
        assert_eq!(refusal(&token(r#"{"alg":"ES256","kid":"k","x5t":"AAAA"}"#)), None);
    }

    #[test]
    fn the_type_is_told_without_deciding() {
        for (typ, kind, access) in [
            (r#""JWT""#, Kind::Jwt, true),
            (r#""application/JWT""#, Kind::Jwt, true),
            (r#""at+JWT""#, Kind::AccessToken, true),
            (r#""application/at+jwt""#, Kind::AccessToken, true),
            (r#""logout+jwt""#, Kind::Logout, false),
            (r#""Application/Logout+JWT""#, Kind::Logout, false),
            (r#""dpop+id_token""#, Kind::Other, false),
            (r#""JWE""#, Kind::Other, false),
            (r#""""#, Kind::Other, false),
        ] {
            let token = token(&format!(r#"{{"alg":"RS256","kid":"k","typ":{typ}}}"#));
            let raw = RawToken::parse(&token, LIMIT).unwrap();
            let expected = if access { Ok(()) } else { Err(Invalid::NotAccessToken) };
            assert_eq!((raw.kind, raw.require_access()), (kind, expected), "{typ}");
        }
        let untyped = token(r#"{"alg":"RS256","kid":"k"}"#);
        let raw = RawToken::parse(&untyped, LIMIT).unwrap();
        assert_eq!((raw.kind, raw.require_access()), (Kind::Untyped, Ok(())));
    }

    #[test]
    fn hs256_is_signed_with_a_secret_whatever_key_is_named() {
        for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":"k"}"#] {
            let token = token(header);
            assert_eq!(RawToken::parse(&token, LIMIT).unwrap().signed_with, SignedWith::Secret);
        }
        let long = "k".repeat(MAX_KEY_ID + 1);
        let token = token(&format!(r#"{{"alg":"HS256","kid":"{long}"}}"#));
        assert_eq!(refusal(&token), Some(Invalid::Malformed));
    }

    #[test]
    fn issuer_and_audiences_can_be_looked_at_before_anything_is_checked() {
        let claimed = |payload: &str| {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
            let token = format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
            let claimed = RawToken::parse(&token, LIMIT).unwrap().claimed()?;
            Ok((claimed.issuer, claimed.audiences.join(" ")))
        };
        let both = |audiences: &str| Ok(("https://id/".into(), audiences.to_owned()));
        for (payload, expected) in [
            (r#"{"iss":"https://id/","aud":"a"}"#, both("a")),
            (r#"{"iss":"https://id/","aud":["a","b"],"sub":1}"#, both("a b")),
            (r#"{"iss":"https://id/","aud":[]}"#, both("")),
            (r#"{"aud":"a"}"#, Err(Invalid::MissingClaim("iss"))),
            (r#"{"iss":null,"aud":"a"}"#, Err(Invalid::MissingClaim("iss"))),
            (r#"{"iss":"","aud":"a"}"#, Err(Invalid::Claim("iss"))),
            (r#"{"iss":["https://id/"],"aud":"a"}"#, Err(Invalid::Claim("iss"))),
            (r#"{"iss":"https://id/"}"#, Err(Invalid::MissingClaim("aud"))),
            (r#"{"iss":"https://id/","aud":{}}"#, Err(Invalid::Claim("aud"))),
            (r#"{"iss":"https://id/","aud":["a",1]}"#, Err(Invalid::Claim("aud"))),
            (r#"{"iss":"https://id/","iss":"https://id/","aud":"a"}"#, Err(Invalid::Malformed)),
            (r#"{"iss":"https://id/","aud":"a""#, Err(Invalid::Malformed)),
            ("[]", Err(Invalid::Malformed)),
        ] {
            assert_eq!(claimed(payload), expected, "{payload}");
        }
    }
}

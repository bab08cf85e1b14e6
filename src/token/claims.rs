//! What a payload says, checked against what the service expects.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Invalid, json, jwt::AuthenticPayload};
use crate::principal::{Map, Value};

/// What the claims of a token are held against.
pub(super) struct Expectations {
    /// Compared byte for byte: Authentik's issuers end in a slash, and one without it is another issuer.
    pub(super) issuer: Arc<str>,
    /// Never empty.
    pub(super) audiences: Vec<Box<str>>,
    /// How far the clocks of issuer and service may differ.
    pub(super) leeway: Duration,
}

/// Claims of a token that is genuine, for us, and in force. Only [`Claims::check`] makes them.
pub(super) struct Claims {
    pub(super) all: Map,
    pub(super) subject: Box<str>,
    pub(super) expires_at: SystemTime,
}

impl Claims {
    /// Reads and checks the claims of `payload` at the time `now` (RFC 7519 section 4.1).
    pub(super) fn check(
        payload: &AuthenticPayload,
        expected: &Expectations,
        now: SystemTime,
    ) -> Result<Self, Invalid> {
        let all = json::object(payload.bytes())?;
        if text(&all, "iss")? != &*expected.issuer {
            return Err(Invalid::Issuer);
        }
        check_audience(&all, &expected.audiences)?;
        check_kind(&all)?;
        // The time of expiry itself is past (section 4.1.4), the time of `nbf` itself is not (4.1.5).
        let expires_at = time(&all, "exp")?.ok_or(Invalid::MissingClaim("exp"))?;
        if expires_at.checked_add(expected.leeway).is_some_and(|end| end <= now) {
            return Err(Invalid::Expired);
        }
        let start = time(&all, "nbf")?;
        if start
            .is_some_and(|start| now.checked_add(expected.leeway).is_some_and(|now| now < start))
        {
            return Err(Invalid::NotYetValid);
        }
        let subject = Box::from(text(&all, "sub")?);
        Ok(Self { all, subject, expires_at })
    }
}

/// `aud` is a string or an array of strings (section 4.1.3); Authentik writes the client id as a string.
fn check_audience(claims: &Map, accepted: &[Box<str>]) -> Result<(), Invalid> {
    let is_ours = |audience: &str| accepted.iter().any(|ours| **ours == *audience);
    let found = match claims.get("aud") {
        None | Some(Value::Null) => return Err(Invalid::MissingClaim("aud")),
        Some(Value::String(audience)) => is_ours(audience),
        Some(Value::List(audiences)) => {
            let mut found = false;
            for audience in audiences.iter() {
                let Value::String(audience) = audience else { return Err(Invalid::Claim("aud")) };
                found |= is_ours(audience);
            }
            found
        }
        Some(_) => return Err(Invalid::Claim("aud")),
    };
    if found { Ok(()) } else { Err(Invalid::Audience) }
}

/// Authentik's access token is its ID token plus `azp`, `uid` and `scope`: same type, issuer, audience and
/// key. `azp` and `uid` are written last, so that a scope mapping cannot take them away; older servers
/// write no `scope`. Hashes of codes and tokens are in ID tokens only, `events` in logout tokens only.
fn check_kind(claims: &Map) -> Result<(), Invalid> {
    let has = |name| claims.get(name).is_some();
    let is_access = has("azp") || has("uid");
    let is_other = has("at_hash") || has("c_hash") || has("events");
    if is_access && !is_other { Ok(()) } else { Err(Invalid::NotAccessToken) }
}

/// A claim that must be a string with something in it.
fn text<'a>(claims: &'a Map, name: &'static str) -> Result<&'a str, Invalid> {
    match claims.get(name) {
        None | Some(Value::Null) => Err(Invalid::MissingClaim(name)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(Invalid::Claim(name)),
    }
}

/// A claim that holds seconds since 1970, with or without a fraction (section 2, `NumericDate`).
fn time(claims: &Map, name: &'static str) -> Result<Option<SystemTime>, Invalid> {
    let seconds = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Double(seconds)) => *seconds,
        Some(_) => return Err(Invalid::Claim(name)),
    };
    let since = Duration::try_from_secs_f64(seconds).ok();
    let time = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    time.map(Some).ok_or(Invalid::Claim(name))
}

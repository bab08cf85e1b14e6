//! Claims of tokens as policies see them (docs/semantics.md, rule I2).

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::AuxData;
use crate::value::{Map, Value};

/// A registered claim of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidClaim {
    /// Its name.
    pub claim: Box<str>,
    /// What it must be.
    pub wanted: &'static str,
}

impl fmt::Display for InvalidClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the claim `{}` must be {}", self.claim, self.wanted)
    }
}

impl std::error::Error for InvalidClaim {}

impl AuxData {
    /// The claims of one verified token, as `request.auxData.jwt`.
    ///
    /// Nothing is verified here. Dates become text and `aud` a list, as in Cerbos; so that `exp` can be compared as
    /// `timestamp(request.auxData.jwt.exp)`.
    ///
    /// # Errors
    ///
    /// A registered claim (RFC 7519, section 4.1) of the wrong type. Cerbos refuses the whole request then.
    ///
    /// ```
    /// use authz_engine::{AuxData, Map, Value};
    ///
    /// let claims: Map = [("aud", Value::from("photos")), ("iat", Value::from(1.6e9))].into_iter().collect();
    /// let jwt = AuxData::from_claims(&claims)?.jwt;
    /// assert_eq!(jwt.get("aud"), Some(&Value::from(vec!["photos"])));
    /// assert_eq!(jwt.get("iat"), Some(&Value::from("2020-09-13T12:26:40Z")));
    /// # Ok::<(), authz_engine::request::InvalidClaim>(())
    /// ```
    pub fn from_claims(claims: &Map) -> Result<Self, InvalidClaim> {
        Ok(Self { jwt: as_policies_see(claims)?, jwts: Vec::new() })
    }

    /// The claims of several verified tokens, as `request.auxData.jwts[name].claims`.
    ///
    /// # Errors
    ///
    /// As [`from_claims`](Self::from_claims).
    pub fn from_named_claims<'c>(
        tokens: impl IntoIterator<Item = (&'c str, &'c Map)>,
    ) -> Result<Self, InvalidClaim> {
        let mut jwts = tokens
            .into_iter()
            .map(|(name, claims)| Ok((name.into(), as_policies_see(claims)?)))
            .collect::<Result<Vec<(Box<str>, Map)>, _>>()?;
        jwts.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { jwt: Map::default(), jwts })
    }
}

fn as_policies_see(claims: &Map) -> Result<Map, InvalidClaim> {
    let mut all = Vec::with_capacity(claims.len());
    for (name, value) in claims.iter() {
        let wanted = |wanted| InvalidClaim { claim: name.into(), wanted };
        let value = match name {
            "exp" | "iat" | "nbf" => {
                date(value).ok_or_else(|| wanted("seconds since 1970 or a date of RFC 3339"))?
            }
            "aud" => audience(value).ok_or_else(|| wanted("text or a list of texts"))?,
            "iss" | "jti" | "sub" => match value {
                Value::String(_) => value.clone(),
                Value::Null => "".into(),
                _ => return Err(wanted("text")),
            },
            // A claim that is null is as one that is not there.
            _ if *value == Value::Null => continue,
            _ => value.clone(),
        };
        all.push((name, value));
    }
    Ok(all.into_iter().collect())
}

/// Fractions of a second are cut off.
fn date(value: &Value) -> Option<Value> {
    let date = match value {
        Value::String(text) => match text.parse() {
            Ok(seconds) => seconds_since_1970(seconds)?,
            Err(_) => DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc),
        },
        number => seconds_since_1970(number.as_f64()?)?,
    };
    Some(date.to_rfc3339_opts(SecondsFormat::Secs, true).into())
}

fn seconds_since_1970(seconds: f64) -> Option<DateTime<Utc>> {
    /// The end of the year 9999, the last that RFC 3339 can write.
    const END: f64 = 253_402_300_800.0;
    (0.0..END).contains(&seconds).then(|| DateTime::from_timestamp(seconds as i64, 0)).flatten()
}

fn audience(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(vec![value.clone()].into()),
        Value::List(items) if items.iter().all(|item| item.as_str().is_some()) => {
            Some(value.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(claims: &str) -> Result<String, String> {
        let claims: Map = serde_json::from_str(claims).unwrap();
        let aux = AuxData::from_claims(&claims).map_err(|e| e.to_string())?;
        Ok(serde_json::to_string(&aux.jwt).unwrap())
    }

    /// What Cerbos gave as the output `request.auxData.jwt`.
    #[test]
    fn claims_are_what_they_are_in_cerbos() {
        for (claims, wanted) in [
            (
                r#"{"sub":"a","aud":"x","exp":4949934039,"iat":1600000000,"nbf":1600000000.75,"jti":"j"}"#,
                r#"{"aud":["x"],"exp":"2126-11-09T21:40:39Z","iat":"2020-09-13T12:26:40Z","jti":"j","nbf":"2020-09-13T12:26:40Z","sub":"a"}"#,
            ),
            (
                r#"{"aud":["a","b"],"b":true,"z":null,"o":{"exp":1,"l":[1,null]}}"#,
                r#"{"aud":["a","b"],"b":true,"o":{"exp":1,"l":[1,null]}}"#,
            ),
            (r#"{"exp":"4949934039"}"#, r#"{"exp":"2126-11-09T21:40:39Z"}"#),
            (r#"{"exp":"2099-01-01T02:00:00+02:00"}"#, r#"{"exp":"2099-01-01T00:00:00Z"}"#),
            (r#"{"auth_time":1600000000}"#, r#"{"auth_time":1600000000}"#),
            (
                r#"{"aud":[],"sub":null,"iat":0}"#,
                r#"{"aud":[],"iat":"1970-01-01T00:00:00Z","sub":""}"#,
            ),
        ] {
            assert_eq!(seen(claims).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn registered_claims_have_their_types() {
        for claims in [
            r#"{"iat":-1}"#,
            r#"{"iat":null}"#,
            r#"{"iat":"x"}"#,
            r#"{"iat":"NaN"}"#,
            r#"{"iat":1e18}"#,
            r#"{"exp":{}}"#,
            r#"{"aud":1}"#,
            r#"{"aud":null}"#,
            r#"{"aud":[1]}"#,
            r#"{"iss":1}"#,
            r#"{"jti":5}"#,
        ] {
            assert!(seen(claims).is_err(), "{claims}");
        }
        assert_eq!(seen(r#"{"iss":1}"#).unwrap_err(), "the claim `iss` must be text");
    }

    #[test]
    fn named_tokens_are_sorted() {
        let claims = Map::default();
        let aux = AuxData::from_named_claims([("b", &claims), ("a", &claims)]).unwrap();
        assert_eq!(aux.jwts.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["a", "b"]);
    }
}

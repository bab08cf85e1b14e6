//! What a payload says, checked against what the service expects.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    Invalid, json,
    jwt::AuthenticPayload,
    raw::{Claimed, Kind},
};
use crate::principal::{Map, Value, scopes};

/// What the claims of a token are held against.
pub(super) struct Expectations {
    /// Compared byte for byte: Authentik's issuers end in a slash, and one without it is another issuer.
    pub(super) issuer: Arc<str>,
    /// Never empty.
    pub(super) audiences: Vec<Box<str>>,
    /// Clients that may call besides those that are audiences.
    pub(super) clients: Vec<Box<str>>,
    /// How far the clocks of issuer and service may differ.
    pub(super) leeway: Duration,
}

impl Expectations {
    /// Whether `audience` is one of ours.
    pub(super) fn accepts(&self, audience: &str) -> bool {
        self.audiences.iter().any(|ours| **ours == *audience)
    }

    /// `azp`: in Authentik, always the client id of the provider that issued the token, and no scope mapping
    /// can replace it. Providers often share a certificate, and mappings of another application may write any
    /// `iss` and `aud`: this tells whose token it is.
    fn check_client(&self, claims: &Map) -> Result<(), Invalid> {
        match optional_text(claims, "azp")? {
            Some(client)
                if !self.accepts(client) && !self.clients.iter().any(|it| **it == *client) =>
            {
                Err(Invalid::Client)
            }
            _ => Ok(()),
        }
    }

    /// Whether a token that says this, truly or not, can be for us at all.
    pub(super) fn check_claimed(&self, claimed: &Claimed) -> Result<(), Invalid> {
        if *claimed.issuer != *self.issuer {
            return Err(Invalid::Issuer);
        }
        let is_ours = claimed.audiences.iter().any(|audience| self.accepts(audience));
        if is_ours { Ok(()) } else { Err(Invalid::Audience) }
    }

    /// `iss` and `aud`, which every token of an issuer has.
    pub(super) fn check(&self, claims: &Map) -> Result<(), Invalid> {
        if text(claims, "iss")? != &*self.issuer {
            return Err(Invalid::Issuer);
        }
        check_audience(claims, self)
    }
}

/// What marks a token as an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marking {
    /// The type in its header: `at+jwt` (RFC 9068 section 2.1).
    ByType,
    /// The claims that Authentik writes into no other token, whose type is `JWT` as that of the others is.
    ByClaims,
}

impl Marking {
    /// What there is to go by in a token whose header says that it is of this kind.
    pub(super) fn of(kind: Kind) -> Self {
        if kind == Kind::AccessToken { Self::ByType } else { Self::ByClaims }
    }
}

/// Claims of a token that is genuine, for us, and in force. Only [`Claims::check`] makes them.
///
/// Scope mappings of Authentik can replace most claims, by values of any type and by null: a claim is what its field
/// says here, or the token is refused.
pub(super) struct Claims {
    pub(super) all: Map,
    pub(super) subject: Box<str>,
    pub(super) expires_at: SystemTime,
    /// `iat`. In the future it may be: the clock of the issuer is not ours.
    pub(super) issued_at: Option<SystemTime>,
    /// `sid`: the login session. Tokens without a login have none.
    pub(super) session_id: Option<Box<str>>,
    /// `jti`: the token's own identifier.
    pub(super) token_id: Option<Box<str>>,
    /// `azp`: in Authentik, the client id of the provider that issued the token.
    pub(super) client_id: Option<Box<str>>,
    /// `act.sub`: who acts for the subject (RFC 8693 section 4.1).
    pub(super) actor: Option<Box<str>>,
}

impl Claims {
    /// Reads and checks the claims of `payload` at the time `now` (RFC 7519 section 4.1).
    pub(super) fn check(
        payload: &AuthenticPayload,
        expected: &Expectations,
        marking: Marking,
        now: SystemTime,
    ) -> Result<Self, Invalid> {
        Self::read(json::object(payload.bytes())?, expected, marking, now)
    }

    fn read(
        all: Map,
        expected: &Expectations,
        marking: Marking,
        now: SystemTime,
    ) -> Result<Self, Invalid> {
        expected.check(&all)?;
        check_kind(&all, marking)?;
        expected.check_client(&all)?;
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
        let own = |name| Ok(optional_text(&all, name)?.map(Box::from));
        Ok(Self {
            subject: Box::from(text(&all, "sub")?),
            expires_at,
            issued_at: time(&all, "iat")?,
            session_id: own("sid")?,
            token_id: own("jti")?,
            client_id: own("azp")?,
            actor: actor(&all)?.map(Box::from),
            all,
        })
    }

    /// What the client was granted; see [`scopes`].
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        scopes(&self.all)
    }
}

/// `aud` is a string or an array of strings (section 4.1.3); Authentik writes the client id as a string.
fn check_audience(claims: &Map, expected: &Expectations) -> Result<(), Invalid> {
    let is_ours = |audience: &str| expected.accepts(audience);
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

/// Claims that no access token of Authentik has: hashes of codes and tokens are in ID tokens only, `events` in
/// logout tokens only, and `cnf` in ID tokens that are bound to a key, which the caller would have to prove
/// (RFC 7800 section 3.1).
const OF_OTHERS: [&str; 4] = ["at_hash", "c_hash", "cnf", "events"];

/// Authentik's access token is its ID token plus `azp`, `uid` and `scope`: same type, issuer, audience and key.
/// It writes `azp` and `uid` since 2023, and last, so that a scope mapping cannot take them away; `scope` only
/// since
/// 2025.10.
fn check_kind(claims: &Map, marking: Marking) -> Result<(), Invalid> {
    let is_marked = match marking {
        Marking::ByType => true,
        Marking::ByClaims => {
            optional_text(claims, "azp")?.is_some() && optional_text(claims, "uid")?.is_some()
        }
    };
    let is_other = OF_OTHERS.iter().any(|name| claims.get(name).is_some());
    if is_marked && !is_other { Ok(()) } else { Err(Invalid::NotAccessToken) }
}

/// `act` is an object; the outermost `sub` is the party that acts now, and those further inside have only acted
/// before (RFC 8693 section 4.1). Anything else is refused: delegation that cannot be read must not be
/// overlooked.
fn actor(claims: &Map) -> Result<Option<&str>, Invalid> {
    let Some(act) = claims.get("act") else { return Ok(None) };
    let subject = act.as_map().and_then(|act| act.get("sub")).and_then(Value::as_str);
    subject.filter(|subject| !subject.is_empty()).map(Some).ok_or(Invalid::Claim("act"))
}

/// A claim that is a string if it is there. Null, which a scope mapping can write, is absence.
pub(super) fn optional_text<'a>(
    claims: &'a Map,
    name: &'static str,
) -> Result<Option<&'a str>, Invalid> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Invalid::Claim(name)),
    }
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
pub(super) fn time(claims: &Map, name: &'static str) -> Result<Option<SystemTime>, Invalid> {
    let seconds = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Double(seconds)) => *seconds,
        Some(_) => return Err(Invalid::Claim(name)),
    };
    let since = Duration::try_from_secs_f64(seconds).ok();
    let time = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    time.map(Some).ok_or(Invalid::Claim(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_800_000_000.0;

    fn read(marking: Marking, claims: &[(&str, Value)]) -> Result<Claims, Invalid> {
        let base = [
            ("iss", Value::from("https://id.example.org/")),
            ("aud", "photos".into()),
            ("sub", "alice".into()),
            ("exp", (NOW + 60.0).into()),
        ];
        let expected = Expectations {
            issuer: "https://id.example.org/".into(),
            audiences: vec!["photos".into()],
            clients: Vec::new(),
            leeway: Duration::from_secs(30),
        };
        let all = base.into_iter().chain(claims.iter().cloned()).collect();
        Claims::read(all, &expected, marking, SystemTime::UNIX_EPOCH + Duration::from_secs_f64(NOW))
    }

    fn refusal(marking: Marking, claims: &[(&str, Value)]) -> Option<Invalid> {
        read(marking, claims).err()
    }

    #[test]
    fn an_access_token_is_marked_by_its_type_or_by_two_claims() {
        let (azp, uid) = (("azp", "photos".into()), ("uid", "x".into()));
        let not = Some(Invalid::NotAccessToken);
        assert_eq!(refusal(Marking::ByClaims, &[]), not);
        assert_eq!(refusal(Marking::ByClaims, std::slice::from_ref(&azp)), not);
        assert_eq!(refusal(Marking::ByClaims, std::slice::from_ref(&uid)), not);
        assert_eq!(refusal(Marking::ByClaims, &[azp.clone(), ("uid", Value::Null)]), not);
        assert_eq!(refusal(Marking::ByClaims, &[azp.clone(), uid.clone()]), None);
        assert_eq!(refusal(Marking::ByType, &[]), None);
        for name in ["at_hash", "c_hash", "events"] {
            for value in ["x".into(), Value::Null] {
                let other = [azp.clone(), uid.clone(), (name, value)];
                assert_eq!(refusal(Marking::ByClaims, &other), not, "{name}");
                assert_eq!(refusal(Marking::ByType, &other), not, "{name}");
            }
        }
    }

    #[test]
    fn claims_of_the_wrong_type_are_refused_and_null_is_absence() {
        for name in ["sid", "jti", "azp"] {
            for value in [1.0.into(), true.into(), vec!["x"].into(), Value::from(Map::default())] {
                let wrong = Some(Invalid::Claim(name));
                assert_eq!(refusal(Marking::ByType, &[(name, value)]), wrong, "{name}");
            }
        }
        let nulls = ["sid", "jti", "azp"].map(|name| (name, Value::Null));
        let claims = read(Marking::ByType, &nulls).ok().unwrap();
        let Claims { session_id, token_id, client_id, .. } = claims;
        assert_eq!((session_id, token_id, client_id), (None, None, None));
    }

    #[test]
    fn claims_are_read() {
        let nested = [("sub", "before".into())].into_iter().collect::<Map>();
        let act = [("sub", Value::from("printer")), ("act", nested.into())].into_iter();
        let claims = [
            ("sid", "session".into()),
            ("jti", "token".into()),
            ("azp", "photos".into()),
            ("act", act.collect::<Map>().into()),
            ("scope", "a b".into()),
            ("iat", 1_799_999_999.0.into()),
        ];
        let claims = read(Marking::ByType, &claims).ok().unwrap();
        assert_eq!(claims.session_id.as_deref(), Some("session"));
        assert_eq!(claims.token_id.as_deref(), Some("token"));
        assert_eq!(claims.client_id.as_deref(), Some("photos"));
        assert_eq!(claims.actor.as_deref(), Some("printer"));
        assert_eq!(claims.scopes().collect::<Vec<_>>(), ["a", "b"]);
        let age = SystemTime::UNIX_EPOCH + Duration::from_secs(1_799_999_999);
        assert_eq!(claims.issued_at, Some(age));
    }

    #[test]
    fn iat_is_no_reason_to_refuse_unless_it_is_no_time() {
        for iat in [0.0, NOW + 5.0, NOW + 5_000.0] {
            assert_eq!(refusal(Marking::ByType, &[("iat", iat.into())]), None, "{iat}");
        }
        for iat in [Value::from("now"), true.into(), (-1.0).into(), 1e300.into()] {
            let wrong = Some(Invalid::Claim("iat"));
            assert_eq!(refusal(Marking::ByType, &[("iat", iat)]), wrong);
        }
    }

    #[test]
    fn delegation_that_cannot_be_read_is_refused() {
        let object = |sub: Value| Value::from([("sub", sub)].into_iter().collect::<Map>());
        for act in [
            Value::Null,
            "printer".into(),
            vec!["printer"].into(),
            Value::from(Map::default()),
            object(Value::Null),
            object(1.0.into()),
            object("".into()),
            vec![object("printer".into())].into(),
        ] {
            let wrong = Some(Invalid::Claim("act"));
            assert_eq!(refusal(Marking::ByType, &[("act", act.clone())]), wrong, "{act:?}");
        }
    }
}

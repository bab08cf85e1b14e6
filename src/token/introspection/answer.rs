//! What an introspection endpoint answers, and what has to agree in it.

use std::{sync::Arc, time::SystemTime};

use super::super::{Invalid, TokenError, TokenIdentity, Undecided, json};
use crate::principal::{Map, Value};

/// What the provider says about a token.
#[derive(Clone)]
pub(in super::super) enum Answer {
    Active(Arc<Map>),
    Inactive,
}

impl Answer {
    /// Only the boolean `true` is active, and only the boolean `false` is inactive (RFC 7662 section 2.2). Of
    /// an inactive token nothing else is read: Authentik leaves the claims of a revoked one in the answer.
    pub(super) fn read(document: &[u8]) -> Result<Self, Undecided> {
        let answer = json::object(document).map_err(|_| Undecided::Introspection)?;
        match answer.get("active") {
            Some(Value::Bool(true)) => Ok(Self::Active(Arc::new(answer))),
            Some(Value::Bool(false)) => Ok(Self::Inactive),
            _ => Err(Undecided::Introspection),
        }
    }
}

/// Whether the claims of an active answer are those of `token`.
///
/// An answer need not repeat every claim, but what it repeats must agree. That the token is active does not
/// mean that it is for us: since 2026.2.3 Authentik answers about tokens of federated providers too.
pub(in super::super) fn agree(
    answer: &Map,
    token: &TokenIdentity,
    audiences: &[Box<str>],
    now: SystemTime,
) -> Result<(), TokenError> {
    let is = |claim: &str, expected: Option<&str>| match (answer.get(claim), expected) {
        (None | Some(Value::Null), _) | (Some(Value::String(_)), None) => true,
        (Some(Value::String(text)), Some(expected)) => **text == *expected,
        (Some(_), _) => false,
    };
    if !is("client_id", token.client_id()) || !audience_is_ours(answer, audiences) {
        return Err(Invalid::Audience.into());
    }
    if !is("iss", Some(token.issuer()))
        || !is("sub", Some(token.subject()))
        || !is("jti", token.token_id())
    {
        tracing::error!(
            target: "axum_authz::token", issuer = token.issuer(),
            "the introspection endpoint answered about another token"
        );
        return Err(Undecided::Introspection.into());
    }
    match answer.get("exp") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Double(end)) => {
            let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            // The provider's own clock has judged; this is for answers that contradict themselves by far.
            let over = now.as_secs_f64() - 300.0 > *end;
            if over { Err(Invalid::Expired.into()) } else { Ok(()) }
        }
        Some(_) => Err(Undecided::Introspection.into()),
    }
}

fn audience_is_ours(answer: &Map, audiences: &[Box<str>]) -> bool {
    let is_ours = |audience: &str| audiences.iter().any(|ours| **ours == *audience);
    match answer.get("aud") {
        None | Some(Value::Null) => true,
        Some(Value::String(audience)) => is_ours(audience),
        Some(Value::List(items)) => {
            items.iter().any(|item| matches!(item, Value::String(audience) if is_ours(audience)))
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_the_boolean_true_is_active() {
        let read = |text: &str| Answer::read(text.as_bytes());
        assert!(matches!(read(r#"{"active":true}"#), Ok(Answer::Active(_))));
        assert!(matches!(read(r#"{"active":false,"sub":"alice"}"#), Ok(Answer::Inactive)));
        for text in [
            r#"{"active":"true"}"#,
            r#"{"active":1}"#,
            r#"{"active":null}"#,
            r#"{"active":false,"active":true}"#,
            "{}",
            "[true]",
            "true",
            "<html>",
            "",
        ] {
            assert!(matches!(read(text), Err(Undecided::Introspection)), "{text}");
        }
    }

    fn identity() -> TokenIdentity {
        TokenIdentity {
            issuer: "https://id.example.org/".into(),
            subject: "alice".into(),
            client_id: Some("photos".into()),
            session_id: None,
            token_id: Some("j1".into()),
            issued_at: None,
            expires_at: SystemTime::UNIX_EPOCH + Duration::from_secs(2_000),
        }
    }

    fn agreed(answer: &str) -> Result<(), TokenError> {
        let answer = json::object(answer.as_bytes()).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        agree(&answer, &identity(), &["photos".into(), "cli".into()], now)
    }

    #[test]
    fn what_an_answer_repeats_agrees_with_the_token() {
        for good in [
            r#"{"active":true}"#,
            r#"{"client_id":"photos","aud":"photos","iss":"https://id.example.org/","sub":"alice","jti":"j1","exp":2000}"#,
            r#"{"aud":["other","cli"],"exp":null}"#,
        ] {
            assert_eq!(agreed(good), Ok(()), "{good}");
        }
        for (bad, expected) in [
            (r#"{"client_id":"other"}"#, TokenError::from(Invalid::Audience)),
            (r#"{"client_id":7}"#, Invalid::Audience.into()),
            (r#"{"aud":"other"}"#, Invalid::Audience.into()),
            (r#"{"aud":{"photos":1}}"#, Invalid::Audience.into()),
            (r#"{"sub":"bob"}"#, Undecided::Introspection.into()),
            (r#"{"iss":"https://id.example.org"}"#, Undecided::Introspection.into()),
            (r#"{"jti":"j2"}"#, Undecided::Introspection.into()),
            (r#"{"exp":1}"#, Invalid::Expired.into()),
            (r#"{"exp":"tomorrow"}"#, Undecided::Introspection.into()),
        ] {
            assert_eq!(agreed(bad), Err(expected), "{bad}");
        }
    }
}

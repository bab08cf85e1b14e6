//! What a refused client is told in `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3).

use http::HeaderValue;

use super::Refusal;

/// The challenges of one realm, made once.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    /// Without an `error`: for requests without credentials, or with credentials of another scheme (RFC 6750
    /// section 3.1).
    plain: HeaderValue,
    invalid_request: HeaderValue,
    invalid_token: HeaderValue,
}

impl Default for Challenge {
    fn default() -> Self {
        Self::new(Self::REALM, None)
    }
}

impl Challenge {
    /// The realm when none is set.
    pub(super) const REALM: &str = "api";

    /// `metadata` is where the description of the protected resource is found (RFC 9728 section 5.1).
    pub(super) fn new(realm: &str, metadata: Option<&str>) -> Self {
        let mut plain = String::from("Bearer realm=");
        quote(realm, &mut plain);
        if let Some(url) = metadata {
            plain.push_str(", resource_metadata=");
            quote(url, &mut plain);
        }
        let with = |error: &str, description: &str| {
            let text = format!("{plain}, error=\"{error}\", error_description=\"{description}\"");
            header(&text)
        };
        Self {
            invalid_request: with(
                "invalid_request",
                "the credentials cannot be read or are given more than once",
            ),
            invalid_token: with(
                "invalid_token",
                "the access token is malformed, expired or not meant for this service",
            ),
            plain: header(&plain),
        }
    }

    /// The challenge for `refusal`: with every 401, and with those of other statuses that better credentials
    /// would help.
    pub(super) fn value(&self, refusal: &Refusal) -> Option<HeaderValue> {
        match refusal {
            Refusal::Anonymous | Refusal::UnsupportedScheme => Some(self.plain.clone()),
            Refusal::InvalidRequest(_) => Some(self.invalid_request.clone()),
            Refusal::InvalidToken(_) => Some(self.invalid_token.clone()),
            Refusal::InsufficientScope(scope) => {
                // The characters of a scope, RFC 6749 section 3.3: none of them needs quoting.
                let is_of_scope = |c: &char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
                let scope: String = scope.chars().filter(is_of_scope).collect();
                let plain = self.plain.to_str().unwrap_or("Bearer");
                Some(header(&format!("{plain}, error=\"insufficient_scope\", scope=\"{scope}\"")))
            }
            Refusal::Denied
            | Refusal::Absent
            | Refusal::Malformed(_)
            | Refusal::Undecided(_)
            | Refusal::Wiring(_) => None,
        }
    }
}

/// `quoted-string`, RFC 9110 section 5.6.4; what is not printable ASCII becomes `?`.
fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            ' '..='~' => to.push(c),
            _ => to.push('?'),
        }
    }
    to.push('"');
}

/// For text that is known to be printable ASCII.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::{Challenge, Refusal};

    fn value(challenge: &Challenge, refusal: &Refusal) -> String {
        challenge.value(refusal).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_realm_cannot_break_out_of_its_quotes() {
        let value = |realm| value(&Challenge::new(realm, None), &Refusal::Anonymous);
        assert_eq!(value("a\"b\\c"), "Bearer realm=\"a\\\"b\\\\c\"");
        assert_eq!(value("a\r\nb\u{e9}"), "Bearer realm=\"a??b?\"");
    }

    #[test]
    fn a_scope_cannot_break_out_of_its_quotes() {
        let scope = Refusal::InsufficientScope("a\", x=\"\r\n".into());
        assert_eq!(
            value(&Challenge::new("r", None), &scope),
            "Bearer realm=\"r\", error=\"insufficient_scope\", scope=\"a, x=\""
        );
    }

    #[test]
    fn every_challenge_names_the_metadata() {
        let challenge = Challenge::new("r", Some("https://api.example.org/x"));
        for refusal in [
            Refusal::Anonymous,
            Refusal::UnsupportedScheme,
            Refusal::InvalidRequest("x"),
            Refusal::InvalidToken("x"),
            Refusal::InsufficientScope("x".into()),
        ] {
            let value = value(&challenge, &refusal);
            let start = "Bearer realm=\"r\", resource_metadata=\"https://api.example.org/x\"";
            assert!(value.starts_with(start), "{value}");
        }
    }
}

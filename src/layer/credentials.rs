//! The credentials a request carries, read from its headers.

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

/// What the `Authorization` header of a request holds.
///
/// No `Debug`: it holds the token.
pub(super) enum Credentials<'a> {
    /// There is no such header.
    Absent,
    /// What stands behind the scheme `Bearer`, as sent.
    Bearer(&'a str),
    /// Credentials of the scheme `Basic` (RFC 7617).
    Basic,
    /// Credentials of another scheme.
    OtherScheme,
    /// Something that cannot be taken for credentials, so that the request is malformed (`invalid_request`, RFC
    /// 6750 section 3.1); a word for the log says how.
    Unreadable(&'static str),
}

impl<'a> Credentials<'a> {
    /// Reads them. Tokens elsewhere, in a query or a form (RFC 6750 sections 2.2 and 2.3), are not looked for:
    /// they end up in logs and histories.
    pub(super) fn read(headers: &'a HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::parse(value),
            // A proxy may have looked at the other one.
            (Some(_), Some(_)) => Self::Unreadable("several_authorization_headers"),
        }
    }

    /// `credentials = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`, RFC 9110 section 11.4.
    fn parse(value: &'a HeaderValue) -> Self {
        let Ok(text) = value.to_str() else {
            return Self::Unreadable("authorization_header_not_ascii");
        };
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.is_empty() {
            return Self::Unreadable("authorization_header_empty");
        }
        if scheme.eq_ignore_ascii_case("basic") {
            return Self::Basic;
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Self::OtherScheme;
        }
        match rest.trim_matches(' ') {
            "" => Self::Unreadable("token_empty"),
            token => Self::Bearer(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

    use super::Credentials;

    fn read(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        match Credentials::read(&headers) {
            Credentials::Absent => "absent".into(),
            Credentials::Bearer(token) => format!("token {token}"),
            Credentials::Basic => "basic".into(),
            Credentials::OtherScheme => "other scheme".into(),
            Credentials::Unreadable(reason) => reason.into(),
        }
    }

    #[test]
    fn the_scheme_is_compared_without_regard_to_case() {
        for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
            assert_eq!(read(&[format!("{scheme} abc").as_bytes()]), "token abc");
        }
    }

    #[test]
    fn any_number_of_spaces_may_separate_scheme_and_token() {
        assert_eq!(read(&[b"Bearer   abc  "]), "token abc");
    }

    #[test]
    fn everything_behind_the_scheme_is_the_token() {
        // So that verification refuses it, instead of a part of it being believed.
        assert_eq!(read(&[b"Bearer abc, Bearer def"]), "token abc, Bearer def");
        assert_eq!(read(&[b"Bearer abc def"]), "token abc def");
    }

    #[test]
    fn what_is_sent_is_never_taken_for_nothing() {
        assert_eq!(read(&[]), "absent");
        assert_eq!(read(&[b""]), "authorization_header_empty");
        assert_eq!(read(&[b" "]), "authorization_header_empty");
        assert_eq!(read(&[b"Bearer"]), "token_empty");
        assert_eq!(read(&[b"Bearer   "]), "token_empty");
        assert_eq!(read(&[b"Bearer\tabc"]), "other scheme");
        assert_eq!(read(&[b"Bearer \xff"]), "authorization_header_not_ascii");
        assert_eq!(read(&[b"bAsic dTpw"]), "basic");
        assert_eq!(read(&[b"Digest a=b"]), "other scheme");
        assert_eq!(read(&[b"Bearerabc"]), "other scheme");
        assert_eq!(read(&[b"Bearer a", b"Bearer a"]), "several_authorization_headers");
        assert_eq!(read(&[b"Bearer a", b"Basic b"]), "several_authorization_headers");
    }
}

//! Who sends a form, and what is in it.

use std::sync::Arc;

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

use crate::test::{application::TestApplication, shared::Shared};

/// The fields of a form. A body of another type is an empty form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn of(headers: &HeaderMap, body: &Bytes) -> Self {
        let kind = headers.get(header::CONTENT_TYPE);
        let is_form = kind
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        Self::parse(if is_form { body } else { b"" })
    }

    pub(super) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A client id and secret, not checked yet.
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Credentials {
    /// From HTTP Basic, percent-decoded (Authentik does that since 2026.2.2; RFC 6749 section 2.3.1), or from
    /// the form.
    pub(super) fn of(headers: &HeaderMap, form: &Form) -> Option<Self> {
        let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(basic) = basic.and_then(|value| value.strip_prefix("Basic ")) {
            let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
            let (id, secret) = pair.split_once(':')?;
            return Some(Self { id: percent_decoded(id)?, secret: percent_decoded(secret)? });
        }
        let id = form.get("client_id")?.to_owned();
        let secret = form.get("client_secret").unwrap_or_default().to_owned();
        Some(Self { id, secret })
    }

    /// The application whose client this is, when the secret is its secret.
    pub(super) fn check(&self, shared: &Arc<Shared>) -> Option<TestApplication> {
        let application = shared.of_client(&self.id)?;
        (application.client_secret() == self.secret).then_some(application)
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

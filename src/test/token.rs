//! Tokens of the stand-in. How they are forged stands in its own file.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lc_rs::hmac;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    TestApplication, TestPerson,
    claims::unix,
    encryption,
    keys::{Key, base64},
    store::{Kind, Row},
};

pub(super) const LIFETIME: Duration = Duration::from_secs(3600);

/// A token in the making: an access token as Authentik issues it, until it is told otherwise.
///
/// ```
/// # use axum_authz::test::TestIssuer;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let issuer = TestIssuer::start().await;
/// let good = issuer.token("alice").groups(["users"]).claim("department", "media").sign();
/// let forged = issuer.token("alice").sign_with_other_key().sign();
/// # }
/// ```
#[derive(Clone)]
#[must_use = "call `sign` to get a token"]
pub struct TestToken {
    pub(super) application: TestApplication,
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    pub(super) signature: Signature,
    pub(super) encryption: Option<Encryption>,
    pub(super) text: TextChanges,
    /// The scopes that Authentik keeps beside the token, whatever the claim says.
    pub(super) granted: String,
    pub(super) now: SystemTime,
    /// `None` for tokens that Authentik does not keep, or never issued.
    pub(super) kept_as: Option<Kind>,
}

#[derive(Clone)]
pub(super) enum Signature {
    Key(Arc<Key>),
    Secret(Vec<u8>),
    None,
}

#[derive(Clone)]
pub(super) struct Encryption {
    pub(super) key: Arc<Key>,
    pub(super) header: Map<String, Value>,
}

/// What no JSON object and no key can bring about.
#[derive(Clone, Default)]
pub(super) struct TextChanges {
    pub(super) header: Option<String>,
    pub(super) claims: Option<String>,
    pub(super) repeated_header: Vec<(String, Value)>,
    pub(super) repeated_claims: Vec<(String, Value)>,
    pub(super) tampered: Vec<usize>,
}

impl TestToken {
    /// What all tokens of an application have.
    pub(super) fn new(application: &TestApplication, kept_as: Option<Kind>) -> Self {
        let now = application.shared.now();
        let provider = &application.application;
        let mut token = Self {
            application: application.clone(),
            header: Map::new(),
            claims: Map::new(),
            signature: Signature::None,
            encryption: None,
            text: TextChanges::default(),
            granted: String::new(),
            now,
            kept_as,
        };
        token = token.header("typ", "JWT");
        if provider.signs_with_secret {
            token.signature = Signature::Secret(provider.client_secret.as_bytes().to_vec());
            token = token.header("alg", "HS256");
        } else {
            let key = application.signing_key();
            token =
                token.header("alg", key.algorithm.name()).header("kid", provider.keys.kid(&key));
            token.signature = Signature::Key(key);
        }
        if provider.encrypts {
            token = token.encrypted();
        }
        token
            .claim("iss", &provider.issuer)
            .claim("aud", &provider.client_id)
            .claim("iat", unix(now))
            .claim("jti", random_id())
            .expires_in(LIFETIME)
    }

    pub(super) fn access(application: &TestApplication, person: &TestPerson) -> Self {
        let token = Self::new(application, Some(Kind::Access));
        let now = unix(token.now);
        let mut token = token
            .claim("auth_time", now)
            .claim("acr", "goauthentik.io/providers/oauth2/default")
            .claim("amr", ["pwd"])
            .claim("sid", application.sid(&person.username))
            .user(&person.username)
            .claim("groups", Vec::<String>::new());
        token.claims.extend(person.claims.clone());
        // Written after the property mappings, as Authentik does: they cannot replace these two.
        token
            .claim("azp", application.audience())
            .claim("uid", random_id())
            .scope("openid email profile")
    }

    /// Sets any member of the header.
    pub fn header(mut self, name: &str, value: impl Serialize) -> Self {
        self.header.insert(name.to_owned(), json(value));
        self
    }

    /// Leaves a member of the header out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Sets the name of the key. The key stays the same.
    pub fn kid(self, id: &str) -> Self {
        self.header("kid", id)
    }

    /// Encrypts it after signing, for [`TestApplication::encryption_key_pem`].
    pub fn encrypted(self) -> Self {
        self.encrypted_with(encryption::key())
    }

    /// Encrypts it for another key, under the name of the right one.
    pub fn encrypted_with_other_key(self) -> Self {
        self.encrypted_with(encryption::other_key())
    }

    fn encrypted_with(mut self, key: Arc<Key>) -> Self {
        let kid = self.application.application.keys.encryption_kid();
        self.encryption = Some(Encryption { key, header: encryption::header(&kid) });
        self
    }

    /// Leaves it signed only, where the application encrypts.
    pub fn unencrypted(mut self) -> Self {
        self.encryption = None;
        self
    }

    /// Sets any member of the outer header. It has no effect on a token that is not encrypted.
    pub fn jwe_header(mut self, name: &str, value: impl Serialize) -> Self {
        if let Some(encryption) = &mut self.encryption {
            encryption.header.insert(name.to_owned(), json(value));
        }
        self
    }

    /// The token's text. From now on the stand-in knows the token, unless it is a forgery.
    #[must_use]
    pub fn sign(self) -> String {
        let TextChanges { header, claims, repeated_header, repeated_claims, tampered } = &self.text;
        let header = header.clone().unwrap_or_else(|| object(&self.header, repeated_header));
        let claims = claims.clone().unwrap_or_else(|| object(&self.claims, repeated_claims));
        let message = format!("{}.{}", base64(header), base64(claims));
        let signature = match &self.signature {
            Signature::Key(key) => key.sign(message.as_bytes()),
            Signature::Secret(secret) => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
            Signature::None => Vec::new(),
        };
        let mut text = format!("{message}.{}", base64(signature));
        if let Some(Encryption { key, header }) = &self.encryption {
            text = encryption::encrypt(key, header, &text);
        }
        for &segment in tampered {
            text = super::forgery::tamper(&text, segment);
        }
        if let Some(kind) = self.kept_as {
            self.application.store(&text, self.row(kind));
        }
        text
    }

    /// What Authentik keeps: the claims of the ID token, and the scopes beside them.
    pub(super) fn row(&self, kind: Kind) -> Row {
        let mut claims = self.claims.clone();
        for only_in_access_tokens in ["azp", "uid", "scope"] {
            claims.remove(only_in_access_tokens);
        }
        Row {
            kind,
            client_id: self.application.audience().to_owned(),
            claims,
            scope: self.granted.clone(),
            revoked: false,
        }
    }
}

/// The text of an object, with further members at its end whether or not it has members of their names.
fn object(members: &Map<String, Value>, repeated: &[(String, Value)]) -> String {
    let members = members.iter().chain(repeated.iter().map(|(name, value)| (name, value)));
    let members: Vec<_> =
        members.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    format!("{{{}}}", members.join(","))
}

#[expect(clippy::expect_used, reason = "part of the test kit")]
pub(super) fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("the value should have a JSON form")
}

pub(super) fn random_id() -> String {
    base64(random_bytes::<16>())
}

pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Uniqueness is nice to have here, not a promise.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

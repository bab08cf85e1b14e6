//! Tokens of the stand-in, good and bad.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Alg, TestPerson,
    issuer::Shared,
    keys::{SigningKey, base64},
};

const LIFETIME: Duration = Duration::from_secs(3600);

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
    header: Map<String, Value>,
    claims: Map<String, Value>,
    now: SystemTime,
    signature: Signature,
}

#[derive(Clone)]
enum Signature {
    Key(Arc<SigningKey>),
    PublicKeyAsSecret(Arc<SigningKey>),
    None,
}

impl TestToken {
    pub(super) fn new(shared: &Shared, person: &TestPerson) -> Self {
        let key = shared.signing_key();
        let now = shared.now();
        let mut token = Self {
            header: Map::new(),
            claims: Map::new(),
            now,
            signature: Signature::Key(Arc::clone(&key)),
        };
        let name = person.username.as_str();
        token = token
            .header("alg", key.algorithm.name())
            .header("kid", &key.id)
            .header("typ", "JWT")
            .claim("iss", &shared.issuer)
            .claim("sub", name)
            .claim("aud", &shared.audience)
            .claim("exp", unix(now + LIFETIME))
            .claim("iat", unix(now))
            .claim("auth_time", unix(now))
            .claim("acr", "goauthentik.io/providers/oauth2/default")
            .claim("sid", "9f".repeat(32))
            .claim("jti", random_id())
            .claim("email", format!("{name}@example.com"))
            .claim("email_verified", false)
            .claim("name", name)
            .claim("given_name", name)
            .claim("preferred_username", name)
            .claim("nickname", name)
            .claim("groups", Vec::<String>::new());
        token.claims.extend(person.claims.clone());
        // Written after the property mappings, as Authentik does: they cannot replace these two.
        token
            .claim("azp", &shared.audience)
            .claim("uid", random_id())
            .claim("scope", "openid email profile")
    }

    /// Sets the names of the groups.
    pub fn groups<G: Into<String>>(self, groups: impl IntoIterator<Item = G>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        self.claim("groups", groups)
    }

    /// Sets any claim.
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.claims.insert(name.to_owned(), json(value));
        self
    }

    /// Leaves a claim out.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Leaves out what only access tokens have: the ID token to this access token.
    pub fn id_token(self) -> Self {
        self.without_claim("azp").without_claim("uid").without_claim("scope")
    }

    /// Sets `sub`, which is the user name otherwise (Authentik's subject mode `user_username`).
    #[expect(clippy::should_implement_trait, reason = "named after the claim, as the others are")]
    pub fn sub(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `aud`.
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// Sets `iss`.
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets `scope`.
    pub fn scope(self, scope: &str) -> Self {
        self.claim("scope", scope)
    }

    /// Lets it expire in this time, instead of one hour.
    pub fn expires_in(self, time: Duration) -> Self {
        let end = unix(self.now + time);
        self.claim("exp", end)
    }

    /// Lets it have expired this long ago.
    pub fn expired_for(self, time: Duration) -> Self {
        let end = unix(self.now - time);
        self.claim("exp", end)
    }

    /// Lets it have expired one hour ago.
    pub fn expired(self) -> Self {
        self.expired_for(LIFETIME)
    }

    /// Lets it become valid (`nbf`) in this time.
    pub fn valid_in(self, time: Duration) -> Self {
        let start = unix(self.now + time);
        self.claim("nbf", start)
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

    /// Forges: signs with a key that the issuer never had, under the name of the right one.
    pub fn sign_with_other_key(mut self) -> Self {
        let algorithm = match &self.signature {
            Signature::Key(key) | Signature::PublicKeyAsSecret(key) => key.algorithm,
            Signature::None => Alg::RS256,
        };
        self.signature = Signature::Key(SigningKey::foreign(algorithm));
        self
    }

    /// Forges: algorithm `none` and an empty signature (RFC 7519 section 6).
    pub fn unsigned(mut self) -> Self {
        self.signature = Signature::None;
        self.header("alg", "none")
    }

    /// Forges: HS256 with the public key as the shared secret, under the name of the right key.
    pub fn hs256_with_public_key(mut self) -> Self {
        if let Signature::Key(key) = self.signature {
            self.signature = Signature::PublicKeyAsSecret(key);
        }
        self.header("alg", "HS256")
    }

    /// The token's text.
    #[must_use]
    pub fn sign(self) -> String {
        let part = |part: Map<String, Value>| base64(Value::Object(part).to_string());
        let message = format!("{}.{}", part(self.header), part(self.claims));
        let signature = match self.signature {
            Signature::Key(key) => key.sign(message.as_bytes()),
            Signature::PublicKeyAsSecret(key) => key.tag_with_public_key(message.as_bytes()),
            Signature::None => Vec::new(),
        };
        format!("{message}.{}", base64(signature))
    }
}

#[expect(clippy::expect_used, reason = "part of the test kit")]
pub(super) fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("the value should have a JSON form")
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn random_id() -> String {
    let mut bytes = [0; 16];
    // Uniqueness is nice to have here, not a promise.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    base64(bytes)
}

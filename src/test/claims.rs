//! The claims of a token in the making.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::{
    TestToken,
    keys::base64,
    store::Kind,
    token::{LIFETIME, json, random_bytes, random_id},
};

/// What Authentik writes whatever the property mappings say.
pub(super) const PROTOCOL_CLAIMS: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "acr",
    "amr",
    "nonce",
    "c_hash",
    "at_hash",
    "sid",
    "jti",
    "act",
    "azp",
    "uid",
    "scope",
];

impl TestToken {
    /// The claims about a user, with the user name as `sub` (Authentik's subject mode `user_username`).
    pub(super) fn user(self, name: &str) -> Self {
        self.claim("sub", name)
            .claim("email", format!("{name}@example.com"))
            .claim("email_verified", false)
            .claim("name", name)
            .claim("given_name", name)
            .claim("preferred_username", name)
            .claim("nickname", name)
    }

    /// Makes it the token that a client gets for its own secret (grant `client_credentials`): of the service
    /// account that Authentik makes up for it, without a login session.
    pub fn service_account(self) -> Self {
        let name = self.application.application.service_account();
        self.user(&name).without_session()
    }

    /// Leaves out what comes of a login session, `sid` and `amr`, as for service accounts and app passwords.
    pub fn without_session(self) -> Self {
        self.without_claim("sid").without_claim("amr")
    }

    /// Leaves out what property mappings add, as a provider does whose "include claims in id_token" is off.
    pub fn without_user_claims(mut self) -> Self {
        self.claims.retain(|name, _| PROTOCOL_CLAIMS.contains(&name.as_str()));
        self
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
    pub fn id_token(mut self) -> Self {
        self.kept_as = self.kept_as.map(|_| Kind::Id);
        self.without_claim("azp").without_claim("uid").without_claim("scope")
    }

    /// The ID token that a client gets along with a code in the hybrid flow: with `nonce`, `at_hash` and
    /// `c_hash` (OpenID Connect Core section 3.3.2.11).
    pub fn hybrid_id_token(self) -> Self {
        let half = || base64(random_bytes::<16>());
        self.id_token().claim("nonce", random_id()).claim("at_hash", half()).claim("c_hash", half())
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

    /// Sets `scope`, and the scopes that introspection and userinfo go by. [`claim`](Self::claim) sets the
    /// claim alone, as a property mapping does.
    pub fn scope(mut self, scope: &str) -> Self {
        scope.clone_into(&mut self.granted);
        self.claim("scope", scope)
    }

    /// Sets `sid`, the login session. Without this, it is [`TestApplication::sid`](super::TestApplication::sid).
    pub fn sid(self, session: &str) -> Self {
        self.claim("sid", session)
    }

    /// Leaves `sid` out.
    pub fn without_sid(self) -> Self {
        self.without_claim("sid")
    }

    /// Sets `jti`.
    pub fn jti(self, id: &str) -> Self {
        self.claim("jti", id)
    }

    /// Lets `subject` act for the user (`act.sub`, RFC 8693 section 4.1).
    pub fn act(self, subject: &str) -> Self {
        self.claim("act", serde_json::json!({ "sub": subject }))
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

    /// Lets it be issued (`iat`) in this time: a provider's clock that is ahead.
    pub fn issued_in(self, time: Duration) -> Self {
        let start = unix(self.now + time);
        self.claim("iat", start)
    }
}

pub(super) fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

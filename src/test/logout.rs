//! Back-channel logout, from the provider's side (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::{TestApplication, TestIssuer, TestToken};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LIFETIME: Duration = Duration::from_secs(120);

impl TestApplication {
    /// The token that tells a service of the end of `username`'s session: with `sub` and `sid` as in
    /// [`token`](Self::token).
    ///
    /// Leave one of them out for the other forms. [`TestToken::without_claim`] and [`TestToken::claim`] make
    /// the tokens that are to be refused: without `events`, with a `nonce`, for another audience.
    pub fn logout_token(&self, username: &str) -> TestToken {
        TestToken::new(self, None)
            .header("typ", "logout+jwt")
            .claim("sub", username)
            .claim("sid", self.sid(username))
            .claim("events", json!({ EVENT: {} }))
            .expires_in(LIFETIME)
    }
}

impl TestToken {
    /// Sets `nonce`, which a logout token must not have.
    pub fn nonce(self, nonce: impl Serialize) -> Self {
        self.claim("nonce", nonce)
    }

    /// Gives a logout token the form of older versions: `typ` is `JWT` before 2025.12.2, and `exp` is missing
    /// before 2025.8.2.
    pub fn legacy_logout(self) -> Self {
        self.header("typ", "JWT").without_claim("exp")
    }
}

impl TestIssuer {
    /// Sends a logout token to a service as Authentik does: as a form, following redirects. Answers the status,
    /// of which Authentik takes everything but 2xx for a failure.
    ///
    /// # Panics
    ///
    /// When nobody answers.
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub async fn send_logout(&self, url: &str, logout_token: &str) -> StatusCode {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", logout_token)
            .finish();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.post(url).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.expect("the service should answer").status()
    }
}

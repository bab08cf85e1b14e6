//! What an outpost adds to the requests that it lets through (forward auth).

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::TestToken;

impl TestToken {
    /// The headers of a request on behalf of this token's user, as an outpost sets them.
    ///
    /// Names are joined with `|` and not escaped: the group `a|admins` looks like two. A value that no header
    /// can have is left out. An outpost's provider signs with its client secret:
    /// [`client_secret_signing`](super::TestIssuerBuilder::client_secret_signing).
    #[must_use]
    pub fn outpost_headers(self) -> HeaderMap {
        let application = self.application.clone();
        let text = |name: &str| self.claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| {
            let names = self.claims.get(name).and_then(Value::as_array);
            let names = names.into_iter().flatten().filter_map(Value::as_str);
            Some(names.collect::<Vec<_>>().join("|"))
        };
        let values = [
            ("x-authentik-username", text("preferred_username")),
            ("x-authentik-groups", list("groups")),
            ("x-authentik-entitlements", list("entitlements")),
            ("x-authentik-email", text("email")),
            ("x-authentik-name", text("name")),
            ("x-authentik-uid", text("sub")),
            ("x-authentik-meta-jwks", Some(application.jwks_url())),
            ("x-authentik-meta-outpost", Some("stand-in".to_owned())),
            ("x-authentik-meta-provider", Some(application.application.slug.clone())),
            ("x-authentik-meta-app", Some(application.application.slug.clone())),
            ("x-authentik-meta-version", Some("goauthentik.io/outpost/2026.8.0".to_owned())),
        ];
        let mut headers = HeaderMap::new();
        let token = ("x-authentik-jwt", Some(self.sign()));
        for (name, value) in values.into_iter().chain([token]) {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers
    }
}

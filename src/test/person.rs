//! People that the stand-in knows.

use serde::Serialize;
use serde_json::{Map, Value};

use super::token::json;

/// A user of the stand-in: who may sign in at the token endpoint, and with which claims.
///
/// ```
/// use axum_authz::test::TestPerson;
///
/// let alice = TestPerson::new("alice").groups(["users", "moderators"]).claim("department", "media");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct TestPerson {
    pub(super) username: String,
    pub(super) password: String,
    pub(super) claims: Map<String, Value>,
}

impl TestPerson {
    /// A person in no group, whose password is `USERNAME-password`.
    pub fn new(username: &str) -> Self {
        let password = format!("{username}-password");
        Self { username: username.to_owned(), password, claims: Map::new() }
    }

    /// Sets the password (in Authentik, an app password) for the token endpoint.
    pub fn password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// Sets the names of the person's groups.
    pub fn groups<G: Into<String>>(self, groups: impl IntoIterator<Item = G>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        self.claim("groups", groups)
    }

    /// Sets one more claim of the person's tokens, as a property mapping does.
    pub fn claim(mut self, name: &str, value: impl Serialize) -> Self {
        self.claims.insert(name.to_owned(), json(value));
        self
    }
}

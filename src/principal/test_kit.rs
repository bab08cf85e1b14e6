//! Principals without a token, for tests of handlers and policies.

use std::sync::Arc;

use authz_engine::AuxData;

use super::{Map, Parts, Principal, Value, typed};

impl Principal {
    /// A principal without roles and attributes; its issuer is `https://authentik.test/`.
    #[must_use]
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn test(id: &str) -> Self {
        let claims: Map = [("sub", Value::from(id))].into_iter().collect();
        Self::from_parts(Parts {
            issuer: "https://authentik.test/".into(),
            id: id.into(),
            roles: Vec::new(),
            attributes: claims.clone(),
            claims,
            expires_at: None,
            lifetime: None,
        })
        .expect("the subject is text")
    }

    /// The same principal with one more role.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        if !self.has_role(role) {
            Arc::make_mut(&mut self.0).engine.roles.push(role.into());
        }
        self
    }

    /// The same principal with the claim and attribute `name` set to `value` in its JSON form.
    ///
    /// # Panics
    ///
    /// When `value` has no JSON form, for instance a map whose keys are not strings, or when no token can have this
    /// claim with this value, for instance a `jti` that is no string.
    #[must_use]
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn attribute(self, name: &str, value: impl serde::Serialize) -> Self {
        let value = serde_json::to_value(value).expect("the attribute should have a JSON form");
        self.with(name, &from_json(value))
    }

    /// The same principal with one more scope.
    ///
    /// ```
    /// # use axum_authz::Principal;
    /// let bob = Principal::test("bob").scope("photos.read").scope("photos.write");
    /// assert!(bob.has_scope("photos.write"));
    /// ```
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        let scopes: Vec<&str> = self.scopes().chain([scope]).collect();
        let scopes = scopes.join(" ");
        self.with("scope", &scopes.into())
    }

    /// The same principal, for whom `subject` acts.
    ///
    /// ```
    /// # use axum_authz::Principal;
    /// assert_eq!(Principal::test("bob").with_actor("printer").actor(), Some("printer"));
    /// ```
    #[must_use]
    pub fn with_actor(self, subject: &str) -> Self {
        let act: Map = [("sub", Value::from(subject))].into_iter().collect();
        self.with("act", &act.into())
    }

    #[expect(clippy::expect_used, reason = "part of the test kit")]
    fn with(mut self, name: &str, value: &Value) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        let with = |map: &Map| -> Map {
            let others = map.iter().filter(|(key, _)| *key != name);
            others.map(|(key, value)| (key, value.clone())).chain([(name, value.clone())]).collect()
        };
        inner.claims = with(&inner.claims);
        inner.engine.attr = with(&inner.engine.attr);
        inner.aux = AuxData::from_claims(&inner.claims).expect("a value this claim can have");
        inner.typed = typed::Slot::default();
        self
    }
}

/// A JSON value as policies see it: every number is a double.
fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(text.into()),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(entries) => {
            let entries = entries.into_iter();
            Value::Map(
                entries.map(|(key, value)| (key.into_boxed_str(), from_json(value))).collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_roles_nor_claims() {
        let bob = Principal::test("bob").role("moderator").attribute("salary", "4711");
        let text = format!("{bob:?}");
        assert!(text.contains("bob"), "{text}");
        assert!(!text.contains("moderator") && !text.contains("4711"), "{text}");
    }

    #[test]
    fn attributes_are_claims_and_numbers_are_doubles() {
        let bob = Principal::test("bob").attribute("level", 3).attribute("level", 4);
        assert_eq!(bob.attr("level"), Some(&Value::Double(4.0)));
        assert_eq!(bob.claims().get("level"), Some(&Value::Double(4.0)));
        assert_eq!(bob.attr("sub"), Some(&Value::String("bob".into())));
    }

    #[test]
    fn a_clone_that_gains_a_role_leaves_the_original_alone() {
        let bob = Principal::test("bob");
        let admin = bob.clone().role("admin").role("admin");
        assert_eq!(bob.roles().count(), 0);
        assert_eq!(admin.roles().collect::<Vec<_>>(), ["admin"]);
    }

    #[test]
    fn policies_see_what_was_set() {
        let bob = Principal::test("bob").attribute("exp", 0).attribute("sid", "s").scope("a");
        let jwt = &bob.aux().jwt;
        assert_eq!(jwt.get("exp"), Some(&"1970-01-01T00:00:00Z".into()));
        assert_eq!((jwt.get("sid"), bob.session_id()), (Some(&"s".into()), Some("s")));
        assert_eq!(jwt.get("scope"), Some(&"a".into()));
    }
}
